//! What the board did with a submission: the ticket's status and custom fields, and who changed them when.

use probity_sdk::prelude::*;

use crate::answer;
use crate::config::{Config, Rule, State};
use crate::ticket::{self, Ticket};

/// What Request Tracker's own statuses mean where no rule says otherwise.
const STATUSES: [(&str, State); 6] = [
    ("new", State::Queued),
    ("open", State::Accepted),
    ("stalled", State::Accepted),
    ("rejected", State::Bounced),
    ("deleted", State::Bounced),
    ("resolved", State::Decided),
];

/// The disposition of a ticket.
pub(crate) fn of(cx: &Context<Config>, reference: &str) -> Result<Disposition> {
    let id = reference.parse().map_err(|_| {
        Failure::not_found(format_args!(
            "`{reference}` is not the number of a ticket, so there is no such ticket"
        ))
    })?;
    let own = ticket::numbered(cx, id)?;
    let submission = own.values(&cx.config.submission_field).next().map(str::to_owned).ok_or_else(|| {
        Failure::shape(format_args!(
            "ticket {id} carries no submission id: its custom field `{}` is empty, or the token's user may not see it",
            cx.config.submission_field
        ))
    })?;
    // What the board does it does to the ticket that this one was merged into.
    let ticket = if own.effective == own.id {
        own
    } else {
        cx.log().info("the ticket was merged into another one", &[("ticket", &id), ("into", &own.effective)]);
        ticket::numbered(cx, own.effective)?
    };
    let (state, grounds) = judged(&cx.config, &ticket);
    let values = |field: Option<&str>| -> Vec<String> {
        field.into_iter().flat_map(|field| ticket.values(field)).map(str::to_owned).collect()
    };
    let decision = values(cx.config.decision_field.as_deref()).into_iter().next();
    // Nobody has done anything about what waits.
    let change = if state == DispositionState::Queued { None } else { change(cx, &ticket, &grounds)? };
    let (by, at) = change.map_or((None, None), |change| (Some(change.creator.id), change.created));
    Ok(Disposition {
        submission,
        state,
        reasons: values(cx.config.reasons_field.as_deref()),
        decision,
        by,
        at: at.map(Into::into),
    })
}

/// What a state was concluded from: looked up in the history, this says who and when.
#[derive(Debug, Default)]
struct Grounds {
    status: Option<String>,
    /// A custom field's number and the value, or none for any value.
    field: Option<(u64, Option<String>)>,
}

fn judged(config: &Config, ticket: &Ticket) -> (DispositionState, Grounds) {
    if let Some((rule, grounds)) = config.rules.iter().find_map(|rule| Some((rule, grounds(rule, ticket)?))) {
        return (rule.state.into(), grounds);
    }
    let known = STATUSES.iter().find(|(status, _)| *status == ticket.status);
    let state = known.map_or(DispositionState::Unknown, |(_, state)| (*state).into());
    (state, Grounds { status: Some(ticket.status.clone()), field: None })
}

/// What a rule rests on, if it applies.
fn grounds(rule: &Rule, ticket: &Ticket) -> Option<Grounds> {
    let mut grounds = Grounds::default();
    if let Some(status) = &rule.status {
        grounds.status = Some(status.clone()).filter(|status| *status == ticket.status);
        grounds.status.as_ref()?;
    }
    if let Some(name) = &rule.field {
        let field = ticket.field(name)?;
        let applies = |value: &str| rule.value.as_deref().is_none_or(|wanted| wanted == value);
        field.values().find(|value| applies(value))?;
        grounds.field = Some((field.id, rule.value.clone()));
    }
    Some(grounds)
}

#[derive(Deserialize)]
struct Changes {
    items: Vec<Change>,
}

/// An entry of a ticket's history. Only changes of status and of custom fields are asked for, the latest first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    r#type: String,
    /// A custom field's number.
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    new_value: Option<String>,
    creator: Person,
    #[serde(default, deserialize_with = "time::read::instant")]
    created: Option<Instant>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
}

/// The latest change that brought about what the state was concluded from.
fn change(cx: &Context<Config>, ticket: &Ticket, grounds: &Grounds) -> Result<Option<Change>> {
    let changes = cx.get("changes").path("id", ticket.id).json::<Changes>().map_err(answer::explained)?;
    Ok(changes.value.items.into_iter().find(|change| change.brought(grounds)))
}

impl Change {
    fn brought(&self, grounds: &Grounds) -> bool {
        match self.r#type.as_str() {
            "Status" => grounds.status.is_some() && self.new_value == grounds.status,
            "CustomField" => grounds.field.as_ref().is_some_and(|(id, value)| {
                let is_value =
                    |given: &String| value.as_ref().map_or(!given.is_empty(), |value| value == given);
                self.field.as_deref() == Some(id.to_string().as_str())
                    && self.new_value.as_ref().is_some_and(is_value)
            }),
            _ => false,
        }
    }
}
