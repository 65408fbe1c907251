//! The test kit against small connectors, honest and not.

use serde_json::json;

use super::{Answer, Asked, Recorded, Swept, Values, check, context, lint, sweep, sweep_from};
use crate::prelude::*;
use crate::{Locator, Next};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Which trick to play; none for an honest page.
    trick: Option<String>,
}

struct Tracker;

#[derive(Deserialize)]
struct Row {
    id: u64,
    #[serde(default, deserialize_with = "time::read::instant")]
    updated: Option<Instant>,
}

#[derive(Deserialize)]
struct Answered {
    total: u64,
}

#[crate::connector]
impl Source for Tracker {
    type Config = Config;

    fn manifest() -> Manifest {
        Manifest::new("tracker", "0.1.0", "Tracker")
            .summary("Rows of a tracker")
            .auth(AuthScheme::Bearer)
            .endpoint(
                Endpoint::get("rows", "/api/rows/")
                    .purpose("The rows")
                    .fixed_query("safe", "true")
                    .redact("/rows/*/secret"),
            )
            .endpoint(Endpoint::get("row", "/api/rows/{id}/").purpose("One row"))
            .endpoint(Endpoint::post("search", "/api/search").purpose("Rows by what they say"))
            .mount("documents", "Papers")
            .stream(Stream::full("findings", "Rows as findings").kind(Kind::Finding))
    }

    fn check(cx: &Context<Config>) -> Result<Vec<String>> {
        let found = cx.get("row").path("id", 404).accept(&[404]).send()?;
        Ok(vec![format!("answered {}", found.status())])
    }

    fn collect(cx: &Context<Config>, _: &str, cursor: Option<&str>) -> Result<Page> {
        let at = cursor::Offset::start(cursor, 2)?;
        let answer = cx.get("rows").query("limit", at.limit).query("offset", at.offset).json::<Answered>()?;
        let rows = answer.each("/rows", |row: Row| {
            Item::new(row.id, format!("Row\n{}", row.id), Finding::default())
                .source_time(row.updated)
                .subject("service:demo")
        });
        let next = at.advance(rows.elements, Some(answer.value.total));
        Ok(played(cx.config.trick.as_deref(), Page::of(rows).next(next), cursor))
    }
}

/// The page as a connector would return it that breaks the contract in some way.
fn played(trick: Option<&str>, mut page: Page, cursor: Option<&str>) -> Page {
    let Some(item) = page.items.first_mut() else { return page };
    match trick {
        Some("cites nothing") => item.citations.clear(),
        Some("cites another capture") => item.citations = vec![Citation::whole(7)],
        Some("cites nowhere") => item.citations = vec![Citation::pointer(0, "/rows/99")],
        Some("cites lines that are not there") => item.citations = vec![Citation::lines(0, 1, 99)],
        Some("undeclared kind") => item.body = Milestone::default().into(),
        Some("bad subject") => item.subjects.push("payments".into()),
        Some("bad time") => item.source_time = Some("2026-11-22".into()),
        Some("endless id") => item.id = "x".repeat(600),
        Some("stands still") if cursor.is_some() => page.next = Next::More(cursor.unwrap_or_default().into()),
        _ => {}
    }
    page
}

fn asked(offset: &str) -> Asked {
    let one = |text: &str| Values::One(text.into());
    let query = [("limit".to_owned(), one("2")), ("offset".to_owned(), one(offset))].into();
    Asked { endpoint: "rows".into(), query, ..Asked::default() }
}

fn answer(body: serde_json::Value) -> Answer {
    Answer { body: Some(body), ..Answer::default() }
}

fn two_pages() -> Recorded {
    let at = "2026-11-22T21:29:09.354959Z";
    Recorded::nothing()
        .exchange(
            asked("0"),
            &answer(
                json!({"total": 3, "rows": [{"id": 1, "updated": at, "secret": "hunter2"}, {"id": "two"}]}),
            ),
        )
        .exchange(asked("2"), &answer(json!({"total": 3, "rows": [{"id": 3}]})))
}

fn swept(trick: &str) -> Swept {
    sweep::<Tracker>(&json!({"trick": trick}), "findings", &two_pages()).unwrap()
}

#[test]
fn a_sweep_reads_all_pages_and_every_item_cites_its_own_element() {
    let swept = sweep::<Tracker>(&json!({}), "findings", &two_pages()).unwrap().sound();
    assert_eq!(swept.pages.len(), 2);
    let places: Vec<_> =
        swept.items.iter().map(|item| (item.id.as_str(), item.citations[0].locator.clone())).collect();
    assert_eq!(
        places,
        [("1", Locator::Pointer("/rows/0".into())), ("3", Locator::Pointer("/rows/0".into()))]
    );
    assert_eq!(swept.item("1").unwrap().source_time.as_deref(), Some("2026-11-22T21:29:09.354959Z"));
    assert_eq!(swept.items[0].title, "Row 1");
    assert_eq!(swept.unused, Vec::<String>::new());
}

#[test]
fn an_element_that_cannot_be_read_is_a_gap_at_its_pointer() {
    let swept = sweep::<Tracker>(&json!({}), "findings", &two_pages()).unwrap();
    assert_eq!(swept.gaps.len(), 1);
    assert_eq!(swept.gaps[0].reason.kind, FailureKind::Shape);
    assert!(swept.gaps[0].reason.message.contains("/rows/1"), "{}", swept.gaps[0].reason.message);
}

#[test]
fn what_the_host_would_refuse_is_a_breach() {
    for (trick, breach) in [
        ("cites nothing", "it cites nothing"),
        ("cites another capture", "it cites capture 7"),
        ("cites nowhere", "where nothing is"),
        ("cites lines that are not there", "it cites the lines"),
        ("undeclared kind", "does not declare the kind"),
        ("bad subject", "is not a subject"),
        ("bad time", "is not an instant"),
        ("endless id", "an id has between"),
        ("stands still", "the cursor did not move"),
    ] {
        let swept = swept(trick);
        assert!(swept.breaches.iter().any(|told| told.contains(breach)), "{trick}: {:?}", swept.breaches);
    }
}

#[test]
fn an_id_answered_twice_costs_no_page() {
    let rows = json!({"total": 2, "rows": [{"id": 1}, {"id": 1}]});
    let recorded = Recorded::nothing().exchange(asked("0"), &answer(rows));
    let swept = sweep::<Tracker>(&json!({}), "findings", &recorded).unwrap().sound();
    assert_eq!((swept.items.len(), swept.gaps.len()), (1, 1));
}

#[test]
fn a_page_of_broken_elements_alone_costs_no_page_either() {
    let rows: Vec<_> = (0..1_500).map(|number| json!({"id": format!("broken {number}")})).collect();
    let recorded = Recorded::nothing().exchange(asked("0"), &answer(json!({"total": 1, "rows": rows})));
    let swept = sweep::<Tracker>(&json!({}), "findings", &recorded).unwrap().sound();
    assert_eq!(swept.gaps.len(), 1_000);
    assert!(swept.gaps[999].reason.message.contains("501 more"), "{}", swept.gaps[999].reason.message);
}

#[test]
fn doors_are_no_wider_than_the_manifest() {
    let recorded = two_pages();
    let cx = context::<Tracker>(Config { trick: None }, &recorded);
    let refused = |result: Result<Captured>, what: &str| {
        let failure = result.expect_err(what);
        assert_eq!(failure.kind, FailureKind::EgressDenied, "{what}: {}", failure.message);
    };
    refused(cx.get("users").send(), "undeclared endpoint");
    refused(cx.get("row").send(), "a path parameter is missing");
    refused(cx.get("row").path("id", 1).path("more", 2).send(), "an unknown path parameter");
    refused(cx.get("row").path("id", "..").send(), "a path that climbs");
    refused(cx.get("rows").query("safe", "false").send(), "the fixed query is overridden");
    refused(cx.get("rows").header("Authorization", "Bearer x").send(), "a credential of its own");
    refused(cx.post("rows", &json!({})).send(), "a body where there is none");
    refused(cx.follow("rows", "https://elsewhere.test/api/users/?limit=2"), "a link to another path");
    refused(
        cx.follow("rows", "/api/rows/?limit=2&offset=0&safe=false"),
        "a link that changes the fixed query",
    );
    assert_eq!(cx.files("secrets").read("a").expect_err("undeclared mount").kind, FailureKind::EgressDenied);
    assert!(cx.follow("rows", "http://10.0.0.1:99/api/rows/?limit=2&offset=2&safe=true").is_ok());
}

#[test]
fn declared_redactions_are_blank_before_the_connector_sees_them() {
    let cx = context::<Tracker>(Config { trick: None }, &two_pages());
    let answer = cx.get("rows").query("limit", 2).query("offset", 0).send().unwrap();
    assert!(!answer.text().unwrap().contains("hunter2"), "{}", answer.text().unwrap());
    assert!(answer.text().unwrap().contains("[redacted]"));
}

#[test]
fn a_status_is_an_answer_only_where_it_is_accepted() {
    let one = Asked {
        endpoint: "row".into(),
        path: [("id".to_owned(), "404".to_owned())].into(),
        ..Asked::default()
    };
    let gone = Answer { status: Some(404), ..Answer::default() };
    let recorded = Recorded::nothing().exchange(one, &gone);
    assert_eq!(check::<Tracker>(&json!({}), &recorded).unwrap(), ["answered 404"]);
    let cx = context::<Tracker>(Config { trick: None }, &recorded);
    assert_eq!(cx.get("row").path("id", 404).send().expect_err("404").kind, FailureKind::NotFound);
}

#[test]
fn several_requests_are_answered_in_their_order() {
    let recorded = two_pages();
    let cx = context::<Tracker>(Config { trick: None }, &recorded);
    let call = |offset: u64| cx.get("rows").query("limit", 2).query("offset", offset);
    let answers = cx.fetch_all(vec![call(2), cx.get("users"), call(0)]);
    let captures: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(Captured::capture)).collect();
    assert_eq!(captures, [Some(0), None, Some(1)]);
}

#[test]
fn what_was_recorded_and_not_asked_for_is_told() {
    let recorded = two_pages().exchange(asked("4"), &answer(json!({"total": 3, "rows": []})));
    let swept = sweep::<Tracker>(&json!({}), "findings", &recorded).unwrap();
    assert_eq!(swept.unused.len(), 1);
    assert!(swept.unused[0].contains("\"4\""), "{:?}", swept.unused);
}

#[test]
fn a_configuration_or_stream_that_does_not_fit_fails_before_anything_is_read() {
    let recorded = two_pages();
    let failure = sweep::<Tracker>(&json!({"trik": "x"}), "findings", &recorded).expect_err("unknown key");
    assert!(failure.kind == FailureKind::Config && failure.message.contains("trik"), "{}", failure.message);
    let failure = sweep::<Tracker>(&json!({}), "rows", &recorded).expect_err("unknown stream");
    assert!(failure.message.contains("findings"), "{}", failure.message);
    let failure = sweep_from::<Tracker>(&json!({}), "findings", Some("x"), &recorded).expect_err("cursor");
    assert_eq!(failure.kind, FailureKind::Internal);
    assert_eq!(recorded.unused().len(), 2);
}

#[test]
fn a_good_manifest_has_nothing_to_complain_about() {
    assert_eq!(lint::<Tracker>(), Vec::<String>::new());
    let schema: serde_json::Value =
        serde_json::from_str(&crate::glue::describe::<Tracker>().config_schema).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["trick"]["description"].as_str().unwrap().contains("Which trick"));
}

struct Sloppy;

#[derive(Deserialize, JsonSchema)]
struct Nested {
    #[expect(dead_code, reason = "only its schema is looked at")]
    below: Vec<Nested>,
}

#[crate::connector]
impl Source for Sloppy {
    type Config = Nested;

    fn manifest() -> Manifest {
        Manifest::new("Sloppy!", "one", "Sloppy")
            .endpoint(Endpoint::get("Rows", "api//rows"))
            .stream(Stream::full("rows", "Rows"))
            .stream(Stream::full("rows", "Rows").kind(Kind::Finding))
    }

    fn check(_: &Context<Nested>) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn collect(_: &Context<Nested>, _: &str, _: Option<&str>) -> Result<Page> {
        Ok(Page::empty())
    }
}

#[test]
fn a_sloppy_manifest_is_told_everything_at_once() {
    let complaints = lint::<Sloppy>().join("\n");
    for what in [
        "the name `Sloppy!`",
        "the version `one`",
        "the summary",
        "no way to sign in",
        "refers to itself",
        "must start with /",
        "say for the operator",
        "endpoint `Rows`: an id",
        "stream `rows` is declared twice",
        "declares no kind",
    ] {
        assert!(complaints.contains(what), "{what} is missing in\n{complaints}");
    }
}
