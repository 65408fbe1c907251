//! The part of an OSCAL catalog that is read. Everything else in the file is passed over while parsing, so that a
//! catalog of several megabytes costs little more memory than its bytes.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Root {
    pub catalog: Option<Catalog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Catalog {
    pub metadata: Metadata,
    #[serde(default)]
    pub params: Vec<Param>,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub controls: Vec<Control>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Metadata {
    pub title: String,
    #[serde(default)]
    pub last_modified: Option<String>,
    #[serde(default)]
    pub version: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Group {
    #[serde(default)]
    pub id: Option<String>,
    pub title: String,
    #[serde(default)]
    pub params: Vec<Param>,
    #[serde(default)]
    pub parts: Vec<Part>,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub controls: Vec<Control>,
}

#[derive(Deserialize)]
pub(super) struct Control {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub class: Option<String>,
    #[serde(default)]
    pub params: Vec<Param>,
    #[serde(default)]
    pub props: Vec<Prop>,
    #[serde(default)]
    pub parts: Vec<Part>,
    /// Control enhancements.
    #[serde(default)]
    pub controls: Vec<Control>,
}

#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(default)]
    pub id: Option<String>,
    pub name: String,
    #[serde(default)]
    pub props: Vec<Prop>,
    #[serde(default)]
    pub prose: Option<String>,
    #[serde(default)]
    pub parts: Vec<Part>,
}

#[derive(Deserialize)]
pub(super) struct Prop {
    pub name: String,
    pub value: String,
    #[serde(default)]
    pub class: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Param {
    pub id: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub select: Option<Select>,
    #[serde(default)]
    pub values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Select {
    #[serde(default)]
    pub how_many: Option<String>,
    #[serde(default)]
    pub choice: Vec<String>,
}

impl Part {
    /// Whether it is a requirement of its own.
    pub(super) fn is_required(&self) -> bool {
        matches!(self.name.as_str(), "statement" | "item")
    }
}

/// The label people know it by (`AC-2(1)`, `a.`), where there is one; variants of it have a class.
pub(super) fn label(props: &[Prop]) -> Option<&str> {
    props.iter().find(|prop| prop.name == "label" && prop.class.is_none()).map(|prop| prop.value.as_str())
}
