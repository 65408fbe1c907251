//! The test kit for connectors that file into a queue: every call over recorded traffic, held against the contract.
//!
//! ```no_run
//! # use probity_sdk::{prelude::*, testing};
//! # struct Desk;
//! # #[derive(Deserialize, JsonSchema)] struct Config {}
//! # #[probity_sdk::connector]
//! # impl Intake for Desk {
//! #     type Config = Config;
//! #     fn manifest() -> IntakeManifest { IntakeManifest::new("desk", "0.1.0", "Desk") }
//! #     fn check(_: &Context<Config>) -> Result<Vec<String>> { Ok(vec![]) }
//! #     fn submit(_: &Context<Config>, _: &Submission) -> Result<Receipt> { Ok(Receipt::filed("1")) }
//! #     fn status(_: &Context<Config>, _: &str) -> Result<Disposition> { Ok(Disposition::default()) }
//! # }
//! let recorded = testing::Recorded::load_file("tests/recorded/filed.json").unwrap();
//! let submission = testing::intake::submission("p-1.7");
//! let called = testing::intake::submit::<Desk>(&serde_json::json!({}), &submission, &recorded).sound();
//! assert_eq!(called.outcome.unwrap().reference, "12");
//! assert_eq!(called.wrote, ["create"]);
//! ```

use std::rc::Rc;

use super::doors::{Remark, Replay};
use super::{Recorded, lint as manifest_lint};
use crate::bindings::describing::exports::probity::connector::manifest::Effect;
use crate::doors::Doors;
use crate::intake::{Receipt, Submission};
use crate::{Context, Disposition, Intake, Result, glue, time};

/// Longest name a queue may give a submission, in bytes.
const LONGEST_REFERENCE: usize = 200;

/// What one call did.
#[derive(Debug)]
pub struct Called<T> {
    /// What it returned.
    pub outcome: Result<T>,
    /// The writing endpoints it asked, in their order.
    pub wrote: Vec<String>,
    /// What the host would have refused. Empty for a connector that keeps the contract.
    pub breaches: Vec<String>,
    /// Recorded exchanges that nothing has asked for yet, in this call or an earlier one over the same recording.
    pub unused: Vec<String>,
    /// What was remarked for the operator.
    pub remarks: Vec<Remark>,
}

impl<T> Called<T> {
    /// Itself, if the contract was kept.
    ///
    /// # Panics
    /// Where it was not, with every breach.
    #[must_use]
    pub fn sound(self) -> Self {
        assert!(self.breaches.is_empty(), "the host would refuse this:\n- {}", self.breaches.join("\n- "));
        self
    }
}

/// A small submission of some id: a title, a text, a digest, two attachments.
pub fn submission(id: &str) -> Submission {
    let attachment = |name: &str, media_type: &str, bytes: &[u8]| crate::Attachment {
        name: name.into(),
        media_type: media_type.into(),
        bytes: bytes.into(),
    };
    Submission {
        id: id.into(),
        title: "Exception: shared credential in the legacy broker path".into(),
        text:
            "# Exception packet\n\nThe credential is *shared* until the migration is done — see the plan.\n"
                .into(),
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        attachments: vec![
            attachment("packet.md", "text/markdown", "# Exception packet — für alle\n".as_bytes()),
            attachment("bundle.tar.zst", "application/zstd", &[0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 255]),
        ],
    }
}

/// Files a submission over a recording.
pub fn submit<I: Intake>(
    config: &serde_json::Value,
    submission: &Submission,
    recorded: &Recorded,
) -> Called<Receipt> {
    let mut called =
        call::<I, _>(recorded, |doors| glue::filing::submit::<I>(&config.to_string(), submission, doors));
    let (called_first, breaches) = (called.1, &mut called.0.breaches);
    if called_first == Some(Effect::Write) {
        breaches.push("it wrote before it searched, so a lost answer files twice".into());
    }
    if let Ok(receipt) = &called.0.outcome {
        breaches.extend(audit_receipt(receipt, &called.0.wrote));
    }
    called.0
}

/// Asks over a recording what became of a submission.
pub fn status<I: Intake>(
    config: &serde_json::Value,
    reference: &str,
    recorded: &Recorded,
) -> Called<Disposition> {
    let (mut called, _) =
        call::<I, _>(recorded, |doors| glue::filing::status::<I>(&config.to_string(), reference, doors));
    wrote_nothing(&mut called);
    if let Ok(disposition) = &called.outcome {
        called.breaches.extend(audit_disposition(disposition));
    }
    called
}

/// Probes a connection over a recording.
pub fn check<I: Intake>(config: &serde_json::Value, recorded: &Recorded) -> Called<Vec<String>> {
    let (mut called, _) =
        call::<I, _>(recorded, |doors| glue::filing::check::<I>(&config.to_string(), doors));
    wrote_nothing(&mut called);
    called
}

/// A context over a recording, to call a connector's own functions with.
pub fn context<I: Intake>(config: I::Config, recorded: &Recorded) -> Context<I::Config> {
    let doors = Replay::new(Rc::new(glue::filing::describe::<I>()), recorded.clone());
    Context::new(config, Rc::new(doors))
}

/// What the host would refuse the component for, or an operator would ask about. Empty for a good manifest.
pub fn lint<I: Intake>() -> Vec<String> {
    manifest_lint::intake::<I>()
}

/// Makes a call, and says with what kind of request it began.
fn call<I: Intake, T>(
    recorded: &Recorded,
    make: impl FnOnce(Rc<dyn Doors>) -> Result<T>,
) -> (Called<T>, Option<Effect>) {
    let doors = Rc::new(Replay::new(Rc::new(glue::filing::describe::<I>()), recorded.clone()));
    let outcome = make(Rc::clone(&doors) as Rc<_>);
    let passed = doors.passed();
    let first = passed.first().map(|(_, effect)| *effect);
    let wrote = passed.into_iter().filter(|(_, effect)| *effect == Effect::Write).map(|(id, _)| id).collect();
    let called =
        Called { outcome, wrote, breaches: Vec::new(), unused: recorded.unused(), remarks: doors.remarks() };
    (called, first)
}

fn wrote_nothing<T>(called: &mut Called<T>) {
    if !called.wrote.is_empty() {
        called.breaches.push(format!("it wrote ({}); only `submit` may", called.wrote.join(", ")));
    }
}

fn audit_receipt(receipt: &Receipt, wrote: &[String]) -> Vec<String> {
    let mut breaches = Vec::new();
    if receipt.reference.is_empty() || receipt.reference.len() > LONGEST_REFERENCE {
        breaches.push(format!(
            "a reference has between 1 and {LONGEST_REFERENCE} bytes, not {}",
            receipt.reference.len()
        ));
    }
    match (receipt.existed, wrote.is_empty()) {
        (true, false) => breaches.push("it says that the submission existed, and wrote all the same".into()),
        (false, true) => breaches.push("it says that it filed the submission, and wrote nothing".into()),
        (true, true) | (false, false) => {}
    }
    if let Some(url) = receipt.url.as_ref().filter(|url| !is_web(url)) {
        breaches.push(format!("`{url}` is not an http or https address"));
    }
    breaches.extend(audit_instant(receipt.received_at.as_deref()));
    breaches
}

fn audit_disposition(disposition: &Disposition) -> Vec<String> {
    let mut breaches = audit_instant(disposition.at.as_deref());
    if disposition.submission.is_empty() {
        breaches.push("it does not say which submission this is".into());
    }
    breaches
}

fn audit_instant(at: Option<&str>) -> Vec<String> {
    let wrong =
        at.filter(|at| time::instant(at).map(|read| read.map(String::from)) != Ok(Some((*at).to_owned())));
    wrong.map(|at| format!("`{at}` is not an instant of the contract")).into_iter().collect()
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::prelude::*;
    use crate::testing::{Answer, Asked};

    /// Files into a queue of two endpoints, and misbehaves as its configuration says.
    struct Desk;

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Config {
        trick: Option<String>,
    }

    #[derive(Deserialize)]
    struct Found {
        id: Option<String>,
    }

    #[derive(Serialize)]
    struct New<'a> {
        key: &'a str,
        text: &'a str,
    }

    #[crate::connector]
    impl Intake for Desk {
        type Config = Config;

        fn manifest() -> IntakeManifest {
            IntakeManifest::new("desk", "0.1.0", "Desk")
                .summary("A queue of two endpoints")
                .auth(AuthScheme::Bearer)
                .reads(Endpoint::get("find", "/entries/{key}").purpose("To find what was filed"))
                .writes(
                    Endpoint::post("create", "/entries").purpose("To file").fixed_body("/queue", "\"board\""),
                )
        }

        fn check(cx: &Context<Config>) -> Result<Vec<String>> {
            if cx.config.trick.is_some() {
                cx.post("create", &json!({})).send()?;
            }
            Ok(vec!["The queue can be read.".into()])
        }

        fn submit(cx: &Context<Config>, submission: &Submission) -> Result<Receipt> {
            let trick = cx.config.trick.as_deref();
            let new = New { key: &submission.id, text: &submission.text };
            if trick == Some("writes first") {
                cx.post("create", &new).send()?;
            }
            let found = cx.get("find").path("key", &submission.id).json::<Found>()?;
            match (found.value.id, trick) {
                (None, Some("files nothing")) => Ok(Receipt::filed("1")),
                (Some(id), None) => Ok(Receipt::found(id).url(Some("https://desk.example.org/7".to_owned()))),
                (_, Some("bad address")) => {
                    Ok(Receipt::found("x".repeat(600)).url(Some("ftp://x".to_owned())))
                }
                (_, Some("bad time")) => {
                    Ok(Receipt { received_at: Some("today".into()), ..Receipt::found("7") })
                }
                (found, _) => {
                    cx.post("create", &new).send()?;
                    Ok(found.map_or_else(|| Receipt::filed("8"), Receipt::found))
                }
            }
        }

        fn status(cx: &Context<Config>, _: &str) -> Result<Disposition> {
            if cx.config.trick.is_some() {
                cx.post("create", &json!({})).send()?;
                return Ok(Disposition { at: Some("1970-01-01T00:00:00Z".into()), ..Disposition::default() });
            }
            Ok(Disposition { submission: "p-1.7".into(), ..Disposition::default() })
        }
    }

    fn asked(endpoint: &str, body: Option<serde_json::Value>) -> Asked {
        let key = body.is_none().then(|| ("key".to_owned(), "p-1.7".to_owned()));
        Asked { endpoint: endpoint.into(), path: key.into_iter().collect(), body, ..Asked::default() }
    }

    fn recorded(found: Option<&str>) -> Recorded {
        let answer = |body| Answer { body: Some(body), ..Answer::default() };
        let new = json!({"key": "p-1.7", "text": submission("p-1.7").text});
        Recorded::nothing()
            .exchange(asked("find", None), &answer(json!({"id": found})))
            .exchange(asked("create", Some(new)), &Answer { status: Some(201), ..Answer::default() })
            .exchange(asked("create", Some(json!({}))), &Answer { status: Some(201), ..Answer::default() })
    }

    fn submitted(trick: Option<&str>, found: Option<&str>) -> Called<Receipt> {
        submit::<Desk>(&json!({"trick": trick}), &submission("p-1.7"), &recorded(found))
    }

    #[test]
    fn a_submission_is_searched_for_and_then_filed() {
        let called = submitted(None, None).sound();
        assert_eq!(called.wrote, ["create"]);
        assert_eq!(called.outcome.unwrap(), Receipt::filed("8"));
        let called = submitted(None, Some("7")).sound();
        assert_eq!(called.wrote, Vec::<String>::new());
        assert!(called.outcome.unwrap().existed);
        assert_eq!(called.unused.len(), 2, "what was not asked for is told");
    }

    #[test]
    fn what_the_host_would_refuse_of_a_submission_is_a_breach() {
        for (trick, found, breach) in [
            ("writes first", None, "wrote before it searched"),
            ("writes first", Some("7"), "existed, and wrote all the same"),
            ("writes anyway", Some("7"), "existed, and wrote all the same"),
            ("files nothing", None, "wrote nothing"),
            ("bad address", Some("7"), "is not an http or https address"),
            ("bad address", Some("7"), "a reference has between"),
            ("bad time", Some("7"), "is not an instant"),
        ] {
            let called = submitted(Some(trick), found);
            assert!(
                called.breaches.iter().any(|told| told.contains(breach)),
                "{trick}: {:?}",
                called.breaches
            );
        }
    }

    #[test]
    fn only_submit_writes() {
        let honest = json!({"trick": null});
        assert_eq!(check::<Desk>(&honest, &recorded(None)).sound().outcome.unwrap().len(), 1);
        assert_eq!(
            status::<Desk>(&honest, "7", &recorded(None)).sound().outcome.unwrap().submission,
            "p-1.7"
        );
        let tricky = json!({"trick": "writes"});
        let called = check::<Desk>(&tricky, &recorded(None));
        assert!(called.breaches.concat().contains("only `submit` may"), "{:?}", called.breaches);
        let breaches = status::<Desk>(&tricky, "7", &recorded(None)).breaches.join("\n");
        for told in ["only `submit` may", "is not an instant", "which submission"] {
            assert!(breaches.contains(told), "{told} is missing in\n{breaches}");
        }
    }

    #[test]
    fn a_recorded_body_is_matched_whole_and_fixed_members_stay_fixed() {
        let mut other = submission("p-1.7");
        other.text.push('!');
        let failure = submit::<Desk>(&json!({"trick": null}), &other, &recorded(None)).outcome.unwrap_err();
        assert!(failure.message.contains("nothing is recorded"), "{}", failure.message);
        let cx = context::<Desk>(Config { trick: None }, &recorded(None));
        let failure = cx.post("create", &json!({"queue": "elsewhere"})).send().unwrap_err();
        assert_eq!(failure.kind, FailureKind::EgressDenied);
    }

    #[test]
    fn a_good_manifest_has_nothing_to_complain_about_and_says_what_writes() {
        assert_eq!(lint::<Desk>(), Vec::<String>::new());
        let manifest = glue::filing::describe::<Desk>();
        let effects: Vec<_> = manifest.endpoints.iter().map(|one| (one.id.as_str(), one.effect)).collect();
        assert_eq!(effects, [("find", Effect::Read), ("create", Effect::Write)]);
        assert!(manifest.feeds.is_empty() && manifest.config_schema.contains("trick"));
    }

    struct Sloppy;

    #[crate::connector]
    impl Intake for Sloppy {
        type Config = Config;

        fn manifest() -> IntakeManifest {
            IntakeManifest::new("sloppy", "0.1.0", "Sloppy").writes(Endpoint::get("create", "/entries"))
        }

        fn check(_: &Context<Config>) -> Result<Vec<String>> {
            Ok(Vec::new())
        }

        fn submit(_: &Context<Config>, _: &Submission) -> Result<Receipt> {
            Ok(Receipt::filed("1"))
        }

        fn status(_: &Context<Config>, _: &str) -> Result<Disposition> {
            Ok(Disposition::default())
        }
    }

    struct Silent;

    #[crate::connector]
    impl Intake for Silent {
        type Config = Config;

        fn manifest() -> IntakeManifest {
            IntakeManifest::new("silent", "0.1.0", "Silent")
                .reads(Endpoint::get("find", "/entries").purpose("To find"))
        }

        fn check(_: &Context<Config>) -> Result<Vec<String>> {
            Ok(Vec::new())
        }

        fn submit(_: &Context<Config>, _: &Submission) -> Result<Receipt> {
            Ok(Receipt::filed("1"))
        }

        fn status(_: &Context<Config>, _: &str) -> Result<Disposition> {
            Ok(Disposition::default())
        }
    }

    #[test]
    fn a_sloppy_manifest_is_told_everything_at_once() {
        let complaints = lint::<Sloppy>().join("\n");
        for what in ["writing is done by POST", "no endpoint reads", "what it is there for", "the summary"] {
            assert!(complaints.contains(what), "{what} is missing in\n{complaints}");
        }
        assert!(!complaints.contains("stream"), "{complaints}");
        assert!(lint::<Silent>().join("\n").contains("no endpoint writes"), "{:?}", lint::<Silent>());
    }
}
