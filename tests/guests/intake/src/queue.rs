//! The ticket queue's interface, used as it is meant to be.

use serde_json::{Value, json};

use crate::exports::probity::connector::intake::{Receipt, Submission};
use crate::failure;
use crate::probity::connector::http::{self, Request, Response};
use crate::probity::connector::types::{Failure, FailureKind};

/// Searches before it creates, as every intake connector must.
pub fn file(submission: &Submission) -> Result<Receipt, Failure> {
    match found(submission)? {
        Some(ticket) => Ok(receipt(&ticket, true)),
        None => Ok(receipt(&create(submission)?, false)),
    }
}

/// The ticket that bears the submission's id, if there is one.
pub fn found(submission: &Submission) -> Result<Option<Value>, Failure> {
    let request = Request { query: vec![("submission".into(), submission.id.clone())], ..to("search") };
    let tickets = json(&http::fetch(&request)?)?;
    Ok(tickets["tickets"].as_array().and_then(|tickets| tickets.first()).cloned())
}

pub fn create(submission: &Submission) -> Result<Value, Failure> {
    let attachments: Vec<_> =
        submission.attachments.iter().map(|one| json!({"name": one.name, "size": one.bytes.len()})).collect();
    let ticket = json!({
        "submission": submission.id,
        "title": submission.title,
        "text": submission.text,
        "digest": submission.digest,
        "attachments": attachments,
    });
    let request = Request { body: Some(ticket.to_string().into_bytes()), ..to("create") };
    json(&http::fetch(&request)?)
}

pub fn ticket(reference: &str) -> Result<Value, Failure> {
    let request = Request { path: vec![("reference".into(), reference.into())], ..to("ticket") };
    json(&http::fetch(&request)?)
}

pub fn receipt(ticket: &Value, existed: bool) -> Receipt {
    let text = |name: &str| ticket[name].as_str().map(str::to_owned);
    Receipt {
        reference: text("reference").unwrap_or_default(),
        url: text("url"),
        received_at: text("received"),
        existed,
    }
}

/// A request for an endpoint, without anything in it.
pub fn to(endpoint: &str) -> Request {
    Request { endpoint: endpoint.into(), path: vec![], query: vec![], headers: vec![], body: None }
}

fn json(response: &Response) -> Result<Value, Failure> {
    match response.status {
        200..300 => serde_json::from_slice(&response.body)
            .map_err(|error| failure(FailureKind::Shape, error.to_string())),
        400..500 => Err(failure(FailureKind::Config, format!("the queue refused: {}", response.status))),
        status => Err(failure(FailureKind::Unavailable, format!("the queue failed: {status}"))),
    }
}
