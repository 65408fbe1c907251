//! Real input: the NIST SP 800-53 moderate baseline, as OSCAL.

use std::collections::BTreeMap;
use std::path::Path;

use probity::store::EvidenceFilter;
use probity_core::evidence::{Body, Kind, Locator};
use probity_core::locate::Captured;
use probity_core::run::RunState;
use probity_tests::host::TestHost;
use serde_json::Value;

use super::{clock, scratch};

const CATALOG: &str = "nist-sp800-53-rev5-moderate.oscal.json";

/// Ids of every control and of every statement and item part, counted without any code of Probity's.
fn count(value: &Value, ids: &mut BTreeMap<&'static str, Vec<String>>) {
    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    for group in value["groups"].as_array().into_iter().flatten() {
        count(group, ids);
    }
    for control in value["controls"].as_array().into_iter().flatten() {
        ids.entry("control").or_default().push(id(control));
        count(control, ids);
    }
    for part in value["parts"].as_array().into_iter().flatten() {
        match part["name"].as_str() {
            Some("statement") => ids.entry("statement").or_default().push(id(part)),
            Some("item") => ids.entry("item").or_default().push(id(part)),
            _ => {}
        }
        count(part, ids);
    }
}

#[tokio::test]
async fn the_moderate_baseline_gives_a_requirement_for_every_control_statement_and_item() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(CATALOG);
    let text = std::fs::read_to_string(&source).unwrap();
    let parsed: Value = serde_json::from_str(&text).unwrap();
    let mut ids = BTreeMap::new();
    count(&parsed["catalog"], &mut ids);
    let counted: Vec<_> = ids.iter().map(|(name, ids)| (*name, ids.len())).collect();
    assert_eq!(counted, [("control", 287), ("item", 700), ("statement", 287)]);

    let folder = scratch();
    std::fs::create_dir(folder.path().join("standards")).unwrap();
    std::fs::copy(&source, folder.path().join("standards").join(CATALOG)).unwrap();
    let config = "[connection.nist]\nconnector = \"standards\"\n[connection.nist.grant]\nmounts = { documents = \"standards\" }\n";
    let host = TestHost::start(folder, config, clock()).await;
    let run = host.collect("nist").await;
    assert_eq!(run.state, RunState::Complete, "{run:#?}");
    let kind = EvidenceFilter { kind: Some(Kind::Requirement), ..EvidenceFilter::default() };
    let evidence = host.evidence(&kind).await;
    assert_eq!(evidence.len(), 287 + 287 + 700);

    let mut captured = Captured::new(text.as_bytes());
    let mut found: Vec<String> = Vec::new();
    for one in &evidence {
        let Body::Requirement(requirement) = &one.item.body else { panic!("{:?}", one.item.kind()) };
        let place = &one.cited[0];
        assert_eq!(place.capture, probity_core::canonical::Digest::of(text.as_bytes()));
        assert!(matches!(place.locator, Locator::Pointer { .. }));
        let quote = captured.quote(&place.locator).unwrap();
        let there: Value = serde_json::from_slice(quote.bytes).unwrap();
        assert_eq!(there["id"], requirement.reference.as_str(), "the pointer leads to the very part");
        if let Some(prose) = there["prose"].as_str() {
            assert_eq!(requirement.text, prose);
        }
        found.push(requirement.reference.clone());
    }
    let mut expected: Vec<String> = ids.into_values().flatten().collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    host.finish().await;
}
