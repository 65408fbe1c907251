//! Whoever implements the contract reads nothing but the contract: all of it is explained in place.

use wit_parser::{Docs, TypeDefKind};

use super::{full_name, resolved};

/// Fields that say what they are by their names alone, in every record that has them.
const SELF_EVIDENT: &[&str] = &[
    "title",
    "version",
    "name",
    "description",
    "impact",
    "owner",
    "state",
    "severity",
    "outcome",
    "strength",
    "decision",
    "class",
    "document",
    "path",
    "body",
    "headers",
    "status",
    "method",
    "message",
    "value",
    "label",
    "labels",
    "bytes",
    "text",
    "parameters",
    "component",
    "vulnerabilities",
    "summary",
    "created",
    "started",
    "finished",
    "completed",
    "environment",
    "reviewer",
    "edited",
    "endpoints",
    "mounts",
    "items",
    "gaps",
    "next",
    "url",
    "media-type",
    "attachments",
    "justification",
    "kind",
    "locator",
    "notes",
    "branch",
    "pipeline",
    "engine",
];

#[test]
fn every_interface_type_world_and_function_explains_itself() {
    let resolve = resolved();
    let mut silent = Vec::new();
    let mut look = |name: String, docs: &Docs| {
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            silent.push(name);
        }
    };
    for (_, package) in &resolve.packages {
        look(package.name.to_string(), &package.docs);
    }
    for (_, world) in &resolve.worlds {
        look(world.name.clone(), &world.docs);
    }
    for (_, interface) in &resolve.interfaces {
        let name = interface.name.clone().unwrap_or_default();
        look(name.clone(), &interface.docs);
        for function in interface.functions.values() {
            look(format!("{name}.{}", function.name), &function.docs);
        }
    }
    for (_, definition) in &resolve.types {
        let Some(name) = full_name(&resolve, definition) else { continue };
        // A `use` repeats a type of another interface; it is explained there.
        let is_use = matches!(definition.kind, TypeDefKind::Type(wit_parser::Type::Id(_)));
        if !is_use {
            look(name, &definition.docs);
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "these have no documentation");
}

#[test]
fn every_field_that_is_not_self_evident_explains_itself() {
    let resolve = resolved();
    let mut silent = Vec::new();
    for (_, definition) in &resolve.types {
        let (Some(name), TypeDefKind::Record(record)) = (full_name(&resolve, definition), &definition.kind)
        else {
            continue;
        };
        let undocumented = record.fields.iter().filter(|field| field.docs.is_empty());
        let unclear = undocumented.filter(|field| !SELF_EVIDENT.contains(&field.name.as_str()));
        silent.extend(unclear.map(|field| format!("{name}.{}", field.name)));
    }
    assert_eq!(silent, Vec::<String>::new(), "these fields have no documentation");
}
