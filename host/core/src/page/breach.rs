//! Breaches of the contract: what refuses a whole page.

use crate::evidence::Kind;
use crate::locate::NotLocated;
use crate::text::thousands;

/// A connector broke the contract; nothing of the page is believed.
///
/// Item ids in messages come from outside and are shown with [`crate::text::excerpt`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    #[error("the page has {count} {what}; the most is {most}: return smaller pages", count = thousands(*.count), most = thousands(*.most))]
    TooMany { what: &'static str, count: usize, most: usize },
    #[error("{item} has {count} {what}; the most is {most}", count = thousands(*.count), most = thousands(*.most))]
    ItemTooMany { item: String, what: &'static str, count: usize, most: usize },
    #[error("{what} is {bytes} bytes long; the most is {most}", bytes = thousands(*.bytes), most = thousands(*.most))]
    TooLong { what: String, bytes: usize, most: usize },
    #[error("the page's items are more than {most} bytes of JSON: return smaller pages", most = thousands(*.most))]
    PageTooLarge { most: usize },
    #[error(
        "{item} is of a kind the stream `{stream}` does not declare; it declares {declared}: add the kind to \
         the manifest",
        declared = .declared.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
    )]
    UndeclaredKind { item: String, stream: String, declared: Vec<Kind> },
    #[error(
        "{item} has an id that is empty or has control characters; give each item the id its source gives it"
    )]
    BadId { item: String },
    #[error("{item} is in the page twice; an id is unique within a stream and kind")]
    DuplicateId { item: String },
    #[error("{item} cites nothing; every item cites the bytes it was read from")]
    Uncited { item: String },
    #[error(
        "{item} cites capture {capture}, but this page has {captures}; cite by the index that the door \
         returned during this page"
    )]
    UnknownCapture { item: String, capture: u32, captures: usize },
    #[error("{item} cites a place that is not in capture {capture}")]
    Unresolved {
        item: String,
        capture: u32,
        #[source]
        problem: NotLocated,
    },
    #[error(
        "the cursor did not move: the page asks to go on from where it was called; return `done` at the end"
    )]
    CursorLoop,
}

impl Breach {
    /// The breach's stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. }
            | Self::ItemTooMany { .. }
            | Self::TooLong { .. }
            | Self::PageTooLarge { .. } => "guest.contract.size",
            Self::UndeclaredKind { .. } => "guest.contract.kind",
            Self::BadId { .. } => "guest.contract.id",
            Self::DuplicateId { .. } => "guest.contract.duplicate-id",
            Self::Uncited { .. } => "guest.evidence.uncited",
            Self::UnknownCapture { .. } => "guest.evidence.capture",
            Self::Unresolved { problem: NotLocated::Ambiguous { .. }, .. } => "guest.evidence.ambiguous",
            Self::Unresolved { .. } => "guest.evidence.unresolved",
            Self::CursorLoop => "guest.cursor-loop",
        }
    }
}
