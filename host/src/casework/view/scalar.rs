//! The texts that values of core are written as, each described once for the API.
//!
//! Core knows nothing of OpenAPI; these types exist only to describe its values and are never made.

use std::borrow::Cow;

use serde_json::{Value, json};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use probity_core::actor::{ActorKind, Role};
use probity_core::evidence::Kind;
use probity_core::export::Format;
use probity_core::readiness::Verdict;

macro_rules! text {
    ($(#[doc = $doc:literal])* $name:ident as $shown:literal, $format:expr, $pattern:expr, $values:expr, $example:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($shown)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let description = concat!($($doc, "\n",)*).trim().replace("\n ", "\n");
                let values: Option<Vec<Value>> = $values;
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format($format)
                    .pattern($pattern)
                    .enum_values(values)
                    .description(Some(description))
                    .examples([$example])
                    .into()
            }
        }
    };
}

fn uuid() -> Option<SchemaFormat> {
    Some(SchemaFormat::Custom("uuid".to_owned()))
}

const SLUG: Option<&str> = Some("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$");

text!(
    /// A point in time: RFC 3339 in UTC, at most to the microsecond.
    InstantText as "Instant",
    Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)), Some("Z$"), None,
    json!("2026-11-22T21:29:09.354959Z")
);
text!(
    /// A SHA-256 digest: `sha256:` and 64 hexadecimal digits.
    DigestText as "Digest",
    None, Some("^sha256:[0-9a-f]{64}$"), None,
    json!("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
);
text!(
    /// One piece of evidence, over all its revisions.
    EvidenceIdText as "EvidenceId", uuid(), None::<&str>, None, json!("019aab3c-5d10-7aa0-8000-1f4be5d0c001")
);
text!(
    /// One run over a connection.
    RunIdText as "RunId", uuid(), None::<&str>, None, json!("019aab3c-5c01-7bb0-8000-1f4be5d0c002")
);
text!(
    /// A connection's lasting identity; it survives renaming.
    ConnectionIdText as "ConnectionId", uuid(), None::<&str>, None, json!("019aab3c-5b00-7cc0-8000-1f4be5d0c003")
);
text!(
    /// A connection's name, chosen by the operator.
    ConnectionNameText as "ConnectionName", None, SLUG, None, json!("findings")
);
text!(
    /// A stream's id, chosen by the connector.
    StreamIdText as "StreamId", None, SLUG, None, json!("findings")
);
text!(
    /// An unsigned integer of 64 bits, as a string.
    U64Text as "U64", None, Some("^[0-9]+$"), None, json!("42")
);
text!(
    /// What evidence is about.
    KindText as "Kind", None, None::<&str>,
    Some(Kind::ALL.iter().map(|kind| json!(kind)).collect()), json!("finding")
);
text!(
    /// `full`: from the start, everything. `incremental`: from the last bookmark, what changed.
    ModeText as "Mode", None, None::<&str>, Some(vec![json!("full"), json!("incremental")]), json!("full")
);
text!(
    /// `complete`: everything was read. `incomplete`: something was not, and the gaps say what.
    /// `failed`: a stream could not be read at all.
    RunStateText as "RunState", None, None::<&str>,
    Some(vec![json!("running"), json!("complete"), json!("incomplete"), json!("failed")]), json!("complete")
);
text!(
    /// Who began a run.
    TriggerText as "Trigger", None, None::<&str>, Some(vec![json!("manual"), json!("schedule")]), json!("manual")
);
text!(
    /// One exception packet.
    PacketIdText as "PacketId", uuid(), None::<&str>, None, json!("019aab3c-6a10-7bb0-8000-1f4be5d0c004")
);
text!(
    /// Somebody or something that acts.
    PrincipalIdText as "PrincipalId", None, Some("^[a-z0-9._@-]{1,63}$"), None, json!("maya")
);
text!(
    /// What evidence and exceptions are about: `type:name`.
    SubjectText as "Subject", None, Some("^[a-z0-9-]+:.+$"), None, json!("service:payments-bridge")
);
text!(
    /// A reviewing discipline, chosen by the board.
    DisciplineText as "Discipline", None, SLUG, None, json!("security")
);
text!(
    /// Whether a person, a program or the host acts.
    ActorKindText as "ActorKind", None, None::<&str>,
    Some(ActorKind::ALL.iter().map(|kind| json!(kind)).collect()), json!("human")
);
text!(
    /// What somebody is there for.
    RoleText as "Role", None, None::<&str>,
    Some(Role::ALL.iter().map(|role| json!(role)).collect()), json!("author")
);
text!(
    /// Where a packet stands in the loop.
    VerdictText as "Verdict", None, None::<&str>,
    Some(Verdict::ALL.iter().map(|verdict| json!(verdict)).collect()), json!("in-review")
);
text!(
    /// What a packet is exported as.
    FormatText as "Format", None, None::<&str>,
    Some(Format::ALL.iter().map(|format| json!(format)).collect()), json!("markdown")
);
text!(
    /// Where a filing stands. Nothing goes on by itself with one that is `refused` or `needs-human`.
    FilingStateText as "FilingState", None, None::<&str>,
    Some(["waiting", "asked", "unknown", "received", "refused", "needs-human"].map(|state| json!(state)).to_vec()),
    json!("received")
);

text!(
    /// Where a submission stands with the board.
    QueueStateText as "QueueState", None, None::<&str>,
    Some(["received", "accepted", "bounced", "decided"].map(|state| json!(state)).to_vec()), json!("received")
);
