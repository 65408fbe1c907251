//! The files of a bundle: their names and the shapes that are a bundle's own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::book::PageName;
use crate::canonical::Digest;
use crate::event::words;
use crate::evidence::Locator;
use crate::id::{EvidenceId, PacketId, RunId};
use crate::instant::Instant;
use crate::ledger::Head;

/// The version of the form.
pub const VERSION: u32 = 1;

words! {
    /// How much a bundle carries.
    Scope {
        /// All that it takes to run the connectors again.
        Full = "full",
        /// Cited slices, with digests for the rest.
        Minimal = "minimal",
    }
}

/// `bundle.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    pub v: u32,
    pub packet: PacketId,
    /// The instant of the report.
    pub instant: Instant,
    /// The ledger's last entry.
    pub head: Head,
    pub scope: Scope,
    /// Every other file, in order of name.
    pub files: Vec<ListedFile>,
}

/// A file as `bundle.json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ListedFile {
    pub name: String,
    #[serde(with = "crate::canonical::u64_string")]
    pub size: u64,
    pub digest: Digest,
}

/// What a minimal bundle has of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stub {
    /// Digest and size of all of it.
    pub digest: Digest,
    #[serde(with = "crate::canonical::u64_string")]
    pub size: u64,
    pub media_type: Option<String>,
    /// The places of it that are cited, each once.
    pub excerpts: Vec<Excerpt>,
}

/// A cited place of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Excerpt {
    pub locator: Locator,
    /// Digest of the bytes.
    pub digest: Digest,
    /// The bytes, in Base64.
    pub bytes: String,
}

/// A file's name, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Manifest,
    Ledger,
    Registry,
    Streams,
    Listed,
    Report,
    Checkpoint,
    CheckpointKey,
    Policy(Digest),
    Subjects(Digest),
    Run(RunId),
    Page(PageName),
    Journal(PageName),
    Evidence(EvidenceId),
    Revision(EvidenceId, u32),
    Capture(Digest),
    Stub(Digest),
    Component(Digest),
}

impl Name {
    /// The name of one of a bundle's files; none where no bundle has such a file.
    pub(super) fn read(text: &str) -> Option<Self> {
        let read = Self::guess(text)?;
        // A name has one spelling.
        (read.to_string() == text).then_some(read)
    }

    fn guess(text: &str) -> Option<Self> {
        let hex = |text: &str| format!("sha256:{text}").parse::<Digest>().ok();
        let parts: Vec<&str> = text.split('/').collect();
        Some(match parts.as_slice() {
            ["bundle.json"] => Self::Manifest,
            ["ledger.jsonl"] => Self::Ledger,
            ["registry.jsonl"] => Self::Registry,
            ["streams.json"] => Self::Streams,
            ["listed.json"] => Self::Listed,
            ["report.json"] => Self::Report,
            ["checkpoint.txt"] => Self::Checkpoint,
            ["checkpoint.vkey"] => Self::CheckpointKey,
            ["policies", name] => Self::Policy(hex(name.strip_suffix(".toml")?)?),
            ["subjects", name] => Self::Subjects(hex(name.strip_suffix(".toml")?)?),
            ["runs", name] => Self::Run(name.strip_suffix(".json")?.parse().ok()?),
            ["pages", run, stream, name] => {
                let (number, is_journal) = match name.strip_suffix(".journal.json") {
                    Some(number) => (number, true),
                    None => (name.strip_suffix(".json")?, false),
                };
                let number = number.parse().ok()?;
                let page = PageName { run: run.parse().ok()?, stream: stream.parse().ok()?, number };
                if is_journal { Self::Journal(page) } else { Self::Page(page) }
            }
            ["evidence", name] => Self::Evidence(name.strip_suffix(".json")?.parse().ok()?),
            ["revisions", id, name] => {
                Self::Revision(id.parse().ok()?, name.strip_suffix(".json")?.parse().ok()?)
            }
            ["captures", name] => match name.strip_suffix(".stub.json") {
                Some(name) => Self::Stub(hex(name)?),
                None => Self::Capture(hex(name)?),
            },
            ["components", name] => Self::Component(hex(name.strip_suffix(".wasm")?)?),
            _ => return None,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => f.write_str("bundle.json"),
            Self::Ledger => f.write_str("ledger.jsonl"),
            Self::Registry => f.write_str("registry.jsonl"),
            Self::Streams => f.write_str("streams.json"),
            Self::Listed => f.write_str("listed.json"),
            Self::Report => f.write_str("report.json"),
            Self::Checkpoint => f.write_str("checkpoint.txt"),
            Self::CheckpointKey => f.write_str("checkpoint.vkey"),
            Self::Policy(digest) => write!(f, "policies/{}.toml", digest.hex()),
            Self::Subjects(digest) => write!(f, "subjects/{}.toml", digest.hex()),
            Self::Run(run) => write!(f, "runs/{run}.json"),
            Self::Page(page) => write!(f, "pages/{}/{}/{}.json", page.run, page.stream, page.number),
            Self::Journal(page) => {
                write!(f, "pages/{}/{}/{}.journal.json", page.run, page.stream, page.number)
            }
            Self::Evidence(id) => write!(f, "evidence/{id}.json"),
            Self::Revision(id, number) => write!(f, "revisions/{id}/{number}.json"),
            Self::Capture(digest) => write!(f, "captures/{}", digest.hex()),
            Self::Stub(digest) => write!(f, "captures/{}.stub.json", digest.hex()),
            Self::Component(digest) => write!(f, "components/{}.wasm", digest.hex()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_file_has_one_name() {
        let id = "0197a3c0-0000-7000-8000-000000000001";
        let hex = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        for name in [
            "bundle.json".to_owned(),
            "ledger.jsonl".to_owned(),
            format!("policies/{hex}.toml"),
            format!("runs/{id}.json"),
            format!("pages/{id}/findings/12.json"),
            format!("pages/{id}/findings/12.journal.json"),
            format!("revisions/{id}/1.json"),
            format!("captures/{hex}"),
            format!("captures/{hex}.stub.json"),
            format!("components/{hex}.wasm"),
        ] {
            assert_eq!(Name::read(&name).map(|read| read.to_string()), Some(name));
        }
        for bad in [
            "".to_owned(),
            "../bundle.json".to_owned(),
            "/bundle.json".to_owned(),
            format!("captures/{}", hex.to_uppercase()),
            format!("revisions/{id}/01.json"),
            format!("revisions/{id}/+1.json"),
            format!("pages/{id}/../1.json"),
            format!("runs/{id}"),
            "README".to_owned(),
        ] {
            assert_eq!(Name::read(&bad), None, "{bad}");
        }
    }
}
