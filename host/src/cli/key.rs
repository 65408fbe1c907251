//! `probity key …`: the registry of the keys that people sign with.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use probity_core::signature::Fingerprint;

use super::Exit;
use super::host::{Host, local};
use super::output::{Output, facts, table};
use crate::casework::view::KeyView;

/// The longest file that is read for a public key.
const LONGEST: u64 = 16 * 1024;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Enrol a person's public key. It is theirs for ever.
    Enrol(EnrolArguments),
    /// List every key that ever was enrolled.
    List,
    /// End a key: signatures by it from now on do not count, those before still do.
    Revoke(RevokeArguments),
}

#[derive(Debug, Args)]
pub struct EnrolArguments {
    /// Whose key it is, as `principal list` shows them.
    principal: String,
    /// The public key, as ssh-keygen wrote it: id_ed25519.pub.
    #[arg(value_name = "FILE.pub")]
    file: PathBuf,
    /// A comment to keep instead of the file's own.
    #[arg(long)]
    comment: Option<String>,
}

#[derive(Debug, Args)]
pub struct RevokeArguments {
    /// As `key list` and `ssh-keygen -l` show it: SHA256:…
    #[arg(value_parser = |text: &str| text.parse::<Fingerprint>())]
    fingerprint: Fingerprint,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

pub async fn run(file: &Path, command: KeyCommand, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    let casework = host.casework();
    match command {
        KeyCommand::Enrol(EnrolArguments { principal, file, comment }) => {
            let line = read(&file)?;
            let key = casework.key_enrol(&local()?, &principal, &line, comment).await?;
            output.write(&key, for_people)?;
        }
        KeyCommand::List => output.write(&casework.key_list(&local()?).await?, |keys| rows(keys))?,
        KeyCommand::Revoke(RevokeArguments { fingerprint, reason }) => {
            let key = casework.key_revoke(&local()?, &fingerprint, reason).await?;
            output.write(&key, for_people)?;
        }
    }
    Ok(Exit::Done)
}

/// The one line of a public key's file. What it holds is not repeated: it might be the private one.
fn read(path: &Path) -> anyhow::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .with_context(|| format!("cannot read the public key in {}", path.display()))?;
    Ok(text)
}

fn rows(keys: &[KeyView]) -> String {
    if keys.is_empty() {
        return "no key is enrolled; `probity key enrol PRINCIPAL FILE.pub` enrols one".to_owned();
    }
    table(
        &["principal", "fingerprint", "kind", "hardware", "enrolled", "revoked", "comment"],
        keys.iter().map(|key| {
            vec![
                key.principal.clone(),
                key.fingerprint.clone(),
                key.algorithm.clone(),
                if key.hardware { "yes" } else { "no" }.to_owned(),
                key.enrolled.at.to_string(),
                key.revoked.as_ref().map_or_else(|| "-".to_owned(), |revoked| revoked.at.to_string()),
                key.comment.clone(),
            ]
        }),
    )
}

fn for_people(key: &KeyView) -> String {
    let mut told = vec![
        ("principal", key.principal.clone()),
        ("fingerprint", key.fingerprint.clone()),
        ("kind", key.algorithm.clone()),
        ("hardware", if key.hardware { "yes" } else { "no" }.to_owned()),
        ("enrolled", format!("{} by {}", key.enrolled.at, key.enrolled.by)),
    ];
    if let Some(revoked) = &key.revoked {
        told.push(("revoked", format!("{} by {}: {}", revoked.at, revoked.by, revoked.reason)));
    }
    facts(&told)
}
