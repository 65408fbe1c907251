//! Packages on their way to the board's intake.

use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::intake::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DigestText, FilingStateText, InstantText, PacketIdText};
use crate::casework::CaseworkError;
use crate::store::StoreError;
use crate::store::handoff::{Filing, FilingState};

/// A package on its way to the board's intake, or there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Filing)]
pub struct FilingView {
    /// Packet id, a colon, and the number of the entry that handed it off.
    #[schema(example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")]
    pub submission: String,
    #[schema(value_type = PacketIdText)]
    pub packet: PacketId,
    /// The entry that handed it off.
    pub seq: u32,
    /// The intake it goes to, as the configuration calls it.
    #[schema(example = "queue")]
    pub intake: String,
    /// Digest of the package.
    #[schema(value_type = DigestText)]
    pub package: Digest,
    #[schema(value_type = FilingStateText)]
    pub state: FilingState,
    /// How often the intake was asked since it was begun, or taken up again.
    pub attempts: u32,
    /// When the host looks at it next; null when it will not by itself.
    #[schema(value_type = Option<InstantText>)]
    pub next_attempt: Option<Instant>,
    /// What stood in the way at the last attempt.
    pub problem: Option<String>,
    /// What the intake calls it.
    pub reference: Option<String>,
    /// Where people find it.
    pub url: Option<String>,
    #[schema(value_type = InstantText)]
    pub recorded: Instant,
}

impl FilingView {
    /// Whether nothing goes on until somebody takes it up again.
    pub fn has_stopped(&self) -> bool {
        self.state.has_stopped()
    }
}

impl TryFrom<Filing> for FilingView {
    type Error = CaseworkError;

    fn try_from(filing: Filing) -> Result<Self, CaseworkError> {
        let receipt = filing.receipt.as_deref().map(serde_json::from_str::<Receipt>).transpose();
        let receipt = receipt.map_err(|error| {
            CaseworkError::Store(StoreError::Corrupt {
                table: "filing",
                column: "receipt",
                row: filing.submission.clone(),
                problem: error.to_string(),
            })
        })?;
        let (reference, url) = receipt.map_or((None, None), |receipt| (Some(receipt.reference), receipt.url));
        Ok(Self {
            submission: filing.submission,
            packet: filing.packet,
            seq: filing.seq,
            intake: filing.intake,
            package: filing.package,
            state: filing.state,
            attempts: filing.attempts,
            next_attempt: filing.next_attempt,
            problem: filing.problem,
            reference,
            url,
            recorded: filing.recorded,
        })
    }
}
