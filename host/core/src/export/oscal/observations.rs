//! Evidence: observations, the components they are about, and the resources that name its bytes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::value::{line, prop};
use crate::canonical::Digest;
use crate::evidence::Kind;
use crate::export::markdown::escape;
use crate::export::uuid::Names;
use crate::freshness::Freshness;
use crate::package::{InBook, Package, Source};

/// Components: the system, the credential, everything evidence is about; and Probity as what observed.
pub fn definitions(package: &Package, names: &Names<'_>) -> Value {
    let components: Vec<_> = subjects(package).into_iter().map(|subject| component(subject, names)).collect();
    json!({
        "components": components,
        "assessment-assets": {
            "components": [{
                "uuid": tool(names),
                "type": "software",
                "title": "Probity",
                "description": "Collected the evidence through sandboxed connectors.",
                "status": {"state": "operational"},
            }],
            "assessment-platforms": [{
                "uuid": names.uuid("platform", "probity"),
                "title": "Probity",
                "uses-components": [{"component-uuid": tool(names)}],
            }],
        },
    })
}

fn tool(names: &Names<'_>) -> String {
    names.uuid("tool", "probity")
}

fn subjects(package: &Package) -> BTreeSet<&str> {
    let mut subjects = BTreeSet::from([package.terms.system.as_str()]);
    subjects.extend(package.terms.credential.iter().map(|credential| credential.as_str()));
    for source in &package.sources {
        if let InBook::Found(found) = &source.in_book {
            subjects.extend(found.about.iter().map(String::as_str));
        }
    }
    subjects
}

fn component(subject: &str, names: &Names<'_>) -> Value {
    let kind = subject.split_once(':').map_or("other", |(kind, _)| kind);
    json!({
        "uuid": names.uuid("component", subject),
        "type": line(kind),
        "title": escape(&line(subject)),
        "description": "A subject, named as its source names it.",
        "status": {"state": "other", "remarks": "The packet does not say whether it operates."},
    })
}

/// One for each cited revision that is at hand. What is not at hand was collected at no known time.
pub fn observations(package: &Package, names: &Names<'_>) -> Vec<Value> {
    package.sources.iter().filter_map(|source| observation(source, names)).collect()
}

fn observation(source: &Source, names: &Names<'_>) -> Option<Value> {
    let InBook::Found(found) = &source.in_book else { return None };
    let subjects = found.about.iter().map(|subject| {
        json!({"subject-uuid": names.uuid("component", subject), "type": "component", "title": escape(&line(subject))})
    });
    Some(json!({
        "uuid": uuid(source, names),
        "title": escape(&line(&found.title)),
        "description": format!("{} from stream {} of connection {}, revision {}.", found.kind, found.stream, found.connection, source.revision),
        "props": [
            prop("source", format!("source-{}", source.number)),
            prop("evidence", &source.evidence),
            prop("revision", source.revision),
            prop("content", source.content),
            prop("connection", &found.connection),
            prop("stream", &found.stream),
            found.source_time.map_or(Value::Null, |time| prop("source-time", time)),
            prop("recorded", found.recorded),
            prop("last-seen", found.last_seen),
        ],
        "methods": [method(found.kind)],
        "types": [kind_of_observation(found.kind)],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": tool(names)}]}],
        "subjects": subjects.collect::<Vec<_>>(),
        "relevant-evidence": [{
            "href": format!("#{}", names.uuid("resource", source.number)),
            "description": "The revision that is cited, with the digests of the bytes it was found in.",
        }],
        "collected": found.collected,
        "expires": expires(found.freshness),
    }))
}

fn uuid(source: &Source, names: &Names<'_>) -> String {
    names.uuid("observation", format!("{}:{}:{}", source.evidence, source.revision, source.content))
}

/// Until when it counts, or counted.
const fn expires(freshness: Freshness) -> Option<crate::instant::Instant> {
    match freshness {
        Freshness::Fresh { until } => Some(until),
        Freshness::Stale { since, .. } => Some(since),
        Freshness::Unknown { .. } => None,
    }
}

/// Whether somebody looked at what is written down, or something was tried.
const fn method(kind: Kind) -> &'static str {
    match kind {
        Kind::RollbackTest | Kind::PipelineRun | Kind::Monitoring => "TEST",
        _ => "EXAMINE",
    }
}

/// OSCAL's word where it has one, else the kind's own.
const fn kind_of_observation(kind: Kind) -> &'static str {
    match kind {
        Kind::Finding => "discovery",
        other => other.as_str(),
    }
}

pub fn related(package: &Package, names: &Names<'_>) -> Vec<Value> {
    let found = package.sources.iter().filter(|source| matches!(source.in_book, InBook::Found(_)));
    found.map(|source| json!({"observation-uuid": uuid(source, names)})).collect()
}

/// One for each cited revision, at hand or not.
pub fn resources(package: &Package, names: &Names<'_>) -> Vec<Value> {
    package.sources.iter().map(|source| resource(source, names)).collect()
}

fn resource(source: &Source, names: &Names<'_>) -> Value {
    let named = |title: &str, props: Vec<Value>, rlinks: Vec<Value>| {
        let mut all = vec![
            prop("source", format!("source-{}", source.number)),
            prop("evidence", &source.evidence),
            prop("revision", source.revision),
            prop("content", source.content),
        ];
        all.extend(props);
        json!({
            "uuid": names.uuid("resource", source.number),
            "title": escape(&line(title)),
            "props": all,
            "rlinks": rlinks,
        })
    };
    match &source.in_book {
        InBook::Found(found) => {
            let mut rlinks: Vec<_> = found.captures.iter().map(capture_link).collect();
            let mut props = vec![prop("component", found.component), prop("run", &found.run)];
            match found.url.as_deref() {
                Some(url) if is_address(url) => rlinks.insert(0, json!({"href": url})),
                Some(url) => props.push(prop("url", url)),
                None => {}
            }
            named(&found.title, props, rlinks)
        }
        InBook::Missing => {
            named("Evidence that is not at hand", vec![prop("in-book", "missing")], Vec::new())
        }
        InBook::Altered { content } => named(
            "Evidence that says something else than was cited",
            vec![prop("in-book", "altered"), prop("found-content", content)],
            Vec::new(),
        ),
    }
}

fn capture_link(capture: &Digest) -> Value {
    json!({
        "href": format!("urn:probity:capture:{capture}"),
        "hashes": [{"algorithm": "SHA-256", "value": capture.hex()}],
    })
}

/// Whether a text from outside may stand where a reader follows it: a web address of plain characters.
fn is_address(url: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte);
    (url.starts_with("https://") || url.starts_with("http://")) && url.bytes().all(plain)
}
