//! Filing: search, look at the queue, create, read back.
//!
//! Between any two of these the answer may be lost and everything starts again; the search at the beginning is what
//! makes that harmless. What is found is held to the same as what was just written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probity_sdk::Attachment;
use probity_sdk::prelude::*;

use crate::config::Config;
use crate::ticket::Ticket;
use crate::{answer, queue, ticket};

/// Longest subject Request Tracker keeps, in bytes.
const SUBJECT: usize = 200;

/// Most attachments: with the text and its envelope they fit one answer of a hundred.
const MOST_ATTACHMENTS: usize = 90;

/// Files a submission, or finds the ticket that carries it.
pub(crate) fn submit(cx: &Context<Config>, submission: &Submission) -> Result<Receipt> {
    let new = New::of(cx, submission)?;
    if let Some(ticket) = ticket::carrying(cx, &submission.id)? {
        if ticket.queue.name.as_deref().is_some_and(|name| name != cx.config.queue) {
            cx.log().warn(
                "the submission is in another queue than the configured one",
                &[("ticket", &ticket.id), ("queue", &ticket.queue.name.as_deref().unwrap_or_default())],
            );
        }
        whole(cx, &ticket, submission)?;
        return Ok(receipt(cx, Receipt::found(ticket.id.to_string()), &ticket));
    }
    queue::ready(cx)?;
    let id = create(cx, &new)?;
    let ticket = ticket::carrying(cx, &submission.id)?.ok_or_else(|| dropped(cx, id))?;
    if ticket.id != id {
        return Err(Failure::shape(format_args!(
            "ticket {id} was created for the submission `{}`, but ticket {} is the one that carries it; have the board look \
             at both",
            submission.id, ticket.id
        )));
    }
    whole(cx, &ticket, submission)?;
    Ok(receipt(cx, Receipt::filed(id.to_string()), &ticket))
}

fn receipt(cx: &Context<Config>, receipt: Receipt, ticket: &Ticket) -> Receipt {
    receipt.url(cx.config.page_of(ticket.id)).received_at(ticket.created)
}

/// A ticket in the making.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct New<'a> {
    queue: &'a str,
    subject: String,
    content: String,
    custom_fields: std::collections::BTreeMap<&'a str, String>,
    attachments: Vec<File<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct File<'a> {
    file_name: &'a str,
    file_type: &'a str,
    file_content: String,
}

impl<'a> New<'a> {
    fn of(cx: &'a Context<Config>, submission: &'a Submission) -> Result<Self> {
        if submission.attachments.len() > MOST_ATTACHMENTS {
            return Err(Failure::too_large(format_args!(
                "the submission has {} attachments; at most {MOST_ATTACHMENTS} can be checked after filing",
                submission.attachments.len()
            )));
        }
        let config = &cx.config;
        Ok(Self {
            queue: &config.queue,
            subject: subject(&submission.title),
            content: unix_lines(&submission.text),
            custom_fields: [
                (config.submission_field.as_str(), submission.id.clone()),
                (config.digest_field.as_str(), digest_of(submission)),
            ]
            .into(),
            attachments: submission.attachments.iter().map(File::of).collect::<Result<_>>()?,
        })
    }
}

impl<'a> File<'a> {
    fn of(attachment: &'a Attachment) -> Result<Self> {
        if attachment.bytes.is_empty() || attachment.name.is_empty() || attachment.media_type.is_empty() {
            return Err(Failure::internal(format_args!(
                "the attachment `{}` lacks a name, a media type or a content; Request Tracker takes none of that",
                attachment.name
            )));
        }
        Ok(Self {
            file_name: &attachment.name,
            file_type: &attachment.media_type,
            file_content: STANDARD.encode(&attachment.bytes),
        })
    }
}

#[derive(Deserialize)]
struct Created {
    #[serde(deserialize_with = "ticket::number")]
    id: u64,
}

fn create(cx: &Context<Config>, new: &New<'_>) -> Result<u64> {
    let answer = cx.post("create", new).accept(&[400, 403, 404, 422]).send().map_err(answer::explained)?;
    let queue = &cx.config.queue;
    match answer.status() {
        403 | 404 => Err(Failure::permission(format_args!(
            "Request Tracker does not let the token's user file into the queue `{queue}`: {}. That is also what it says when \
             there is no such queue. Check `queue`, and that the user has the right CreateTicket there",
            answer::words(answer)
        ))),
        400 | 422 => Err(Failure::shape(format_args!(
            "Request Tracker does not take the package for the queue `{queue}`: {}",
            answer::words(answer)
        ))),
        _ => Ok(answer.json::<Created>()?.value.id),
    }
}

/// The ticket is there and cannot be found by its submission's id.
fn dropped(cx: &Context<Config>, id: u64) -> Failure {
    let Config { queue, submission_field, digest_field, .. } = &cx.config;
    Failure::permission(format_args!(
        "ticket {id} was created in `{queue}`, but Request Tracker dropped its custom field `{submission_field}` without a \
         word, so it would be filed again. Give the token's user the rights SeeCustomField and SetInitialCustomField (or \
         ModifyCustomField) on `{submission_field}` and `{digest_field}`, delete ticket {id}, then submit again"
    ))
}

/// Whether the ticket holds all of the submission.
fn whole(cx: &Context<Config>, ticket: &Ticket, submission: &Submission) -> Result<()> {
    let (id, field, digest) = (ticket.id, &cx.config.digest_field, digest_of(submission));
    let held: Vec<&str> = ticket.values(field).collect();
    if held != [digest.as_str()] {
        return Err(Failure::shape(format_args!(
            "ticket {id} carries the submission `{}`, but its custom field `{field}` says `{}` and not `{digest}`. Either \
             another package was filed under this id, or the token's user may not see or set the field; have the board look \
             at the ticket",
            submission.id,
            held.join(", ")
        )));
    }
    let parts = cx.get("attachments").path("id", id).json::<Parts>().map_err(answer::explained)?.value.items;
    let lost: Vec<String> = expected(submission)
        .filter(|expected| !parts.iter().any(|part| part.is(expected)))
        .map(|expected| expected.name.map_or_else(|| "its text".into(), |name| format!("`{name}`")))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(Failure::too_large(format_args!(
        "ticket {id} carries the submission `{}`, but Request Tracker did not keep {} whole. Raise MaxAttachmentSize, see \
         that neither DropLongAttachments nor TruncateLongAttachments is set, delete ticket {id} and clear its \
         `{}`, then submit again",
        submission.id,
        lost.join(", "),
        cx.config.submission_field
    )))
}

#[derive(Deserialize)]
struct Parts {
    items: Vec<Part>,
}

/// Something a ticket holds, by what is told of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    #[serde(default)]
    filename: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(deserialize_with = "ticket::number")]
    content_length: u64,
}

/// Something it has to hold; the text has no name.
struct Expected<'a> {
    name: Option<&'a str>,
    is_text: bool,
    length: u64,
}

fn expected(submission: &Submission) -> impl Iterator<Item = Expected<'_>> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let text =
        Expected { name: None, is_text: true, length: length(unix_lines(&submission.text).as_bytes()) };
    let attachments = submission.attachments.iter().map(move |attachment| Expected {
        name: Some(&attachment.name),
        is_text: attachment.media_type.starts_with("text/"),
        length: length(&attachment.bytes),
    });
    std::iter::once(text).chain(attachments)
}

impl Part {
    /// Request Tracker recodes texts as UTF-8 and ends them with a line end, which makes them longer; everything
    /// else it keeps as it is.
    fn is(&self, expected: &Expected<'_>) -> bool {
        let named = self.filename.as_deref().filter(|name| !name.is_empty()) == expected.name;
        let is_text = self.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/"));
        let kept = if expected.is_text {
            self.content_length >= expected.length
        } else {
            self.content_length == expected.length
        };
        named && kept && (expected.name.is_some() || is_text)
    }
}

fn digest_of(submission: &Submission) -> String {
    format!("sha256:{}", submission.digest)
}

fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A title as a subject: one line, cut between characters where it is too long.
pub(crate) fn subject(title: &str) -> String {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= SUBJECT {
        return line;
    }
    let most = SUBJECT - '…'.len_utf8();
    let end = (0..=most).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", line[..end].trim_end())
}
