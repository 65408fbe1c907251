//! Reading evidence: what is selected of it, as it stands or as it stood.
//!
//! History needs no copies. Pages are numbered in the order of their commits, so "as of t" is a page number: the
//! latest revision made by then, the last sighting by then, the sweeps that had ended by then, the name the
//! connection had by then.

use probity_core::id::EvidenceId;
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::row::{Reading, json};
use super::write::Attempt as _;
use crate::store::{Evidence, Seen, StoreError};

/// The instant evidence is looked at from.
#[derive(Clone, Copy)]
pub(super) enum AsOf {
    Now,
    /// Database time, and the last page committed by then.
    Then {
        recorded: i64,
        page: i64,
    },
}

impl SqliteStore {
    pub(super) async fn as_of(&self, at: Option<Instant>) -> Result<AsOf, StoreError> {
        let Some(at) = at else { return Ok(AsOf::Now) };
        let recorded = at.as_micros();
        // Pages are only added, each later than all before: the answer for a past instant never changes.
        let page = sqlx::query_scalar("SELECT coalesce(max(key), 0) FROM page WHERE recorded <= ?")
            .bind(recorded)
            .fetch_one(&self.readers)
            .await
            .attempt("find the last page by an instant")?;
        Ok(AsOf::Then { recorded, page })
    }

    pub(super) async fn get_evidence(
        &self,
        id: &EvidenceId,
        at: Option<Instant>,
    ) -> Result<Option<Evidence>, StoreError> {
        let as_of = self.as_of(at).await?;
        let mut query = select(as_of);
        from(&mut query, as_of);
        query.push(" WHERE e.id = ").push_bind(id.as_str().to_owned());
        Ok(self.read_evidence(query).await?.pop())
    }

    /// One statement is one snapshot, however many are asked for.
    pub(super) async fn get_all_evidence(
        &self,
        ids: &[EvidenceId],
        at: Option<Instant>,
    ) -> Result<Vec<Evidence>, StoreError> {
        let as_of = self.as_of(at).await?;
        let mut query = select(as_of);
        from(&mut query, as_of);
        query
            .push(" WHERE e.id IN (SELECT value FROM json_each(")
            .push_bind(json(ids)?)
            .push(")) ORDER BY e.id");
        self.read_evidence(query).await
    }

    pub(super) async fn revisions(&self, id: &EvidenceId) -> Result<Vec<Evidence>, StoreError> {
        let mut query = select(AsOf::Now);
        query.push(" FROM evidence AS e JOIN revision AS r ON r.evidence = e.key");
        join_rest(&mut query, AsOf::Now);
        query.push(" WHERE e.id = ").push_bind(id.as_str().to_owned()).push(" ORDER BY r.number");
        self.read_evidence(query).await
    }

    pub(super) async fn read_evidence(
        &self,
        mut query: QueryBuilder<Sqlite>,
    ) -> Result<Vec<Evidence>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await.attempt("read evidence")?;
        rows.iter().map(evidence).collect()
    }

    pub(super) async fn seen(
        &self,
        id: &EvidenceId,
        revision: u32,
        limit: u32,
    ) -> Result<Vec<Seen>, StoreError> {
        let rows = sqlx::query(
            "SELECT page.key, page.run, page.stream, page.number, page.instant, page.recorded,
                    page.journal_digest, run.component, coalesce(s.cited, r.cited) AS cited
             FROM evidence AS e
             JOIN sighting AS s ON s.evidence = e.key
             JOIN revision AS r ON r.evidence = e.key AND r.number = s.revision
             JOIN page ON page.key = s.page
             JOIN run ON run.id = page.run
             WHERE e.id = ? AND s.revision = ? ORDER BY s.page DESC LIMIT ?",
        )
        .bind(id.as_str())
        .bind(revision)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .attempt("read where evidence was seen")?;
        rows.iter().map(place).collect()
    }
}

/// The columns of [`evidence`].
pub(super) fn select(as_of: AsOf) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(
        "SELECT e.id, e.stream, r.number, r.content, r.item, r.cited, c.id AS connection,
                made.instant AS collected, made.recorded, seen.instant AS last_seen,
                run.id AS run, run.component, ",
    );
    push_name(&mut query, as_of);
    query.push(" AS connection_name, ");
    push_absent(&mut query, as_of);
    query.push(" AS absent");
    query
}

/// One row for each piece of evidence there is (or was), with its revision and last page.
pub(super) fn from(query: &mut QueryBuilder<Sqlite>, as_of: AsOf) {
    query.push(" FROM evidence AS e JOIN revision AS r ON r.key = ");
    match as_of {
        AsOf::Now => query.push("e.latest"),
        AsOf::Then { page, .. } => query
            .push("(SELECT past.key FROM revision AS past WHERE past.evidence = e.key AND past.page <= ")
            .push_bind(page)
            .push(" ORDER BY past.number DESC LIMIT 1)"),
    };
    join_rest(query, as_of);
}

/// The last page, the revision's first page, its run and the connection.
fn join_rest(query: &mut QueryBuilder<Sqlite>, as_of: AsOf) {
    query.push(" JOIN page AS seen ON seen.key = ");
    match as_of {
        AsOf::Now => query.push("e.last_page"),
        AsOf::Then { page, .. } => query
            .push("(SELECT max(s.page) FROM sighting AS s WHERE s.evidence = e.key AND s.page <= ")
            .push_bind(page)
            .push(")"),
    };
    query.push(
        " JOIN page AS made ON made.key = r.page
          JOIN run ON run.id = made.run
          JOIN connection AS c ON c.key = e.connection",
    );
}

/// The connection's name, today's or that of the time.
pub(super) fn push_name(query: &mut QueryBuilder<Sqlite>, as_of: AsOf) {
    match as_of {
        AsOf::Now => query.push("c.name"),
        AsOf::Then { recorded, .. } => query
            .push("(SELECT n.name FROM connection_name AS n WHERE n.connection = c.key AND n.since <= ")
            .push_bind(recorded)
            .push(" ORDER BY n.since DESC LIMIT 1)"),
    };
}

/// Whether it is absent: last seen before the second-latest complete full sweep of its stream began. A sweep
/// that returned nothing at all does not count.
///
/// The same rule as `probity_core::run::is_absent`, written where it can filter a listing. That one looks for two
/// sweeps which do not overlap; here no two do, since a connection has one open run. With fewer than two the
/// subquery is NULL, and nothing is absent.
pub(super) fn push_absent(query: &mut QueryBuilder<Sqlite>, as_of: AsOf) {
    query.push(
        "coalesce(seen.recorded < (SELECT sweep.began FROM stream_complete AS sweep
            WHERE sweep.connection = e.connection AND sweep.stream = e.stream AND sweep.mode = 'full'
              AND sweep.examined > 0",
    );
    if let AsOf::Then { recorded, .. } = as_of {
        query.push(" AND sweep.ended <= ").push_bind(recorded);
    }
    query.push(" ORDER BY sweep.ended DESC LIMIT 1 OFFSET 1), FALSE)");
}

fn evidence(row: &SqliteRow) -> Result<Evidence, StoreError> {
    let row = Reading::of(row, "revision", "id");
    Ok(Evidence {
        id: row.name("id")?,
        connection: row.name("connection")?,
        connection_name: row.name("connection_name")?,
        stream: row.name("stream")?,
        revision: row.count("number")?,
        content: row.digest("content")?,
        item: row.packed("item")?,
        cited: row.json("cited")?,
        collected: row.instant("collected")?,
        recorded: row.instant("recorded")?,
        last_seen: row.instant("last_seen")?,
        absent: row.truth("absent")?,
        run: row.name("run")?,
        component: row.digest("component")?,
    })
}

fn place(row: &SqliteRow) -> Result<Seen, StoreError> {
    let row = Reading::of(row, "page", "key");
    Ok(Seen {
        run: row.name("run")?,
        stream: row.name("stream")?,
        page: row.count("number")?,
        instant: row.instant("instant")?,
        recorded: row.instant("recorded")?,
        component: row.digest("component")?,
        journal: row.digest("journal_digest")?,
        cited: row.json("cited")?,
    })
}
