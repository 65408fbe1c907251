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

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use probity_core::decide::Refusal;

    use super::Exit;
    use crate::authz::{Caller, DecideQueue};
    use crate::casework::CaseworkError;
    use crate::store::handoff::QueueState;

    fn exit(error: impl Into<anyhow::Error>) -> Exit {
        // Whatever is said around it.
        Exit::of(&Err::<(), _>(error.into()).context("cannot do it").unwrap_err())
    }

    #[test]
    fn who_may_not_and_who_was_not_first_are_refused_and_all_else_failed() {
        let packet: probity_core::id::PacketId = "019aab3c-6a10-7bb0-8000-1f4be5d0c004".parse().unwrap();
        let refusal = Refusal {
            code: "phase.frozen".to_owned(),
            attempted: "remark-made".to_owned(),
            rule: "a frozen packet waits".to_owned(),
            fix: "resume it".to_owned(),
            who: None,
        };
        let queue = |state| CaseworkError::QueueMoved { submission: format!("{packet}:7"), state };
        assert_eq!(exit(Caller::local().authorize::<DecideQueue>().unwrap_err()), Exit::Refused);
        assert_eq!(exit(CaseworkError::Refused(refusal)), Exit::Refused);
        assert_eq!(exit(CaseworkError::Moved { packet: packet.clone(), head: None }), Exit::Refused);
        assert_eq!(exit(queue(Some(QueueState::Accepted))), Exit::Refused);
        assert_eq!(exit(queue(None)), Exit::Failed, "there is none of that name");
        assert_eq!(exit(CaseworkError::UnknownPacket(packet)), Exit::Failed);
        assert_eq!(exit(anyhow::anyhow!("no such file")), Exit::Failed);
    }
}
