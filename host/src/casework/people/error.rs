//! Why something does not go with who is known and who holds which key.

use probity_core::id::BadName;
use probity_core::registry::{KeyRefusal, NotAHolder};
use probity_core::signature::BadKey;

use crate::authz::{BadPrincipal, Unidentified};
use crate::store::StoreError;

/// Why nobody is taken to call.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    #[error(transparent)]
    Unidentified(#[from] Unidentified),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A principal or a key is not added, changed or ended; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    #[error(transparent)]
    Principal(#[from] BadPrincipal),
    #[error("cannot add the principal: {0}")]
    Taken(String),
    #[error("cannot add principal `{0}`: the configuration has one of that name")]
    Configured(String),
    #[error("principal `{0}` is configured, and only the configuration ends it")]
    InFile(String),
    #[error("nobody is known as `{0}`")]
    Unknown(String),
    #[error(transparent)]
    Name(#[from] BadName),
    #[error(transparent)]
    Key(#[from] BadKey),
    #[error("the key cannot be enrolled: {0}")]
    Holder(#[from] NotAHolder),
    #[error(transparent)]
    Registry(#[from] KeyRefusal),
    #[error("the key registry kept changing while it was written to")]
    Crowded,
}

impl PeopleError {
    /// What to do instead.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Principal(_) => "change what it names",
            Self::Taken(_) | Self::Configured(_) => "choose another id",
            Self::InFile(_) => "take its [[principal]] out of the file and start the host again",
            Self::Unknown(_) => "see `probity principal list` for who is",
            Self::Name(_) => "see `probity principal list` for names",
            Self::Key(_) => "send the one line of a .pub file that ssh-keygen wrote",
            Self::Holder(NotAHolder::Unknown(_)) => "add them first: `probity principal add`",
            Self::Holder(NotAHolder::NotHuman(..)) => "enrol it for the person who holds it",
            Self::Registry(_) => "see `probity key list` for keys and their fingerprints",
            Self::Crowded => "try again",
        }
    }
}
