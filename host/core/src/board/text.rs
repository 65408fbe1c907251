//! The policy's text.
use super::Board;
/// Why a text is no board policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the board policy is not what it should be")]
pub struct BadBoard {
    /// One line each.
    pub faults: Vec<String>,
}
impl Board {
    /// The policy of a text.
    pub fn parse(_text: &str) -> Result<Self, BadBoard> {
        Err(BadBoard { faults: vec![] })
    }
}
