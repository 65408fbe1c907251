//! Findings, in every state.
//!
//! Three places say that a risk is accepted, and not always together: `risk_accepted`, `active` (which
//! acceptance turns off), and an entry in `accepted_risks`. A finding whose risk was accepted through the web
//! pages or the API has the first two, one accepted by an import only the third. So all three are read.

use probity_sdk::prelude::*;
use probity_sdk::{FindingState, Severity};

use crate::Config;
use crate::scope::{self, Scope};
use crate::walk::{Place, Rows, Walk};

/// A finding, as far as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub id: u64,
    pub title: String,
    pub test: u64,
    severity: String,
    active: bool,
    false_p: bool,
    duplicate: bool,
    out_of_scope: bool,
    is_mitigated: bool,
    risk_accepted: bool,
    #[serde(default)]
    under_review: bool,
    #[serde(default)]
    under_defect_review: bool,
    #[serde(default)]
    verified: Option<bool>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    impact: Option<String>,
    #[serde(default)]
    mitigation: Option<String>,
    #[serde(default, deserialize_with = "time::read::date")]
    date: Option<Date>,
    #[serde(default, deserialize_with = "time::read::instant")]
    mitigated: Option<Instant>,
    #[serde(default, deserialize_with = "time::read::date")]
    sla_expiration_date: Option<Date>,
    #[serde(default, deserialize_with = "time::read::instant")]
    updated: Option<Instant>,
    #[serde(default)]
    cwe: Option<u32>,
    #[serde(default)]
    vulnerability_ids: Vec<Vulnerability>,
    #[serde(default)]
    component_name: Option<String>,
    #[serde(default)]
    component_version: Option<String>,
    #[serde(default)]
    file_path: Option<String>,
    #[serde(default)]
    line: Option<u64>,
    #[serde(default)]
    known_exploited: Option<bool>,
    #[serde(default)]
    accepted_risks: Vec<Accepted>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pub notes: Vec<NoteStub>,
}

#[derive(Debug, Deserialize)]
struct Vulnerability {
    vulnerability_id: String,
}

/// An acceptance, inlined with the finding.
#[derive(Debug, Deserialize)]
struct Accepted {
    id: u64,
    #[serde(default)]
    decision: Option<String>,
    #[serde(default, deserialize_with = "time::read::instant")]
    expiration_date_handled: Option<Instant>,
}

/// A note as it comes with the finding: its text is blanked by the host.
#[derive(Debug, Deserialize)]
pub(crate) struct NoteStub {
    #[serde(default)]
    pub private: bool,
}

impl Accepted {
    /// Whether it accepts the risk, and has not been found expired. Other decisions promise to act.
    fn stands(&self) -> bool {
        self.decision.as_deref() == Some("A") && self.expiration_date_handled.is_none()
    }
}

/// The findings at a place, and what is needed to judge them.
pub(crate) struct Findings {
    pub rows: Rows,
    pub scope: Scope,
}

/// Reads findings at a place, in every state.
pub(crate) fn read(cx: &Context<Config>, mut place: Place, limit: u64) -> Result<Findings> {
    if place.product.is_none() {
        place.product = scope::product(cx)?;
    }
    let mut query = vec![("o", "id".to_owned())];
    query.extend(scope::query(place.product));
    let rows = Walk { cx, endpoint: "findings", limit, query }.page(&place)?;
    let scope = Scope::of(cx, place.product, &rows.answer.value.prefetch)?;
    Ok(Findings { rows, scope })
}

/// A page of the stream `findings`.
pub(crate) fn page(cx: &Context<Config>, place: Place) -> Result<Page> {
    let Findings { rows, scope } = read(cx, place, cx.config.page_size)?;
    let mut strangers = 0;
    let collected = rows.answer.each("/results", |row: Row| {
        if row.id <= rows.seen {
            return Ok(None);
        }
        if !scope.has(row.test)? {
            strangers += 1;
            return Ok(None);
        }
        Ok(Some(row.item(&cx.config)))
    });
    if strangers > 0 {
        cx.log().warn(
            "the server ignored the filter by product; its answer was filtered",
            &[("dropped", &strangers)],
        );
    }
    let page = Page::of(collected).next(rows.next);
    Ok(match rows.gap {
        Some(gap) => page.gap(None, gap),
        None => page,
    })
}

impl Row {
    /// What it is about.
    pub(crate) fn subjects(&self, config: &Config) -> Vec<String> {
        config.subjects_of(self.component_name.as_deref(), &self.tags)
    }

    fn state(&self) -> FindingState {
        if self.false_p {
            FindingState::FalsePositive
        } else if self.duplicate {
            FindingState::Duplicate
        } else if self.out_of_scope {
            FindingState::OutOfScope
        } else if self.is_mitigated {
            FindingState::Mitigated
        } else if self.risk_accepted || self.accepted_risks.iter().any(Accepted::stands) {
            FindingState::RiskAccepted
        } else if self.under_review || self.under_defect_review {
            FindingState::UnderReview
        } else if self.active {
            FindingState::Open
        } else {
            // Switched off, and nothing says why.
            FindingState::Unknown
        }
    }

    fn location(&self) -> Option<String> {
        let path = present(self.file_path.clone())?;
        Some(self.line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")))
    }

    /// Exploited in the wild and still there: an accepted risk is no protection, so only `active` counts.
    fn exposure(&self) -> Option<String> {
        (self.known_exploited == Some(true) && self.active && !self.false_p && !self.duplicate).then(|| {
            let names: Vec<&str> =
                self.vulnerability_ids.iter().map(|one| one.vulnerability_id.as_str()).collect();
            let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            format!("The weakness{names} is known to be exploited, and the finding is active")
        })
    }

    fn item(self, config: &Config) -> Item {
        let subjects = self.subjects(config);
        let exposure = self.exposure();
        let body = Finding {
            severity: severity(&self.severity),
            state: self.state(),
            verified: self.verified,
            location: self.location(),
            description: self.description.unwrap_or_default(),
            impact: present(self.impact),
            mitigation: present(self.mitigation),
            found: self.date.map(Into::into),
            mitigated_at: self.mitigated.map(Into::into),
            due: self.sla_expiration_date.map(Into::into),
            weakness: self.cwe.filter(|number| *number > 0),
            vulnerabilities: self.vulnerability_ids.into_iter().map(|one| one.vulnerability_id).collect(),
            component: present(self.component_name)
                .map(|name| Component { name, version: present(self.component_version) }),
            known_exploited: self.known_exploited,
            exceptions: self.accepted_risks.iter().map(|accepted| accepted.id.to_string()).collect(),
        };
        let item = Item::new(self.id, &self.title, body)
            .summary(format!(
                "{} finding, {}",
                self.severity,
                if self.active { "active" } else { "inactive" }
            ))
            .url(config.page(&format!("finding/{}", self.id)))
            .subjects(subjects)
            .source_time(self.updated)
            .exposure(exposure)
            .label("active", self.active)
            .label("risk-accepted", self.risk_accepted);
        self.tags.iter().fold(item, |item, tag| item.label("tag", tag))
    }
}

fn severity(text: &str) -> Severity {
    match text {
        "Critical" => Severity::Critical,
        "High" => Severity::High,
        "Medium" => Severity::Medium,
        "Low" => Severity::Low,
        "Info" => Severity::Info,
        _ => Severity::Unknown,
    }
}

/// A text that says something.
pub(crate) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
