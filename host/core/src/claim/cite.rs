//! Citing: somebody points at a place, and Probity quotes what stands there.
//!
//! Deliberately absent: a way to bring the quoted value along. Nobody types evidence.

use serde_json::Value;

use super::{Citation, Cite, quote_digest};
use crate::book::{Book, Record, Revision};
use crate::canonical::{self, NotCanonical};
use crate::id::EvidenceId;
use crate::pointer;
use crate::text::{excerpt, thousands};

/// The most bytes a quoted value has in canonical form. A citation points at what matters, not at a whole document.
pub const MAX_QUOTE: usize = 8 * 1024;

/// Why nothing can be cited there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCited {
    #[error("there is no evidence {0}; name evidence by its id as the evidence list shows it")]
    UnknownEvidence(EvidenceId),
    #[error(
        "evidence {evidence} has no revision {revision}; its newest is {newest}: cite that, or leave the revision out"
    )]
    UnknownRevision { evidence: EvidenceId, revision: u32, newest: u32 },
    #[error("`{pointer}` names nothing in revision {revision} of evidence {evidence}: {problem}")]
    NoSuchPlace { evidence: EvidenceId, revision: u32, pointer: String, problem: String },
    #[error(
        "the value at `{pointer}` has {} bytes, and a quotation has at most {}: point at the part of it that matters",
        thousands(*.size), thousands(MAX_QUOTE)
    )]
    TooLarge { pointer: String, size: usize },
    #[error("the value at `{pointer}` has no canonical form: {problem}")]
    NotCanonical { pointer: String, problem: NotCanonical },
}

impl NotCited {
    /// The refusal's stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEvidence(_) => "cite.unknown-evidence",
            Self::UnknownRevision { .. } => "cite.unknown-revision",
            Self::NoSuchPlace { .. } => "cite.no-such-place",
            Self::TooLarge { .. } => "cite.too-large",
            Self::NotCanonical { .. } => "cite.not-canonical",
        }
    }
}

impl Citation {
    /// What somebody points at, quoted from the book.
    pub fn of(cite: &Cite, book: &Book) -> Result<Self, NotCited> {
        let unknown = || NotCited::UnknownEvidence(cite.evidence.clone());
        let record = book.get(&cite.evidence).ok_or_else(unknown)?;
        let newest = record.newest().ok_or_else(unknown)?;
        let revision = match cite.revision {
            None => newest,
            Some(number) => record.revision(number).ok_or_else(|| NotCited::UnknownRevision {
                evidence: cite.evidence.clone(),
                revision: number,
                newest: newest.number,
            })?,
        };
        quote(record, revision, &cite.pointer)
    }

    /// The same place in the newest revision.
    pub fn reaffirmed(&self, book: &Book) -> Result<Self, NotCited> {
        let newest = Cite { evidence: self.evidence.clone(), revision: None, pointer: self.pointer.clone() };
        Self::of(&newest, book)
    }
}

fn quote(record: &Record, revision: &Revision, pointer: &str) -> Result<Citation, NotCited> {
    let shown = || excerpt(pointer, 200);
    let nothing = |problem: String| NotCited::NoSuchPlace {
        evidence: record.id.clone(),
        revision: revision.number,
        pointer: shown(),
        problem,
    };
    let not_canonical = |problem| NotCited::NotCanonical { pointer: shown(), problem };
    pointer::steps(pointer).map_err(|bad| nothing(bad.to_string()))?;
    let item = serde_json::to_value(&revision.item)
        .map_err(|error| not_canonical(NotCanonical::Json(error.to_string())))?;
    let quoted: &Value = item.pointer(pointer).ok_or_else(|| {
        nothing("its JSON form shows what there is, for example /title or /body".to_owned())
    })?;
    let canonical = canonical::bytes(quoted).map_err(not_canonical)?;
    if canonical.len() > MAX_QUOTE {
        return Err(NotCited::TooLarge { pointer: shown(), size: canonical.len() });
    }
    // As the ledger will give it back: 100.0 is written as 100, and a citation is the same before and after.
    let quoted: Value = serde_json::from_slice(&canonical)
        .map_err(|error| not_canonical(NotCanonical::Json(error.to_string())))?;
    Ok(Citation {
        evidence: record.id.clone(),
        revision: revision.number,
        content: revision.content,
        pointer: pointer.to_owned(),
        digest: quote_digest(&quoted).map_err(not_canonical)?,
        quoted,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Citation, Cite, MAX_QUOTE};
    use crate::book::sample;
    use crate::claim::quote_digest;

    fn cite(evidence: u32, revision: Option<u32>, pointer: &str) -> Cite {
        Cite { evidence: sample::id(evidence), revision, pointer: pointer.to_owned() }
    }

    #[test]
    fn what_stands_there_is_quoted_and_not_what_somebody_says() {
        let mut book = sample::book();
        let cited = Citation::of(&cite(1, None, "/body/last-rotated"), &book).unwrap();
        assert_eq!(cited.quoted, json!("2026-11-01T12:00:00Z"));
        assert_eq!((cited.revision, cited.digest), (1, quote_digest(&cited.quoted).unwrap()));
        assert_eq!(cited.content, book.records[&sample::id(1)].newest().unwrap().content);

        sample::revise(&mut book, 1, |item| item["body"]["last-rotated"] = json!("2026-11-20T12:00:00Z"));
        let newest = cited.reaffirmed(&book).unwrap();
        assert_eq!((newest.revision, newest.quoted), (2, json!("2026-11-20T12:00:00Z")));
        assert_eq!(Citation::of(&cite(1, Some(1), "/body/last-rotated"), &book), Ok(cited));
    }

    #[test]
    fn a_citation_comes_back_from_the_ledger_as_it_went_in() {
        let mut book = sample::book();
        sample::revise(&mut book, 1, |item| {
            item["body"] = json!({
                "kind": "monitoring", "target": "", "monitor": "", "state": "healthy", "coverage": 100.0,
                "window-seconds": null, "condition": null, "last-evaluated": null,
            });
        });
        let cited = Citation::of(&cite(1, None, "/body/coverage"), &book).unwrap();
        let kept = crate::canonical::bytes(&cited).unwrap();
        assert_eq!(serde_json::from_slice::<Citation>(&kept).unwrap(), cited);
        assert_eq!(cited.quoted, json!(100));
    }

    #[test]
    fn a_null_can_be_quoted_for_it_says_something() {
        let quoted = Citation::of(&cite(1, None, "/expires"), &sample::book()).unwrap().quoted;
        assert_eq!(quoted, json!(null));
    }

    #[test]
    fn what_is_not_there_or_too_large_is_not_cited() {
        let mut book = sample::book();
        sample::revise(&mut book, 1, |item| item["summary"] = json!("x".repeat(MAX_QUOTE - 2)));
        let code = |cite| Citation::of(&cite, &book).map_err(|refused| refused.code());
        for (cite, refused) in [
            (cite(99, None, "/title"), "cite.unknown-evidence"),
            (cite(1, Some(3), "/title"), "cite.unknown-revision"),
            (cite(1, None, "/body/nothing"), "cite.no-such-place"),
            (cite(1, None, "title"), "cite.no-such-place"),
            (cite(1, None, ""), "cite.too-large"),
        ] {
            assert_eq!(code(cite.clone()), Err(refused), "{cite:?}");
        }
        assert!(code(cite(1, None, "/summary")).is_ok(), "exactly as many bytes as may be");
        sample::revise(&mut book, 1, |item| item["summary"] = json!("x".repeat(MAX_QUOTE - 1)));
        let refused = Citation::of(&cite(1, None, "/summary"), &book).unwrap_err();
        assert!(refused.to_string().contains("8,193 bytes"), "{refused}");
    }
}
