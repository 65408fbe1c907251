//! Files packages into a queue of Request Tracker, and reads back what the review board did with them.
//!
//! Written against REST 2 as Request Tracker 5.0.3 serves it. What shaped it most:
//!
//! - There is no idempotency key, so the submission's id stands in a custom field, and the field is what is searched
//!   (`ticket`). Tickets that were merged are left out of a plain search; they are asked for, since otherwise a
//!   package that the board merged into another ticket would be filed again.
//! - A search for a custom field that does not exist finds nothing and complains of nothing. So the queue is looked at
//!   before anything is written (`queue`).
//! - What a user may not set is dropped without a word and answered 201. So what was written is read back (`file`).
//! - 403 says "Forbidden" for a queue that does not exist as for one that may not be seen (`answer`).
//! - A time that is not set is 1970; who changed a status is in the history alone (`disposition`).
//!
//! Deliberately absent: changing a ticket once it is there, requestors and watchers, and the text of
//! correspondence, in which people of the board write to each other.

mod answer;
mod config;
mod disposition;
mod file;
mod queue;
#[cfg(test)]
mod tests;
mod ticket;

use probity_sdk::prelude::*;

pub use config::{Config, Rule, State};

/// The connector.
pub struct RequestTracker;

#[probity_sdk::connector]
impl Intake for RequestTracker {
    type Config = Config;

    fn manifest() -> IntakeManifest {
        IntakeManifest::new("request-tracker", env!("CARGO_PKG_VERSION"), "Request Tracker")
            .summary(
                "Files a package as a ticket of one queue, with its text, its attachments, and its submission id and digest \
                 in custom fields; finds it again by the id; reads the ticket's status, custom fields and who changed them \
                 as the board's disposition. REST 2 of Request Tracker 5 (seen with 5.0.3). It changes no ticket and reads \
                 no correspondence.",
            )
            .auth(AuthScheme::prefixed("Authorization", "token "))
            .reads(
                Endpoint::get("tickets", "/REST/2.0/tickets")
                    .purpose("To find tickets by submission id or number: status, queue, time of creation and custom fields")
                    .fixed_query("fields", "Status,Created,EffectiveId,Queue,CustomFields")
                    .fixed_query("fields[Queue]", "Name")
                    .fixed_query("orderby", "id")
                    .fixed_query("per_page", "100"),
            )
            .reads(
                Endpoint::get("ticket", "/REST/2.0/ticket/{id}")
                    .purpose("To read a ticket that was deleted, which no search finds; without the people on it")
                    .redact("/Requestor")
                    .redact("/Cc")
                    .redact("/AdminCc")
                    .redact("/Owner"),
            )
            .reads(
                Endpoint::get("queue", "/REST/2.0/queue/{name}")
                    .purpose("To see before filing that the queue takes tickets and has the custom fields"),
            )
            .reads(
                Endpoint::get("attachments", "/REST/2.0/ticket/{id}/attachments")
                    .purpose("To see that nothing that was filed was dropped: names, kinds and sizes, not contents")
                    .fixed_query("fields", "Filename,ContentType,ContentLength")
                    .fixed_query("orderby", "id")
                    .fixed_query("per_page", "100"),
            )
            .reads(
                Endpoint::get("changes", "/REST/2.0/ticket/{id}/history")
                    .purpose("To see who changed the status or a custom field, and when; no correspondence")
                    .fixed_query("query", r#"[{"field":"Type","value":"Status"},{"field":"Type","value":"CustomField"}]"#)
                    .fixed_query("fields", "Type,Field,NewValue,Creator,Created")
                    .fixed_query("orderby", "id")
                    .fixed_query("order", "DESC")
                    .fixed_query("per_page", "100"),
            )
            .writes(
                Endpoint::post("create", "/REST/2.0/ticket")
                    .purpose("To file a signed package as a new ticket; the queue is the configured one")
                    .fixed_body("/ContentType", r#""text/plain""#),
            )
    }

    fn check(cx: &Context<Config>) -> Result<Vec<String>> {
        cx.config.validate()?;
        queue::probe(cx)
    }

    fn submit(cx: &Context<Config>, submission: &Submission) -> Result<Receipt> {
        cx.config.validate()?;
        file::submit(cx, submission)
    }

    fn status(cx: &Context<Config>, reference: &str) -> Result<Disposition> {
        cx.config.validate()?;
        disposition::of(cx, reference)
    }
}
