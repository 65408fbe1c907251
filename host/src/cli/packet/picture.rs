//! A readiness report as a picture: the verdict, the ten rules with a mark each, what blocks, and what to do next.
//!
//! On a terminal the marks are ✓ ✗ ! –, with colours; elsewhere, or with `NO_COLOR`, plain ASCII. It is made from the report
//! and the packet's names alone, so it is the same whether both came from this host or over REST.

use std::collections::BTreeMap;

use probity_core::instant::Instant;
use probity_core::packet::Packet;
use probity_core::readiness::{Line, Report, Rule, Score, Verdict};

use super::desk::in_the_way;
use crate::cli::output::visible;

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files, pipes and terminals without colours.
    Plain,
    Rich,
}

impl Style {
    /// As stdout can show it.
    pub fn of_stdout() -> Self {
        if crate::cli::output::is_rich() { Self::Rich } else { Self::Plain }
    }

    fn mark(self, score: Score) -> String {
        let (plain, rich, colour) = match score {
            Score::Satisfied => ("ok", "✓", "32"),
            Score::Unsatisfied => ("NO", "✗", "31"),
            Score::Error => ("!!", "!", "33"),
            Score::NotApplicable => ("--", "–", "2"),
        };
        match self {
            Self::Plain => plain.to_owned(),
            Self::Rich => format!("\u{1b}[{colour}m{rich}\u{1b}[0m"),
        }
    }

    fn strong(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Rich => format!("\u{1b}[1m{text}\u{1b}[0m"),
        }
    }
}

/// The picture.
pub fn draw(report: &Report, packet: &Packet, style: Style) -> String {
    let mut text = format!(
        "{}  {}\n{} · entry {} · as of {}\n",
        style.strong(&report.verdict.as_str().to_uppercase()),
        visible(&packet.title),
        report.packet,
        report.head.seq,
        report.instant
    );
    for rule in Rule::ALL {
        text.push_str(&drawn(*rule, report, style));
    }
    if !report.drafts.is_empty() {
        text.push_str(&format!(
            "\n\ndrafts, which block nothing and are never exported as packet language: {}",
            report.drafts.join(", ")
        ));
    }
    if let Some(until) = report.good_until {
        text.push_str(&format!("\n\na signature made now is good until {until}"));
    }
    text.push_str(&format!("\n\n{}\n{}", style.strong("what to do next"), next(report, packet)));
    text
}

/// One rule: its mark, and each of its lines that blocks.
fn drawn(rule: Rule, report: &Report, style: Style) -> String {
    let lines: Vec<&Line> = report.lines.iter().filter(|line| line.rule == rule).collect();
    let score = worst(&lines);
    let mut text =
        format!("\n {} {:>2}  {:<13} {}", style.mark(score), rule.number(), rule.as_str(), summed(&lines));
    for line in lines.iter().filter(|line| blocks(line)) {
        text.push_str(&blocker(line, style));
    }
    text
}

fn blocks(line: &Line) -> bool {
    matches!(line.score, Score::Unsatisfied | Score::Error)
}

/// A rule stands as its worst line does.
fn worst(lines: &[&Line]) -> Score {
    let has = |score| lines.iter().any(|line| line.score == score);
    [Score::Error, Score::Unsatisfied, Score::Satisfied]
        .into_iter()
        .find(|score| has(*score))
        .unwrap_or(Score::NotApplicable)
}

fn summed(lines: &[&Line]) -> String {
    let blocking = lines.iter().filter(|line| blocks(line)).count();
    match lines {
        [] => "nothing to look at".to_owned(),
        [line] if !blocks(line) => format!("{}{}", visible(&line.reason), until(line.until)),
        lines if blocking == 0 => {
            let earliest = lines.iter().filter_map(|line| line.until).min();
            format!("all {} hold{}", lines.len(), until(earliest))
        }
        lines if blocking == lines.len() => in_the_way(blocking),
        lines => format!("{}, {} hold", in_the_way(blocking), lines.len() - blocking),
    }
}

fn until(until: Option<Instant>) -> String {
    until.map_or_else(String::new, |until| format!(", until {until}"))
}

fn blocker(line: &Line, style: Style) -> String {
    const INDENT: &str = "\n        ";
    // Some reasons name what they are about, others leave that to the subject.
    let about = line.subject.as_deref().filter(|about| !line.reason.contains(about));
    let reason = about.map_or_else(|| line.reason.clone(), |about| format!("{about}: {}", line.reason));
    let mut text = format!("{INDENT}{} {}", style.mark(line.score), visible(&reason));
    let times = match (line.since, line.until) {
        (None, None) => None,
        (Some(since), None) => Some(format!("since {since}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (Some(since), Some(until)) => Some(format!("since {since}, until {until}")),
    };
    let facts = times.into_iter().chain(line.evidence.as_ref().map(|id| format!("evidence {id}")));
    let facts: Vec<String> = facts.collect();
    if !facts.is_empty() {
        text.push_str(&format!("{INDENT}     {}", facts.join(" · ")));
    }
    for clearing in &line.clear {
        let (who, how) = (visible(&clearing.who), visible(&clearing.how));
        text.push_str(&format!(
            "{INDENT}     {} {who}: {how}",
            if style == Style::Rich { "→" } else { "->" }
        ));
    }
    text
}

/// Each person with what they can clear now, in the order of the rules; or what follows when nothing blocks.
fn next(report: &Report, packet: &Packet) -> String {
    let owner = &packet.owner.id;
    let done = match report.verdict {
        Verdict::Ready => Some(format!("  {owner}: hand it off with `probity packet hand-off`")),
        Verdict::HandingOff => Some(
            "  nobody, as long as it goes on: the host is filing it, see `probity packet filings`".to_owned(),
        ),
        Verdict::HandedOff => Some("  the board: accept, decide, or bounce it with reasons".to_owned()),
        Verdict::Withdrawn => Some("  nobody: the author took it back".to_owned()),
        _ => None,
    };
    if let Some(done) = done {
        return done;
    }
    let mut order: Vec<&str> = Vec::new();
    let mut todo: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // Who signs before the rest holds is refused: it is not what to do next.
    let now = report.blockers().filter(|line| line.rule != Rule::Signatures || report.may_be_signed);
    for line in now {
        for clearing in &line.clear {
            let entry = todo.entry(&clearing.who).or_default();
            if entry.is_empty() {
                order.push(&clearing.who);
            }
            let about = line.subject.as_deref().filter(|about| *about != clearing.who);
            let about = about.map_or_else(String::new, |about| format!("{about}: "));
            let what = visible(&format!("{about}{}", clearing.how));
            if !entry.contains(&what) {
                entry.push(what);
            }
        }
    }
    let mut text = String::new();
    for who in order {
        text.push_str(&format!("  {}\n", visible(who)));
        for what in &todo[who] {
            text.push_str(&format!("    - {what}\n"));
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use probity_core::readiness::{Line, Rule, Score};

    use super::{Style, blocker, summed, worst};

    fn line(score: Score) -> Line {
        Line {
            rule: Rule::Claims,
            score,
            subject: Some("claim-2".to_owned()),
            code: "claim.stale".to_owned(),
            reason: "claim-2 is \u{1b}[31mstale".to_owned(),
            evidence: None,
            since: None,
            until: None,
            clear: Vec::new(),
        }
    }

    #[test]
    fn a_rule_shows_its_worst_line() {
        let (good, bad, broken) = (line(Score::Satisfied), line(Score::Unsatisfied), line(Score::Error));
        assert_eq!(worst(&[&good, &bad]), Score::Unsatisfied);
        assert_eq!(worst(&[&bad, &broken, &good]), Score::Error);
        assert_eq!(worst(&[]), Score::NotApplicable);
        assert_eq!(summed(&[&good, &bad, &bad]), "2 things stand in the way, 1 hold");
    }

    #[test]
    fn what_somebody_wrote_cannot_steer_the_terminal() {
        for style in [Style::Plain, Style::Rich] {
            let drawn = blocker(&line(Score::Unsatisfied), style);
            assert!(drawn.contains("claim-2 is \\u{1b}[31mstale"), "{drawn}");
        }
        assert!(!blocker(&line(Score::Error), Style::Plain).contains('\u{1b}'));
    }
}
