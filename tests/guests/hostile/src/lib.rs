//! A connector that misbehaves on request: each test names a `behaviour` in the configuration.
//!
//! It is written against the raw bindings, not the SDK: the SDK would not let it do most of this. What Rust
//! cannot express is crafted in the tests themselves. How it describes itself cannot be configured, so the
//! tests overwrite [`describe::MODE`] in the compiled file.
//!
//! Built for `wasm32-wasip2` only; on other targets this crate is empty.

#![cfg(target_arch = "wasm32")]

mod collect;
mod describe;
mod probe;

wit_bindgen::generate!({ path: "../../../wit/v0_1", world: "connector" });

use exports::probity::connector::{manifest, source};
use probity::connector::types::{Failure, FailureKind};

struct Hostile;

export!(Hostile);

impl manifest::Guest for Hostile {
    fn describe() -> manifest::Manifest {
        describe::describe()
    }
}

impl source::Guest for Hostile {
    fn check(config: String) -> Result<Vec<String>, Failure> {
        match behaviour(&config)?.as_str() {
            "honest" => Ok(vec!["the door opens".into(), "\u{1b}[2Jand\nshuts".into()]),
            "loop" => collect::spin(),
            other => Err(Failure { kind: FailureKind::Config, message: format!("no check `{other}`") }),
        }
    }

    fn collect(config: String, feed: String, cursor: Option<String>) -> Result<source::Page, Failure> {
        collect::collect(&behaviour(&config)?, &feed, cursor)
    }
}

fn behaviour(config: &str) -> Result<String, Failure> {
    serde_json::from_str::<serde_json::Value>(config)
        .ok()
        .and_then(|config| Some(config.get("behaviour")?.as_str()?.to_owned()))
        .ok_or_else(|| Failure { kind: FailureKind::Config, message: "no `behaviour`".into() })
}
