//! `POST /api/v1/packets/{id}/ledger/statement`

use axum::Json;
use axum::extract::State;
use probity_core::event::Decision;
use probity_core::id::PacketId;
use probity_core::readiness::Report;
use serde_json::{Map, Value};

use crate::api::ApiState;
use crate::api::extract::{Body, Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::{Code, Problem};
use crate::authz::WritePackets;
use crate::casework::view::{DecisionSchema, PacketIdText, ToSignSchema, sample};
use crate::casework::{CaseworkError, ToSign};

/// What is to be signed
///
/// The statement with which the caller would decide this about the packet as it stands now, and the report it was made from.
/// Nothing is written. Of `packet-handed-off`, `report` and `condition` may be left out: they are those of the statement's
/// instant. Sign `text` exactly as it is, look at it for at most an hour, and send it as `decided`.
#[utoipa::path(
    post, path = "/api/v1/packets/{id}/ledger/statement", operation_id = "packet-statement", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id")),
    request_body(content = DecisionSchema, example = json!({"kind": "readiness-accepted"})),
    responses((status = 200, description = "The statement", body = ToSignSchema,
        example = json!(sample::to_sign()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<WritePackets>,
    Path(id): Path<PacketId>,
    Query(NoQuery {}): Query<NoQuery>,
    Body(said): Body<Map<String, Value>>,
) -> Result<Json<ToSign>, Problem> {
    let decision = Deciding::read(said)?;
    let condition = state.casework().packet_condition(&permit, &id).await?;
    let shown =
        state.casework().packet_statement(&permit, &id, |report| decision.made(condition, report)).await?;
    Ok(Json(shown))
}

/// What the caller wants to decide, read before it is known what the packet looks like.
enum Deciding {
    Said(Decision),
    /// A handoff whose report or condition is left for the host to fill in.
    HandOff {
        report: Option<Value>,
        condition: Option<Value>,
    },
}

impl Deciding {
    fn read(mut said: Map<String, Value>) -> Result<Self, Problem> {
        let is_handoff = said.get("kind").is_some_and(|kind| kind == "packet-handed-off");
        let (report, condition) = (said.get("report").cloned(), said.get("condition").cloned());
        if is_handoff && (report.is_none() || condition.is_none()) {
            // Read with stand-ins, so that whatever else is wrong is told all the same.
            let stand_in = probity_core::canonical::Digest::of(b"").to_string();
            said.entry("report").or_insert(Value::String(stand_in));
            said.entry("condition").or_insert(Value::String(String::new()));
            decision(said)?;
            return Ok(Self::HandOff { report, condition });
        }
        decision(said).map(Self::Said)
    }

    fn made(self, stated: Option<String>, report: &Report) -> Result<Decision, CaseworkError> {
        let (said_report, said_condition) = match self {
            Self::Said(decision) => return Ok(decision),
            Self::HandOff { report, condition } => (report, condition),
        };
        let digest = report.digest().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        let report = said_report.and_then(|said| serde_json::from_value(said).ok()).unwrap_or(digest);
        let condition = said_condition.and_then(|said| serde_json::from_value(said).ok());
        let condition = condition.or(stated).unwrap_or_default();
        Ok(Decision::PacketHandedOff { report, condition })
    }
}

fn decision(said: Map<String, Value>) -> Result<Decision, Problem> {
    serde_json::from_value(Value::Object(said)).map_err(|error| {
        Problem::new(
            Code::Body,
            format!("The body is not a decision: {error}."),
            "Use the members that this operation has in /docs.",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Deciding;

    fn read(said: Value) -> Result<Deciding, String> {
        let said = said.as_object().cloned().unwrap_or_default();
        Deciding::read(said).map_err(|problem| problem.detail.into_owned())
    }

    #[test]
    fn only_a_handoff_may_leave_something_out() {
        assert!(matches!(read(json!({"kind": "packet-handed-off"})), Ok(Deciding::HandOff { .. })));
        assert!(matches!(read(json!({"kind": "readiness-accepted"})), Ok(Deciding::Said(_))));
        for wrong in [
            json!({}),
            json!({"kind": "packet-approved"}),
            json!({"kind": "owner-replaced", "owner": "dana"}),
            json!({"kind": "packet-handed-off", "report": 7}),
            json!({"kind": "packet-handed-off", "more": 1}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
