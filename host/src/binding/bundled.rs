//! The connectors that ship inside the binary.
//!
//! They are put in by the build script from the built components, and run in the sandbox like any other: being
//! bundled gives a connector no right.

/// A component inside the binary.
#[derive(Debug, Clone, Copy)]
pub struct Bundled {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The bundled connector of that name.
pub fn bundled(name: &str) -> Option<Bundled> {
    BUNDLED.iter().copied().find(|bundled| bundled.name == name)
}

/// All of them.
pub fn all_bundled() -> &'static [Bundled] {
    BUNDLED
}

/// Their names.
pub(super) fn names() -> Vec<&'static str> {
    BUNDLED.iter().map(|bundled| bundled.name).collect()
}
