//! The queue: whether a package can be filed into it so that it is found again.
//!
//! Looked at before anything is written. A ticket without its submission id would be filed a second time, and it is
//! much easier to add a custom field than to explain to a board why it has the same package twice.

use probity_sdk::prelude::*;

use crate::answer;
use crate::config::Config;
use crate::ticket;

#[derive(Deserialize)]
pub(crate) struct Queue {
    #[serde(deserialize_with = "ticket::number")]
    id: u64,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Disabled", deserialize_with = "ticket::number")]
    disabled: u64,
    /// Those that are applied to the queue and that the token's user may see.
    #[serde(rename = "TicketCustomFields", default)]
    fields: Vec<Field>,
    #[serde(rename = "_hyperlinks", default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
}

/// What the token's user may do from here.
#[derive(Deserialize)]
struct Link {
    #[serde(rename = "ref")]
    relation: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

/// Says what works, and fails with what would keep a package from being filed.
pub(crate) fn probe(cx: &Context<Config>) -> Result<Vec<String>> {
    let queue = ready(cx)?;
    // An id that no submission has: it shows that the search is understood.
    let found = ticket::carrying(cx, "probity-check")?;
    if let Some(ticket) = found {
        cx.log()
            .warn("a ticket carries the id of this check; it is no submission", &[("ticket", &ticket.id)]);
    }
    let fields: Vec<String> = cx.config.fields().map(|name| format!("`{name}`")).collect();
    Ok(vec![
        format!("The queue `{}` is number {} and takes tickets from this token.", queue.name, queue.id),
        format!("Its custom fields can be seen: {}.", fields.join(", ")),
        "Tickets can be searched by submission id.".into(),
        format!(
            "Whether the token's user may set `{}` and `{}` shows only when a package is filed; it takes the right \
             SetInitialCustomField or ModifyCustomField on both.",
            cx.config.submission_field, cx.config.digest_field
        ),
    ])
}

/// The queue, if a package can be filed into it as far as can be seen.
pub(crate) fn ready(cx: &Context<Config>) -> Result<Queue> {
    let name = &cx.config.queue;
    let answer = cx.get("queue").path("name", name).accept(&[403, 404]).send().map_err(answer::explained)?;
    if matches!(answer.status(), 403 | 404) {
        return Err(Failure::config(format_args!(
            "Request Tracker has no queue `{name}`, or the token's user lacks the right SeeQueue on it; {} for both. \
             Set `queue` to the name that Request Tracker shows, or grant the right",
            answer::words(answer)
        )));
    }
    let queue = answer.json::<Queue>()?.value;
    if queue.disabled != 0 {
        return Err(Failure::config(format_args!(
            "the queue `{name}` is disabled in Request Tracker; enable it or name another"
        )));
    }
    let missing: Vec<String> = cx
        .config
        .fields()
        .filter(|wanted| !queue.fields.iter().any(|field| field.name == *wanted))
        .map(|wanted| format!("`{wanted}`"))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::config(format_args!(
            "tickets of the queue `{name}` show no custom field {}. Make each one (Admin › Custom Fields, for tickets, \
             \"Enter one value\" for ids), apply it to the queue, and give the token's user the right SeeCustomField \
             on it. Without them a package could be filed twice",
            missing.join(", ")
        )));
    }
    let creates = |link: &Link| link.relation == "create" && link.kind.as_deref() == Some("ticket");
    if !queue.links.iter().any(creates) {
        return Err(Failure::permission(format_args!(
            "the token's user lacks the right CreateTicket in the queue `{name}`; grant it there"
        )));
    }
    Ok(queue)
}
