//! `probity verify`: a bundle checked from its bytes alone, without a server, a network or a configuration.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use probity_core::bundle::{Check, Keys, Outcome, Reader, Verification, verify};
use probity_core::checkpoint::VerifierKey;
use probity_core::trust::Trust;

use super::Exit;
use super::output::{Output, is_rich, visible};
use crate::sandbox::{Limits, Sandbox};

const ABOUT: &str = "\
Whose keys are whose is for you to say: --trust names a file of ssh-keygen's ALLOWED SIGNERS form, one `NAME KEY` a line.
Without it the bundle's own list of keys is all there is, and the result says \"self-asserted keys\".
What could not be derived again is always listed. Ends with 5 when a check fails.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct VerifyArguments {
    /// The bundle, as `probity packet bundle` wrote it.
    file: PathBuf,
    /// Whose keys are whose, as you know it: a file of allowed signers.
    #[arg(long, value_name = "ALLOWED_SIGNERS")]
    trust: Option<PathBuf>,
    /// Run the connectors in the bundle again, in the sandbox, over what they were answered.
    #[arg(long)]
    replay: bool,
    /// A ledger checkpoint that you kept: the ledger in the bundle must go on from it.
    #[arg(long, value_name = "FILE", requires = "checkpoint_key")]
    checkpoint: Option<PathBuf>,
    /// The key checkpoints of that host are signed with: NAME+HASH+BASE64.
    #[arg(long, value_name = "KEY")]
    checkpoint_key: Option<VerifierKey>,
}

pub async fn run(arguments: &VerifyArguments, output: &Output) -> anyhow::Result<Exit> {
    let trust = match &arguments.trust {
        Some(file) => Some(
            Trust::parse(&text(file)?)
                .with_context(|| format!("{} is no file of allowed signers", file.display()))?,
        ),
        None => None,
    };
    let checkpoint = arguments.checkpoint.as_deref().map(text).transpose()?;
    let reader = Reader {
        trust: trust.as_ref(),
        checkpoint_key: arguments.checkpoint_key.as_ref(),
        checkpoint: checkpoint.as_deref(),
    };
    let files = crate::archive::unpack(&bytes(&arguments.file)?)
        .with_context(|| format!("{} is no bundle", arguments.file.display()))?;
    let mut verification = verify(&files, reader);
    // What does not hold together is not run.
    if arguments.replay && verification.holds() {
        let sandbox = Sandbox::new(Limits::default(), None)?;
        verification.replayed(crate::collect::replay_bundle(&files, &sandbox).await);
    }
    output.write(&verification, for_people)?;
    Ok(if verification.holds() { Exit::Done } else { Exit::Integrity })
}

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    let attempt = || format!("cannot read {}", file.display());
    let size = std::fs::metadata(file).with_context(attempt)?.len();
    let most = crate::archive::LONGEST as u64;
    ensure!(size <= most, "{} has {size} bytes; no bundle has more than {most}", file.display());
    std::fs::read(file).with_context(attempt)
}

fn for_people(verification: &Verification) -> String {
    let mut text = match (verification.holds(), &verification.packet) {
        (true, Some(packet)) => format!("packet {packet}: the bundle holds"),
        (true, None) => "the bundle holds".to_owned(),
        (false, Some(packet)) => format!("packet {packet}: THE BUNDLE DOES NOT HOLD"),
        (false, None) => "THE BUNDLE DOES NOT HOLD".to_owned(),
    };
    if let Some(at) = verification.instant {
        text.push_str(&format!("\nas of {at}"));
    }
    let verdict = verification.verdict.map_or("not derived", |verdict| verdict.as_str());
    text.push_str(&format!("\nverdict, derived here: {verdict}\nkeys: {}", keys(verification.keys)));
    let derived = verification.checks.iter().filter(|check| check.outcome != Outcome::NotReDerived);
    text.push('\n');
    derived.for_each(|check| text.push_str(&checked(check)));
    text.push_str("\n\nnot re-derived");
    let mut not = verification.not_re_derived().peekable();
    if not.peek().is_none() {
        text.push_str("\n  nothing: all of it was");
    }
    not.for_each(|check| text.push_str(&checked(check)));
    text
}

const fn keys(keys: Keys) -> &'static str {
    match keys {
        Keys::Vouched => "vouched for by your trust file",
        Keys::SelfAsserted => {
            "self-asserted keys: only the bundle says whose they are; name those you know with --trust"
        }
        Keys::None => "nothing in it was signed",
    }
}

fn checked(check: &Check) -> String {
    let mark = match (check.outcome, is_rich()) {
        (Outcome::Verified, false) => "ok",
        (Outcome::Verified, true) => "\u{1b}[32m✓\u{1b}[0m",
        (Outcome::Failed, false) => "NO",
        (Outcome::Failed, true) => "\u{1b}[31m✗\u{1b}[0m",
        (Outcome::NotReDerived, false) => "--",
        (Outcome::NotReDerived, true) => "–",
    };
    let place = check.place.as_deref().map_or_else(String::new, |place| format!("{}: ", visible(place)));
    format!("\n  {mark} {:<12} {place}{}", check.part.as_str(), visible(&check.found))
}
