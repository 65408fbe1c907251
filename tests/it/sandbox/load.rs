//! What is not a connector of this contract is refused before anything of it runs.

use std::time::Duration;

use probity::sandbox::{Allocation, CodeCache, Limits, LoadError, Sandbox};
use probity_tests::guests;

use super::crafted::{Crafted, collecting};
use super::{impatient, sandbox};

async fn refused(bytes: impl Into<Vec<u8>>) -> LoadError {
    sandbox().load(bytes.into()).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_component_is_named_for_what_it_is() {
    let native = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    for (bytes, found) in [
        (b"(component)".to_vec(), "WebAssembly text"),
        (b"\n  (module)".to_vec(), "WebAssembly text"),
        (wat::parse_str("(module)").unwrap(), "a core module"),
        (native[..4096].to_vec(), "compiled native code"),
        (precompiled().await, "compiled native code"),
        (b"PK\x03\x04 and so on".to_vec(), "not WebAssembly"),
        (b"\0asm\x0e\0\x01\0".to_vec(), "version this host does not know"),
        (vec![], "not WebAssembly"),
    ] {
        let error = refused(bytes).await;
        assert_eq!(error.code(), "load.invalid");
        assert!(error.to_string().contains(found), "{found}: {error}");
    }
}

/// What this host itself made of a component, out of its cache.
async fn precompiled() -> Vec<u8> {
    let scratch = tempfile::TempDir::new().unwrap();
    let cache = CodeCache::open(scratch.path(), || [7; 32]).unwrap();
    Sandbox::new(Limits::default(), Some(cache)).unwrap().load(guests::hostile()).await.unwrap();
    let mut files = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().path());
    let code = files.find(|path| path.extension().is_some_and(|extension| extension == "code")).unwrap();
    std::fs::read(code).unwrap().split_off(32)
}

#[tokio::test]
async fn damaged_components_are_refused_at_any_length() {
    let whole = guests::hostile();
    for length in [8, 9, 100, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..length]).await;
        assert!(matches!(error.code(), "load.invalid" | "load.export-missing"), "{length}: {error}");
    }
}

#[tokio::test]
async fn a_file_over_the_size_limit_is_not_even_looked_at() {
    let sandbox = Sandbox::new(Limits { component_bytes: 1000, ..Limits::default() }, None).unwrap();
    assert!(matches!(
        sandbox.load(vec![0; 1001]).await,
        Err(LoadError::TooLarge { size: 1001, limit: 1000 })
    ));
    assert_eq!(Limits::default().component_bytes, 48 << 20);
}

#[tokio::test]
async fn imports_beyond_the_world_are_all_named() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:sockets/tcp@0.2.0" (instance))
            (import "wasi:http/outgoing-handler@0.2.0" (instance))
            (import "probity:connector/http@0.2.0" (instance))
            (import "wasi:clocks/wall-clock@0.3.0" (instance))
            (import "probity:connector/intake@0.1.0" (instance))
            (import "wasi:io/error@0.2.3" (instance))
            (import "probity:connector/types@0.1.0" (instance))
            (import "free" (func)))"#,
    )
    .unwrap();
    let error = refused(component).await;
    assert_eq!(error.code(), "load.import-denied");
    let LoadError::ImportDenied { differences, .. } = &error else { panic!("{error}") };
    assert_eq!(
        differences,
        &[
            "it needs `wasi:sockets/tcp@0.2.0`, which the host does not offer",
            "it needs `wasi:http/outgoing-handler@0.2.0`, which the host does not offer",
            "it needs `probity:connector/http` in 0.2.0; the host offers 0.1.0",
            "it needs `wasi:clocks/wall-clock` in 0.3.0; the host offers 0.2",
            "it needs `probity:connector/intake@0.1.0`, which the host does not offer",
            "it needs `free`, which is not an interface of the host",
        ]
    );
    assert!(
        error.to_string().contains("a connector may import probity:connector/{http,files,log,"),
        "{error}"
    );
}

#[tokio::test]
async fn an_offered_interface_with_other_functions_is_refused() {
    let guest = Crafted {
        imports: r#"(import "wasi:random/random@0.2.0" "get-better" (func $better (result i64)))"#,
        ..collecting("(drop (call $better)) unreachable")
    };
    let error = refused(guest.component()).await;
    assert_eq!(error.code(), "load.import-denied", "{error}");
    assert!(error.to_string().contains("get-better"), "{error}");
}

#[tokio::test]
async fn what_the_host_calls_must_be_exported() {
    let error = refused(wat::parse_str("(component)").unwrap()).await;
    assert_eq!(error.code(), "load.export-missing");
    assert!(error.to_string().contains("does not export `probity:connector/manifest@0.1.0`"), "{error}");
}

#[tokio::test]
async fn more_memories_tables_or_instances_than_allowed_are_refused_before_they_exist() {
    let memories = "(memory 1)".repeat(16);
    let tables = "(table 1 funcref)".repeat(33);
    for parts in [memories.as_str(), tables.as_str(), "(memory $large 1025)", "(table $large 100001 funcref)"]
    {
        let guest = Crafted { parts, ..collecting("unreachable") };
        let error = refused(guest.component()).await;
        assert_eq!(error.code(), "load.resources", "{parts}: {error}");
    }
    let instances = "(core instance (instantiate $m))".repeat(65);
    let component = wat::parse_str(format!("(component (core module $m) {instances})")).unwrap();
    assert_eq!(sandbox().allocation(), Allocation::Pooling);
    assert_eq!(refused(component).await.code(), "load.resources");
}

#[tokio::test]
async fn a_component_that_imports_a_module_is_refused() {
    let component =
        wat::parse_str(r#"(component (import "m" (core module $m)) (core instance (instantiate $m)))"#)
            .unwrap();
    assert_eq!(refused(component).await.code(), "load.resources");
}

#[tokio::test]
async fn a_start_function_that_never_ends_is_ended() {
    let guest = Crafted {
        parts: "(func $start (loop $again (br $again))) (start $start)",
        ..collecting("unreachable")
    };
    let error = impatient().load(guest.component()).await.unwrap_err();
    let LoadError::Describe { source } = error else { panic!("{error}") };
    assert_eq!(source.code(), "limit.cpu");
}

#[tokio::test]
async fn components_nested_absurdly_deep_do_not_bring_the_host_down() {
    for depth in [90, 900, 20_000] {
        let nested = "(component ".repeat(depth) + &")".repeat(depth);
        // Some are refused by the parser here, the others by the host; none may crash it.
        if let Ok(component) = wat::parse_str(nested) {
            let code = refused(component).await.code();
            assert!(matches!(code, "load.invalid" | "load.export-missing"), "{depth}: {code}");
        }
    }
}

#[tokio::test]
async fn compiling_beyond_its_time_fails_the_load() {
    let sandbox = Sandbox::new(Limits { compile: Duration::ZERO, ..Limits::default() }, None).unwrap();
    let error = sandbox.load(guests::hostile()).await.unwrap_err();
    assert_eq!(error.code(), "load.compile-timeout");
}
