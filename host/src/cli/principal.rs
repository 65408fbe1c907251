//! `probity principal …`: who is known to the host.
//!
//! A token is written to a new file that only its owner can read, or shown once on stdout. It is never an argument, and nothing
//! shows it again.

use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use zeroize::Zeroizing;

use super::host::{Host, local};
use super::output::{Output, facts, say, table};
use super::{Exit, acting};
use crate::authz::{self, PrincipalKind, Role};
use crate::casework::Casework;
use crate::casework::view::{KeyView, PrincipalSource, PrincipalView};

#[derive(Debug, Subcommand)]
pub enum PrincipalCommand {
    /// Add somebody, and make the token they call with.
    Add(AddArguments),
    /// List everybody, revoked ones too.
    List,
    /// Revoke somebody: their token counts no more, at once and for ever, and their keys end. Nobody gets the name again.
    Revoke(RevokeArguments),
    /// Say whose token PROBITY_TOKEN_FILE or PROBITY_TOKEN holds.
    Whoami,
}

#[derive(Debug, Args)]
pub struct AddArguments {
    /// The name that stands in ledgers for ever: a-z, 0-9, `-`, `.`, `_` and `@`.
    id: String,
    #[arg(long, value_enum)]
    kind: Kind,
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Write the token to this new file, readable by its owner alone, instead of to stdout.
    #[arg(long, value_name = "FILE", conflicts_with = "no_token")]
    token_file: Option<PathBuf>,
    /// Make no token: for somebody who is named by others and never calls.
    #[arg(long)]
    no_token: bool,
}

#[derive(Debug, Args)]
pub struct RevokeArguments {
    id: String,
}

/// What sort of principal it is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Human,
    /// Software that proposes.
    Agent,
    /// Software that operates or watches.
    Service,
}

/// What it is there for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Runs the host.
    Operator,
    /// Prepares packets.
    Author,
    /// Challenges them.
    Reviewer,
    /// Decides readiness.
    ApprovalOwner,
    /// Sits on the review board.
    Board,
    /// Drafts, refreshes and summarizes.
    Agent,
    /// Watches that the host is well.
    Monitor,
}

/// What adding somebody came to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Added {
    principal: PrincipalView,
    /// Null when it was written to a file, or there is none.
    token: Option<Zeroized>,
    token_file: Option<String>,
}

/// What revoking somebody came to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Revoked {
    #[serde(flatten)]
    principal: PrincipalView,
    /// Keys that counted until now.
    keys_ended: Vec<KeyView>,
}

/// A text that is wiped from memory once it is written.
struct Zeroized(Zeroizing<String>);

impl Serialize for Zeroized {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

pub async fn run(file: &Path, command: PrincipalCommand, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    let casework = host.casework();
    match command {
        PrincipalCommand::Add(arguments) => add(&casework, &arguments, output).await?,
        PrincipalCommand::List => {
            output.write(&casework.principal_list(&local()?).await?, |all| rows(all))?;
        }
        PrincipalCommand::Revoke(RevokeArguments { id }) => {
            let (principal, keys_ended) = casework.principal_revoke(&local()?, &id).await?;
            output.write(&Revoked { principal, keys_ended }, |revoked| {
                let mut told = told(&revoked.principal);
                told.extend(revoked.keys_ended.iter().map(|key| ("key ended", key.fingerprint.clone())));
                facts(&told)
            })?;
        }
        PrincipalCommand::Whoami => {
            let caller = acting::caller(&host).await?;
            let facts = serde_json::json!({"id": caller.id(), "kind": caller.kind(), "role": caller.role()});
            output.write(&facts, |_| {
                format!(
                    "{}, {} with the role {}",
                    caller.id(),
                    caller.kind().as_str(),
                    caller.role().as_str()
                )
            })?;
        }
    }
    Ok(Exit::Done)
}

async fn add(casework: &Casework, arguments: &AddArguments, output: &Output) -> anyhow::Result<()> {
    let AddArguments { id, kind, role, token_file, no_token } = arguments;
    // Looked at first, so that no file is left behind for somebody who cannot be added.
    authz::check_principal(id, (*kind).into(), (*role).into())?;
    let mut file = token_file.as_deref().map(create).transpose()?;
    let added = casework.principal_add(&local()?, id, (*kind).into(), (*role).into(), !no_token).await;
    let (principal, token) = match (added, token_file) {
        (Ok(added), _) => added,
        (Err(error), Some(path)) => {
            // It is ours and empty: it was made a moment ago.
            let _ = std::fs::remove_file(path);
            return Err(error.into());
        }
        (Err(error), None) => return Err(error.into()),
    };
    let mut token = token.map(|token| token.hand_over());
    if let (Some(file), Some(path)) = (&mut file, token_file)
        && let Some(token) = token.take()
    {
        writeln!(file, "{}", token.as_str())
            .and_then(|()| file.sync_all())
            .with_context(|| lost(path, id))?;
    }
    if token.is_some() && std::io::stdout().is_terminal() {
        say(
            "the token is shown this once, and stays in the terminal's history; --token-file keeps it off the screen",
        );
    }
    let token_file = token_file.as_ref().map(|path| path.display().to_string());
    output.write(&Added { principal, token: token.map(Zeroized), token_file }, |added| {
        let mut told = told(&added.principal);
        if let Some(path) = &added.token_file {
            told.push(("token", format!("in {path}, readable by you alone")));
        }
        if let Some(token) = &added.token {
            told.push(("token", token.0.as_str().to_owned()));
        }
        facts(&told)
    })
}

/// A file that was not there before and that only its owner can read, from its first moment on.
fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(|| {
        format!("cannot make {} for the token; name a file that is not there yet", path.display())
    })
}

fn lost(path: &Path, id: &str) -> String {
    format!(
        "the token could not be written to {}, and nothing else has it; revoke `{id}` and add somebody under another name",
        path.display()
    )
}

fn rows(all: &[PrincipalView]) -> String {
    if all.is_empty() {
        return "nobody is known; whoever reaches this machine's loopback address is the operator".to_owned();
    }
    table(
        &["id", "kind", "role", "known from", "token", "added", "revoked"],
        all.iter().map(|one| {
            let instant = |at: Option<probity_core::instant::Instant>| {
                at.map_or_else(|| "-".to_owned(), |at| at.to_string())
            };
            vec![
                one.id.clone(),
                one.kind.as_str().to_owned(),
                one.role.as_str().to_owned(),
                source(one.source).to_owned(),
                if one.has_token { "yes" } else { "no" }.to_owned(),
                instant(one.added),
                instant(one.revoked),
            ]
        }),
    )
}

fn told(one: &PrincipalView) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("id", one.id.clone()),
        ("kind", one.kind.as_str().to_owned()),
        ("role", one.role.as_str().to_owned()),
    ];
    told.extend(one.revoked.map(|revoked| ("revoked", revoked.to_string())));
    told
}

const fn source(source: PrincipalSource) -> &'static str {
    match source {
        PrincipalSource::Configured => "configuration",
        PrincipalSource::Added => "store",
    }
}

impl From<Kind> for PrincipalKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Human => Self::Human,
            Kind::Agent => Self::Agent,
            Kind::Service => Self::Service,
        }
    }
}

impl From<RoleWord> for Role {
    fn from(role: RoleWord) -> Self {
        match role {
            RoleWord::Operator => Self::Operator,
            RoleWord::Author => Self::Author,
            RoleWord::Reviewer => Self::Reviewer,
            RoleWord::ApprovalOwner => Self::ApprovalOwner,
            RoleWord::Board => Self::Board,
            RoleWord::Agent => Self::Agent,
            RoleWord::Monitor => Self::Monitor,
        }
    }
}
