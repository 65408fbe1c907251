//! Documents that were adopted, decisions that were signed, and whose the keys are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Verifier;
use super::chains::entry;
use crate::bundle::NotDerived;
use crate::bundle::verification::{Keys, Part};
use crate::decide::{KeyRing, verify_recorded};
use crate::event::Event;
use crate::id::PrincipalId;
use crate::instant::Instant;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::signature::{Fingerprint, NAMESPACE, Signature};

/// A key that decided something, and the first entry it did so in.
type Used = BTreeMap<(PrincipalId, Fingerprint), Vec<(u32, Instant)>>;

/// The registry of the bundle as a ring of keys. It notes which keys were used.
struct Ring<'a> {
    registry: &'a Registry,
    used: RefCell<Option<Fingerprint>>,
}

impl KeyRing for Ring<'_> {
    fn check(
        &self,
        signer: &PrincipalId,
        statement: &[u8],
        signature: &Signature,
        at: Instant,
        hardware: bool,
    ) -> Result<(), String> {
        let verified = self
            .registry
            .accept(signer.as_str(), at, statement, signature)
            .map_err(|unproven| unproven.to_string())?;
        if hardware && !verified.hardware {
            return Err("the key is not kept by hardware".to_owned());
        }
        *self.used.borrow_mut() = Some(verified.fingerprint);
        Ok(())
    }
}

impl Verifier<'_> {
    /// Every policy and subject map that an entry adopted is there, and can be read.
    pub(super) fn documents(&mut self) {
        if !self.rests_on_ledger(Part::Documents) {
            return;
        }
        let (mut policies, mut subjects) = (BTreeMap::new(), BTreeMap::new());
        for (adopting, _) in &self.entries {
            let adopted = match &adopting.event {
                Event::PacketOpened(opened) => (opened.policy, opened.subjects),
                Event::PolicyAdopted(adopted) => (adopted.policy, adopted.subjects),
                _ => continue,
            };
            policies.entry(adopted.0).or_insert(adopting.seq);
            subjects.entry(adopted.1).or_insert(adopting.seq);
        }
        for (digest, seq) in &policies {
            let found = self.contents.documents.policy(*digest).err();
            self.document(format!("policies/{}.toml", digest.hex()), *seq, found);
        }
        for (digest, seq) in &subjects {
            let found = self.contents.documents.subjects(*digest).err();
            self.document(format!("subjects/{}.toml", digest.hex()), *seq, found);
        }
        let found = format!(
            "{} board policies and {} subject maps are those that were adopted",
            policies.len(),
            subjects.len()
        );
        self.checks.verified(Part::Documents, found);
    }

    fn document(&mut self, name: String, seq: u32, problem: Option<NotDerived>) {
        match problem {
            None => {}
            Some(problem @ NotDerived::Unreadable { .. }) => {
                self.checks.not_derived(Part::Documents, Some(name), problem.to_string());
            }
            Some(_) => {
                let found = format!("entry {seq} adopted it, and what has this digest is not there");
                self.checks.failed(Part::Documents, name, found);
            }
        }
    }

    /// Each decision against the packet before it, and by a key of who decided.
    pub(super) fn decisions(&mut self) -> Keys {
        if !self.rests_on_ledger(Part::Signatures) {
            return Keys::SelfAsserted;
        }
        let empty = Registry::default();
        let ring = Ring { registry: self.registry.as_ref().unwrap_or(&empty), used: RefCell::new(None) };
        let (mut used, mut signed, mut failures) = (Used::new(), 0_usize, Vec::new());
        let mut packet: Option<Packet> = None;
        for (at, (recorded, head)) in self.entries.iter().enumerate() {
            let Some(before) = packet.as_mut() else {
                match Packet::open(recorded, *head) {
                    Ok(opened) => packet = Some(opened),
                    Err(problem) => {
                        failures.push((recorded.seq, problem.to_string()));
                        break;
                    }
                }
                continue;
            };
            if let Event::Decided(decided) = &recorded.event {
                signed += 1;
                match verify_recorded(before, &self.entries[..at], &ring, recorded, decided) {
                    Err(refusal) => failures.push((recorded.seq, refusal.to_string())),
                    Ok(()) => {
                        let key = ring.used.take().map(|key| (recorded.actor.id.clone(), key));
                        if let Some(key) = key {
                            used.entry(key).or_default().push((recorded.seq, recorded.at));
                        }
                    }
                }
            }
            before.apply(recorded, *head);
        }
        let oddities = packet.map(|packet| packet.oddities).unwrap_or_default();
        for (seq, problem) in failures {
            self.checks.failed(Part::Signatures, entry(seq), problem);
        }
        for oddity in oddities {
            let found = format!(
                "it meant nothing when it was made, and no host should have let it through: {}",
                oddity.what
            );
            self.checks.not_derived(Part::Signatures, Some(entry(oddity.seq)), found);
        }
        self.checks.verified(
            Part::Signatures,
            format!("{signed} decisions are signed by keys of those who decided"),
        );
        self.vouched(&used)
    }

    /// Keys inside a bundle vouch for nothing: whoever writes one can enrol what they like.
    fn vouched(&mut self, used: &Used) -> Keys {
        if used.is_empty() {
            self.checks.not_derived(Part::Keys, None, "no key decided anything");
            return Keys::None;
        }
        let Some(trust) = self.reader.trust else {
            let people: BTreeSet<_> = used.keys().map(|(who, _)| who.as_str()).collect();
            let found = format!(
                "self-asserted keys: only the bundle says that they are those of {}; give a trust file (allowed_signers)",
                people.into_iter().collect::<Vec<_>>().join(", ")
            );
            self.checks.not_derived(Part::Keys, None, found);
            return Keys::SelfAsserted;
        };
        let (registry, mut passkeys) = (self.registry.as_ref(), 0_usize);
        for ((who, fingerprint), decided) in used {
            let Some(enrolled) = registry.and_then(|registry| registry.get(fingerprint)) else { continue };
            let is_passkey = enrolled.key.as_passkey().is_some();
            let refused = |(seq, at): &(u32, Instant)| {
                Some((*seq, trust.vouches(who.as_str(), &enrolled.key, *at).err()?))
            };
            let Some((seq, why)) = decided.iter().find_map(refused) else {
                passkeys += usize::from(is_passkey);
                continue;
            };
            let mut found = format!("nobody vouches for the key {fingerprint} of {who}: {why}");
            if is_passkey {
                let line = enrolled.key.line();
                found.push_str(&format!(
                    " (a passkey; who knows it to be theirs names it by `{who} namespaces=\"{NAMESPACE}\" {line}`)"
                ));
            }
            self.checks.failed(Part::Keys, entry(seq), found);
        }
        if self.checks.has_failed(Part::Keys) {
            return Keys::SelfAsserted;
        }
        self.checks
            .verified(Part::Keys, format!("the trust file vouches for all {} keys that decided", used.len()));
        if passkeys > 0 {
            let found = format!(
                "{passkeys} of these keys are passkeys: for which site they sign, and whether hardware keeps them, only the bundle says"
            );
            self.checks.not_derived(Part::Keys, None, found);
        }
        Keys::Vouched
    }
}
