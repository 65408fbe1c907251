//! Values of the contract's types in their JSON form: one for every alternative, one at a time.
//!
//! The JSON form: kebab-case keys, none omitted, variants as `{"kind": …}` beside the fields of what they hold,
//! 64-bit integers as strings, bytes in hexadecimal, instants in UTC.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wit_parser::{Case, Record, Resolve, Type, TypeDef, TypeDefKind, Variant};

use super::full_name;

/// What every date is in the samples.
pub(super) const DATE: &str = "2026-12-02";

/// A value as it is given to core, and as core must write it back.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) given: Value,
    pub(super) kept: Value,
}

impl Sample {
    fn same(value: Value) -> Self {
        Self { given: value.clone(), kept: value }
    }

    fn map(&self, change: impl Fn(&Value) -> Value) -> Self {
        Self { given: change(&self.given), kept: change(&self.kept) }
    }

    fn set(&mut self, key: &str, value: &Self) {
        self.given[key] = value.given.clone();
        self.kept[key] = value.kept.clone();
    }

    /// Puts the members of another object beside this one's.
    fn merge(&mut self, other: &Self) {
        for (own, other) in [(&mut self.given, &other.given), (&mut self.kept, &other.kept)] {
            let (Value::Object(own), Value::Object(other)) = (own, other) else {
                panic!("only objects merge")
            };
            own.extend(other.clone());
        }
    }
}

/// Makes samples and notes what it went through.
pub(super) struct Samples<'a> {
    resolve: &'a Resolve,
    /// Every named type that was met, with its words if it is an enum or a variant.
    pub(super) seen: BTreeMap<String, Vec<String>>,
}

impl<'a> Samples<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Self {
        Self { resolve, seen: BTreeMap::new() }
    }

    /// Samples of the type of this full name.
    pub(super) fn of(&mut self, name: &str) -> Vec<Sample> {
        let mut all = self.resolve.types.iter().map(|(_, definition)| definition);
        let definition = all.find(|definition| full_name(self.resolve, definition).as_deref() == Some(name));
        self.definition(definition.unwrap_or_else(|| panic!("the contract has no {name}")))
    }

    fn value(&mut self, ty: &Type) -> Vec<Sample> {
        match ty {
            Type::Bool => [true, false].map(|value| Sample::same(json!(value))).into(),
            Type::U16 | Type::U32 => vec![Sample::same(json!(7))],
            Type::U64 => vec![Sample::same(json!("9007199254740991"))],
            Type::F64 => vec![Sample::same(json!(99.5))],
            Type::String => vec![Sample::same(json!("text"))],
            Type::Id(id) => self.definition(&self.resolve.types[*id]),
            other => panic!("the contract has no rule for {other:?} in JSON"),
        }
    }

    fn definition(&mut self, definition: &TypeDef) -> Vec<Sample> {
        match (definition.name.as_deref(), &definition.kind) {
            // Core keeps an instant, not its text: it comes back in UTC.
            (Some("instant"), _) => vec![Sample {
                given: json!("2026-11-22T22:29:09.354959+01:00"),
                kept: json!("2026-11-22T21:29:09.354959Z"),
            }],
            (Some("date"), _) => vec![Sample::same(json!(DATE))],
            (_, TypeDefKind::Type(ty)) => self.value(ty),
            (_, TypeDefKind::Option(ty)) => {
                let mut samples = self.value(ty);
                samples.push(Sample::same(Value::Null));
                samples
            }
            (_, TypeDefKind::List(Type::U8)) => vec![Sample::same(json!("00ff"))],
            (_, TypeDefKind::List(ty)) => self.list(ty),
            (_, TypeDefKind::Tuple(tuple)) => vec![self.tuple(&tuple.types)],
            (_, TypeDefKind::Record(record)) => self.record(definition, record),
            (_, TypeDefKind::Enum(list)) => {
                let words: Vec<_> = list.cases.iter().map(|case| case.name.clone()).collect();
                self.see(definition, words.clone());
                words.into_iter().map(|word| Sample::same(json!(word))).collect()
            }
            (_, TypeDefKind::Variant(variant)) => self.variant(definition, variant),
            (name, kind) => panic!("the contract has no rule for {name:?} ({kind:?}) in JSON"),
        }
    }

    fn list(&mut self, ty: &Type) -> Vec<Sample> {
        let mut samples: Vec<_> =
            self.value(ty).iter().map(|element| element.map(|value| json!([value]))).collect();
        samples.push(Sample::same(json!([])));
        samples
    }

    fn tuple(&mut self, types: &[Type]) -> Sample {
        let mut tuple = Sample::same(json!([]));
        for ty in types {
            let first = &self.value(ty)[0];
            for (all, one) in [(&mut tuple.given, &first.given), (&mut tuple.kept, &first.kept)] {
                all.as_array_mut().expect("it was made as a list").push(one.clone());
            }
        }
        tuple
    }

    /// The first alternative of every field, then each other alternative of each field.
    fn record(&mut self, definition: &TypeDef, record: &Record) -> Vec<Sample> {
        let name = self.see(definition, Vec::new());
        let fields: Vec<_> =
            record.fields.iter().map(|field| (field.name.as_str(), self.value(&field.ty))).collect();
        let put = |sample: &mut Sample, field: &str, value: &Sample| match (name.as_str(), field) {
            // A failure's kind stands beside its message.
            ("types.failure", "kind") => sample.merge(value),
            // The word `stream` is reserved in WIT.
            ("manifest.manifest", "feeds") => sample.set("streams", value),
            (_, field) => sample.set(field, value),
        };
        let with = |varied: usize, alternative: usize| {
            let mut sample = Sample::same(Value::Object(Map::new()));
            for (at, (field, values)) in fields.iter().enumerate() {
                put(&mut sample, field, &values[if at == varied { alternative } else { 0 }]);
            }
            sample
        };
        let mut samples = vec![with(0, 0)];
        for (at, (_, values)) in fields.iter().enumerate() {
            samples.extend((1..values.len()).map(|alternative| with(at, alternative)));
        }
        samples
    }

    fn variant(&mut self, definition: &TypeDef, variant: &Variant) -> Vec<Sample> {
        let name = self.see(definition, variant.cases.iter().map(|case| case.name.clone()).collect());
        variant.cases.iter().flat_map(|case| self.case(&name, case)).collect()
    }

    fn case(&mut self, variant: &str, case: &Case) -> Vec<Sample> {
        let tag = Sample::same(json!({"kind": case.name}));
        let Some(ty) = case.ty else { return vec![tag] };
        let members: &[&str] = match (variant, case.name.as_str()) {
            ("types.failure-kind", "rate-limited") => &["retry-after"],
            ("types.locator", "pointer") => &["pointer"],
            ("manifest.auth-scheme", "header") => &["name", "prefix"],
            ("source.next", "more") => &["cursor"],
            ("source.next", "done") => &["bookmark"],
            // What remains holds a record, whose fields stand beside the kind.
            _ => &[],
        };
        let beside = |value: &Sample| {
            let mut sample = tag.clone();
            match members {
                [] => sample.merge(value),
                [member] => sample.set(member, value),
                members => members
                    .iter()
                    .enumerate()
                    .for_each(|(at, member)| sample.set(member, &value.map(|tuple| tuple[at].clone()))),
            }
            sample
        };
        self.value(&ty).iter().map(beside).collect()
    }

    fn see(&mut self, definition: &TypeDef, words: Vec<String>) -> String {
        let name = full_name(self.resolve, definition).expect("records, enums and variants have names");
        self.seen.insert(name.clone(), words);
        name
    }
}
