//! The views: which addresses there are, and what each answers to whoever may ask.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::filter::{self, BadValue, Keeps, Query};
use super::front::front;
use super::order::{self, Orders};
use super::page::Window;
use super::render;
use super::site::Site;
use super::tracker::{Note, Tracker};

/// Everything the sample tracker serves.
pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/api/v2/user_profile/", get(user_profile))
        .route("/api/v2/products/", get(products))
        .route("/api/v2/engagements/", get(engagements))
        .route("/api/v2/engagements/{id}/", get(one_engagement))
        .route("/api/v2/tests/", get(tests))
        .route("/api/v2/findings/", get(findings))
        .route("/api/v2/findings/{id}/", get(one_finding))
        .route("/api/v2/findings/{id}/notes/", get(finding_notes))
        .route("/api/v2/risk_acceptance/", get(risk_acceptances))
        .route("/api/v2/risk_acceptance/{id}/notes/", get(acceptance_notes))
        .fallback(|| async { not_found("Not found.") })
        .layer(middleware::from_fn_with_state(Arc::clone(&site), front))
        .with_state(site)
}

/// The request's address, as the client wrote it, and its parameters.
struct Wanted {
    /// `http://HOST/api/v2/findings/`
    address: String,
    query: Query,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await?;
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let address = format!("http://{}{}", host.unwrap_or("localhost"), uri.path());
        Ok(Self { address, query: Query::parse(uri.query().unwrap_or_default()) })
    }
}

impl IntoResponse for BadValue {
    fn into_response(self) -> Response {
        json_response(StatusCode::BAD_REQUEST, &json!({ self.parameter: [self.message] }))
    }
}

/// A list before it is filtered, sorted and cut to a page.
struct Listing<'t, T: 'static> {
    entries: &'t [T],
    keeps: Keeps<'t, T>,
    orders: Orders<T>,
}

/// One page of it.
struct Shown<'t, T> {
    envelope: Map<String, Value>,
    entries: Vec<&'t T>,
}

impl<'t, T: 'static> Listing<'t, T> {
    fn page(self, tracker: &Tracker, wanted: &Wanted) -> Result<Shown<'t, T>, BadValue> {
        let mut kept: Vec<&T> =
            self.entries.iter().filter(|one| self.keeps.iter().all(|keeps| keeps(one))).collect();
        self.orders.sort(tracker, &wanted.query, &mut kept)?;
        let window = Window::of(&wanted.query);
        let envelope = window.envelope(&wanted.address, &wanted.query, kept.len());
        Ok(Shown { envelope, entries: window.of_list(&kept).to_vec() })
    }
}

impl<T> Shown<'_, T> {
    /// The page as the server writes it.
    fn answer(mut self, render: impl Fn(&T) -> Value, prefetch: Option<Value>) -> Response {
        let results: Vec<Value> = self.entries.iter().map(|one| render(one)).collect();
        self.envelope.insert("results".to_owned(), Value::Array(results));
        if let Some(prefetch) = prefetch {
            self.envelope.insert("prefetch".to_owned(), prefetch);
        }
        json_response(StatusCode::OK, &Value::Object(self.envelope))
    }
}

/// What a page's entries refer to, by relation and id, once each.
#[derive(Default)]
struct Prefetch(BTreeMap<&'static str, Map<String, Value>>);

impl Prefetch {
    fn add(&mut self, relation: &'static str, id: u64, value: impl FnOnce() -> Value) {
        self.0.entry(relation).or_default().entry(id.to_string()).or_insert_with(value);
    }

    fn into_json(self) -> Value {
        json!(self.0)
    }
}

type Answer = Result<Response, BadValue>;

async fn user_profile(State(site): State<Arc<Site>>) -> Response {
    json_response(StatusCode::OK, &render::profile(&site.tracker()))
}

async fn findings(State(site): State<Arc<Site>>, wanted: Wanted) -> Answer {
    let tracker = site.tracker();
    let keeps = filter::findings(&tracker, &wanted.query)?;
    let listing = Listing { entries: &tracker.findings, keeps, orders: order::FINDINGS };
    let page = listing.page(&tracker, &wanted)?;
    let mut prefetch = Prefetch::default();
    for relation in wanted.query.list("prefetch") {
        for finding in &page.entries {
            match relation {
                "test" => {
                    if let Some(test) = tracker.test(finding.test) {
                        prefetch.add("test", test.id, || render::test(&tracker, test));
                    }
                }
                "reporter" => {
                    let reporter = finding.reporter;
                    prefetch.add("reporter", reporter, || render::person(&tracker, reporter));
                }
                // A relation that does not exist is left out without a word.
                _ => {}
            }
        }
    }
    let related = wanted.query.get("related_fields") == Some("true");
    Ok(page.answer(|finding| render::finding(&tracker, finding, related), Some(prefetch.into_json())))
}

async fn tests(State(site): State<Arc<Site>>, wanted: Wanted) -> Answer {
    let tracker = site.tracker();
    let keeps = filter::tests(&tracker, &wanted.query);
    let page = Listing { entries: &tracker.tests, keeps, orders: order::TESTS }.page(&tracker, &wanted)?;
    let mut prefetch = Prefetch::default();
    if wanted.query.list("prefetch").contains(&"engagement") {
        for test in &page.entries {
            if let Some(engagement) = tracker.engagement(test.engagement) {
                prefetch.add("engagement", engagement.id, || render::engagement(&tracker, engagement));
            }
        }
    }
    Ok(page.answer(|test| render::test(&tracker, test), Some(prefetch.into_json())))
}

async fn engagements(State(site): State<Arc<Site>>, wanted: Wanted) -> Answer {
    let tracker = site.tracker();
    let keeps = filter::engagements(&wanted.query);
    let listing = Listing { entries: &tracker.engagements, keeps, orders: order::ENGAGEMENTS };
    let page = listing.page(&tracker, &wanted)?;
    // This one list comes without a `prefetch` member.
    Ok(page.answer(|engagement| render::engagement(&tracker, engagement), None))
}

async fn products(State(site): State<Arc<Site>>, wanted: Wanted) -> Answer {
    let tracker = site.tracker();
    let keeps = filter::products(&wanted.query);
    let listing = Listing { entries: &tracker.products, keeps, orders: order::PRODUCTS };
    let page = listing.page(&tracker, &wanted)?;
    Ok(page.answer(|product| render::product(&tracker, product), Some(json!({}))))
}

async fn risk_acceptances(State(site): State<Arc<Site>>, wanted: Wanted) -> Answer {
    let tracker = site.tracker();
    let keeps = filter::risk_acceptances(&wanted.query)?;
    let listing = Listing { entries: &tracker.risk_acceptances, keeps, orders: order::RISK_ACCEPTANCES };
    let page = listing.page(&tracker, &wanted)?;
    Ok(page.answer(|acceptance| render::risk_acceptance(&tracker, acceptance), Some(json!({}))))
}

async fn one_engagement(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let tracker = site.tracker();
    let Some(engagement) = id.parse().ok().and_then(|id| tracker.engagement(id)) else {
        return not_found("No Engagement matches the given query.");
    };
    json_response(StatusCode::OK, &render::engagement(&tracker, engagement))
}

async fn one_finding(State(site): State<Arc<Site>>, Path(id): Path<String>, wanted: Wanted) -> Response {
    let tracker = site.tracker();
    let Some(finding) = id.parse().ok().and_then(|id| tracker.finding(id)) else {
        return not_found("No Finding matches the given query.");
    };
    let related = wanted.query.get("related_fields") == Some("true");
    let mut value = render::finding(&tracker, finding, related);
    value["prefetch"] = json!({});
    json_response(StatusCode::OK, &value)
}

async fn finding_notes(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let tracker = site.tracker();
    match id.parse().ok().and_then(|id| tracker.finding(id)) {
        Some(finding) => notes(&tracker, ("finding_id", finding.id), &finding.notes),
        None => not_found("No Finding matches the given query."),
    }
}

async fn acceptance_notes(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let tracker = site.tracker();
    let id = id.parse::<u64>().ok();
    match tracker.risk_acceptances.iter().find(|acceptance| Some(acceptance.id) == id) {
        Some(acceptance) => notes(&tracker, ("risk_acceptance_id", acceptance.id), &acceptance.notes),
        None => not_found("No Risk_Acceptance matches the given query."),
    }
}

fn notes(tracker: &Tracker, (owner, id): (&str, u64), notes: &[Note]) -> Response {
    let notes: Vec<Value> = notes.iter().map(|note| render::note(tracker, note)).collect();
    json_response(StatusCode::OK, &json!({ owner: id, "notes": notes }))
}

fn not_found(detail: &str) -> Response {
    json_response(StatusCode::NOT_FOUND, &json!({ "detail": detail }))
}

/// An answer with the headers of the original: no validators, no rate limits, no request id.
pub(super) fn json_response(status: StatusCode, value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::VARY, "Accept, Cookie")];
    (status, headers, value.to_string()).into_response()
}
