//! Every route: who may use it, and how it refuses.

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use super::problem::Code;
use super::{
    ApiState, captures, changes, connections, connectors, documents, evidence, measures, openapi, operations,
    packets, queue, runs,
};
use crate::authz::Action;

/// Bytes of a body that may hold a whole ledger entry: a statement shows every revision of evidence it rests on.
pub const ENTRY: usize = probity_core::ledger::MAX_ENTRY;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody who may reach the address: it says nothing about what was collected.
    Open,
    /// Whoever the table lets do this.
    Needs(Action),
}

/// A route's row.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Upper case; `GET` answers `HEAD`, too.
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
    /// Problems of its own, besides those any route of its shape has.
    pub refusals: &'static [Code],
}

const fn open(path: &'static str) -> Route {
    Route { method: "GET", path, access: Access::Open, refusals: &[] }
}

const fn get(path: &'static str, action: Action, refusals: &'static [Code]) -> Route {
    Route { method: "GET", path, access: Access::Needs(action), refusals }
}

const fn post(path: &'static str, action: Action, refusals: &'static [Code]) -> Route {
    Route { method: "POST", path, access: Access::Needs(action), refusals }
}

/// All of them. What is not here is not answered.
pub const ROUTES: &[Route] = &[
    get("/api/v1/connectors", Action::ReadConnections, &[]),
    get("/api/v1/connectors/{digest}", Action::ReadConnections, &[Code::UnknownConnector]),
    get("/api/v1/connections", Action::ReadConnections, &[]),
    get("/api/v1/connections/{name}", Action::ReadConnections, &[Code::UnknownConnection]),
    post("/api/v1/connections/{name}/check", Action::CheckConnection, &[Code::UnknownConnection]),
    post(
        "/api/v1/connections/{name}/runs",
        Action::StartRun,
        &[Code::UnknownConnection, Code::UnknownStream, Code::Busy, Code::Unusable],
    ),
    get("/api/v1/runs", Action::ReadRuns, &[]),
    get("/api/v1/runs/{id}", Action::ReadRuns, &[Code::UnknownRun]),
    get("/api/v1/runs/{id}/manifest", Action::ReadRuns, &[Code::UnknownRun]),
    get("/api/v1/evidence", Action::ReadEvidence, &[Code::Future]),
    post("/api/v1/evidence/lookup", Action::ReadEvidence, &[Code::Future]),
    get("/api/v1/evidence/{id}", Action::ReadEvidence, &[Code::Future, Code::UnknownEvidence]),
    get(
        "/api/v1/evidence/{id}/trace",
        Action::ReadEvidence,
        &[Code::Future, Code::UnknownEvidence, Code::UnknownRevision],
    ),
    get("/api/v1/captures/{digest}", Action::ReadCaptures, &[Code::UnknownCapture, Code::NotLocated]),
    get("/api/v1/packets", Action::ReadPackets, &[]),
    post(
        "/api/v1/packets",
        Action::WritePackets,
        &[Code::NoBoard, Code::UnknownPacket, Code::Refused, Code::NotYours],
    ),
    get("/api/v1/packets/{id}", Action::ReadPackets, &[Code::Future, Code::UnknownPacket]),
    get("/api/v1/packets/{id}/ledger", Action::ReadPackets, &[Code::UnknownPacket]),
    post("/api/v1/packets/{id}/ledger", Action::WritePackets, APPENDING),
    post(
        "/api/v1/packets/{id}/ledger/statement",
        Action::WritePackets,
        &[Code::UnknownPacket, Code::Refused, Code::NotYours],
    ),
    get("/api/v1/packets/{id}/readiness", Action::ReadPackets, &[Code::Future, Code::UnknownPacket]),
    get("/api/v1/packets/{id}/evidence", Action::ReadPackets, &[Code::Future, Code::UnknownPacket]),
    get(
        "/api/v1/packets/{id}/bundle",
        Action::ReadPackets,
        &[Code::Future, Code::UnknownPacket, Code::Refused],
    ),
    get(
        "/api/v1/packets/{id}/exports/{format}",
        Action::ReadPackets,
        &[Code::Future, Code::UnknownPacket, Code::Export],
    ),
    get("/api/v1/packets/{id}/filings", Action::ReadPackets, &[Code::UnknownPacket]),
    post(
        "/api/v1/packets/{id}/filings/{submission}/again",
        Action::WritePackets,
        &[Code::UnknownPacket, Code::UnknownSubmission, Code::Refused, Code::NotYours],
    ),
    get("/api/v1/documents/{digest}", Action::ReadPackets, &[Code::UnknownDocument]),
    get("/api/v1/changes", Action::ReadChanges, &[Code::Future]),
    get("/api/v1/events", Action::ReadChanges, &[Code::Future, Code::Header, Code::Followers]),
    get("/api/v1/queue", Action::ReadQueue, &[]),
    get("/api/v1/queue/{submission}", Action::ReadQueue, &[Code::UnknownSubmission]),
    post(
        "/api/v1/queue/{submission}/decision",
        Action::DecideQueue,
        &[Code::UnknownSubmission, Code::QueueMoved, Code::Refused, Code::NotYours],
    ),
    get("/api/v1/metrics/evaluation", Action::ReadPackets, &[]),
    get("/metrics", Action::ReadMetrics, &[]),
    open("/livez"),
    Route { method: "GET", path: "/readyz", access: Access::Open, refusals: &[Code::Unavailable] },
    open("/openapi.json"),
    open("/docs"),
    open("/docs/"),
    Route { method: "GET", path: "/docs/{file}", access: Access::Open, refusals: &[Code::NoRoute] },
];

/// How an append is refused.
const APPENDING: &[Code] =
    &[Code::UnknownPacket, Code::Refused, Code::NotYours, Code::HeadWanted, Code::Header, Code::Moved];

/// The row of a request.
pub fn find(method: &Method, path: &str) -> Option<&'static Route> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    ROUTES.iter().find(|route| route.method == method && route.path == path)
}

/// Whether any row has this path.
pub fn is_path(path: &str) -> bool {
    ROUTES.iter().any(|route| route.path == path)
}

/// The handlers with their descriptions.
fn handlers() -> Vec<UtoipaMethodRouter<ApiState>> {
    vec![
        routes!(connectors::list::handler),
        routes!(connectors::get::handler),
        routes!(connections::list::handler),
        routes!(connections::get::handler),
        routes!(connections::check::handler),
        routes!(connections::start::handler),
        routes!(runs::list::handler),
        routes!(runs::get::handler),
        routes!(runs::manifest::handler),
        routes!(evidence::list::handler),
        routes!(evidence::lookup::handler),
        routes!(evidence::get::handler),
        routes!(evidence::trace::handler),
        routes!(captures::get::handler),
        routes!(packets::list::handler),
        routes!(packets::open::handler),
        routes!(packets::get::handler),
        routes!(packets::ledger::handler),
        routes!(packets::append::handler).layer(DefaultBodyLimit::max(ENTRY)),
        routes!(packets::statement::handler),
        routes!(packets::readiness::handler),
        routes!(packets::evidence::handler),
        routes!(packets::bundle::handler),
        routes!(packets::export::handler),
        routes!(packets::filings::handler),
        routes!(packets::file_again::handler),
        routes!(documents::get::handler),
        routes!(changes::list::handler),
        routes!(changes::follow::handler),
        routes!(queue::list::handler),
        routes!(queue::get::handler),
        routes!(queue::decide::handler),
        routes!(measures::evaluation::handler),
        routes!(operations::metrics::handler),
        routes!(operations::livez::handler),
        routes!(operations::readyz::handler),
        routes!(operations::docs::document),
        routes!(operations::docs::redirect),
        routes!(operations::docs::index),
        routes!(operations::docs::file),
    ]
}

/// The router and its description, as the handlers give it.
pub(super) fn all() -> OpenApiRouter<ApiState> {
    handlers().into_iter().fold(OpenApiRouter::with_openapi(openapi::base()), OpenApiRouter::routes)
}

/// Names that two different schemas claim. The later one would silently replace the other, so there must be none.
pub fn schema_collisions() -> Vec<String> {
    openapi::collisions(handlers().into_iter().flat_map(|(schemas, _, _)| schemas).chain(openapi::shared()))
}
