//! Whether a component fits the world: what it imports must be offered, what it must export must be there.
//!
//! The linker alone would refuse a misfit as well, but in its own words and one at a time. Here all
//! differences are told at once, in the words of the contract.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentInstance, ComponentItem};

use super::error::LoadError;
use super::{text, wasi};

/// Our own interfaces that a component may import. `types` and `schema` only hold types.
const OURS: &[&str] = &["http", "files", "log", "types", "schema"];
const PACKAGE: &str = "probity:connector";
const VERSION: &str = "0.1.0";

/// What must be exported, and the functions in it.
const EXPORTS: &[(&str, &[&str])] = &[
    ("probity:connector/manifest@0.1.0", &["describe"]),
    ("probity:connector/source@0.1.0", &["check", "collect"]),
];

/// Refuses a component that needs more than is offered.
pub(super) fn check_imports(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let ty = component.component_type();
    let differences: Vec<String> =
        ty.imports(engine).filter_map(|(name, import)| difference(name, &import.ty)).collect();
    if differences.is_empty() { Ok(()) } else { Err(denied(differences)) }
}

pub(super) fn denied(differences: Vec<String>) -> LoadError {
    let offered = format!(
        "{PACKAGE}/{{{}}}@{VERSION} and the deterministic part of wasi:{{cli,clocks,filesystem,io,random}}@0.2",
        OURS.join(",")
    );
    LoadError::ImportDenied { differences, offered }
}

/// How an import differs from what is offered, if it does.
fn difference(name: &str, ty: &ComponentItem) -> Option<String> {
    let shown = text::plain(name, 200);
    if !matches!(ty, ComponentItem::ComponentInstance(_)) {
        return Some(format!("it needs `{shown}`, which is not an interface of the host"));
    }
    let (interface, version) = name.rsplit_once('@').unwrap_or((name, ""));
    let offered = match interface.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/')) {
        Some(ours) if OURS.contains(&ours) => VERSION,
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
pub(super) fn check_exports(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let ty = component.component_type();
    for (interface, functions) in EXPORTS {
        let Some(ComponentItem::ComponentInstance(instance)) =
            ty.get_export(engine, interface).map(|export| export.ty)
        else {
            return Err(LoadError::ExportMissing { missing: format!("it does not export `{interface}`") });
        };
        for function in *functions {
            if !has_function(engine, &instance, function) {
                let missing = format!("its `{interface}` has no function `{function}`");
                return Err(LoadError::ExportMissing { missing });
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
