//! How a command can end. The numbers are documented in `probity --help` and do not change.

use std::process::ExitCode;

use crate::collect::CollectError;
use crate::config::Invalid;

/// A command's outcome for whoever called it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    /// A run ended incomplete or failed, or a check did not pass.
    NotComplete,
    /// The configuration is not valid; nothing was started.
    Configuration,
    /// A replay differs, or kept bytes are not what they were.
    Integrity,
}

impl Exit {
    /// The outcome that an error stands for.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let invalid = error.downcast_ref::<Invalid>().is_some()
            || matches!(error.downcast_ref::<CollectError>(), Some(CollectError::Invalid(_)));
        if invalid { Self::Configuration } else { Self::Failed }
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
        })
    }
}
