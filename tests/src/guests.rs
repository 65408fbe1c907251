//! The components that tests load: built beforehand, found beside the test binary.

use std::path::PathBuf;

use probity::sandbox::CodeCache;

/// The folder of built components: `connectors` in the build's target folder.
pub fn folder() -> PathBuf {
    let binary = std::env::current_exe().expect("the test binary has a path");
    // <target>/<profile>/deps/<binary>
    binary.ancestors().nth(3).expect("the test binary lies in a target folder").join("connectors")
}

/// A built component's bytes. `name` is the crate's: `hostile`, `defectdojo`.
pub fn component(name: &str) -> Vec<u8> {
    let path = folder().join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{} cannot be read ({error}): run `make connectors` to build the test components",
            path.display()
        )
    })
}

/// A cache of compiled components that all tests share, so that each is compiled once a build and not once a test.
pub fn cache() -> CodeCache {
    CodeCache::open(&folder().join("code"), || *b"a key for tests, not a secret...")
        .expect("the folder is writable")
}

/// The connector that misbehaves on request (`tests/guests/hostile`).
pub fn hostile() -> Vec<u8> {
    component("hostile")
}

/// The same with another way of describing itself: the mode is written over the one in the file.
pub fn describing(mode: &str) -> Vec<u8> {
    const MARK: &[u8] = b"describe-mode:";
    const ROOM: usize = 16;
    let mut bytes = hostile();
    let at = bytes.windows(MARK.len()).position(|window| window == MARK).expect("the guest carries its mode");
    let place = &mut bytes[at + MARK.len()..][..ROOM];
    place.fill(b'_');
    place[..mode.len()].copy_from_slice(mode.as_bytes());
    bytes
}
