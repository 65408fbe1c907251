//! The ledger's vocabulary: everything that can happen to a packet.
//!
//! The same values are what callers send (a [`Command`] is an event whose citations are still bare places) and what the ledger
//! keeps. What only a human-held key may bring about has no event of its own: it is a [`Decision`] inside a signed
//! statement ([`Decided`]), so a decision without a signature cannot even be written down.
//!
//! Deliberately absent: rules. Whether an event may happen is [`crate::decide`]'s to say, what it does is [`crate::packet`]'s.

mod decision;
mod payload;

use serde::{Deserialize, Serialize};

use crate::claim::{Citation, Cite};

pub use decision::{Decided, Decision, ReviewVerdict};
pub use payload::*;

macro_rules! events {
    (
        plain { $($(#[doc = $doc:literal])* $name:ident = $word:literal,)* }
        citing { $($(#[doc = $cdoc:literal])* $cname:ident = $cword:literal,)* }
    ) => {
        /// Something that happened to a packet, or, as [`Command`], is asked to happen.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Event<C = Citation> {
            $($(#[doc = $doc])* #[serde(rename = $word)] $name($name),)*
            $($(#[doc = $cdoc])* #[serde(rename = $cword)] $cname($cname<C>),)*
        }

        impl<C> Event<C> {
            /// The word it is tagged with.
            const fn tag(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $word,)*
                    $(Self::$cname(_) => $cword,)*
                }
            }

            /// The same event with its citations made of others.
            pub fn try_map<D, E>(self, mut cite: impl FnMut(C) -> Result<D, E>) -> Result<Event<D>, E> {
                Ok(match self {
                    $(Self::$name(payload) => Event::$name(payload),)*
                    $(Self::$cname(payload) => Event::$cname(payload.try_map(&mut cite)?),)*
                })
            }
        }

        /// Every word of the vocabulary but those of decisions ([`Decision::WORDS`]).
        pub const WORDS: &[&str] = &[$($word,)* $($cword,)*];
    };
}

events! {
    plain {
    /// The packet begins: what is asked for, of whom, and who will own the approval.
    PacketOpened = "packet-opened",
    /// The terms are others now.
    TermsRevised = "terms-revised",
    /// It is taken back; nothing follows.
    PacketWithdrawn = "packet-withdrawn",
    /// Somebody else prepares it from here on.
    AuthorChanged = "author-changed",
    /// Words become packet language.
    PassageAccepted = "passage-accepted",
    /// Words are turned down.
    PassageDeclined = "passage-declined",
    /// A claim no longer stands in the packet.
    ClaimRetracted = "claim-retracted",
    /// A drafted claim becomes the author's.
    ClaimAccepted = "claim-accepted",
    ReviewerNamed = "reviewer-named",
    ReviewerReleased = "reviewer-released",
    /// A comment that does not block.
    RemarkMade = "remark-made",
    /// Dissent, which only its raiser's withdrawal or the owner's acceptance of the risk ends.
    ObjectionRaised = "objection-raised",
    /// A pause for more evidence.
    HoldPlaced = "hold-placed",
    HoldReleased = "hold-released",
    /// The host saw immediate exposure in evidence: the loop is frozen.
    ExposureDetected = "exposure-detected",
    /// A person says there is immediate exposure: the loop is frozen.
    ExposureDeclared = "exposure-declared",
    /// The exact condition for handing over, and the claims that carry it.
    ConditionStated = "condition-stated",
    /// The board policy or the subject map changed, and the packet is held to the new one.
    PolicyAdopted = "policy-adopted",
    /// What the board's intake did.
    IntakeRecorded = "intake-recorded",
    FollowUpScheduled = "follow-up-scheduled",
    FollowUpDone = "follow-up-done",
    /// What a human signed.
    Decided = "decided",
    }
    citing {
    /// Words for a section.
    PassageProposed = "passage-proposed",
    /// A material readiness statement.
    ClaimMade = "claim-made",
    /// The author saw the newer evidence and stands by the claim.
    ClaimReaffirmed = "claim-reaffirmed",
    /// What is said to an objection, with evidence.
    ObjectionAnswered = "objection-answered",
    }
}

impl<C> Event<C> {
    /// The word for it: a decision has the word of what was decided.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Decided(decided) => decided.statement.decides.word(),
            other => other.tag(),
        }
    }
}

/// What a caller asks to happen.
pub type Command = Event<Cite>;

#[cfg(test)]
mod tests {
    use super::{Command, Decision, WORDS};

    #[test]
    fn every_word_is_said_once() {
        let mut words: Vec<_> = WORDS.iter().chain(Decision::WORDS).collect();
        words.sort();
        let all = words.len();
        words.dedup();
        assert_eq!(words.len(), all);
        // Thirty-four events, and `decided`, the envelope of nine of them.
        assert_eq!(all, 35);
    }

    #[test]
    fn what_is_not_in_the_vocabulary_is_refused() {
        for wrong in [
            r#"{"kind":"packet-approved"}"#,
            r#"{"kind":"packet-withdrawn"}"#,
            r#"{"kind":"packet-withdrawn","reason":"x","more":1}"#,
            r#"{"kind":"readiness-accepted"}"#,
        ] {
            assert!(serde_json::from_str::<Command>(wrong).is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Command>(r#"{"kind":"packet-withdrawn","reason":"x"}"#).is_ok());
    }
}
