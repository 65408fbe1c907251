//! What a human is shown, and signs.

use probity_core::canonical::Digest;
use probity_core::decide::good_until_of;
use probity_core::event::Decision;
use probity_core::id::PacketId;
use probity_core::readiness::{Report, readiness};
use probity_core::statement::Statement;
use serde::Serialize;

use crate::authz::{Authorized, WritePackets};
use crate::casework::{Casework, CaseworkError};

/// A statement ready to be signed, with what it was made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ToSign {
    pub statement: Statement,
    /// The statement's canonical JSON: exactly these bytes are signed.
    pub text: String,
    /// Their SHA-256: the challenge a passkey answers.
    pub digest: Digest,
    /// Readiness at the statement's instant.
    pub report: Report,
}

impl Casework {
    /// The condition for handing over, if one is stated: what a handoff attests.
    pub async fn packet_condition(
        &self,
        _: &Authorized<WritePackets>,
        id: &PacketId,
    ) -> Result<Option<String>, CaseworkError> {
        Ok(self.load(id, None).await?.packet.condition.map(|condition| condition.text))
    }

    /// The statement with which the caller would decide this about the packet as it stands now. `decide` gets the report at
    /// that instant, so that a handoff can name it.
    pub async fn packet_statement(
        &self,
        permit: &Authorized<WritePackets>,
        id: &PacketId,
        decide: impl FnOnce(&Report) -> Result<Decision, CaseworkError>,
    ) -> Result<ToSign, CaseworkError> {
        let signer = permit.caller().actor()?.id;
        let loaded = self.load(id, None).await?;
        let at = self.store.now().await?.max(loaded.packet.changed);
        let book = self.book(&loaded, at).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
        let decides = decide(&report)?;
        // Only an approval rests on the evidence being in date.
        let good_until = match &decides {
            Decision::ReadinessAccepted | Decision::PacketHandedOff { .. } => good_until_of(&report),
            _ => None,
        };
        let unsealed =
            |error: probity_core::canonical::NotCanonical| CaseworkError::Unsealed(error.to_string());
        let statement = Statement::of(&loaded.packet, signer, decides, at, good_until).map_err(unsealed)?;
        let bytes = statement.bytes().map_err(unsealed)?;
        let digest = Digest::of(&bytes);
        let text = String::from_utf8(bytes).map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        Ok(ToSign { statement, text, digest, report })
    }
}
