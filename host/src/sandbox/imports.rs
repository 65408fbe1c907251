//! Whether a component fits the world: what it imports must be offered, what it must export must be there.
//!
//! The linker alone would refuse a misfit as well, but in its own words and one at a time. Here all
//! differences are told at once, in the words of the contract.

use probity_core::connector::World;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentInstance, ComponentItem};

use super::error::LoadError;
use super::{text, wasi};

/// Our own interfaces that a component of a world may import. `types` and `schema` only hold types.
const fn ours(world: World) -> &'static [&'static str] {
    match world {
        World::Source => &["http", "files", "log", "types", "schema"],
        World::Intake => &["http", "log", "types", "schema"],
    }
}

const PACKAGE: &str = "probity:connector";
const VERSION: &str = "0.1.0";

const MANIFEST: &str = "probity:connector/manifest@0.1.0";
const SOURCE: &str = "probity:connector/source@0.1.0";
const INTAKE: &str = "probity:connector/intake@0.1.0";

/// What must be exported, and the functions in it.
const fn exports(world: World) -> [(&'static str, &'static [&'static str]); 2] {
    let work: (&str, &[&str]) = match world {
        World::Source => (SOURCE, &["check", "collect"]),
        World::Intake => (INTAKE, &["check", "submit", "status"]),
    };
    [(MANIFEST, &["describe"]), work]
}

/// The world a component is written for, by what it exports. What exports neither, or both, is held against
/// the world it is wanted for.
pub(super) fn world_of(engine: &Engine, component: &Component) -> Option<World> {
    let ty = component.component_type();
    let exports = |interface| ty.get_export(engine, interface).is_some();
    match (exports(SOURCE), exports(INTAKE)) {
        (true, false) => Some(World::Source),
        (false, true) => Some(World::Intake),
        _ => None,
    }
}

/// Refuses a component that needs more than is offered.
pub(super) fn check_imports(world: World, engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let ty = component.component_type();
    let differences: Vec<String> =
        ty.imports(engine).filter_map(|(name, import)| difference(world, name, &import.ty)).collect();
    if differences.is_empty() { Ok(()) } else { Err(denied(world, differences)) }
}

pub(super) fn denied(world: World, differences: Vec<String>) -> LoadError {
    let offered = format!(
        "{PACKAGE}/{{{}}}@{VERSION} and the deterministic part of wasi:{{cli,clocks,filesystem,io,random}}@0.2",
        ours(world).join(",")
    );
    LoadError::ImportDenied { differences, offered }
}

/// How an import differs from what is offered, if it does.
fn difference(world: World, name: &str, ty: &ComponentItem) -> Option<String> {
    let shown = text::plain(name, 200);
    if !matches!(ty, ComponentItem::ComponentInstance(_)) {
        return Some(format!("it needs `{shown}`, which is not an interface of the host"));
    }
    let (interface, version) = name.rsplit_once('@').unwrap_or((name, ""));
    let offered = match interface.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) if ours(world).contains(&name) => VERSION,
        None if wasi::OFFERED.contains(&interface) => "0.2",
        _ => return Some(format!("it needs `{shown}`, which the host does not offer")),
    };
    if version == offered || (offered == "0.2" && is_release_of_0_2(version)) {
        return None;
    }
    let version = if version.is_empty() { "no version".to_owned() } else { text::plain(version, 50) };
    Some(format!("it needs `{}` in {version}; the host offers {offered}", text::plain(interface, 200)))
}

fn is_release_of_0_2(version: &str) -> bool {
    version.strip_prefix("0.2.").is_some_and(|patch| patch.parse::<u32>().is_ok())
}

/// Refuses a component that lacks something the host calls.
pub(super) fn check_exports(world: World, engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let ty = component.component_type();
    let missing = |missing| Err(LoadError::ExportMissing { missing, world: world.as_str() });
    for (interface, functions) in exports(world) {
        let Some(ComponentItem::ComponentInstance(instance)) =
            ty.get_export(engine, interface).map(|export| export.ty)
        else {
            return missing(format!("it does not export `{interface}`"));
        };
        for function in functions {
            if !has_function(engine, &instance, function) {
                return missing(format!("its `{interface}` has no function `{function}`"));
            }
        }
    }
    Ok(())
}

fn has_function(engine: &Engine, instance: &ComponentInstance, function: &str) -> bool {
    matches!(
        instance.get_export(engine, function).map(|export| export.ty),
        Some(ComponentItem::ComponentFunc(_))
    )
}

#[cfg(test)]
mod tests {
    use super::is_release_of_0_2;

    #[test]
    fn only_releases_of_wasi_0_2_are_offered() {
        assert!(is_release_of_0_2("0.2.0") && is_release_of_0_2("0.2.12"));
        for other in ["", "0.2", "0.3.0", "0.20.0", "0.2.0-rc-2023-11-10", "1.2.0"] {
            assert!(!is_release_of_0_2(other), "{other}");
        }
    }
}
