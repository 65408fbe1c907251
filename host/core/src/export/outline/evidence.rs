//! Claims with what they rest on, and the cited sources with their digests.

use serde_json::Value;

use crate::claim::{Standing, Test};
use crate::export::document::{Block, Fact, Inline, Part, Table, Tone, code, fact, link, listed, text};
use crate::freshness::Freshness;
use crate::package::{CitedPlace, ClaimRow, Found, InBook, Package, Source};

/// What a source is called in the document.
pub(super) fn name_of(number: usize) -> String {
    format!("source-{number}")
}

pub(super) fn claims(package: &Package) -> Part {
    let part = Part::new("Claims and evidence");
    if package.claims.is_empty() {
        return part.block(Block::Text(vec![text("No claim was accepted.")]));
    }
    package.claims.iter().fold(part, |part, row| part.part(claim(row, package)))
}

fn claim(row: &ClaimRow, package: &Package) -> Part {
    let (tone, standing) = standing_mark(row.standing);
    let mut part = Part::new(row.claim.to_string()).mark(tone, standing);
    if row.carries_condition {
        part = part.mark(Tone::Plain, "carries the condition");
    }
    part = part.block(Block::Words {
        text: row.text.clone(),
        source: vec![
            text("Made by "),
            Inline::Strong(row.made_by.to_string()),
            text(", the author's since "),
            Inline::Time(row.accepted),
        ],
        tone,
    });
    let mut facts = vec![fact("Reasoning", row.reasoning.clone())];
    facts.extend(row.test.as_ref().map(|test| fact("Tested by", code(test_words(test)))));
    facts.extend(row.until.map(|until| fact("Supported until", until)));
    facts.extend(row.addresses.iter().map(|place| fact("Addresses", cited_line(place))));
    part = part.block(Block::Facts(facts));
    if !row.cites.is_empty() {
        part = part.block(Block::Table(Table {
            caption: "Evidence",
            head: vec!["Source", "What it is", "Cited", "Times", "Counts until"],
            rows: row.cites.iter().map(|place| evidence_row(place, package)).collect(),
        }));
    }
    let troubles = row.grounds.iter().filter(|ground| ground.standing != Standing::Supported);
    let troubles: Vec<_> = troubles
        .map(|ground| {
            let (tone, word) = standing_mark(Some(ground.standing));
            vec![
                Inline::Mark(tone, word.to_owned()),
                text(format!(" {}; to clear it: {}", ground.reason, ground.clear)),
            ]
        })
        .collect();
    if troubles.is_empty() { part } else { part.block(Block::List(troubles)) }
}

const fn standing_mark(standing: Option<Standing>) -> (Tone, &'static str) {
    match standing {
        Some(Standing::Supported) => (Tone::Good, "supported"),
        Some(Standing::Stale) => (Tone::Warn, "stale"),
        Some(Standing::Unsupported) => (Tone::Bad, "unsupported"),
        Some(Standing::Contradicted) => (Tone::Bad, "contradicted"),
        None => (Tone::Bad, "not examined"),
    }
}

/// A cited place on one line: where, and what stood there.
pub(super) fn cited_line(place: &CitedPlace) -> Vec<Inline> {
    vec![
        link(name_of(place.source)),
        text(" at "),
        code(&place.pointer),
        text(": "),
        code(quoted(&place.quoted)),
    ]
}

/// A quoted value as people read it: a text as itself, anything else as JSON.
pub(in crate::export) fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => {
            let mut sorted = other.clone();
            sorted.sort_all_objects();
            sorted.to_string()
        }
    }
}

fn evidence_row(place: &CitedPlace, package: &Package) -> Vec<Vec<Inline>> {
    let cited = vec![code(&place.pointer), Inline::Break, code(quoted(&place.quoted))];
    let source = package.sources.iter().find(|source| source.number == place.source);
    let (what, times, until) = source.map_or_else(Default::default, |source| match &source.in_book {
        InBook::Found(found) => (
            vec![
                text(&found.title),
                Inline::Break,
                text(format!("{} from {}", found.kind, found.connection)),
            ],
            times(found),
            freshness_line(found.freshness),
        ),
        missing => (missing_line(missing), Vec::new(), Vec::new()),
    });
    vec![vec![link(name_of(place.source))], what, cited, times, until]
}

fn times(found: &Found) -> Vec<Inline> {
    let mut line = vec![text("source ")];
    line.push(found.source_time.map_or_else(|| text("does not say"), Inline::Time));
    line.extend([Inline::Break, text("collected "), Inline::Time(found.collected)]);
    line.extend([Inline::Break, text("recorded "), Inline::Time(found.recorded)]);
    line
}

fn freshness_line(freshness: Freshness) -> Vec<Inline> {
    match freshness {
        Freshness::Fresh { until } => vec![Inline::Time(until)],
        Freshness::Stale { since, .. } => {
            vec![Inline::Mark(Tone::Warn, "stale".to_owned()), text(" since "), Inline::Time(since)]
        }
        Freshness::Unknown { reason } => {
            vec![Inline::Mark(Tone::Bad, "unknown".to_owned()), text(format!(" {reason}"))]
        }
    }
}

fn missing_line(in_book: &InBook) -> Vec<Inline> {
    let words = match in_book {
        InBook::Altered { content } => format!("this revision says something else than was cited: {content}"),
        InBook::Missing | InBook::Found(_) => "this revision is not at hand".to_owned(),
    };
    vec![Inline::Mark(Tone::Bad, "missing".to_owned()), text(format!(" {words}"))]
}

pub(super) fn sources(package: &Package) -> Part {
    let part = Part::new("Sources");
    if package.sources.is_empty() {
        return part.block(Block::Text(vec![text("Nothing is cited.")]));
    }
    let intro = "Each revision of evidence that is cited above, with the digests that name its bytes.";
    let part = part.block(Block::Text(vec![text(intro)]));
    package.sources.iter().fold(part, |part, row| {
        part.part(Part::new(name_of(row.number)).block(Block::Facts(source_facts(row))))
    })
}

fn source_facts(source: &Source) -> Vec<Fact> {
    let mut facts = vec![
        fact("Evidence", vec![code(&source.evidence), text(format!(", revision {}", source.revision))]),
        fact("Content", code(source.content)),
    ];
    match &source.in_book {
        InBook::Found(found) => {
            facts.insert(0, fact("Title", found.title.clone()));
            facts.extend(found_facts(found, source.revision));
        }
        missing => facts.push(fact("Standing", missing_line(missing))),
    }
    facts
}

fn found_facts(found: &Found, revision: u32) -> Vec<Fact> {
    let from = format!("{}, stream {} of connection {}", found.kind, found.stream, found.connection);
    let mut facts = vec![fact("From", from)];
    facts.extend(found.url.as_ref().map(|url| fact("Where it is", code(url))));
    facts.push(fact("About", listed(found.about.iter().map(code))));
    facts.push(fact("Times", times(found)));
    facts.push(fact("Last seen", found.last_seen));
    facts.push(fact("Counts until", freshness_line(found.freshness)));
    if found.newest != revision {
        facts.push(fact("Newest", format!("revision {}", found.newest)));
    }
    if found.absent {
        facts.push(fact("Absent", "missing from two consecutive complete sweeps"));
    }
    facts.push(fact("Captures", listed(found.captures.iter().map(code))));
    facts.push(fact("Connector", code(found.component)));
    facts.push(fact("Run", code(&found.run)));
    facts
}

/// A test as one would write it down.
pub(in crate::export) fn test_words(test: &Test) -> String {
    match test {
        Test::Check(check) => check.to_string(),
        Test::Query(query) => query.to_string(),
    }
}
