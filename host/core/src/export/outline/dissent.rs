//! Objections: the evidence-response table, each objection in full, and the dissent a renewal carries.

use super::evidence;
use crate::event::Renewal;
use crate::evidence::Severity;
use crate::export::document::{Block, Fact, Inline, Part, Table, Tone, code, fact, link, text};
use crate::package::{FateRow, Happening, ObjectionRow, Package};
use crate::packet::FateWord;

pub(super) fn part(package: &Package) -> Part {
    let part = Part::new("Objections and answers");
    if package.objections.is_empty() {
        return part.block(Block::Text(vec![text("No objection was raised.")]));
    }
    let intro = "Every objection that was raised, whatever became of it. One ends when its raiser withdraws it, or for a time when \
                 the approval owner accepts the risk.";
    let part = part.block(Block::Text(vec![text(intro)])).block(Block::Table(Table {
        caption: "Evidence and responses",
        head: vec!["Objection", "Severity", "Issue", "Answers", "Fate"],
        rows: package.objections.iter().map(row).collect(),
    }));
    package.objections.iter().fold(part, |part, objection| part.part(in_full(objection)))
}

fn row(row: &ObjectionRow) -> Vec<Vec<Inline>> {
    let answers = match row.answers.len() {
        0 => "none".to_owned(),
        count => count.to_string(),
    };
    vec![
        vec![link(row.objection), Inline::Break, text(row.topic.as_str())],
        vec![Inline::Mark(severity_tone(row.severity), row.severity.as_str().to_owned())],
        vec![text(&row.issue), Inline::Break, text(format!("raised by {}", row.raised_by))],
        vec![text(answers)],
        fate_line(&row.fate),
    ]
}

const fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium | Severity::Unknown => Tone::Warn,
        Severity::Low | Severity::Info => Tone::Plain,
    }
}

const fn fate_tone(fate: &FateRow) -> Tone {
    match fate {
        FateRow::Open | FateRow::RiskAccepted { in_date: false, .. } => Tone::Bad,
        FateRow::RiskAccepted { .. } => Tone::Warn,
        FateRow::Withdrawn { .. } => Tone::Plain,
    }
}

fn fate_mark(fate: &FateRow) -> Inline {
    Inline::Mark(fate_tone(fate), fate_words(fate.word()).to_owned())
}

const fn fate_words(word: FateWord) -> &'static str {
    match word {
        FateWord::Open => "open",
        FateWord::Withdrawn => "withdrawn",
        FateWord::RiskAccepted => "risk accepted",
    }
}

fn fate_line(fate: &FateRow) -> Vec<Inline> {
    let mut line = vec![fate_mark(fate)];
    match fate {
        FateRow::Open => {}
        FateRow::Withdrawn { by, at, .. } => {
            line.extend([text(format!(" by {by} on ")), Inline::Time(*at)]);
        }
        FateRow::RiskAccepted { by, expires, in_date, .. } => {
            line.extend([text(format!(" by {by} until ")), Inline::Time(*expires)]);
            if !in_date {
                line.push(text(", which has passed"));
            }
        }
    }
    line
}

fn in_full(row: &ObjectionRow) -> Part {
    let mut part = Part::new(row.objection.to_string())
        .mark(fate_tone(&row.fate), fate_words(row.fate.word()))
        .mark(severity_tone(row.severity), row.severity.as_str())
        .mark(Tone::Plain, row.topic.as_str())
        .block(Block::Words {
            text: row.issue.clone(),
            source: vec![
                text("The issue, raised by "),
                Inline::Strong(row.raised_by.to_string()),
                text(" on "),
                Inline::Time(row.raised),
            ],
            tone: fate_tone(&row.fate),
        })
        .block(Block::Facts(facts(row)));
    for answer in &row.answers {
        let mut source = vec![
            text(format!("Answer, entry {}, by ", answer.seq)),
            Inline::Strong(answer.by.to_string()),
            text(" on "),
            Inline::Time(answer.at),
        ];
        for cited in &answer.cites {
            source.push(Inline::Break);
            source.extend(evidence::cited_line(cited));
        }
        part = part.block(Block::Words { text: answer.text.clone(), source, tone: Tone::Plain });
    }
    part.block(Block::Text(vec![text("What the ledger says of it:")]))
        .block(Block::List(row.history.iter().map(happening).collect()))
}

fn facts(row: &ObjectionRow) -> Vec<Fact> {
    let mut facts =
        vec![fact("Rationale", row.rationale.clone()), fact("What would remove it", row.removes.clone())];
    facts.extend(row.target.as_ref().map(|target| fact("Against", code(target))));
    facts.extend(row.carried_from.as_ref().map(|carried| {
        fact("Carried from", vec![code(carried.objection), text(" of packet "), code(&carried.packet)])
    }));
    facts.push(fact("Fate", fate_line(&row.fate)));
    match &row.fate {
        FateRow::Open => {}
        FateRow::Withdrawn { reason, .. } => facts.push(fact("Why it was withdrawn", reason.clone())),
        FateRow::RiskAccepted { rationale, .. } => {
            facts.push(fact("Why the risk was accepted", rationale.clone()));
        }
    }
    if row.answers.is_empty() {
        facts.push(fact("Answer", "none by the author"));
    }
    facts
}

fn happening(happening: &Happening) -> Vec<Inline> {
    let draft = if happening.by_human { "" } else { " (software, a draft)" };
    let mut line = vec![
        text(format!("entry {}, ", happening.seq)),
        Inline::Time(happening.at),
        text(format!(
            ": {} by {}{}, then {}",
            happening.word,
            happening.by,
            draft,
            fate_words(happening.fate)
        )),
    ];
    if let Some(said) = happening.said.as_ref().filter(|_| happening.word != "objection-answered") {
        line.extend([text(": "), text(said)]);
    }
    line
}

/// The packet that is renewed, with what was carried.
pub(super) fn renewal(package: &Package) -> Option<Part> {
    let Renewal { packet, seq, hash, carried } = package.renews.as_ref()?;
    let rows = carried.iter().map(|carried| {
        let here = package
            .objections
            .iter()
            .find(|row| row.carried_from.as_ref().is_some_and(|from| from.objection == carried.objection));
        vec![
            vec![code(carried.objection)],
            here.map_or_else(|| vec![text("not here")], |row| vec![link(row.objection)]),
            vec![text(&carried.issue)],
            vec![text(carried.raised_by.to_string())],
        ]
    });
    let part = Part::new("Renewal").block(Block::Facts(vec![
        fact("Renews packet", code(packet)),
        fact("Read through", vec![text(format!("entry {seq}, ")), code(hash)]),
    ]));
    Some(match carried.is_empty() {
        true => part.block(Block::Text(vec![text("That packet had no objection that was not withdrawn.")])),
        false => part.block(Block::Table(Table {
            caption: "Dissent that came along, open again",
            head: vec!["There", "Here", "Issue", "Raised by"],
            rows: rows.collect(),
        })),
    })
}
