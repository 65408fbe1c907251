//! The scaffold is part of what the SDK promises: it must build and pass with the SDK beside it, as it stands.
//!
//! Compiled here as a module, so that a change of the SDK that breaks it breaks this crate's tests first.

#[path = "../template/src/lib.rs"]
mod scaffold;

/// The files of a scaffold by their place in it, with what stands for the author's choices.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../template/Cargo.toml")),
    ("src/lib.rs", include_str!("../template/src/lib.rs")),
    ("tests/connector.rs", include_str!("../template/tests/connector.rs")),
    ("tests/recorded/issues.json", include_str!("../template/tests/recorded/issues.json")),
    ("README.md", include_str!("../template/README.md")),
    (".gitignore", include_str!("../template/gitignore")),
];

#[test]
fn the_sample_connector_reads_its_sample_recording() {
    let recorded = crate::testing::Recorded::load("template/tests/recorded").unwrap();
    let config = serde_json::json!({"project": "bridge", "subject": "service:payments-bridge"});
    let swept = crate::testing::sweep::<scaffold::Connector>(&config, "findings", &recorded).unwrap().sound();
    assert_eq!((swept.items.len(), swept.gaps.len(), swept.unused.len()), (2, 1, 0));
}

#[test]
fn the_scaffold_asks_for_three_things_alone() {
    for (path, text) in FILES {
        let filled = text
            .replace("{{name}}", "my-tracker")
            .replace("{{title}}", "My tracker")
            .replace("{{sdk}}", "\"0.1\"");
        assert!(!filled.contains("{{") || path.ends_with(".json"), "{path} has a placeholder nobody fills");
    }
}
