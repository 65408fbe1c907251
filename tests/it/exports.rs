//! Exports as the tools of others read them.

use std::path::Path;
use std::process::Command;

use crate::contract::python::python;

/// The sample that a test of core holds against what is rendered.
const PLAN: &str =
    "../host/core/src/export/tests/snapshots/probity_core__export__tests__snapshots__oscal.snap.json";

#[test]
fn compliance_trestle_reads_the_plan_of_action_and_milestones() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python())
        .arg(here.join("python/oscal.py"))
        .arg(here.join(PLAN))
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
