//! The connector contract, `wit/v0_1`: integrators' tools read it, it explains itself, and core mirrors it.

mod bindings;
mod documented;
mod mirrored;
pub(crate) mod python;

use std::path::{Path, PathBuf};

use wit_parser::{Resolve, TypeDef, TypeOwner, WorldKey};

/// The folder of the contract's version.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/v0_1")
}

/// The contract as wit-parser reads it.
fn resolved() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_dir(folder()).expect("wit-parser reads wit/v0_1");
    resolve
}

/// `interface.type`, or `None` for a type without a name of its own.
fn full_name(resolve: &Resolve, definition: &TypeDef) -> Option<String> {
    let TypeOwner::Interface(interface) = definition.owner else { return None };
    Some(format!("{}.{}", resolve.interfaces[interface].name.as_deref()?, definition.name.as_deref()?))
}

#[test]
fn both_worlds_are_there_with_their_doors() {
    let resolve = resolved();
    let names = |items: &mut dyn Iterator<Item = &WorldKey>| {
        items
            .map(|key| resolve.name_world_key(key))
            .filter(|name| !name.contains("/types@") && !name.contains("/schema@"))
            .collect::<Vec<_>>()
    };
    let worlds: Vec<_> = resolve
        .worlds
        .iter()
        .map(|(_, world)| {
            (world.name.as_str(), names(&mut world.imports.keys()), names(&mut world.exports.keys()))
        })
        .collect();
    let in_package = |interfaces: &[&str]| {
        interfaces.iter().map(|name| format!("probity:connector/{name}@0.1.0")).collect::<Vec<_>>()
    };
    assert_eq!(
        worlds,
        [
            ("connector", in_package(&["http", "files", "log"]), in_package(&["manifest", "source"])),
            ("intake-connector", in_package(&["http", "log"]), in_package(&["manifest", "intake"])),
        ]
    );
}
