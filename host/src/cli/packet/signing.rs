//! Deciding: a person is shown a statement in words, and signs exactly its bytes.
//!
//! The signature is made by `ssh-keygen`, so that any key, agent or security key somebody already has will do, and a passphrase
//! goes from the terminal to `ssh-keygen` alone. Where the key is on another machine the statement goes there as a file
//! (`--statement-to`), and comes back with its signature (`--statement`, `--signature`).
//!
//! Deliberately absent: keys. Nothing here reads one.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use probity_core::event::{Command, Decided, Decision, Event};
use probity_core::id::EvidenceId;
use probity_core::packet::Packet;
use probity_core::readiness::Report;
use probity_core::signature::{MAX_ARMORED, NAMESPACE, Signature};
use probity_core::statement::Statement;

use super::desk::Desk;
use super::said::Named;
use super::words;
use crate::casework::{CaseworkError, ToSign};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::say;

/// The longest statement that is read back: one entry holds it.
const LONGEST: u64 = probity_core::ledger::MAX_ENTRY as u64;

/// How it is signed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
pub struct Signing {
    /// Sign now with this SSH key (`ssh-keygen -Y sign -n probity`): a private key, or the .pub of one that your
    /// ssh-agent or a security key holds.
    /// What was signed elsewhere needs none.
    // No conflict with --statement: whoever has PROBITY_KEY set could else give no signature back.
    #[arg(long, value_name = "FILE", env = "PROBITY_KEY")]
    key: Option<PathBuf>,
    /// Write what is to be signed to this file, to sign it elsewhere: `ssh-keygen -Y sign -n probity -f KEY FILE`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["statement", "signature"])]
    statement_to: Option<PathBuf>,
    /// The file that --statement-to wrote, now that it is signed.
    #[arg(long, value_name = "FILE", requires = "signature")]
    statement: Option<PathBuf>,
    /// Its signature: what ssh-keygen wrote beside it.
    #[arg(long, value_name = "FILE.sig", requires = "statement")]
    signature: Option<PathBuf>,
    /// Do not ask before signing.
    #[arg(long)]
    yes: bool,
}

impl Desk {
    /// Shows a statement that decides something about a packet, and has it signed and recorded.
    pub async fn decide(
        &self,
        named: &Named,
        signing: &Signing,
        make: impl FnOnce(&Packet, &Report) -> Result<Decision, CaseworkError>,
    ) -> anyhow::Result<Exit> {
        let caller = self.caller().await?;
        let permit = caller.authorize()?;
        let id = self.find(named).await?;
        let packet = self.packet(&id).await?;
        let to_sign = self.casework.packet_statement(&permit, &id, |report| make(&packet, report)).await?;
        let decided = if let (Some(statement), Some(signature)) = (&signing.statement, &signing.signature) {
            signed_elsewhere(statement, signature, &to_sign.statement.decides)?
        } else {
            say(&words::of(&to_sign, &packet, &self.titles(&to_sign.statement).await?));
            if let Some(file) = &signing.statement_to {
                return self.written(&to_sign, file);
            }
            let Some(key) = &signing.key else {
                bail!(
                    "nothing was signed: say with which key (--key FILE), or take the statement elsewhere (--statement-to FILE)"
                )
            };
            if !signing.yes && !agrees()? {
                bail!("nothing was signed");
            }
            let signature = sign(key, to_sign.text.as_bytes()).await?;
            Decided { statement: to_sign.statement, signature }
        };
        let command: Command = Event::Decided(decided);
        let appended = self.casework.packet_append(&permit, &id, None, command).await?;
        self.made(appended)
    }

    /// What the evidence a statement shows is called.
    async fn titles(&self, statement: &Statement) -> anyhow::Result<BTreeMap<EvidenceId, String>> {
        let mut titles = BTreeMap::new();
        for shown in &statement.evidence {
            // What is not there any more was shown all the same, and is listed by its id.
            if let Ok(evidence) = self.casework.evidence_get(&local()?, &shown.evidence, None).await {
                titles.insert(shown.evidence.clone(), evidence.title);
            }
        }
        Ok(titles)
    }

    fn written(&self, to_sign: &ToSign, file: &Path) -> anyhow::Result<Exit> {
        write(file, to_sign.text.as_bytes())?;
        say(&format!(
            "written to {file}; nothing is decided yet. Within an hour, sign it and give both back:\n  \
             ssh-keygen -Y sign -n {NAMESPACE} -f KEY {file}\n  \
             the same command with --statement {file} --signature {file}.sig",
            file = file.display()
        ));
        self.output.write(to_sign, |to_sign| to_sign.digest.to_string())?;
        Ok(Exit::Done)
    }
}

/// Asks on the terminal, where there is somebody to ask. Without one, the key on the command line is the answer.
fn agrees() -> anyhow::Result<bool> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(true);
    }
    let mut stderr = std::io::stderr().lock();
    write!(stderr, "\nSign this? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What was signed on another machine, if it decides what is asked for here.
fn signed_elsewhere(statement: &Path, signature: &Path, asked: &Decision) -> anyhow::Result<Decided> {
    let bytes = read(statement, LONGEST)?;
    let shown: Statement = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a statement that --statement-to wrote", statement.display()))?;
    ensure!(
        shown.bytes()? == bytes,
        "{} was changed since --statement-to wrote it (an editor's last newline is enough); write and sign it anew",
        statement.display()
    );
    ensure!(
        same(&shown.decides, asked),
        "{} decides {}, and this command asks for {} with other words; repeat the command that wrote it",
        statement.display(),
        shown.decides.word(),
        asked.word()
    );
    let armored = String::from_utf8(read(signature, MAX_ARMORED as u64)?)
        .with_context(|| format!("{} is not the text of an SSH signature", signature.display()))?;
    Ok(Decided { statement: shown, signature: Signature::Ssh { armored } })
}

/// Whether two decisions are one. A handoff names the report of its own instant, which no later command can repeat.
fn same(shown: &Decision, asked: &Decision) -> bool {
    match (shown, asked) {
        (
            Decision::PacketHandedOff { condition: shown, .. },
            Decision::PacketHandedOff { condition: asked, .. },
        ) => shown == asked,
        _ => shown == asked,
    }
}

fn read(file: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let size = std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len();
    ensure!(size <= most, "{} has {size} bytes; at most {most} are read", file.display());
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Writes a file that only its owner reads. One that exists is not replaced: it may be waiting for its signature.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    let mut opened = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot write {}", file.display()))?;
    opened.write_all(bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Has `ssh-keygen` sign. The statement goes through a file that nobody else reads, never through arguments.
async fn sign(key: &Path, statement: &[u8]) -> anyhow::Result<Signature> {
    let folder = tempfile::Builder::new().prefix("probity-sign-").tempdir()?;
    let file = folder.path().join("statement");
    write(&file, statement)?;
    // Its prompts (a passphrase, a touch) go to the terminal; stdout is for results.
    let status = tokio::process::Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .arg(&file)
        .stdout(Stdio::null())
        .status()
        .await
        .context("cannot run ssh-keygen; sign on another machine with --statement-to FILE")?;
    ensure!(
        status.success(),
        "ssh-keygen did not sign with {} ({status}); nothing was decided",
        key.display()
    );
    let armored = String::from_utf8(read(&folder.path().join("statement.sig"), MAX_ARMORED as u64)?)?;
    Ok(Signature::Ssh { armored })
}
