//! How a command can end. The numbers are documented in `probity --help` and do not change.

use std::process::ExitCode;

use crate::authz::Denied;
use crate::casework::CaseworkError;
use crate::collect::CollectError;
use crate::config::Invalid;

/// A command's outcome for whoever called it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    /// A run ended incomplete or failed, a check did not pass, or a packet is not ready.
    NotComplete,
    /// The configuration is not valid; nothing was started.
    Configuration,
    /// A replay differs, a bundle or a ledger is not what it says, or kept bytes are not what they were.
    Integrity,
    /// A rule says no: what was asked for may not happen, or not by this caller. Nothing was written.
    Refused,
}

impl Exit {
    /// The outcome that an error stands for.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let invalid = error.downcast_ref::<Invalid>().is_some()
            || matches!(error.downcast_ref::<CollectError>(), Some(CollectError::Invalid(_)));
        let refused = error.downcast_ref::<Denied>().is_some()
            || matches!(
                error.downcast_ref::<CaseworkError>(),
                Some(
                    CaseworkError::Refused(_)
                        | CaseworkError::Moved { .. }
                        | CaseworkError::QueueMoved { state: Some(_), .. }
                )
            );
        match (invalid, refused) {
            (true, _) => Self::Configuration,
            (_, true) => Self::Refused,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::NotComplete => 3,
            Exit::Configuration => 4,
            Exit::Integrity => 5,
            Exit::Refused => 6,
        })
    }
}
