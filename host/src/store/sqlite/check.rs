//! Whether the database holds together: SQLite's own checks, and what the tables promise each other.
//!
//! Each promise is a query for the rows that break it. An empty answer is the only good one.

mod ledger;

use sqlx::{Row as _, SqliteConnection};

use super::SqliteStore;
use super::write::Attempt as _;
use crate::store::StoreError;

/// Lines told of one promise; more of the same would not say more.
const LINES: i64 = 20;

/// Queries for broken promises; each row is one line.
const PROMISES: &[&str] = &[
    "SELECT 'database time ' || clock.recorded || ' is behind page ' || page.key FROM clock, page
     WHERE page.recorded > clock.recorded LIMIT ?",
    "SELECT 'connection ' || c.id || ' is called ' || c.name || ', but its last name on record is another'
     FROM connection AS c WHERE c.name IS NOT
        (SELECT name FROM connection_name WHERE connection = c.key ORDER BY since DESC LIMIT 1) LIMIT ?",
    "SELECT 'run ' || s.run || ' stream ' || s.stream || ' says ' || s.pages || ' pages, there are '
            || count(page.key) || ' up to number ' || coalesce(max(page.number), 0)
     FROM run_stream AS s LEFT JOIN page ON page.run = s.run AND page.stream = s.stream
     GROUP BY s.run, s.stream
     HAVING count(page.key) != s.pages OR coalesce(max(page.number), 0) != s.pages LIMIT ?",
    "SELECT 'run ' || s.run || ' stream ' || s.stream || ' would go on from another place than its last page left'
     FROM run_stream AS s JOIN page ON page.run = s.run AND page.stream = s.stream AND page.number = s.pages
     WHERE s.cursor IS NOT page.next_cursor OR s.bookmark IS NOT page.bookmark LIMIT ?",
    "SELECT 'run ' || s.run || ' stream ' || s.stream || ' counts ' || s.items || ' items, its manifests '
            || (SELECT count(*) FROM page JOIN sighting ON sighting.page = page.key
                WHERE page.run = s.run AND page.stream = s.stream)
     FROM run_stream AS s WHERE s.items !=
        (SELECT count(*) FROM page JOIN sighting ON sighting.page = page.key
         WHERE page.run = s.run AND page.stream = s.stream) LIMIT ?",
    "SELECT 'run ' || s.run || ' stream ' || s.stream || ' miscounts its revisions or gaps'
     FROM run_stream AS s WHERE
        (s.new_evidence, s.new_revisions) IS NOT
        (SELECT coalesce(sum(r.number = 1), 0), coalesce(sum(r.number > 1), 0)
         FROM page JOIN revision AS r ON r.page = page.key WHERE page.run = s.run AND page.stream = s.stream)
        OR s.gaps != (SELECT count(*) FROM page JOIN gap ON gap.page = page.key
                      WHERE page.run = s.run AND page.stream = s.stream) LIMIT ?",
    "SELECT 'run ' || s.run || ' stream ' || s.stream || ' is complete, but not noted as read to its end, or the other way round'
     FROM run_stream AS s JOIN run ON run.id = s.run
     LEFT JOIN stream_complete AS done ON done.run = s.run AND done.stream = s.stream
     WHERE (s.state = 'complete') != (done.run IS NOT NULL)
        OR (done.run IS NOT NULL AND (done.connection, done.mode, done.ended, done.began, done.examined)
            IS NOT (run.connection, s.mode, s.ended, run.began, s.items)) LIMIT ?",
    "SELECT 'page ' || later.key || ' was committed after page ' || page.key || ', but recorded before it'
     FROM page JOIN page AS later
        ON later.key = (SELECT min(next.key) FROM page AS next WHERE next.key > page.key)
     WHERE later.recorded <= page.recorded LIMIT ?",
    "SELECT 'evidence ' || e.id || ' points at revision ' || e.latest || ', which is not its latest'
     FROM evidence AS e WHERE e.latest IS NOT
        (SELECT r.key FROM revision AS r WHERE r.evidence = e.key ORDER BY r.number DESC LIMIT 1) LIMIT ?",
    "SELECT 'evidence ' || e.id || ' has ' || count(*) || ' revisions, numbered up to ' || max(r.number)
     FROM evidence AS e JOIN revision AS r ON r.evidence = e.key GROUP BY e.key
     HAVING count(*) != max(r.number) LIMIT ?",
    "SELECT 'evidence ' || e.id || ' was last seen in page ' || e.last_page || ' by its own word, but not by the manifests'
     FROM evidence AS e WHERE e.last_page IS NOT
        (SELECT max(s.page) FROM sighting AS s WHERE s.evidence = e.key) LIMIT ?",
    "SELECT 'revision ' || r.number || ' of evidence ' || e.id || ' is not in the manifest of page ' || r.page || ', which made it'
     FROM revision AS r JOIN evidence AS e ON e.key = r.evidence
     LEFT JOIN sighting AS s ON s.evidence = r.evidence AND s.page = r.page AND s.revision = r.number
     WHERE s.page IS NULL LIMIT ?",
    "SELECT 'page ' || s.page || ' saw evidence ' || e.id || ', which belongs to another connection or stream'
     FROM sighting AS s JOIN page ON page.key = s.page JOIN run ON run.id = page.run
     JOIN evidence AS e ON e.key = s.evidence
     WHERE (e.connection, e.stream) IS NOT (run.connection, page.stream) LIMIT ?",
    "SELECT 'revision ' || r.number || ' of evidence ' || e.id || ' cites ' || (place.value ->> 'capture')
            || ', which is not a capture'
     FROM revision AS r JOIN evidence AS e ON e.key = r.evidence, json_each(r.cited) AS place
     WHERE NOT EXISTS (SELECT 1 FROM capture
        WHERE capture.digest = unhex(substr(place.value ->> 'capture', 8))) LIMIT ?",
    "SELECT 'page ' || s.page || ' cites ' || (place.value ->> 'capture') || ', which is not a capture'
     FROM sighting AS s, json_each(s.cited) AS place
     WHERE s.cited IS NOT NULL AND NOT EXISTS (SELECT 1 FROM capture
        WHERE capture.digest = unhex(substr(place.value ->> 'capture', 8))) LIMIT ?",
    "SELECT 'revision ' || r.key || ' cannot be found by its words' FROM revision AS r
     WHERE NOT EXISTS (SELECT 1 FROM revision_text WHERE rowid = r.key) LIMIT ?",
];

impl SqliteStore {
    pub(super) async fn check_all(&self) -> Result<Vec<String>, StoreError> {
        const ATTEMPT: &str = "check the database";
        let mut snapshot = self.readers.begin().await.attempt(ATTEMPT)?;
        let mut lines = engine_checks(&mut snapshot).await?;
        for promise in PROMISES.iter().chain(ledger::PROMISES) {
            let broken: Vec<String> =
                sqlx::query_scalar(*promise).bind(LINES).fetch_all(&mut *snapshot).await.attempt(ATTEMPT)?;
            lines.extend(broken);
        }
        lines.extend(ledger::hashes(&mut snapshot).await?);
        Ok(lines)
    }
}

async fn engine_checks(snapshot: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    const ATTEMPT: &str = "run SQLite's own checks";
    let mut lines: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut *snapshot).await.attempt(ATTEMPT)?;
    lines.retain(|line| line != "ok");
    let rows = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *snapshot).await.attempt(ATTEMPT)?;
    for row in rows {
        let (table, parent): (String, String) =
            (row.try_get("table").attempt(ATTEMPT)?, row.try_get("parent").attempt(ATTEMPT)?);
        lines.push(format!("a row of {table} refers to a row of {parent} that is not there"));
    }
    Ok(lines)
}
