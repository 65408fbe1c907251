//! Reads DefectDojo: findings, accepted risks (exception history), and reviews of compensating controls.
//!
//! Written against the REST API v2 as version 3.2.0 serves it. What shaped it most:
//!
//! - An accepted risk looks inactive, so nothing is ever filtered by `active`: that would lose exactly the
//!   findings an exception is about (`finding`).
//! - Unknown filters are ignored without a word, so every filter is a hint, and what comes back is checked again
//!   (`scope`, `exception`).
//! - There is no sound incremental cursor for findings: a full sweep walks all of them by id (`walk`).
//! - Missing, wrong and insufficient credentials all answer 403 (`access`).
//!
//! Deliberately absent: `request_response`, which may carry recorded traffic with credentials in it and is
//! blanked by the host; ages and days remaining, which are true only at the moment they were computed; private
//! notes.

mod access;
mod config;
mod exception;
mod finding;
mod review;
mod scope;
#[cfg(test)]
mod tests;
mod walk;

use probity_sdk::prelude::*;

pub use config::{Config, Rule};

/// The connector.
pub struct DefectDojo;

#[probity_sdk::connector]
impl Source for DefectDojo {
    type Config = Config;

    fn manifest() -> Manifest {
        Manifest::new("defectdojo", env!("CARGO_PKG_VERSION"), "DefectDojo")
            .summary(
                "Findings with their states, risk acceptances as exception history, and notes that review a \
                 compensating control, from DefectDojo's REST API v2 (seen with 3.2.0). It reads active and inactive \
                 findings alike. It does not read recorded requests and responses, files, or the text of private notes \
                 into evidence; the answers that hold notes are captured whole.",
            )
            .auth(AuthScheme::prefixed("Authorization", "Token "))
            .endpoint(
                Endpoint::get("findings", "/api/v2/findings/")
                    .purpose("Findings, whatever their state; without recorded traffic and without the text of notes")
                    .redact("/results/*/request_response")
                    .redact("/results/*/notes/*/entry")
                    .redact("/results/*/notes/*/history")
                    .redact("/results/*/accepted_risks/*/notes"),
            )
            .endpoint(
                Endpoint::get("finding-notes", "/api/v2/findings/{id}/notes/")
                    .purpose("Notes of one finding: reviews of compensating controls"),
            )
            .endpoint(
                Endpoint::get("risk-acceptances", "/api/v2/risk_acceptance/")
                    .purpose("Accepted risks: who accepted what, until when, on which conditions")
                    .redact("/results/*/notes"),
            )
            .endpoint(
                Endpoint::get("products", "/api/v2/products/").purpose("To find the configured product by its name"),
            )
            .endpoint(
                Endpoint::get("engagement", "/api/v2/engagements/{id}/")
                    .purpose("To check that a finding belongs to the configured product"),
            )
            .endpoint(
                Endpoint::get("user-profile", "/api/v2/user_profile/")
                    .purpose("To tell a credential that is not accepted from one that may not read"),
            )
            .stream(
                Stream::full("findings", "Every finding of the product, in every state").kind(Kind::Finding),
            )
            .stream(
                Stream::incremental("exceptions", "Risk acceptances, current and past").kind(Kind::Exception),
            )
            .stream(
                Stream::full("control-reviews", "Notes on findings that review a compensating control")
                    .kind(Kind::ControlReview),
            )
    }

    fn check(cx: &Context<Config>) -> Result<Vec<String>> {
        cx.config.validate()?;
        access::probe(cx)
    }

    fn collect(cx: &Context<Config>, stream: &str, cursor: Option<&str>) -> Result<Page> {
        cx.config.validate()?;
        let place = cursor::decode(cursor)?.unwrap_or_default();
        let page = match stream {
            "findings" => finding::page(cx, place),
            "exceptions" => exception::page(cx, place),
            "control-reviews" => review::page(cx, place),
            _ => Err(Failure::internal(format_args!("the stream `{stream}` is declared but not read"))),
        };
        page.map_err(|failure| access::explained(cx, failure))
    }
}
