//! Risk acceptances: exception history.
//!
//! Newer servers filter them by when they changed, older ones ignore the filter without a word, so it is applied
//! again here. A bookmark goes back a little further than the latest change that was seen: rows of one transaction
//! become visible after rows that were changed later.

use std::collections::{BTreeMap, BTreeSet};

use probity_sdk::prelude::*;
use probity_sdk::{ExceptionDecision, ExceptionState};

use crate::Config;
use crate::finding::present;
use crate::scope::{self, Scope};
use crate::walk::{Listing, Place, Walk};

/// Acceptances asked for at a time, so that those who are asked about their findings stay few.
const MOST: u64 = 50;

/// Findings asked for to learn whose an acceptance is. An acceptance covers findings of one engagement, so
/// the first few answer for all.
const WITNESSES: usize = 20;

/// Findings named in one request, which keeps its URL short.
const TOGETHER: usize = 200;

/// How far a bookmark goes back, in seconds.
const OVERLAP: u32 = 300;

#[derive(Debug, Deserialize)]
struct Row {
    id: u64,
    name: String,
    #[serde(default)]
    recommendation: Option<String>,
    #[serde(default)]
    recommendation_details: Option<String>,
    #[serde(default)]
    decision: Option<String>,
    #[serde(default)]
    decision_details: Option<String>,
    #[serde(default)]
    accepted_by: Option<String>,
    #[serde(default)]
    owner: Option<u64>,
    #[serde(default, deserialize_with = "time::read::instant")]
    expiration_date: Option<Instant>,
    #[serde(default, deserialize_with = "time::read::instant")]
    expiration_date_handled: Option<Instant>,
    #[serde(default)]
    reactivate_expired: Option<bool>,
    #[serde(default, deserialize_with = "time::read::instant")]
    created: Option<Instant>,
    #[serde(default, deserialize_with = "time::read::instant")]
    updated: Option<Instant>,
    #[serde(default)]
    accepted_findings: Vec<u64>,
}

/// An acceptance, as far as it names its witnesses.
#[derive(Debug, Deserialize)]
struct Covering {
    #[serde(default)]
    accepted_findings: Vec<u64>,
}

/// A finding, as far as it tells whose an acceptance is.
#[derive(Debug, Deserialize)]
struct Witness {
    id: u64,
    test: u64,
    #[serde(default)]
    component_name: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

/// A page of the stream `exceptions`.
pub(crate) fn page(cx: &Context<Config>, mut place: Place) -> Result<Page> {
    if place.product.is_none() {
        place.product = scope::product(cx)?;
    }
    let since = place.since.as_deref().map(time::instant).transpose()?.flatten();
    let query = since.iter().map(|since| ("updated__gte", since.to_string())).collect();
    let limit = cx.config.page_size.min(MOST);
    let rows = Walk { cx, endpoint: "risk-acceptances", limit, query }.page(&place)?;

    let witnesses = Witnesses::of(cx, place.product, &rows.answer)?;
    let mut newest = place.newest.as_deref().map(time::instant).transpose()?.flatten().max(since);
    let mut old = 0;
    let collected = rows.answer.each("/results", |row: Row| {
        let unchanged = since.zip(row.updated).is_some_and(|(since, updated)| updated < since);
        old += u32::from(unchanged);
        newest = newest.max(row.updated);
        if row.id <= rows.seen || unchanged {
            return Ok(None);
        }
        let Some(subjects) = witnesses.subjects(cx, &row)? else { return Ok(None) };
        Ok(Some(row.item(subjects)))
    });
    if old > 0 {
        cx.log().info("the server ignored `updated__gte`; its answer was filtered", &[("dropped", &old)]);
    }
    let page = Page::of(collected);
    let page = match rows.next {
        Some(next) => page.next(Some(Place { newest: newest.map(String::from), ..next })),
        None => page.bookmark(Place {
            since: newest.map(|newest| newest.seconds_before(OVERLAP).to_string()),
            ..Place::default()
        }),
    };
    Ok(match rows.gap {
        Some(gap) => page.gap(None, gap),
        None => page,
    })
}

/// What the covered findings say about the acceptances of a page.
struct Witnesses {
    product: Option<u64>,
    findings: BTreeMap<u64, (Witness, Result<bool>)>,
}

impl Witnesses {
    fn of(cx: &Context<Config>, product: Option<u64>, answer: &Fetched<Listing>) -> Result<Self> {
        let mut findings = BTreeMap::new();
        if product.is_none() && cx.config.rules.is_empty() {
            return Ok(Self { product, findings });
        }
        let wanted: BTreeSet<u64> = answer
            .list::<Covering>("/results")?
            .into_iter()
            .flat_map(|row| row.value.accepted_findings.into_iter().take(WITNESSES))
            .collect();
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let calls = wanted.chunks(TOGETHER).map(|ids| {
            let call =
                cx.get("findings").query("id", ids.join(",")).query("limit", TOGETHER).query("o", "id");
            call.query("prefetch", "test")
        });
        for answer in cx.fetch_all(calls.collect()) {
            let answer = answer?.json::<Listing>()?;
            let scope = Scope::of(cx, product, &answer.value.prefetch)?;
            for witness in answer.list::<Witness>("/results")? {
                let belongs = scope.has(witness.value.test);
                findings.insert(witness.value.id, (witness.value, belongs));
            }
        }
        Ok(Self { product, findings })
    }

    /// What an acceptance is about, or `None` when it is about another product.
    fn subjects(&self, cx: &Context<Config>, row: &Row) -> Result<Option<Vec<String>>> {
        let mut subjects = cx.config.subjects_of(None, &[]);
        let mut ours = self.product.is_none();
        let mut doubt = None;
        for (witness, belongs) in row.accepted_findings.iter().filter_map(|id| self.findings.get(id)) {
            match belongs {
                Ok(true) => {
                    ours = true;
                    let of_finding = cx.config.subjects_of(witness.component_name.as_deref(), &witness.tags);
                    subjects.extend(of_finding);
                }
                Ok(false) => {}
                Err(failure) => doubt = Some(failure.clone()),
            }
        }
        match (ours, doubt) {
            (true, _) => Ok(Some(subjects)),
            (false, Some(doubt)) => Err(doubt),
            (false, None) => {
                if row.accepted_findings.is_empty() {
                    cx.log().warn(
                        "a risk acceptance covers no finding any more, so its product cannot be told; it is left out",
                        &[("risk-acceptance", &row.id)],
                    );
                }
                Ok(None)
            }
        }
    }
}

impl Row {
    fn item(self, subjects: Vec<String>) -> Item {
        let recommended = self.recommendation.as_deref().and_then(word);
        let body = Exception {
            decision: decision(self.decision.as_deref()),
            state: match self.expiration_date_handled {
                Some(_) => ExceptionState::Expired,
                // Whether the date has passed is for whoever asks, at the time they ask.
                None => ExceptionState::Active,
            },
            rationale: None,
            conditions: present(self.decision_details),
            recommendation: match (recommended, present(self.recommendation_details)) {
                (Some(word), Some(details)) => Some(format!("{word}: {details}")),
                (word, details) => details.or(word.map(str::to_owned)),
            },
            accepted_by: present(self.accepted_by),
            owner: self.owner.map(|user| format!("user {user}")),
            granted_at: self.created.map(Into::into),
            expired_at: self.expiration_date_handled.map(Into::into),
            findings: self.accepted_findings.iter().map(ToString::to_string).collect(),
            reopens: self.reactivate_expired,
        };
        let covered = match body.findings.len() {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        Item::new(self.id, &self.name, body)
            .summary(format!("Risk acceptance over {covered}"))
            .subjects(subjects)
            .source_time(self.updated)
            .expires(self.expiration_date)
    }
}

fn decision(letter: Option<&str>) -> ExceptionDecision {
    match letter {
        Some("A") => ExceptionDecision::Accept,
        Some("V") => ExceptionDecision::Avoid,
        Some("M") => ExceptionDecision::Mitigate,
        Some("F") => ExceptionDecision::Fix,
        Some("T") => ExceptionDecision::Transfer,
        _ => ExceptionDecision::Unknown,
    }
}

/// The word for a letter, in DefectDojo's meaning.
fn word(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "A" => "accept",
        "V" => "avoid",
        "M" => "mitigate",
        "F" => "fix",
        "T" => "transfer",
        _ => return None,
    })
}
