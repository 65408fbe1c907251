//! `probity connector new`: a connector that builds and tests at once, to be changed from there.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use probity_core::id::ConnectionName;
use serde::Serialize;

use crate::cli::Exit;
use crate::cli::output::Output;

#[derive(Debug, Args)]
pub struct NewArguments {
    /// The connector's name: lower-case letters, digits and dashes.
    #[arg(value_name = "NAME")]
    name: ConnectionName,
    /// The folder to make; by default one of the connector's name.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Where the SDK's sources are (the folder `sdk` of Probity's sources).
    #[arg(long, env = "PROBITY_SDK", value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

/// What was made.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Made {
    connector: String,
    folder: String,
    files: Vec<String>,
}

pub(super) fn run(arguments: &NewArguments, output: &Output) -> anyhow::Result<Exit> {
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from(arguments.name.as_str()));
    if folder.exists() {
        bail!("{} exists already; choose another name or --folder, nothing was written", folder.display());
    }
    let sdk = sdk(arguments.sdk.as_deref())?;
    let files = files(&arguments.name, &sdk);
    for (path, text) in &files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let made = Made {
        connector: arguments.name.to_string(),
        folder: folder.display().to_string(),
        files: files.into_iter().map(|(path, _)| path).collect(),
    };
    output.write(&made, |made| {
        format!(
            "made the connector {} in {}:\n  {}\n\nnext:\n  probity connector test {}",
            made.connector,
            made.folder,
            made.files.join("\n  "),
            made.folder
        )
    })?;
    Ok(Exit::Done)
}

/// The scaffold's files by their place in it.
const TEMPLATE: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../../../../sdk/template/Cargo.toml")),
    ("src/lib.rs", include_str!("../../../../sdk/template/src/lib.rs")),
    ("tests/connector.rs", include_str!("../../../../sdk/template/tests/connector.rs")),
    ("tests/recorded/issues.json", include_str!("../../../../sdk/template/tests/recorded/issues.json")),
    ("README.md", include_str!("../../../../sdk/template/README.md")),
    (".gitignore", include_str!("../../../../sdk/template/gitignore")),
];

/// The scaffold with the author's choices filled in.
fn files(name: &ConnectionName, sdk: &Path) -> Vec<(String, String)> {
    let title = name.as_str().replace('-', " ");
    // A path is written as a TOML string: `{:?}` quotes and escapes as TOML's basic strings do.
    let sdk = format!("{{ path = {:?} }}", sdk.display().to_string());
    TEMPLATE
        .iter()
        .map(|(path, text)| {
            let text =
                text.replace("{{name}}", name.as_str()).replace("{{title}}", &title).replace("{{sdk}}", &sdk);
            ((*path).to_owned(), text)
        })
        .collect()
}

/// The SDK's folder: as asked, or the one this binary was built from, if it is still there.
fn sdk(asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder =
        asked.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk"), Path::to_path_buf);
    if !folder.join("Cargo.toml").is_file() {
        bail!(
            "the connector SDK is not at {}; name the folder `sdk` of Probity's sources with --sdk or PROBITY_SDK",
            folder.display()
        );
    }
    folder.canonicalize().with_context(|| format!("cannot use {}", folder.display()))
}
