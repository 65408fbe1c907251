//! Claims with what they rest on, and the cited sources with their digests.

use serde_json::Value;

use crate::claim::{Standing, Test};
use crate::export::document::{Block, Fact, Inline, Part, Table, Tone, code, fact, link, listed, text};
use crate::freshness::Freshness;
use crate::instant::Instant;
use crate::package::{CitedPlace, ClaimRow, InBook, Package, Source};

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
        InBook::Found { title, kind, connection, source_time, collected, recorded, freshness, .. } => (
            vec![text(title), Inline::Break, text(format!("{kind} from {connection}"))],
            times(*source_time, *collected, *recorded),
            freshness_line(*freshness),
        ),
        missing => (missing_line(missing), Vec::new(), Vec::new()),
    });
    vec![vec![link(name_of(place.source))], what, cited, times, until]
}

fn times(source: Option<Instant>, collected: Instant, recorded: Instant) -> Vec<Inline> {
    let mut line = vec![text("source ")];
    line.push(source.map_or_else(|| text("does not say"), Inline::Time));
    line.extend([Inline::Break, text("collected "), Inline::Time(collected)]);
    line.extend([Inline::Break, text("recorded "), Inline::Time(recorded)]);
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
        InBook::Missing | InBook::Found { .. } => "this revision is not at hand".to_owned(),
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
    let InBook::Found {
        title,
        kind,
        connection,
        stream,
        url,
        about,
        source_time,
        collected,
        recorded,
        last_seen,
        freshness,
        newest,
        absent,
        captures,
        component,
        run,
    } = &source.in_book
    else {
        facts.push(fact("Standing", missing_line(&source.in_book)));
        return facts;
    };
    facts.insert(0, fact("Title", title.clone()));
    facts.push(fact("From", format!("{kind}, stream {stream} of connection {connection}")));
    facts.extend(url.as_ref().map(|url| fact("Where it is", code(url))));
    facts.push(fact("About", listed(about.iter().map(code))));
    facts.push(fact("Times", times(*source_time, *collected, *recorded)));
    facts.push(fact("Last seen", *last_seen));
    facts.push(fact("Counts until", freshness_line(*freshness)));
    if *newest != source.revision {
        facts.push(fact("Newest", format!("revision {newest}")));
    }
    if *absent {
        facts.push(fact("Absent", "missing from two consecutive complete sweeps"));
    }
    facts.push(fact("Captures", listed(captures.iter().map(code))));
    facts.push(fact("Connector", code(component)));
    facts.push(fact("Run", code(run)));
    facts
}

/// A test as one would write it down.
pub(in crate::export) fn test_words(test: &Test) -> String {
    match test {
        Test::Check(check) => check.to_string(),
        Test::Query(query) => query.to_string(),
    }
}
