//! What evidence says, described for the API straight from the contract.
//!
//! `wit/v0_1/schema.wit` is the single source of the common schema, documentation included. Instead of saying it
//! all again, this reads the file's records and enums (a small, regular part of WIT) and writes them as JSON Schema.
//! Tests compare the outcome with what core really serializes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::schema::{
    ArrayBuilder, Discriminator, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{InstantText, U64Text};

const SCHEMA_WIT: &str = include_str!("../../../../wit/v0_1/schema.wit");

/// The variant that names a record for each kind.
const BODY: &str = "body";

/// What evidence says: `kind`, and the fields of that kind.
#[derive(Debug)]
pub enum Body {}

impl ToSchema for Body {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Body")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((InstantText::name().into_owned(), InstantText::schema()));
        schemas.push((U64Text::name().into_owned(), U64Text::schema()));
    }
}

impl PartialSchema for Body {
    fn schema() -> RefOr<Schema> {
        let kinds = kinds(SCHEMA_WIT);
        let mapping = kinds
            .iter()
            .map(|kind| ((*kind).to_owned(), Ref::from_schema_name(body_name(kind)).ref_location));
        kinds
            .iter()
            .fold(OneOfBuilder::new(), |one_of, kind| one_of.item(Ref::from_schema_name(body_name(kind))))
            .discriminator(Some(Discriminator::with_mapping("kind", mapping.collect::<BTreeMap<_, _>>())))
            .description(Some("What evidence says: `kind`, and the fields of that kind."))
            .into()
    }
}

/// The schemas of all records and enums that bodies consist of.
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    read(SCHEMA_WIT)
}

fn read(wit: &str) -> Vec<(String, RefOr<Schema>)> {
    let kinds = kinds(wit);
    let name_of = |name: &str| if kinds.contains(&name) { body_name(name) } else { part_name(name) };
    let mut schemas = Vec::new();
    let mut docs = Docs::default();
    let mut record: Option<(&str, ObjectBuilder)> = None;
    for line in wit.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            docs.add(text);
        } else if let Some((name, cases)) = enum_of(line) {
            schemas.push((name_of(name), one_of_words(&cases, docs.take())));
        } else if let Some(name) = line.strip_prefix("record ").and_then(|rest| rest.strip_suffix(" {")) {
            let mut object = ObjectBuilder::new().schema_type(Type::Object).description(docs.take());
            if kinds.contains(&name) {
                object = object.property("kind", word(name)).required("kind");
            }
            record = Some((name, object));
        } else if let Some((name, object)) = record.take() {
            if let Some((field, text)) = field_of(line) {
                let schema = described(schema_of(text, &name_of), docs.take());
                record = Some((name, object.property(field, schema).required(field)));
            } else if name != "item" {
                // `item` is shown as `Evidence`, with what the host adds.
                schemas.push((name_of(name), object.into()));
            }
        } else {
            docs.take();
        }
    }
    schemas
}

/// The cases of the variant `body`: the kinds of evidence.
fn kinds(wit: &str) -> Vec<&str> {
    let lines = wit.lines().map(str::trim).skip_while(|line| *line != format!("variant {BODY} {{"));
    lines
        .skip(1)
        .take_while(|line| *line != "}")
        .filter_map(|line| line.split_once('('))
        .map(|(kind, _)| kind)
        .collect()
}

/// `enum severity { critical, high }`
fn enum_of(line: &str) -> Option<(&str, Vec<&str>)> {
    let (name, cases) = line.strip_prefix("enum ")?.split_once(" { ")?;
    Some((name, cases.strip_suffix(" }")?.split(", ").collect()))
}

/// `accepted-by: option<string>,`; a `%` only tells a name from a word of the language.
fn field_of(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('%').unwrap_or(line).strip_suffix(',')?.split_once(": ")
}

fn schema_of(text: &str, name_of: &dyn Fn(&str) -> String) -> RefOr<Schema> {
    let inside = |wrapper: &str| text.strip_prefix(wrapper)?.strip_prefix('<')?.strip_suffix('>');
    if let Some(inner) = inside("option") {
        return nullable(schema_of(inner, name_of));
    }
    if let Some(inner) = inside("list") {
        return ArrayBuilder::new().items(schema_of(inner, name_of)).into();
    }
    let plain = |kind: Type| RefOr::from(ObjectBuilder::new().schema_type(kind).build());
    match text {
        "string" => plain(Type::String),
        "bool" => plain(Type::Boolean),
        "u32" => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).into(),
        "f64" => plain(Type::Number),
        "u64" => Ref::from_schema_name(U64Text::name()).into(),
        "instant" => Ref::from_schema_name(InstantText::name()).into(),
        "date" => ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into(),
        name => Ref::from_schema_name(name_of(name)).into(),
    }
}

pub(super) fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(kind) = object.schema_type {
                object.schema_type = SchemaType::from_iter([kind, Type::Null]);
            }
            object.into()
        }
        other => OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(other).into(),
    }
}

pub(super) fn described(schema: RefOr<Schema>, description: Option<String>) -> RefOr<Schema> {
    let Some(description) = description else { return schema };
    match schema {
        RefOr::Ref(mut reference) => {
            reference.description = description;
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(description);
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(description);
            array.into()
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.description = Some(description);
            RefOr::T(Schema::OneOf(one_of))
        }
        other => other,
    }
}

pub(super) fn one_of_words(words: &[&str], description: Option<String>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().map(|word| json!(word))))
        .description(description)
        .into()
}

pub(super) fn word(word: &str) -> RefOr<Schema> {
    one_of_words(&[word], None)
}

/// `control-review` is described as `ControlReviewBody`.
fn body_name(kind: &str) -> String {
    format!("{}Body", pascal(kind))
}

/// `finding-state` is described as `BodyFindingState`.
fn part_name(name: &str) -> String {
    format!("Body{}", pascal(name))
}

fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// The documentation lines that precede a definition.
#[derive(Default)]
struct Docs(Vec<String>);

impl Docs {
    fn add(&mut self, line: &str) {
        self.0.push(line.trim().to_owned());
    }

    fn take(&mut self) -> Option<String> {
        let lines = std::mem::take(&mut self.0);
        (!lines.is_empty()).then(|| lines.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use probity_core::evidence::Kind;
    use serde_json::{Value, json};

    use super::{SCHEMA_WIT, kinds, schemas};

    fn schema(name: &str) -> Value {
        let (_, schema) = schemas().into_iter().find(|(known, _)| known == name).unwrap();
        serde_json::to_value(schema).unwrap()
    }

    #[test]
    fn every_kind_is_described() {
        assert_eq!(kinds(SCHEMA_WIT), Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn records_keep_their_fields_types_and_words() {
        let review = schema("AccessReviewBody");
        assert_eq!(review["properties"]["kind"]["enum"], json!(["access-review"]));
        assert_eq!(review["properties"]["applied"]["type"], json!(["boolean", "null"]));
        assert_eq!(review["properties"]["applied"]["description"], "Whether the decision was carried out.");
        assert_eq!(review["properties"]["decision"]["$ref"], "#/components/schemas/BodyReviewDecision");
        assert_eq!(
            review["required"].as_array().unwrap().len(),
            review["properties"].as_object().unwrap().len()
        );
        assert_eq!(
            schema("BodyReviewDecision")["enum"],
            json!(["keep", "revoke", "not-reviewed", "unknown"])
        );
        assert_eq!(
            schema("SecretBody")["properties"]["versions"]["items"]["$ref"],
            "#/components/schemas/BodySecretVersion"
        );
    }
}
