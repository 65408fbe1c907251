//! A page's items: which evidence they are, and whether they say something new.
//!
//! An item is the evidence of the same connection, stream, kind and item id. It is a new revision when its content
//! hash differs from that of the *latest* revision: what goes from A to B and back to A has three.
//!
//! [`compare`] decides from values alone; [`additions`](super::additions) writes what it decided.

use std::collections::BTreeSet;

use probity_core::canonical::Digest;
use probity_core::id::EvidenceId;
use probity_core::page::Admitted;

use super::additions;
use super::row::{Reading, json};
use super::write::{Attempt as _, Writing, unwritable};
use crate::store::{PageCommit, StoreError};

/// Where the items belong: keys of the connection and the page.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) connection: i64,
    pub(super) page: i64,
}

/// What the items were.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) new_evidence: u64,
    pub(super) new_revisions: u64,
}

/// Evidence that is there already, in its latest revision.
struct Known {
    evidence: i64,
    revision: i64,
    content: Digest,
    cited: String,
}

/// What a page adds, table by table. Tuples are rows, in the order of the statement that unfolds them.
#[derive(Default)]
pub(super) struct Additions<'p> {
    /// Key, id, kind, item id, key of the first revision.
    pub(super) evidence: Vec<(i64, &'p EvidenceId, &'static str, &'p str, i64)>,
    /// Evidence and the key of its new latest revision.
    pub(super) revised: Vec<(i64, i64)>,
    /// Evidence that was known before.
    pub(super) seen: Vec<i64>,
    pub(super) revisions: Vec<Revision<'p>>,
    /// Subject and key of the revision.
    pub(super) subjects: Vec<(&'p str, i64)>,
    /// Ordinal, evidence, revision, item digest, citations when they are not the revision's.
    pub(super) sightings: Vec<(usize, i64, i64, String, Option<String>)>,
    pub(super) counts: Counts,
}

pub(super) struct Revision<'p> {
    pub(super) key: i64,
    pub(super) evidence: i64,
    pub(super) number: i64,
    pub(super) admitted: &'p Admitted,
    pub(super) cited: String,
}

/// Keys not used yet. Nobody else takes them: the transaction holds the write lock.
struct FreeKeys {
    evidence: i64,
    revision: i64,
}

/// Writes a page's evidence, revisions and manifest.
pub(super) async fn record(
    writing: &mut Writing,
    commit: &PageCommit,
    place: Place,
) -> Result<Counts, StoreError> {
    let known = look_up(writing, commit, place).await?;
    let additions = compare(commit, known, free_keys(writing).await?)?;
    additions::write(writing, &additions, place, &commit.stream).await?;
    Ok(additions.counts)
}

async fn look_up(
    writing: &mut Writing,
    commit: &PageCommit,
    place: Place,
) -> Result<Vec<Option<Known>>, StoreError> {
    let asked: Vec<_> =
        commit.page.items.iter().map(|one| (one.item.kind().as_str(), &one.item.id)).collect();
    // CROSS JOIN fixes the order: from the few items asked for to the many that are kept.
    let rows = sqlx::query(
        "SELECT asked.key AS ordinal, e.key AS evidence, r.number, r.content, r.cited
         FROM json_each(?) AS asked
         CROSS JOIN evidence AS e ON e.connection = ? AND e.stream = ?
                                 AND e.kind = asked.value ->> 0 AND e.item_id = asked.value ->> 1
         CROSS JOIN revision AS r ON r.key = e.latest",
    )
    .bind(json(&asked)?)
    .bind(place.connection)
    .bind(commit.stream.as_str())
    .fetch_all(writing.connection())
    .await
    .attempt("look up a page's evidence")?;
    let mut known: Vec<Option<Known>> = asked.iter().map(|_| None).collect();
    for row in &rows {
        let row = Reading::of(row, "evidence", "evidence");
        let ordinal: usize = row.count("ordinal")?;
        let slot = known.get_mut(ordinal).ok_or_else(|| row.corrupt("ordinal", "no such item"))?;
        *slot = Some(Known {
            evidence: row.integer("evidence")?,
            revision: row.integer("number")?,
            content: row.digest("content")?,
            cited: row.text("cited")?,
        });
    }
    Ok(known)
}

async fn free_keys(writing: &mut Writing) -> Result<FreeKeys, StoreError> {
    let (evidence, revision) = sqlx::query_as(
        "SELECT coalesce((SELECT max(key) FROM evidence), 0) + 1,
                coalesce((SELECT max(key) FROM revision), 0) + 1",
    )
    .fetch_one(writing.connection())
    .await
    .attempt("find free keys")?;
    Ok(FreeKeys { evidence, revision })
}

fn compare(
    commit: &PageCommit,
    known: Vec<Option<Known>>,
    mut free: FreeKeys,
) -> Result<Additions<'_>, StoreError> {
    let mut add = Additions::default();
    let mut ids = commit.fresh_ids.iter();
    for (ordinal, (admitted, known)) in commit.page.items.iter().zip(known).enumerate() {
        let cited = json(&admitted.cited)?;
        let item = admitted.digest.hex();
        if let Some(known) = &known {
            add.seen.push(known.evidence);
            if known.content == admitted.content {
                let elsewhere = (cited != known.cited).then_some(cited);
                add.sightings.push((ordinal, known.evidence, known.revision, item, elsewhere));
                continue;
            }
        }
        let (evidence, number) = match known {
            Some(known) => add.revise(&known, &free),
            None => {
                let id = ids
                    .next()
                    .ok_or_else(|| unwritable("name new evidence", "fewer fresh ids than new items"))?;
                add.begin(id, admitted, &mut free)
            }
        };
        add.sightings.push((ordinal, evidence, number, item, None));
        add.speak(Revision { key: free.revision, evidence, number, admitted, cited });
        free.revision += 1;
    }
    Ok(add)
}

impl<'p> Additions<'p> {
    /// Known evidence that says something else now.
    fn revise(&mut self, known: &Known, free: &FreeKeys) -> (i64, i64) {
        self.counts.new_revisions += 1;
        self.revised.push((known.evidence, free.revision));
        (known.evidence, known.revision + 1)
    }

    /// Evidence seen for the first time.
    fn begin(&mut self, id: &'p EvidenceId, admitted: &'p Admitted, free: &mut FreeKeys) -> (i64, i64) {
        let key = free.evidence;
        free.evidence += 1;
        self.counts.new_evidence += 1;
        self.evidence.push((key, id, admitted.item.kind().as_str(), &admitted.item.id, free.revision));
        (key, 1)
    }

    fn speak(&mut self, revision: Revision<'p>) {
        let subjects: BTreeSet<_> = revision.admitted.item.subjects.iter().map(String::as_str).collect();
        self.subjects.extend(subjects.into_iter().map(|subject| (subject, revision.key)));
        self.revisions.push(revision);
    }
}
