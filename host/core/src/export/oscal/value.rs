//! JSON as OSCAL wants it: no empty list, no null, strings on one line where its schema says so.

use serde_json::{Map, Value};

use crate::text::reveal;

/// The namespace of what OSCAL has no word for.
pub const NAMESPACE: &str = "urn:probity:ns:oscal:1";

/// A property in Probity's namespace.
pub struct Prop(Map<String, Value>);

impl Prop {
    pub fn new(name: &'static str, value: impl ToString) -> Self {
        let mut members = Map::new();
        members.insert("name".to_owned(), name.into());
        members.insert("ns".to_owned(), NAMESPACE.into());
        members.insert("value".to_owned(), line(&value.to_string()).into());
        Self(members)
    }

    pub fn class(mut self, class: &str) -> Self {
        self.0.insert("class".to_owned(), class.into());
        self
    }

    /// Markdown, already escaped.
    pub fn remarks(mut self, remarks: &str) -> Self {
        self.0.insert("remarks".to_owned(), remarks.into());
        self
    }

    pub fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A property without more.
pub fn prop(name: &'static str, value: impl ToString) -> Value {
    Prop::new(name, value).value()
}

/// A text on one line, all of it shown, neither empty nor with blanks at its ends.
pub fn line(text: &str) -> String {
    let shown = reveal(text, |_| false).0;
    let shown = shown.trim();
    if shown.is_empty() { "-".to_owned() } else { shown.to_owned() }
}

/// The value without nulls and empty lists and objects, which OSCAL has no place for.
pub fn pruned(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(pruned).filter(says_something).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, pruned(value)));
            Value::Object(members.filter(|(_, value)| says_something(value)).collect())
        }
        other => other,
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}
