//! What people and programs outside are shown: one JSON shape for the REST API and the command line.
//!
//! Views are flat copies of what the store and the connectors said, in the contract's JSON form: kebab-case keys,
//! none omitted, variants as `{"kind": …}`, 64-bit integers as strings, instants in RFC 3339 UTC. Each has a
//! sample, from which the API's description takes its examples and the tests their checks.
//!
//! Deliberately absent: rules, and anything that could hold a credential.

mod body;
mod capture;
mod connection;
mod connector;
mod evidence;
mod filing;
mod packet;
mod people;
mod run;
pub mod sample;
mod scalar;
mod trace;
mod vocabulary;

pub use body::{Body, schemas as body_schemas};
pub use capture::CaptureSlice;
pub use connection::{
    CheckView, ConnectionView, CredentialKind, GrantView, LastRunView, MountView, OriginView,
};
pub use connector::{AuthView, ConnectorRefView, ConnectorView, EndpointView, FixedView, StreamView};
pub use evidence::{EvidenceView, FreshnessView, StaleBecause};
pub use filing::FilingView;
pub use packet::{AppendedView, PacketRowView, SubmissionView};
pub use people::{KeyChangeView, KeyRevocationView, KeyView, PrincipalSource, PrincipalView};
pub use run::{FailureView, GapView, ManifestPageView, ProgressView, RunGapView, RunView, SightedView};
pub use scalar::{
    ActorKindText, ConnectionIdText, ConnectionNameText, DigestText, DisciplineText, EvidenceIdText,
    FilingStateText, FormatText, InstantText, KindText, ModeText, PacketIdText, PrincipalIdText,
    QueueStateText, RoleText, RunIdText, RunStateText, StreamIdText, SubjectText, TriggerText, U64Text,
    VerdictText,
};
pub use trace::{CitationView, CitedView, ExcerptView, LocatorView, ObtainedView, SightingView, TraceView};
pub use vocabulary::{
    BoardDecisionSchema, ChangeSchema, CommandSchema, DecisionSchema, EntryRecordSchema, EntrySchema,
    HeadSchema, MeasuresSchema, PacketEvidenceSchema, PacketSchema, RefusalSchema, ReportSchema, TermsSchema,
    ToSignSchema, schemas as loop_schemas,
};
