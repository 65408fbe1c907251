//! The structure that ARCHITECTURE.md promises, held by reading the sources.
//!
//! These are greps, not proofs: they find the stray that nobody meant, which is what happens to structures.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder, with its path from the root and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no sources: this check would check nothing");
    found
}

/// Files below `folder` that contain `needle` outside `allowed`.
fn strays(folder: &str, needle: &str, allowed: &[&str]) -> Vec<String> {
    sources(folder)
        .into_iter()
        .filter(|(name, text)| {
            let code: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            code.contains(needle) && !allowed.iter().any(|prefix| name.starts_with(prefix))
        })
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn each_engine_is_named_in_one_place_only() {
    let rules: [(&str, &[&str]); 4] = [
        ("wasmtime::", &["host/src/sandbox"]),
        ("sqlx::", &["host/src/store"]),
        ("axum::", &["host/src/api", "host/src/demo"]),
        ("hyper::", &["host/src/egress", "host/src/api"]),
    ];
    for (needle, allowed) in rules {
        assert_eq!(strays("host/src", needle, allowed), Vec::<String>::new(), "{needle} outside {allowed:?}");
    }
}

#[test]
fn only_the_clock_knows_now_and_chance() {
    for needle in [
        "Timestamp::now",
        "SystemTime::now",
        "Instant::now()",
        "Zoned::now",
        "rand::rng",
        "make_rng",
        "now_v7",
    ] {
        // Deadlines of the egress client are measured, never recorded.
        let allowed: &[&str] = &["host/src/clock.rs"];
        let strays = strays("host", needle, allowed);
        let strays: Vec<_> = strays
            .into_iter()
            .filter(|name| !(needle == "Instant::now()" && name.starts_with("host/src/egress")))
            .collect();
        assert_eq!(strays, Vec::<String>::new(), "{needle}");
    }
}

#[test]
fn a_secret_is_exposed_in_egress_only() {
    // The demo serves a sample source, which has to know the sample token.
    assert_eq!(strays("host/src", ".expose()", &["host/src/egress", "host/src/demo"]), Vec::<String>::new());
}

#[test]
fn the_edges_use_neither_sandbox_nor_store_rows() {
    assert_eq!(strays("host/src/api", "crate::sandbox", &[]), Vec::<String>::new());
    assert_eq!(strays("host/src/store", "crate::sandbox", &[]), Vec::<String>::new());
    assert_eq!(strays("host/src/sandbox", "crate::store", &[]), Vec::<String>::new());
    assert_eq!(strays("host/src/egress", "crate::store", &[]), Vec::<String>::new());
}

#[test]
fn core_can_do_no_io() {
    let manifest = fs::read_to_string(root().join("host/core/Cargo.toml")).unwrap();
    let dependencies: Vec<&str> = manifest
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(['=', '.']).map(|(name, _)| name.trim()))
        .collect();
    let pure = [
        "base64ct",
        "ed25519-dalek",
        "jiff",
        "p256",
        "p384",
        "serde",
        "serde_json",
        "ryu-js",
        "sha2",
        "ssh-encoding",
        "thiserror",
        "toml",
    ];
    for dependency in dependencies {
        assert!(pure.contains(&dependency), "core must not depend on {dependency}");
    }
    for needle in ["std::fs", "std::net", "std::env", "async fn", "std::time::SystemTime"] {
        assert_eq!(strays("host/core/src", needle, &[]), Vec::<String>::new(), "{needle}");
    }
}

#[test]
fn every_module_says_what_it_is() {
    for folder in ["host", "sdk/src", "sdk/macros", "plugins", "tests"] {
        for (name, text) in sources(folder) {
            // A module of tests says it in its tests' names.
            let is_tests = name.ends_with("/tests.rs") || name.contains("/tests/");
            assert!(is_tests || text.starts_with("//!"), "{name} does not open with what it is");
        }
    }
}

#[test]
fn no_module_is_a_drawer() {
    for folder in ["host", "sdk", "plugins", "tests"] {
        for (name, _) in sources(folder) {
            let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap();
            assert!(
                !["util", "utils", "helper", "helpers", "manager", "common", "misc"].contains(&stem),
                "{name}"
            );
        }
    }
}
