//! Reading pages, gaps, captures, and what refers to blobs.

use probity_core::canonical::Digest;
use probity_core::id::{RunId, StreamId};
use probity_core::journal::Journal;
use probity_core::page::Gap;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::{CaptureRecord, PageRecord, Sighting, StoreError};

impl SqliteStore {
    pub(super) async fn get_page(
        &self,
        run: &RunId,
        stream: &StreamId,
        number: u32,
    ) -> Result<Option<PageRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT key, instant, recorded, journal, journal_digest FROM page
             WHERE run = ? AND stream = ? AND number = ?",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .bind(number)
        .fetch_optional(&self.readers)
        .await
        .attempt("read a page")?;
        let Some(row) = row else { return Ok(None) };
        let row = Reading::of(&row, "page", "key");
        let key = row.integer("key")?;
        Ok(Some(PageRecord {
            run: run.clone(),
            stream: stream.clone(),
            number,
            instant: row.instant("instant")?,
            recorded: row.instant("recorded")?,
            journal: journal(&row)?,
            manifest: self.manifest(key).await?,
            gaps: self.gaps(key).await?,
        }))
    }

    async fn manifest(&self, page: i64) -> Result<Vec<Sighting>, StoreError> {
        let rows = sqlx::query(
            "SELECT e.id, s.revision, s.item, coalesce(s.cited, r.cited) AS cited
             FROM sighting AS s
             JOIN evidence AS e ON e.key = s.evidence
             JOIN revision AS r ON r.evidence = s.evidence AND r.number = s.revision
             WHERE s.page = ? ORDER BY s.ordinal",
        )
        .bind(page)
        .fetch_all(&self.readers)
        .await
        .attempt("read a page's manifest")?;
        rows.iter().map(sighting).collect()
    }

    async fn gaps(&self, page: i64) -> Result<Vec<Gap>, StoreError> {
        let rows = sqlx::query("SELECT page, gap FROM gap WHERE page = ? ORDER BY ordinal")
            .bind(page)
            .fetch_all(&self.readers)
            .await
            .attempt("read a page's gaps")?;
        rows.iter().map(|row| Reading::of(row, "gap", "page").json("gap")).collect()
    }

    pub(super) async fn list_pages(&self, run: &RunId) -> Result<Vec<(StreamId, u32)>, StoreError> {
        let rows = sqlx::query("SELECT key, stream, number FROM page WHERE run = ? ORDER BY key")
            .bind(run.as_str())
            .fetch_all(&self.readers)
            .await
            .attempt("list a run's pages")?;
        rows.iter()
            .map(|row| {
                let row = Reading::of(row, "page", "key");
                Ok((row.name("stream")?, row.count("number")?))
            })
            .collect()
    }

    pub(super) async fn list_gaps(&self, run: &RunId) -> Result<Vec<(StreamId, u32, Gap)>, StoreError> {
        let rows = sqlx::query(
            "SELECT page.key, page.stream, page.number, gap.gap
             FROM page JOIN gap ON gap.page = page.key WHERE page.run = ? ORDER BY page.key, gap.ordinal",
        )
        .bind(run.as_str())
        .fetch_all(&self.readers)
        .await
        .attempt("list a run's gaps")?;
        rows.iter()
            .map(|row| {
                let row = Reading::of(row, "gap", "key");
                Ok((row.name("stream")?, row.count("number")?, row.json("gap")?))
            })
            .collect()
    }

    pub(super) async fn capture(&self, digest: &Digest) -> Result<Option<CaptureRecord>, StoreError> {
        let row = sqlx::query("SELECT digest, size, media_type FROM capture WHERE digest = ?")
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await
            .attempt("read a capture's description")?;
        row.map(|row| {
            let row = Reading::of(&row, "capture", "digest");
            Ok(CaptureRecord {
                digest: row.digest("digest")?,
                size: row.count("size")?,
                media_type: row.optional_text("media_type")?,
            })
        })
        .transpose()
    }

    pub(super) async fn references(&self) -> Result<Vec<Digest>, StoreError> {
        let rows = sqlx::query(
            "SELECT digest FROM capture UNION SELECT digest FROM component UNION SELECT digest FROM document
             UNION SELECT package FROM filing UNION SELECT package FROM queue
             UNION SELECT unhex(substr(json_extract(note, '$.kept'), 8)) FROM
                (SELECT CAST(request AS TEXT) AS note FROM exchange
                 UNION ALL SELECT CAST(answer AS TEXT) FROM exchange_answer)
                WHERE iif(json_valid(note), json_extract(note, '$.kept') LIKE 'sha256:%', FALSE)
             ORDER BY digest",
        )
        .fetch_all(&self.readers)
        .await
        .attempt("list the blobs that are referred to")?;
        rows.iter().map(|row| Reading::of(row, "capture", "digest").digest("digest")).collect()
    }
}

/// A page's journal, checked against its digest: replay rests on it.
fn journal(row: &Reading<'_>) -> Result<Journal, StoreError> {
    let journal: Journal = row.packed("journal")?;
    let digest = journal.digest().map_err(|error| row.corrupt("journal", error))?;
    let kept = row.digest("journal_digest")?;
    if digest == kept {
        Ok(journal)
    } else {
        Err(row.corrupt("journal", format!("its digest is {digest}, kept as {kept}")))
    }
}

fn sighting(row: &SqliteRow) -> Result<Sighting, StoreError> {
    let row = Reading::of(row, "sighting", "id");
    Ok(Sighting {
        evidence: row.name("id")?,
        revision: row.count("revision")?,
        item: row.digest("item")?,
        cited: row.json("cited")?,
    })
}
