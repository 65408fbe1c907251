//! componentize-py makes Python of both worlds, and Python imports it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The virtual environment that `make python` makes beside the build's other results.
pub(crate) fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder has a parent");
    let python = target.join("python/bin/python");
    assert!(
        python.exists(),
        "this test needs the Python tools in {}: run `make python` (with the same CARGO_TARGET_DIR)",
        target.join("python").display()
    );
    python
}

#[track_caller]
fn generates_and_imports(world: &str) {
    let out = tempfile::tempdir().expect("a scratch folder");
    let output = Command::new(python())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python/contract.py"))
        .args([super::folder().as_path(), Path::new(world), out.path()])
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn python_reads_the_world_of_connectors() {
    generates_and_imports("connector");
}

#[test]
fn python_reads_the_world_of_intake_connectors() {
    generates_and_imports("intake-connector");
}
