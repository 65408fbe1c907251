//! Tickets, as a search shows them, and finding them.
//!
//! A search serves for nearly everything, with its fields fixed in the manifest: so no requestor, watcher or
//! correspondence is read. It leaves out tickets that were merged into another one unless `EffectiveId` is mentioned.
//! Deleted ones it leaves out whatever is mentioned: they can be read by their number alone.

use probity_sdk::prelude::*;

use crate::answer;
use crate::config::Config;

/// Lets a search find tickets that were merged into another one.
const MERGED_TOO: &str = "EffectiveId > 0";

/// Most tickets an answer holds (`per_page`).
const PAGE: usize = 100;

/// A ticket, with what its custom fields say as far as the token's user may see them.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ticket {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    #[serde(rename = "Status")]
    pub status: String,
    #[serde(rename = "Created", default, deserialize_with = "time::read::instant")]
    pub created: Option<Instant>,
    /// The ticket it was merged into, or itself.
    #[serde(rename = "EffectiveId", deserialize_with = "number")]
    pub effective: u64,
    #[serde(rename = "Queue")]
    pub queue: Queue,
    #[serde(rename = "CustomFields", default, deserialize_with = "fields")]
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Queue {
    /// Missing where the token's user may not see the queue.
    #[serde(rename = "Name", default)]
    pub name: Option<String>,
}

/// A custom field of a ticket.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Field {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    pub name: String,
    #[serde(default)]
    values: Vec<Value>,
}

/// A value: a text, or the description of a file, which says nothing here.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    /// Read so that one value of another kind costs no ticket.
    Other(serde::de::IgnoredAny),
}

impl Ticket {
    /// A custom field, if the token's user sees it.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The values of a custom field, none where there is no such field.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.field(name).into_iter().flat_map(Field::values)
    }
}

impl Field {
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Other(_) => None,
        })
    }
}

/// The one ticket that carries a submission's id, be it merged into another one; not if it was deleted.
///
/// The filter is a hint: a server may compare regardless of case. A ticket that was found and shows no id must not be
/// passed over, though, since it may be the one.
pub(crate) fn carrying(cx: &Context<Config>, submission: &str) -> Result<Option<Ticket>> {
    let name = &cx.config.submission_field;
    let found = search(cx, &format!("'CF.{{{name}}}' = {} AND {MERGED_TOO}", quoted(submission)))?;
    if let Some(blind) = found.iter().find(|ticket| ticket.field(name).is_none()) {
        return Err(Failure::permission(format_args!(
            "ticket {} may carry the submission `{submission}`, but does not show its custom field `{name}`. Nothing was \
             filed, since it could be the second time. Give the token's user the right SeeCustomField on that field",
            blind.id
        )));
    }
    let mut carrying =
        found.into_iter().filter(|ticket| ticket.values(name).any(|value| value == submission));
    match (carrying.next(), carrying.next()) {
        (Some(first), Some(second)) => Err(Failure::shape(format_args!(
            "the tickets {} and {} both carry the submission `{submission}` in `{name}`: it was filed twice. Have the board \
             say which one counts, and clear the field of the other",
            first.id, second.id
        ))),
        (only, _) => Ok(only),
    }
}

/// A ticket by its number, deleted or not.
pub(crate) fn numbered(cx: &Context<Config>, id: u64) -> Result<Ticket> {
    let found = search(cx, &format!("id = {id} AND {MERGED_TOO}"))?;
    if let Some(ticket) = found.into_iter().find(|ticket| ticket.id == id) {
        return Ok(ticket);
    }
    let answer = cx.get("ticket").path("id", id).accept(&[403, 404]).send().map_err(answer::explained)?;
    if matches!(answer.status(), 403 | 404) {
        return Err(Failure::not_found(format_args!(
            "Request Tracker shows no ticket {id}: {}. It was shredded, or the token's user lacks the right ShowTicket in the \
             queue it is in now",
            answer::words(answer)
        )));
    }
    let ticket = answer.json::<Ticket>()?.value;
    if ticket.id == id {
        return Ok(ticket);
    }
    Err(Failure::shape(format_args!(
        "asked for ticket {id}, Request Tracker answers with ticket {}",
        ticket.id
    )))
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Ticket>,
}

fn search(cx: &Context<Config>, query: &str) -> Result<Vec<Ticket>> {
    let answer = cx.get("tickets").query("query", query).accept(&[400]).send().map_err(answer::explained)?;
    if answer.status() == 400 {
        return Err(Failure::shape(format_args!(
            "Request Tracker does not take the search {query}: {}",
            answer::words(answer)
        )));
    }
    let found = answer.json::<Page>()?.value.items;
    if found.len() >= PAGE {
        return Err(Failure::shape(format_args!(
            "Request Tracker finds {PAGE} tickets or more for {query}, which is about one: it ignores the search"
        )));
    }
    Ok(found)
}

/// A text as a value of a search.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Custom fields. Where the token's user may see none of them, Request Tracker writes an empty text for the list.
fn fields<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Fields {
        Some(Vec<Field>),
        None(String),
    }
    match Fields::deserialize(deserializer)? {
        Fields::Some(fields) => Ok(fields),
        Fields::None(text) if text.is_empty() => Ok(Vec::new()),
        Fields::None(text) => {
            Err(serde::de::Error::custom(format_args!("`{text}` is no list of custom fields")))
        }
    }
}

/// A number that Request Tracker writes as a number, as a text of digits, or as an object with an `id`, as it comes.
pub(crate) fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Plain(u64),
        Text(String),
        Object { id: Box<Number> },
    }
    let mut number = Number::deserialize(deserializer)?;
    loop {
        number = match number {
            Number::Plain(number) => return Ok(number),
            Number::Text(text) => {
                let wrong = |_| serde::de::Error::custom(format_args!("`{text}` is not a number"));
                return text.parse().map_err(wrong);
            }
            Number::Object { id } => *id,
        };
    }
}
