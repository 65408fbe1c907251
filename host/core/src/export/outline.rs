//! The package as a document: which parts there are, in which order, and what each says.
//!
//! The order is that of somebody who has to decide: what is asked for and where it stands, what stands in the way, who
//! dissents, then the language, the claims and their evidence, and last what is needed to check all of it.

mod dissent;
pub(super) mod evidence;
mod handoff;

use super::document::{Block, Document, Inline, Part, Table, Tone, code, fact, link, listed, text};
use crate::event::Section;
use crate::package::{Draft, DraftKind, Package, SectionLanguage, Span};
use crate::packet::FateWord;
use crate::readiness::Verdict;

/// The document of a package.
pub fn of(package: &Package) -> Document {
    let mut parts = vec![
        at_a_glance(package),
        handoff::blockers(package),
        dissent::part(package),
        language(package),
        evidence::claims(package),
        handoff::ledger(package),
        handoff::signatures(package),
        handoff::follow_ups(package),
    ];
    parts.extend(dissent::renewal(package));
    parts.push(drafts(package));
    parts.push(evidence::sources(package));
    parts.push(checking(package));
    Document {
        title: package.title.clone(),
        kind: "Exception packet",
        marks: vec![Inline::Mark(tone_of(package.verdict), package.verdict.to_string())],
        facts: vec![
            fact("For", code(&package.terms.system)),
            fact("To", package.ledger.receiving.board.clone()),
            fact("Prepared by", package.ledger.author.to_string()),
            fact("Approval owner", package.ledger.owner.id.to_string()),
            fact("As of", package.instant),
        ],
        parts,
        colophon: vec![
            text("Package of packet "),
            code(&package.packet),
            text(format!(" at entry {} ", package.ledger.head.seq)),
            code(package.ledger.head.digest),
            text(", as of "),
            Inline::Time(package.instant),
            text(
                ". Written by Probity from the packet's ledger; whoever builds it again gets the same bytes.",
            ),
        ],
    }
}

fn tone_of(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Escalated | Verdict::Held => Tone::Bad,
        Verdict::InReview | Verdict::AwaitingSignatures => Tone::Warn,
        Verdict::Ready | Verdict::HandingOff | Verdict::HandedOff => Tone::Good,
        Verdict::Withdrawn => Tone::Plain,
    }
}

fn at_a_glance(package: &Package) -> Part {
    let count = |word| package.objections.iter().filter(|row| row.fate.word() == word).count();
    let supported =
        package.claims.iter().filter(|row| row.standing == Some(crate::claim::Standing::Supported));
    let mut facts =
        vec![fact("Exception", package.exception.clone()), fact("System", code(&package.terms.system))];
    facts.extend(package.terms.credential.as_ref().map(|credential| fact("Credential", code(credential))));
    facts.push(fact("Asked for until", package.terms.expires));
    facts.push(fact("Standing", Inline::Mark(tone_of(package.verdict), package.verdict.to_string())));
    facts.push(fact(
        "Next",
        vec![Inline::Strong(package.ledger.next.who.clone()), text(": "), text(&package.ledger.next.what)],
    ));
    facts.push(fact(
        "Condition for handing over",
        package.ledger.condition.as_ref().map_or("not stated", |condition| condition.text.as_str()),
    ));
    facts.push(fact(
        "Objections",
        format!(
            "{} raised: {} open, {} with the risk accepted, {} withdrawn",
            package.objections.len(),
            count(FateWord::Open),
            count(FateWord::RiskAccepted),
            count(FateWord::Withdrawn)
        ),
    ));
    facts.push(fact("Claims", format!("{} of {} supported", supported.count(), package.claims.len())));
    facts.extend(package.submission.as_ref().map(|submission| fact("Submission", code(submission))));
    Part::new("At a glance").block(Block::Facts(facts))
}

fn language(package: &Package) -> Part {
    let intro = "Every passage here was accepted by a human author. Each says where its words come from; one marked narrative \
                 carries, by the word of who accepted it, no material statement.";
    let part = Part::new("Accepted language").block(Block::Text(vec![text(intro)]));
    package.language.iter().fold(part, |part, section| part.part(section_part(section)))
}

fn section_part(section: &SectionLanguage) -> Part {
    let part = Part::new(title_of(section.section));
    if section.spans.is_empty() {
        let missing = "The board asks for this section, and no language was accepted for it.";
        return part.mark(Tone::Bad, "missing").block(Block::Text(vec![text(missing)]));
    }
    section.spans.iter().fold(part, |part, span| part.block(span_block(span)))
}

/// A section's heading.
const fn title_of(section: Section) -> &'static str {
    match section {
        Section::Summary => "Summary",
        Section::ResidualRisk => "Residual risk",
        Section::CompensatingControls => "Compensating controls",
        Section::Rollback => "Rollback",
        Section::MigrationPlan => "Migration plan",
        Section::Expiry => "Expiry",
        Section::Monitoring => "Monitoring",
        Section::OpenObjections => "Open objections",
    }
}

fn span_block(span: &Span) -> Block {
    let mut source =
        vec![text(format!("{} · origin ", span.passage)), Inline::Strong(span.origin.to_string())];
    let drafted = if span.by_agent { ", an agent" } else { "" };
    source.push(text(format!(" · proposed by {}{drafted} · accepted by ", span.proposed_by)));
    source.extend([Inline::Strong(span.accepted_by.to_string()), text(" on "), Inline::Time(span.accepted)]);
    source.push(text(if span.edited { ", edited" } else { ", as proposed" }));
    if let Some(quoted) = &span.quotes {
        source.extend([
            text(" · quotes "),
            link(evidence::name_of(quoted.source)),
            text(" at "),
            code(&quoted.pointer),
        ]);
    }
    if let Some(objection) = span.objection {
        source.extend([text(" · words of "), link(objection)]);
    }
    if !span.leans_on.is_empty() {
        source.push(text(" · leans on "));
        source.extend(listed(span.leans_on.iter().map(link)));
    }
    if span.narrative {
        source.extend([text(" · "), Inline::Mark(Tone::Warn, "narrative".to_owned())]);
    }
    let tone = if span.narrative { Tone::Warn } else { Tone::Good };
    Block::Words { text: span.text.clone(), source, tone }
}

fn drafts(package: &Package) -> Part {
    let part = Part::new("Drafts");
    if package.drafts.is_empty() {
        return part.block(Block::Text(vec![text("There is no open draft.")]));
    }
    let intro = "Nobody has accepted or declined these. Their words are not part of the package.";
    part.block(Block::Text(vec![text(intro)])).block(Block::Table(Table {
        caption: "Open drafts",
        head: vec!["Draft", "Of", "By", "Since"],
        rows: package.drafts.iter().map(draft_row).collect(),
    }))
}

fn draft_row(draft: &Draft) -> Vec<Vec<Inline>> {
    let of = match draft.what {
        DraftKind::Passage { section, origin } => format!("a passage for {section}, origin {origin}"),
        DraftKind::Claim => "a claim".to_owned(),
        DraftKind::Answer { seq } => format!("an answer, entry {seq}"),
    };
    let agent = if draft.by_agent { ", an agent" } else { "" };
    vec![
        vec![code(&draft.name)],
        vec![text(of)],
        vec![text(format!("{}{agent}", draft.by))],
        vec![Inline::Time(draft.at)],
    ]
}

fn checking(package: &Package) -> Part {
    let how = "This file says what the packet's ledger says; it proves nothing by itself. The packet's bundle does: \
               verified with the keys you trust, it derives all of this again, without a server.";
    Part::new("Checking it").block(Block::Text(vec![text(how)])).block(Block::Facts(vec![
        fact("Command", code("probity verify BUNDLE --trust ALLOWED_SIGNERS")),
        fact("Packet", code(&package.packet)),
        fact(
            "Ledger head",
            vec![text(format!("entry {}, ", package.ledger.head.seq)), code(package.ledger.head.digest)],
        ),
        fact("Text digest", code(package.text)),
        fact("Approval digest", code(package.approval)),
        fact("Readiness report", code(package.report)),
        fact("Board policy", code(package.policy)),
        fact("Subject map", code(package.subjects)),
    ]))
}
