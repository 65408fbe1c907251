//! Verifying a bundle from its bytes alone.
//!
//! Nothing in a bundle is believed because it is in the bundle. What holds it together is the ledger: entries name the one before,
//! statements of people name digests of text, evidence, policy and report, and their signatures hold for who keeps the keys'
//! list elsewhere ([`Reader`]). What somebody could have left out or made up without any of that showing is told as not derived.

mod chains;
mod collection;
mod decisions;
mod evidence;
mod reports;

use std::collections::BTreeSet;

use super::derive::named;
use super::read::{Contents, read};
use super::verification::{Checks, Keys, Part, Verification};
use super::{Files, Limits, Scope};
use crate::checkpoint::VerifierKey;
use crate::id::EvidenceId;
use crate::ledger::{Entry, Head};
use crate::readiness::Verdict;
use crate::registry::Registry;
use crate::trust::Trust;

/// What a reader knows from elsewhere than the bundle.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader<'a> {
    /// Whose keys are whose.
    pub trust: Option<&'a Trust>,
    /// The key that checkpoints are signed with.
    pub checkpoint_key: Option<&'a VerifierKey>,
    /// A checkpoint that the reader kept.
    pub checkpoint: Option<&'a str>,
}

impl<'a> Reader<'a> {
    /// A reader who knows whom to trust, or nothing.
    pub const fn trusting(trust: Option<&'a Trust>) -> Self {
        Self { trust, checkpoint_key: None, checkpoint: None }
    }
}

/// Verifies a bundle's files. It never fails as a whole: what is wrong with them is in the checks.
pub fn verify(files: &Files, reader: Reader<'_>) -> Verification {
    verify_within(files, reader, &Limits::BUNDLE)
}

/// The same for bundles of at most this size.
pub(super) fn verify_within(files: &Files, reader: Reader<'_>, limits: &Limits) -> Verification {
    let mut checks = Checks::default();
    let contents = read(files, limits, &mut checks);
    let mut verifier = Verifier {
        contents: &contents,
        reader,
        entries: Vec::new(),
        named: BTreeSet::new(),
        registry: None,
        checks,
    };
    verifier.entries = verifier.ledger();
    verifier.named = named(&verifier.entries);
    verifier.registry = verifier.registry();
    verifier.checkpoint();
    verifier.documents();
    let keys = verifier.decisions();
    verifier.collection();
    verifier.revisions();
    verifier.citations();
    verifier.captures();
    verifier.components();
    let verdict = verifier.report();
    verifier.handoffs();
    verifier.finish(keys, verdict)
}

struct Verifier<'a> {
    contents: &'a Contents<'a>,
    reader: Reader<'a>,
    /// As far as the chain holds; all of them, or none.
    entries: Vec<(Entry, Head)>,
    /// Every revision that they name.
    named: BTreeSet<(EvidenceId, u32)>,
    registry: Option<Registry>,
    checks: Checks,
}

impl Verifier<'_> {
    /// Whether the bundle carries cited slices alone.
    fn is_minimal(&self) -> bool {
        self.contents.manifest.as_ref().is_some_and(|manifest| manifest.scope == Scope::Minimal)
    }

    /// Without a ledger nothing that rests on it can be said.
    fn rests_on_ledger(&mut self, part: Part) -> bool {
        if self.entries.is_empty() {
            self.checks.not_derived(part, None, "the ledger it rests on does not hold");
            return false;
        }
        true
    }

    fn finish(mut self, keys: Keys, verdict: Option<Verdict>) -> Verification {
        self.checks.not_derived(
            Part::Replay,
            None,
            "the connectors were not run again: that evidence says what the captured bytes say rests on the host's word",
        );
        let manifest = self.contents.manifest.as_ref();
        Verification {
            packet: manifest.map(|manifest| manifest.packet.clone()),
            instant: manifest.map(|manifest| manifest.instant),
            verdict,
            keys,
            checks: self.checks.into_ordered(),
        }
    }
}
