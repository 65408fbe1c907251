//! `probity connector test`: is this connector ready to be granted anything?
//!
//! Four steps, each worth having alone: the crate's own tests (native, over recorded traffic), the component
//! built for the sandbox, the component taken by the sandbox with its manifest in order, and the same
//! description twice.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;

use crate::cli::Exit;
use crate::cli::output::{Output, facts, say};
use crate::sandbox::{Limits, Sandbox};

#[derive(Debug, Args)]
pub struct TestArguments {
    /// The connector's crate.
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Ask cargo not to use the network.
    #[arg(long)]
    offline: bool,
}

/// What was found.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Tested {
    connector: String,
    version: String,
    component: String,
    digest: String,
    size: String,
    streams: Vec<String>,
    endpoints: Vec<String>,
}

pub(super) async fn run(arguments: &TestArguments, output: &Output) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    if !folder.join("Cargo.toml").is_file() {
        bail!(
            "{} holds no Cargo.toml; name a connector's folder, or make one with `probity connector new`",
            folder.display()
        );
    }
    say("1/3 its own tests, natively over recorded traffic");
    cargo(folder, arguments.offline, &["test", "--quiet"])?;
    say("2/3 building the component for wasm32-wasip2");
    let component = build(folder, arguments.offline)?;
    say("3/3 loading it into the sandbox");
    let bytes = std::fs::read(&component).with_context(|| format!("cannot read {}", component.display()))?;
    let size = bytes.len();
    let connector = Sandbox::new(Limits::default(), None)?.load_any(bytes).await?;
    let manifest = connector.manifest();
    let tested = Tested {
        connector: manifest.name.clone(),
        version: manifest.version.clone(),
        component: component.display().to_string(),
        digest: connector.digest().to_string(),
        size: size.to_string(),
        streams: manifest.streams.iter().map(|stream| stream.id.clone()).collect(),
        endpoints: manifest.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect(),
    };
    output.write(&tested, |tested| {
        facts(&[
            ("connector", format!("{} {}", tested.connector, tested.version)),
            ("component", tested.component.clone()),
            ("digest", tested.digest.clone()),
            ("size", format!("{} bytes", tested.size)),
            ("streams", tested.streams.join(", ")),
            ("endpoints", tested.endpoints.join(", ")),
            ("verdict", "its tests pass and the sandbox takes it".to_owned()),
        ])
    })?;
    Ok(Exit::Done)
}

/// Runs cargo in the crate's folder, its output on stderr.
fn cargo(folder: &Path, offline: bool, arguments: &[&str]) -> anyhow::Result<()> {
    let status =
        command(folder, offline, arguments).stdout(std::io::stderr()).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("`cargo {}` did not pass in {}; its output is above", arguments.join(" "), folder.display());
    }
    Ok(())
}

fn command(folder: &Path, offline: bool, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    if offline {
        command.arg("--offline");
    }
    command
}

/// Builds the component and says where cargo put it.
fn build(folder: &Path, offline: bool) -> anyhow::Result<PathBuf> {
    let arguments =
        ["build", "--release", "--target", "wasm32-wasip2", "--message-format", "json-render-diagnostics"];
    let built =
        command(folder, offline, &arguments).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    if !built.status.success() {
        bail!(
            "the component did not build for wasm32-wasip2; cargo's output is above\n  \
             if the target is missing, install it with `sh sdk/setup-target.sh` from Probity's sources"
        );
    }
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .context("cargo built no .wasm file; the crate needs crate-type = [\"cdylib\", \"rlib\"]")
}
