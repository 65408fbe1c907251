//! How large a page may be.

/// The sizes a page is held to. They are part of what a page means: replay admits it again and must cut the
/// same texts at the same places, so the defaults do not change within a version of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items a page. A transaction of this size still commits well under a second.
    pub items: usize,
    /// Bytes of all items' canonical forms: ten times what a full page of real findings takes.
    pub page_bytes: usize,
    /// Bytes of an id: a path or a URL fits.
    pub id_bytes: usize,
    /// Characters of a title; a longer one is cut.
    pub title_chars: usize,
    /// Characters of a summary; a longer one is cut.
    pub summary_chars: usize,
    /// Bytes of any other text; a longer one is cut. Scanner output pasted into a field is longer; the capture
    /// keeps all of it.
    pub text_bytes: usize,
    /// Bytes of a cursor or a bookmark.
    pub cursor_bytes: usize,
    /// Subjects an item.
    pub subjects: usize,
    /// Labels an item.
    pub labels: usize,
    /// Citations an item.
    pub citations: usize,
    /// Elements of all lists in an item's body.
    pub elements: usize,
    /// Gaps a connector may tell with one page.
    pub gaps: usize,
    /// Bytes of a gap's message; a longer one is cut.
    pub message_bytes: usize,
}

impl Limits {
    /// The limits of the contract's version 0.1.
    pub const V0_1: Self = Self {
        items: 5_000,
        page_bytes: 8 << 20,
        id_bytes: 512,
        title_chars: 500,
        summary_chars: 4_000,
        text_bytes: 64 << 10,
        cursor_bytes: 64 << 10,
        subjects: 64,
        labels: 64,
        citations: 64,
        elements: 10_000,
        gaps: 1_000,
        message_bytes: 4 << 10,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::V0_1
    }
}
