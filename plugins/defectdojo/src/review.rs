//! Notes on findings that review a compensating control.
//!
//! Not every note is one: a review begins with a configured prefix, `Compensating control:` by default, and
//! may say the day (`reviewed 2026-11-10`) and the result (`outcome: effective`). What a note does not say is
//! not guessed. Private notes are left alone.

use probity_sdk::ReviewOutcome;
use probity_sdk::prelude::*;

use crate::Config;
use crate::finding::{self, Findings};
use crate::walk::Place;

/// Findings looked at in one page: each may cost a request for its notes and one for its engagement, and the host
/// allows 200 a page.
const MOST: u64 = 80;

#[derive(Debug, Deserialize)]
struct Notes {}

#[derive(Debug, Deserialize)]
struct Note {
    id: u64,
    #[serde(default)]
    author: Option<Author>,
    entry: String,
    #[serde(deserialize_with = "time::read::instant")]
    date: Option<Instant>,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    edited: bool,
}

#[derive(Debug, Deserialize)]
struct Author {
    username: String,
}

/// A finding with notes that anybody may read.
struct Noted {
    id: u64,
    title: String,
    subjects: Vec<String>,
}

/// A page of the stream `control-reviews`.
pub(crate) fn page(cx: &Context<Config>, place: Place) -> Result<Page> {
    let Findings { rows, scope } = finding::read(cx, place, cx.config.page_size.min(MOST))?;
    let mut noted = Vec::new();
    // The rows make no items here, only gaps where one cannot be read: its notes are missed then.
    let unread = rows.answer.each("/results", |row: finding::Row| {
        let readable = row.notes.iter().any(|note| !note.private);
        if row.id > rows.seen && readable && scope.has(row.test)? {
            noted.push(Noted { id: row.id, subjects: row.subjects(&cx.config), title: row.title });
        }
        Ok(None::<Item>)
    });
    let mut page = Page::of(unread).next(rows.next);
    let calls = noted.iter().map(|finding| cx.get("finding-notes").path("id", finding.id)).collect();
    for (finding, answer) in noted.iter().zip(cx.fetch_all(calls)) {
        match answer.and_then(|answer| answer.json::<Notes>()) {
            Ok(answer) => page = page.and(answer.each("/notes", |note: Note| note.item(cx, finding))),
            // Deleted between the two requests: then there is nothing to miss.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            // Every finding would fail the same way: the page as a whole says why.
            Err(failure) if failure.kind != FailureKind::Shape => return Err(failure),
            Err(failure) => page = page.gap(sole(&finding.subjects), failure),
        }
    }
    Ok(match rows.gap {
        Some(gap) => page.gap(None, gap),
        None => page,
    })
}

impl Note {
    fn item(self, cx: &Context<Config>, finding: &Noted) -> Option<Item> {
        if self.private {
            return None;
        }
        let review = Review::of(&self.entry, &cx.config.review_prefix)?;
        // A review may be written down later than it was done, but not earlier.
        let done = review.day.and_then(Date::start);
        let happened = match (done, self.date) {
            (Some(done), Some(written)) => Some(done.min(written)),
            (None, written) => written,
            (done, None) => done,
        };
        let body = ControlReview {
            control: review.control,
            outcome: review.outcome,
            text: self.entry.clone(),
            reviewer: self.author.map(|author| author.username),
            reviewed: review.day.map(Into::into),
            finding: Some(finding.id.to_string()),
            edited: self.edited,
        };
        let title = format!("Review of a control: {}", body.control);
        let item = Item::new(format_args!("{}/{}", finding.id, self.id), title, body)
            .summary(format!("A note on “{}”", finding.title))
            .url(cx.config.page(&format!("finding/{}", finding.id)))
            .subjects(finding.subjects.clone())
            .source_time(happened);
        Some(item)
    }
}

/// What a note says about a control.
#[derive(Debug, PartialEq, Eq)]
struct Review {
    control: String,
    day: Option<Date>,
    outcome: ReviewOutcome,
}

impl Review {
    /// Reads a note, if it is a review.
    fn of(entry: &str, prefix: &str) -> Option<Self> {
        let entry = entry.trim_start();
        let start = entry.get(..prefix.len())?;
        if !start.eq_ignore_ascii_case(prefix) {
            return None;
        }
        let rest = entry.get(prefix.len()..)?;
        let line = rest.lines().next().unwrap_or_default();
        let (control, after) = line.split_once(" reviewed ").unwrap_or((line, ""));
        let day = after.split_whitespace().next().map(|word| word.trim_matches(['.', ',', ';', ')', '(']));
        let day = day.and_then(|word| time::date(word).ok().flatten());
        let control = control.trim().trim_end_matches(['.', ',', ';']).to_owned();
        (!control.is_empty()).then(|| Self { control, day, outcome: outcome(rest) })
    }
}

/// The result, where the note names it: `outcome: partial`.
fn outcome(text: &str) -> ReviewOutcome {
    let lower = text.to_ascii_lowercase();
    let word = lower.split_once("outcome:").map(|(_, after)| after.trim_start());
    let word = word.and_then(|after| after.split(|end: char| !end.is_ascii_alphabetic()).next());
    match word {
        Some("effective") => ReviewOutcome::Effective,
        Some("partial" | "partially") => ReviewOutcome::Partial,
        Some("ineffective") => ReviewOutcome::Ineffective,
        _ => ReviewOutcome::Noted,
    }
}

fn sole(subjects: &[String]) -> Option<&str> {
    match subjects {
        [subject] => Some(subject),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(entry: &str) -> (String, Option<String>, ReviewOutcome) {
        let review = Review::of(entry, "Compensating control:").unwrap();
        (review.control, review.day.map(String::from), review.outcome)
    }

    #[test]
    fn a_review_names_its_control_and_says_when_and_how_where_it_does() {
        let day = Some("2026-11-10".to_owned());
        assert_eq!(
            read("Compensating control: IP allow-list reviewed 2026-11-10"),
            ("IP allow-list".into(), day.clone(), ReviewOutcome::Noted)
        );
        assert_eq!(
            read("compensating CONTROL: vault audit reviewed 2026-11-10.\nOutcome: partial, see ticket"),
            ("vault audit".into(), day, ReviewOutcome::Partial)
        );
        assert_eq!(
            read("Compensating control: dual approval, reviewed on Monday"),
            ("dual approval".into(), None, ReviewOutcome::Noted)
        );
    }

    #[test]
    fn other_notes_are_not_reviews() {
        for entry in ["Discussed with the team", "Compensating control:", "Compensating", "Ü", ""] {
            assert_eq!(Review::of(entry, "Compensating control:"), None, "{entry}");
        }
    }
}
