//! An intake connector for a made-up ticket queue. It files honestly, or does what the `behaviour` in its
//! configuration names.
//!
//! It is written against the raw bindings, not the SDK: the SDK would not let it do most of this.
//!
//! Built for `wasm32-wasip2` only; on other targets this crate is empty.

#![cfg(target_arch = "wasm32")]

mod behave;
mod describe;
mod queue;

wit_bindgen::generate!({ path: "../../../wit/v0_1", world: "intake-connector" });

use exports::probity::connector::{intake, manifest};
use probity::connector::schema::Disposition;
use probity::connector::types::{Failure, FailureKind};

struct Board;

export!(Board);

impl manifest::Guest for Board {
    fn describe() -> manifest::Manifest {
        describe::describe()
    }
}

impl intake::Guest for Board {
    fn check(config: String) -> Result<Vec<String>, Failure> {
        behave::check(&behaviour(&config))
    }

    fn submit(config: String, submission: intake::Submission) -> Result<intake::Receipt, Failure> {
        behave::submit(&behaviour(&config), &submission)
    }

    fn status(config: String, reference: String) -> Result<Disposition, Failure> {
        behave::status(&behaviour(&config), &reference)
    }
}

fn behaviour(config: &str) -> String {
    let config: serde_json::Value = serde_json::from_str(config).unwrap_or_default();
    config["behaviour"].as_str().unwrap_or("honest").to_owned()
}

fn failure(kind: FailureKind, message: impl Into<String>) -> Failure {
    Failure { kind, message: message.into() }
}
