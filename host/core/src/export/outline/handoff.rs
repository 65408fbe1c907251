//! What stands in the way, the handoff ledger, the signatures and the follow-ups.

use crate::event::{Decision, ReviewVerdict};
use crate::export::document::{Block, Fact, Inline, Part, Table, Tone, code, fact, link, listed, text};
use crate::package::{Counting, HandoffLedger, Package, ReviewRow, ReviewerRow, Signed};
use crate::packet::{FollowUp, Handoff, HandoffState};
use crate::readiness::Line;

pub(super) fn blockers(package: &Package) -> Part {
    let part = Part::new("What stands in the way");
    if package.ledger.blockers.is_empty() {
        return part
            .block(Block::Text(vec![text("Nothing: every rule of the board's policy was satisfied.")]));
    }
    part.block(Block::Table(Table {
        caption: "Unsatisfied lines of the readiness report",
        head: vec!["Rule", "About", "Why", "Who can clear it, and how"],
        rows: package.ledger.blockers.iter().map(blocker).collect(),
    }))
}

fn blocker(line: &Line) -> Vec<Vec<Inline>> {
    let mut why = vec![text(&line.reason), text(" "), code(&line.code)];
    if let Some(since) = line.since {
        why.extend([text(" since "), Inline::Time(since)]);
    }
    let mut clear = Vec::new();
    for clearing in &line.clear {
        if !clear.is_empty() {
            clear.push(Inline::Break);
        }
        clear.extend([Inline::Strong(clearing.who.clone()), text(format!(": {}", clearing.how))]);
    }
    vec![
        vec![text(format!("{}. {}", line.rule.number(), line.rule))],
        line.subject.iter().map(text).collect(),
        why,
        clear,
    ]
}

pub(super) fn ledger(package: &Package) -> Part {
    let ledger = &package.ledger;
    let mut part =
        Part::new("Handoff ledger").block(Block::Facts(facts(ledger))).block(Block::Table(Table {
            caption: "Named reviewers and their reviews",
            head: vec!["Discipline", "Reviewer", "Review"],
            rows: ledger.reviewers.iter().map(reviewer).collect(),
        }));
    if !ledger.former_reviews.is_empty() {
        part = part.block(Block::Table(Table {
            caption: "Reviews by people who are not named any more",
            head: vec!["Discipline", "Reviewer", "Review"],
            rows: ledger.former_reviews.iter().map(former).collect(),
        }));
    }
    if !ledger.handoffs.is_empty() {
        part = part.block(Block::Table(Table {
            caption: "Handoffs",
            head: vec!["Submission", "By", "Signed", "What the intake did"],
            rows: ledger.handoffs.iter().map(handoff).collect(),
        }));
    }
    part
}

fn facts(ledger: &HandoffLedger) -> Vec<Fact> {
    let mut owner =
        vec![Inline::Strong(ledger.owner.id.to_string()), text(" since "), Inline::Time(ledger.owner.since)];
    match ledger.owner.accepted {
        Some(at) => owner.extend([text(", accepted on "), Inline::Time(at)]),
        None => owner.extend([text(", "), Inline::Mark(Tone::Bad, "not accepted".to_owned())]),
    }
    if let Some(offered) = &ledger.owner.offered {
        owner.push(text(format!(", offered to {offered}")));
    }
    let mut facts = vec![
        fact("Approval owner", owner),
        fact("Author", ledger.author.to_string()),
        fact("Opened", ledger.opened),
        fact("Next", vec![Inline::Strong(ledger.next.who.clone()), text(format!(": {}", ledger.next.what))]),
    ];
    match &ledger.condition {
        None => facts.push(fact("Condition for handing over", "not stated")),
        Some(condition) => {
            facts.push(fact("Condition for handing over", condition.text.clone()));
            facts.push(fact("Carried by", listed(condition.claims.iter().map(link))));
            facts.push(fact(
                "Stated by",
                vec![text(format!("{} on ", condition.by)), Inline::Time(condition.at)],
            ));
        }
    }
    facts.push(fact("Receiving board", ledger.receiving.board.clone()));
    facts.push(fact("Intake", code(&ledger.receiving.intake)));
    for hold in &ledger.holds {
        facts.push(fact("Hold", vec![code(hold.id), text(format!(" by {}: {}", hold.by, hold.reason))]));
    }
    for cause in &ledger.causes {
        facts.push(fact("Exposure", vec![code(cause.id), text(format!(": {}", cause.reason))]));
    }
    for oddity in &ledger.oddities {
        facts.push(fact("Entry without meaning", format!("entry {}: {}", oddity.seq, oddity.what)));
    }
    facts.push(fact(
        "Head",
        vec![
            text(format!("entry {}, ", ledger.head.seq)),
            Inline::Time(ledger.changed),
            text(", "),
            code(ledger.head.digest),
        ],
    ));
    facts
}

fn reviewer(row: &ReviewerRow) -> Vec<Vec<Inline>> {
    let mut reviews = Vec::new();
    for review in &row.reviews {
        if !reviews.is_empty() {
            reviews.push(Inline::Break);
        }
        reviews.extend(review_line(review));
    }
    if reviews.is_empty() {
        reviews.push(Inline::Mark(Tone::Bad, "no review".to_owned()));
    }
    vec![vec![text(row.discipline.as_str())], vec![text(row.reviewer.as_str())], reviews]
}

fn former(review: &ReviewRow) -> Vec<Vec<Inline>> {
    vec![vec![text(review.discipline.as_str())], vec![text(review.by.as_str())], review_line(review)]
}

fn review_line(review: &ReviewRow) -> Vec<Inline> {
    let tone = match (review.counts, review.verdict) {
        (true, ReviewVerdict::Approve) => Tone::Good,
        _ => Tone::Plain,
    };
    let mut line = vec![
        Inline::Mark(tone, review.verdict.to_string()),
        text(" on "),
        Inline::Time(review.at),
        text(format!(", entry {}", review.seq)),
    ];
    if !review.counts {
        line.push(text(", does not count for this text"));
    }
    if !review.note.is_empty() {
        line.extend([text(": "), text(&review.note)]);
    }
    line
}

fn handoff(handoff: &Handoff) -> Vec<Vec<Inline>> {
    vec![
        vec![code(&handoff.submission)],
        vec![text(handoff.by.as_str())],
        vec![Inline::Time(handoff.at)],
        handoff_line(&handoff.state),
    ]
}

fn handoff_line(state: &HandoffState) -> Vec<Inline> {
    match state {
        HandoffState::Filing => vec![text("not known to be in the queue yet")],
        HandoffState::Unclear { problem } => vec![text(format!("unclear: {problem}"))],
        HandoffState::Received { at, reference, url } => {
            let mut line = vec![text("received as "), code(reference), text(" on "), Inline::Time(*at)];
            if let Some(url) = url {
                line.extend([text(", "), code(url)]);
            }
            line
        }
        HandoffState::Accepted { at } => vec![text("taken up on "), Inline::Time(*at)],
        HandoffState::Bounced { at, reasons } => {
            let mut line =
                vec![Inline::Mark(Tone::Bad, "bounced".to_owned()), text(" on "), Inline::Time(*at)];
            for reason in reasons {
                let rule = reason.rule.map_or_else(|| "no rule".to_owned(), |rule| rule.to_string());
                line.extend([Inline::Break, text(format!("{rule}: {}", reason.text))]);
            }
            line
        }
        HandoffState::Decided { at, decision, granted } => {
            let (tone, word) = if *granted { (Tone::Good, "granted") } else { (Tone::Bad, "not granted") };
            vec![
                Inline::Mark(tone, word.to_owned()),
                text(" on "),
                Inline::Time(*at),
                text(format!(": {decision}")),
            ]
        }
    }
}

pub(super) fn signatures(package: &Package) -> Part {
    let part = Part::new("Signatures");
    if package.signatures.is_empty() {
        return part.block(Block::Text(vec![text("Nothing was signed yet.")]));
    }
    let intro = "Who signed what, with the key the signature names. Whether a key is that person's is for you to say: verify the \
                 bundle with the keys you trust.";
    part.block(Block::Text(vec![text(intro)])).block(Block::Table(Table {
        caption: "Signed entries",
        head: vec!["Entry", "Who", "What", "Statement and key", "Standing"],
        rows: package.signatures.iter().map(signature).collect(),
    }))
}

fn signature(signed: &Signed) -> Vec<Vec<Inline>> {
    let mut keys = vec![code(signed.statement), Inline::Break];
    match &signed.key {
        Some(key) => keys.push(text(key)),
        None => keys.push(text("the signature names no key that could be read")),
    }
    let mut standing = match signed.counting {
        Counting::Counts => vec![Inline::Mark(Tone::Good, "counts".to_owned())],
        Counting::Ended => vec![Inline::Mark(Tone::Warn, "ended".to_owned())],
        Counting::Happened => Vec::new(),
    };
    if let (Counting::Counts, Some(until)) = (signed.counting, signed.good_until) {
        standing.extend([text(" until "), Inline::Time(until)]);
    }
    vec![
        vec![text(signed.seq.to_string()), Inline::Break, Inline::Time(signed.at)],
        vec![text(format!("{} ({})", signed.by, signed.role.as_str()))],
        decision(&signed.decides),
        keys,
        standing,
    ]
}

/// What was decided, on a line.
fn decision(decision: &Decision) -> Vec<Inline> {
    let mut line = vec![Inline::Strong(decision.word().to_owned())];
    match decision {
        Decision::OwnershipAccepted | Decision::ReadinessAccepted => {}
        Decision::OwnershipOffered { to } => line.push(text(format!(" to {to}"))),
        Decision::OwnerReplaced { owner, reason } => line.push(text(format!(" by {owner}: {reason}"))),
        Decision::ReviewRecorded { discipline, verdict, note } => {
            line.push(text(format!(" {discipline}: {verdict}")));
            if !note.is_empty() {
                line.extend([text(", "), text(note)]);
            }
        }
        Decision::ObjectionWithdrawn { objection, reason } => {
            line.extend([text(" "), link(objection), text(format!(": {reason}"))]);
        }
        Decision::RiskAccepted { objection, rationale, expires } => {
            line.extend([
                text(" "),
                link(objection),
                text(" until "),
                Inline::Time(*expires),
                text(format!(": {rationale}")),
            ]);
        }
        Decision::LoopResumed { causes, incident, outcome } => {
            line.push(text(" "));
            line.extend(listed(causes.iter().map(code)));
            line.extend([text(", incident "), code(incident), text(format!(": {outcome}"))]);
        }
        Decision::PacketHandedOff { report, condition } => {
            line.extend([text(" on report "), code(report), text(format!(", attesting: {condition}"))]);
        }
    }
    line
}

pub(super) fn follow_ups(package: &Package) -> Part {
    let part = Part::new("Follow-ups");
    if package.follow_ups.is_empty() {
        return part.block(Block::Text(vec![text("None is scheduled.")]));
    }
    part.block(Block::Table(Table {
        caption: "What happens after the handoff",
        head: vec!["Follow-up", "What", "Owner", "Due", "Standing"],
        rows: package.follow_ups.iter().map(follow_up).collect(),
    }))
}

fn follow_up(row: &FollowUp) -> Vec<Vec<Inline>> {
    let mut what = vec![text(&row.what)];
    if let Some(required) = &row.required {
        what.extend([Inline::Break, text("asked for by the board: "), code(required)]);
    }
    let standing = match row.done {
        Some(at) => vec![Inline::Mark(Tone::Good, "done".to_owned()), text(" on "), Inline::Time(at)],
        None => vec![Inline::Mark(Tone::Plain, "to do".to_owned())],
    };
    vec![vec![code(row.id)], what, vec![text(row.owner.as_str())], vec![Inline::Time(row.due)], standing]
}
