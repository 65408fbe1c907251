//! What an intake connector reports, treated as hostile.
//!
//! What names something (a reference, an address) is taken as it is or not at all: a name that was mended is
//! another name. What people of the board wrote is made safe to show instead, since refusing a decision for a
//! character somebody pasted would help nobody.

use super::{Receipt, Traffic};
use crate::evidence::Disposition;
use crate::text::{excerpt, is_plain_line, is_web_address, reveal, thousands};

/// Bytes of a reference or an id: a ticket number, or a path at most.
const NAME: usize = 200;
/// Characters of one text of the board.
const TEXT: usize = 4_000;
/// Reasons that are kept; a board that has more has said enough.
const REASONS: usize = 100;

/// Why what a connector reported is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misreport {
    #[error("its {field} is empty; return what the queue calls the submission")]
    Empty { field: &'static str },
    #[error("its {field} is {} bytes long; the most is {NAME}", thousands(*.bytes))]
    TooLong { field: &'static str, bytes: usize },
    #[error("its {field} has characters that nobody sees (`{shown}`); return it as the queue shows it")]
    Hidden { field: &'static str, shown: String },
    #[error("its url is no plain http(s) address of at most 2,048 bytes; leave it out where there is none")]
    Url,
    #[error(
        "it says that the submission was filed, but no request that writes was answered with success; declare \
         the endpoint that files with `effect: write`"
    )]
    NothingFiled,
    #[error("it says that the submission was found, but the queue was not asked or did not answer")]
    NothingFound,
}

impl Misreport {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } | Self::Hidden { .. } | Self::Url => "guest.intake.text",
            Self::TooLong { .. } => "guest.intake.size",
            Self::NothingFiled | Self::NothingFound => "guest.intake.unfounded",
        }
    }
}

impl Receipt {
    /// The receipt, if it may be believed: its texts are what they seem, and `traffic`, what the host noted of
    /// the call's requests, can bear what it says.
    pub fn admit(self, traffic: &Traffic) -> Result<Self, Misreport> {
        name("reference", &self.reference)?;
        if self.url.as_deref().is_some_and(|url| !is_web_address(url)) {
            return Err(Misreport::Url);
        }
        match (traffic.can_bear(self.existed), self.existed) {
            (true, _) => Ok(self),
            (false, true) => Err(Misreport::NothingFound),
            (false, false) => Err(Misreport::NothingFiled),
        }
    }
}

impl Disposition {
    /// The disposition, safe to show: its submission named plainly, texts of the board with hidden characters
    /// written out and cut where they are too long.
    pub fn admit(mut self) -> Result<Self, Misreport> {
        name("submission", &self.submission)?;
        self.reasons.truncate(REASONS);
        self.reasons.iter_mut().chain(&mut self.decision).chain(&mut self.by).for_each(show);
        Ok(self)
    }
}

fn name(field: &'static str, text: &str) -> Result<(), Misreport> {
    if text.trim().is_empty() {
        return Err(Misreport::Empty { field });
    }
    if text.len() > NAME {
        return Err(Misreport::TooLong { field, bytes: text.len() });
    }
    if !is_plain_line(text) {
        return Err(Misreport::Hidden { field, shown: excerpt(text, 40) });
    }
    Ok(())
}

fn show(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT) {
        text.truncate(end);
        text.push_str("… [cut]");
    }
    let (shown, hidden) = reveal(text, |character| matches!(character, '\n' | '\t'));
    if hidden > 0 {
        *text = shown.into_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::super::traffic::tests::{question, status};
    use super::*;
    use crate::connector::Effect;
    use crate::evidence::DispositionState;

    fn receipt() -> Receipt {
        let url = Some("https://board.example/tickets/7".to_owned());
        Receipt { reference: "CR-7".into(), url, received_at: None, existed: false }
    }

    fn filed() -> Traffic {
        let mut traffic = Traffic::default();
        traffic.asked(0, &question(Effect::Write));
        traffic.answered(0, &status(201));
        traffic
    }

    #[test]
    fn an_honest_receipt_is_taken_as_it_is() {
        assert_eq!(receipt().admit(&filed()), Ok(receipt()));
    }

    #[test]
    fn a_reference_is_taken_as_it_is_or_not_at_all() {
        for (reference, code) in [
            ("", "guest.intake.text"),
            (" ", "guest.intake.text"),
            ("CR-7\n", "guest.intake.text"),
            ("CR-\u{202e}7", "guest.intake.text"),
            (&"7".repeat(201), "guest.intake.size"),
        ] {
            let refused = Receipt { reference: reference.into(), ..receipt() }.admit(&filed()).unwrap_err();
            assert_eq!(refused.code(), code, "{refused}");
        }
        let refused = Receipt { reference: "a\u{1b}[2J".into(), ..receipt() }.admit(&filed()).unwrap_err();
        assert!(!refused.to_string().contains('\u{1b}'), "{refused}");
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for url in [
            "javascript:alert(1)",
            "https://a@b/",
            "https://b/\u{202e}",
            &format!("https://b/{}", "a".repeat(2048)),
        ] {
            let refused = Receipt { url: Some(url.into()), ..receipt() }.admit(&filed());
            assert_eq!(refused, Err(Misreport::Url), "{url}");
        }
    }

    #[test]
    fn a_receipt_that_the_traffic_cannot_bear_is_refused() {
        let mut refused = Traffic::default();
        refused.asked(0, &question(Effect::Write));
        refused.answered(0, &status(403));
        assert_eq!(receipt().admit(&refused), Err(Misreport::NothingFiled));

        let mut searched = Traffic::default();
        searched.asked(0, &question(Effect::Read));
        let found = Receipt { existed: true, ..receipt() };
        assert_eq!(found.clone().admit(&searched), Err(Misreport::NothingFound));
        searched.answered(0, &status(200));
        assert_eq!(receipt().admit(&searched), Err(Misreport::NothingFiled));
        assert_eq!(found.clone().admit(&searched), Ok(found));
    }

    #[test]
    fn what_the_board_wrote_is_made_safe_to_show() {
        let disposition = Disposition {
            submission: "packet-1.7".into(),
            state: DispositionState::Bounced,
            reasons: vec!["one\ntwo\u{202e}\u{1b}[2J".into(), "x".repeat(5_000)],
            decision: None,
            by: Some("board\r".into()),
            at: None,
        };
        let admitted = disposition.clone().admit().unwrap();
        assert_eq!(admitted.reasons[0], "one\ntwo\\u{202e}\\u{1b}[2J");
        assert!(admitted.reasons[1].len() < 4_100 && admitted.reasons[1].ends_with("[cut]"));
        assert_eq!(admitted.by.as_deref(), Some("board\\u{d}"));
        let many = Disposition { reasons: vec!["no".into(); 5_000], ..disposition.clone() };
        assert_eq!(many.admit().unwrap().reasons.len(), 100);
        let nameless = Disposition { submission: "a\nb".into(), ..disposition };
        assert_eq!(nameless.admit().unwrap_err().code(), "guest.intake.text");
    }
}
