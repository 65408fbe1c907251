//! What the readiness loop's tables promise: chains that hold, heads that are the last entries, caches that agree.
//!
//! SQLite cannot hash, so the hashes of entries are taken here, one row at a time.

use futures::TryStreamExt as _;
use probity_core::canonical::Digest;
use sqlx::{Row as _, SqliteConnection};

use super::super::write::Attempt as _;
use crate::store::StoreError;

/// Queries for broken promises; each row is one line.
pub(super) const PROMISES: &[&str] = &[
    "WITH needed (name) AS (VALUES
        ('packet_is_never_removed'), ('entry_is_never_changed'), ('entry_is_never_removed'),
        ('entry_follows_the_last'), ('principal_is_never_removed'), ('principal_is_only_revoked'),
        ('principal_is_never_replaced'), ('registry_is_never_changed'), ('registry_is_never_removed'),
        ('registry_follows_the_last'), ('exchange_is_never_changed'), ('exchange_is_never_removed'),
        ('exchange_follows_the_last'), ('exchange_answer_is_never_changed'),
        ('exchange_answer_is_never_removed'), ('exchange_answer_is_the_first'))
     SELECT 'the trigger ' || name || ' is gone: what it holds can be rewritten' FROM needed
     WHERE name NOT IN (SELECT name FROM sqlite_master WHERE type = 'trigger') LIMIT ?",
    "SELECT 'database time ' || clock.recorded || ' is behind ledger entry ' || entry.key FROM clock, entry
     WHERE entry.recorded > clock.recorded LIMIT ?",
    "SELECT 'ledger entry ' || entry.key || ' and page ' || page.key || ' were recorded at the same instant'
     FROM entry JOIN page ON page.recorded = entry.recorded LIMIT ?",
    "SELECT 'packet ' || p.id || ' has its head at entry ' || p.seq || ', which is not the last of its ledger'
     FROM packet AS p WHERE (p.seq, p.hash, p.at) IS NOT
        (SELECT e.seq, e.hash, e.at FROM entry AS e WHERE e.packet = p.id ORDER BY e.seq DESC LIMIT 1) LIMIT ?",
    "SELECT 'packet ' || p.id || ' was opened at another instant than its first entry says'
     FROM packet AS p WHERE p.opened IS NOT
        (SELECT e.at FROM entry AS e WHERE e.packet = p.id AND e.seq = 1) LIMIT ?",
    "SELECT 'packet ' || e.packet || ' has ' || count(*) || ' entries, numbered up to ' || max(e.seq)
     FROM entry AS e GROUP BY e.packet HAVING count(*) != max(e.seq) LIMIT ?",
    "SELECT 'entry ' || e.seq || ' of packet ' || e.packet || ' does not link to the entry before'
     FROM entry AS e LEFT JOIN entry AS b ON b.packet = e.packet AND b.seq = e.seq - 1
     WHERE e.prev IS NOT b.hash LIMIT ?",
    "SELECT 'entry ' || e.seq || ' of packet ' || e.packet || ' is earlier than the entry before'
     FROM entry AS e JOIN entry AS b ON b.packet = e.packet AND b.seq = e.seq - 1
     WHERE e.at < b.at OR e.recorded <= b.recorded OR e.key <= b.key LIMIT ?",
    "SELECT 'packet ' || p.id || ' has no projection made at its head'
     FROM packet AS p LEFT JOIN projection AS x ON x.packet = p.id
     WHERE (x.seq, x.hash) IS NOT (p.seq, p.hash) LIMIT ?",
    "SELECT 'entry ' || r.seq || ' of the key registry does not link to the entry before'
     FROM registry AS r LEFT JOIN registry AS b ON b.seq = r.seq - 1
     WHERE r.prev IS NOT b.hash OR (r.seq > 1 AND b.seq IS NULL) LIMIT ?",
    "SELECT 'filing ' || x.submission || ' has ' || count(*) || ' exchanges, numbered up to ' || max(x.ordinal)
     FROM exchange AS x GROUP BY x.submission HAVING count(*) != max(x.ordinal) LIMIT ?",
    "SELECT 'exchange ' || x.ordinal || ' of filing ' || x.submission || ' was answered before it was asked'
     FROM exchange AS x JOIN exchange_answer AS a ON a.submission = x.submission AND a.ordinal = x.ordinal
     WHERE a.recorded <= x.recorded LIMIT ?",
    "SELECT 'revision ' || r.key || ' does not say whether it is an exposure' FROM revision AS r
     WHERE r.exposure IS NULL LIMIT ?",
];

/// Lines told; more of the same would not say more.
const MOST: usize = 20;

/// Entries whose hash is not that of their bytes, a line each.
pub(super) async fn hashes(snapshot: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    const ATTEMPT: &str = "check the hashes of ledger entries";
    let mut lines = Vec::new();
    let mut rows = sqlx::query(
        "SELECT 'entry ' || seq || ' of packet ' || packet AS name, hash, bytes FROM entry
         UNION ALL SELECT 'entry ' || seq || ' of the key registry', hash, bytes FROM registry",
    )
    .fetch(snapshot);
    while let Some(row) = rows.try_next().await.attempt(ATTEMPT)? {
        let (hash, bytes): (Vec<u8>, Vec<u8>) =
            (row.try_get("hash").attempt(ATTEMPT)?, row.try_get("bytes").attempt(ATTEMPT)?);
        if lines.len() < MOST && Digest::of(&bytes).as_bytes().as_slice() != hash {
            let name: String = row.try_get("name").attempt(ATTEMPT)?;
            lines.push(format!("{name} has other bytes than were hashed"));
        }
    }
    Ok(lines)
}
