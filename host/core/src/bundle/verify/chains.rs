//! The two chains, and the checkpoint that says how far they went.

use super::Verifier;
use crate::bundle::verification::Part;
use crate::canonical::Digest;
use crate::checkpoint::{Chain, Checkpoint, Discrepancy, Loss, VerifierKey};
use crate::ledger::{self, Broken, Entry, Fault, Head};
use crate::registry::Registry;

/// The place of an entry, for people.
pub(super) fn entry(seq: u32) -> String {
    format!("ledger.jsonl entry {seq}")
}

/// The lines of a file whose every line ends.
fn lines(bytes: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let ends = lines.last().is_some_and(|last| last.is_empty());
    if ends {
        lines.pop();
    }
    (lines, ends)
}

impl Verifier<'_> {
    pub(super) fn ledger(&mut self) -> Vec<(Entry, Head)> {
        let Some(bytes) = self.contents.ledger else {
            self.checks.failed(Part::Ledger, "ledger.jsonl", "it is missing");
            return Vec::new();
        };
        let kept = self.contents.manifest.as_ref().map(|manifest| manifest.head);
        let (lines, ends) = lines(bytes);
        if !ends {
            self.checks.failed(Part::Ledger, entry(count(lines.len())), "its line does not end");
            return Vec::new();
        }
        let entries = match ledger::read(lines.iter().copied()) {
            Ok(entries) => entries,
            Err(broken) => {
                let seq = altered(&lines, &broken, kept);
                let found = if seq == broken.seq {
                    broken.to_string()
                } else {
                    format!("its bytes are not those that entry {} follows: it was changed", broken.seq)
                };
                self.checks.failed(Part::Ledger, entry(seq), found);
                return Vec::new();
            }
        };
        if let Some(problem) = self.ends_at(&entries, kept) {
            self.checks.failed(Part::Ledger, problem.0, problem.1);
            return Vec::new();
        }
        self.checks
            .verified(Part::Ledger, format!("{} entries, each following the one before", entries.len()));
        entries
    }

    /// Whether the chain ends where `bundle.json` says, and is of its packet.
    fn ends_at(&self, entries: &[(Entry, Head)], kept: Option<Head>) -> Option<(String, String)> {
        let (kept, (last, head)) = (kept?, entries.last()?);
        let packet = self.contents.manifest.as_ref().map(|manifest| &manifest.packet)?;
        if last.packet != *packet {
            return Some((entry(1), format!("it is of packet {}; bundle.json says {packet}", last.packet)));
        }
        if head.seq < kept.seq {
            let found = format!(
                "it is missing: the ledger ends at entry {}, and bundle.json names {}",
                head.seq, kept.seq
            );
            return Some((entry(head.seq.saturating_add(1)), found));
        }
        if head.seq > kept.seq {
            let found = format!("it lies behind the head that bundle.json names, entry {}", kept.seq);
            return Some((entry(kept.seq.saturating_add(1)), found));
        }
        (*head != kept).then(|| {
            (entry(head.seq), "its bytes are not those of the head that bundle.json names".to_owned())
        })
    }

    pub(super) fn registry(&mut self) -> Option<Registry> {
        const NAME: &str = "registry.jsonl";
        let Some(bytes) = self.contents.registry else {
            self.checks.failed(Part::Registry, NAME, "it is missing");
            return None;
        };
        let (lines, ends) = lines(bytes);
        if !ends && !bytes.is_empty() {
            self.checks.failed(Part::Registry, NAME, "its last line does not end");
            return None;
        }
        match Registry::verify_chain(&lines, None) {
            Ok(registry) => {
                for (seq, refusal) in registry.ignored() {
                    self.checks.failed(Part::Registry, format!("{NAME} entry {seq}"), refusal.to_string());
                }
                self.checks.verified(
                    Part::Registry,
                    format!("{} entries, each following the one before", lines.len()),
                );
                Some(registry)
            }
            Err(broken) => {
                self.checks.failed(
                    Part::Registry,
                    format!("{NAME} entry {}", broken.seq),
                    broken.to_string(),
                );
                None
            }
        }
    }

    /// Holds both chains to a checkpoint: the reader's own, or the one in the bundle.
    pub(super) fn checkpoint(&mut self) {
        const NAME: &str = "checkpoint.txt";
        let inside = self.contents.checkpoint_key.map(str::trim_end).map(str::parse::<VerifierKey>);
        let key = match (self.reader.checkpoint_key, inside) {
            (Some(key), _) => key.clone(),
            (None, Some(Ok(key))) => key,
            (None, Some(Err(bad))) => {
                return self.checks.failed(Part::Checkpoint, "checkpoint.vkey", bad.to_string());
            }
            (None, None) => return self.uncovered("there is no key to verify a checkpoint with"),
        };
        let Some(note) = self.reader.checkpoint.or(self.contents.checkpoint) else {
            return self.uncovered("there is no checkpoint");
        };
        match Checkpoint::verify(note, &key) {
            Err(bad) => self.checks.failed(Part::Checkpoint, NAME, bad.to_string()),
            Ok(checkpoint) => self.follows(&checkpoint),
        }
        if self.reader.checkpoint_key.is_none() {
            let found = format!(
                "the key that vouches for the checkpoint, {}, is only the bundle's own: ask for it elsewhere",
                key.name()
            );
            self.checks.not_derived(Part::Checkpoint, Some("checkpoint.vkey".to_owned()), found);
        }
    }

    fn uncovered(&mut self, why: &str) {
        let found = format!(
            "{why}: that no later entry was cut off, and that the chain was not written anew, is not shown"
        );
        self.checks.not_derived(Part::Checkpoint, None, found);
    }

    fn follows(&mut self, checkpoint: &Checkpoint) {
        let Some((_, head)) = self.entries.last() else {
            return self.checks.not_derived(Part::Checkpoint, None, "the ledger it is of does not hold");
        };
        let (head, packet) = (*head, self.entries[0].0.packet.as_str());
        let ours = checkpoint.packets.get_key_value(packet);
        let ledger = ours.and_then(|(packet, kept)| {
            let found = place(kept.seq).and_then(|at| self.entries.get(at)).map(|(_, head)| head.digest);
            lost(Chain::Packet(packet.clone()), *kept, found, head.seq)
        });
        let registry_head = self.registry.as_ref().and_then(Registry::head);
        let registry = checkpoint.registry.and_then(|kept| {
            let kept_lines = self.contents.registry.map(|bytes| lines(bytes).0).unwrap_or_default();
            let found = place(kept.seq).and_then(|at| kept_lines.get(at)).map(|line| Digest::of(line));
            lost(Chain::Registry, kept, found, registry_head.map_or(0, |head| head.seq))
        });
        for discrepancy in ledger.into_iter().chain(registry) {
            let place = match &discrepancy.chain {
                Chain::Registry => format!("registry.jsonl entry {}", discrepancy.checkpointed.seq),
                Chain::Packet(_) => entry(discrepancy.checkpointed.seq),
            };
            self.checks.failed(Part::Checkpoint, place, discrepancy.to_string());
        }
        match ours {
            None => self.uncovered(&format!("the checkpoint of {} does not know the packet", checkpoint.at)),
            Some((_, kept)) => {
                let found = format!(
                    "the ledger follows the checkpoint of {} through entry {}",
                    checkpoint.at, kept.seq
                );
                self.checks.verified(Part::Checkpoint, found);
                if kept.seq < head.seq {
                    let found = format!(
                        "entries {} to {} were made after the checkpoint",
                        kept.seq.saturating_add(1),
                        head.seq
                    );
                    self.checks.not_derived(Part::Checkpoint, None, found);
                }
            }
        }
    }
}

/// What became of a checkpointed chain, by its entry there, or how far it goes.
fn lost(chain: Chain, checkpointed: Head, found: Option<Digest>, kept: u32) -> Option<Discrepancy> {
    let what = match found {
        Some(found) if found == checkpointed.digest => return None,
        Some(found) => Loss::Rewritten { found },
        None if kept == 0 => Loss::Vanished,
        None => Loss::Truncated { kept },
    };
    Some(Discrepancy { chain, checkpointed, what })
}

fn place(seq: u32) -> Option<usize> {
    usize::try_from(seq).ok()?.checked_sub(1)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The entry that was changed, where the chain breaks at one that does not follow. Trust runs backwards: the head vouches
/// for the last entry, and each entry for the one before. If all from the break on is vouched for, the one before it was changed.
fn altered(lines: &[&[u8]], broken: &Broken, kept: Option<Head>) -> u32 {
    let is_link = matches!(broken.fault, Fault::Prev | Fault::OtherPacket(_));
    let Some(kept) = kept.filter(|kept| is_link && kept.seq == count(lines.len())) else {
        return broken.seq;
    };
    let from = place(broken.seq).unwrap_or(0);
    let mut expected = Some(kept.digest);
    for line in lines.iter().skip(from).rev() {
        if expected != Some(Digest::of(line)) {
            return broken.seq;
        }
        expected = ledger::parse(line).ok().and_then(|entry| entry.prev);
    }
    broken.seq.saturating_sub(1)
}
