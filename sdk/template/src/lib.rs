//! {{title}}: a Probity connector.
//!
//! It reads an imaginary issue tracker, `GET /api/issues?limit=…&offset=…`, into findings. Change the endpoints, the
//! types and `finding` to fit yours, record what your source answers into `tests/recorded`, and the rest stays.

use probity_sdk::prelude::*;
use probity_sdk::{FindingState, Severity};

/// A connection's configuration. The comments are shown to the operator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The project whose issues are read.
    pub project: String,
    /// What the evidence is about, for example `service:payments-bridge`.
    pub subject: String,
}

/// The connector.
pub struct Connector;

/// An issue, as far as it is read.
#[derive(Deserialize)]
struct Issue {
    number: u64,
    project: String,
    title: String,
    severity: String,
    open: bool,
    #[serde(default)]
    text: String,
    #[serde(default, deserialize_with = "time::read::instant")]
    changed: Option<Instant>,
}

/// What surrounds the issues in an answer.
#[derive(Deserialize)]
struct Issues {
    total: u64,
}

#[probity_sdk::connector]
impl Source for Connector {
    type Config = Config;

    fn manifest() -> Manifest {
        Manifest::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), "{{title}}")
            .summary("The issues of one project. It does not read comments or attachments.")
            .auth(AuthScheme::Bearer)
            .endpoint(
                Endpoint::get("issues", "/api/issues").purpose("The issues of the project, open and closed"),
            )
            .stream(Stream::full("findings", "Every issue, as a finding").kind(Kind::Finding))
    }

    fn check(cx: &Context<Config>) -> Result<Vec<String>> {
        let issues =
            cx.get("issues").query("project", &cx.config.project).query("limit", 1).json::<Issues>()?;
        Ok(vec![format!("The credential may read {} issues.", issues.value.total)])
    }

    fn collect(cx: &Context<Config>, _stream: &str, cursor: Option<&str>) -> Result<Page> {
        let at = cursor::Offset::start(cursor, 100)?;
        let page = cx
            .get("issues")
            .query("project", &cx.config.project)
            .query("limit", at.limit)
            .query("offset", at.offset)
            .json::<Issues>()?;
        // `each` cites every issue at its own place. One that cannot be read becomes a gap; the others go on.
        let found = page.each("/issues", |issue: Issue| {
            // A filter is a hint: some servers ignore the ones they do not know. So it is applied again.
            (issue.project == cx.config.project).then(|| finding(issue, &cx.config.subject))
        });
        let next = at.advance(found.elements, Some(page.value.total));
        Ok(Page::of(found).next(next))
    }
}

/// An issue as a finding: what the source says, and `unknown` where it does not.
fn finding(issue: Issue, subject: &str) -> Item {
    let body = Finding {
        severity: match issue.severity.as_str() {
            "critical" => Severity::Critical,
            "high" => Severity::High,
            "medium" => Severity::Medium,
            "low" => Severity::Low,
            _ => Severity::Unknown,
        },
        state: if issue.open { FindingState::Open } else { FindingState::Mitigated },
        description: issue.text,
        ..Finding::default()
    };
    Item::new(issue.number, issue.title, body).subject(subject).source_time(issue.changed)
}
