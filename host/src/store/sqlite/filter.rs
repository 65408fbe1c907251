//! Listing evidence: every filter as a condition on the same rows, in order of id, after a given id.
//!
//! Filters speak of the revision that stood at the instant asked for, so they need no history of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use probity_core::evidence::{Basis, Kind};
use probity_core::instant::Instant;
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::evidence::{AsOf, from, push_absent, push_name, select};
use crate::store::{Evidence, EvidenceFilter, FreshFilter, Keyset, StoreError};

/// The most a listing gives at once.
const LIMIT: u32 = 1000;

impl SqliteStore {
    pub(super) async fn list_evidence(
        &self,
        filter: &EvidenceFilter,
        keyset: &Keyset,
    ) -> Result<Vec<Evidence>, StoreError> {
        let as_of = self.as_of(filter.at).await?;
        let mut query = select(as_of);
        from(&mut query, as_of);
        query.push(" WHERE TRUE");
        push_identity(&mut query, filter, as_of);
        push_revision(&mut query, filter);
        if let Some(fresh) = &filter.fresh {
            push_fresh(&mut query, fresh);
        }
        if !filter.absent {
            query.push(" AND NOT ");
            push_absent(&mut query, as_of);
        }
        if let Some(after) = &keyset.after {
            query.push(" AND e.id > ").push_bind(after.clone());
        }
        query.push(" ORDER BY e.id LIMIT ").push_bind(keyset.limit.clamp(1, LIMIT));
        self.read_evidence(query).await
    }
}

/// What does not change with revisions.
fn push_identity(query: &mut QueryBuilder<Sqlite>, filter: &EvidenceFilter, as_of: AsOf) {
    if let Some(kind) = filter.kind {
        query.push(" AND e.kind = ").push_bind(kind.as_str());
    }
    if let Some(stream) = &filter.stream {
        query.push(" AND e.stream = ").push_bind(stream.as_str().to_owned());
    }
    if let Some(name) = &filter.connection {
        query.push(" AND ");
        push_name(query, as_of);
        query.push(" = ").push_bind(name.as_str().to_owned());
    }
}

/// What the revision says.
fn push_revision(query: &mut QueryBuilder<Sqlite>, filter: &EvidenceFilter) {
    if let Some(state) = &filter.state {
        query.push(" AND r.state = ").push_bind(state.clone());
    }
    if let Some(subject) = &filter.subject {
        query
            .push(
                " AND r.key IN (SELECT about.revision FROM revision_subject AS about WHERE about.subject = ",
            )
            .push_bind(subject.clone())
            .push(")");
    }
    if let Some(text) = &filter.text {
        push_text(query, text);
    }
    match filter.exposed {
        None => {}
        // Exposures are few and have an index of their own, so the search begins with them.
        Some(true) => {
            query.push(
                " AND r.exposure = 1
                  AND e.key IN (SELECT x.evidence FROM revision AS x WHERE x.exposure = 1)",
            );
        }
        Some(false) => {
            query.push(" AND r.exposure = 0");
        }
    }
}

fn push_text(query: &mut QueryBuilder<Sqlite>, text: &str) {
    match match_expression(text) {
        Words::Any => {}
        Words::None => {
            query.push(" AND FALSE");
        }
        Words::All(expression) => {
            query
                .push(" AND r.key IN (SELECT rowid FROM revision_text WHERE revision_text MATCH ")
                .push_bind(expression)
                .push(")");
        }
    }
}

/// What a text asks for.
#[derive(Debug, PartialEq, Eq)]
enum Words {
    /// Nothing was asked.
    Any,
    /// Only punctuation was asked for, which no text has as a word.
    None,
    /// An FTS5 expression (<https://sqlite.org/fts5.html#full_text_query_syntax>).
    All(String),
}

/// Every word quoted, so that nothing a person types is syntax, and open at its end: `cred` finds `credential`.
fn match_expression(text: &str) -> Words {
    let typed =
        || text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word: &&str| !word.is_empty());
    let words: Vec<String> = typed()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"*", word.replace('"', "\"\"")))
        .collect();
    match (words.is_empty(), typed().next().is_some()) {
        (false, _) => Words::All(words.join(" AND ")),
        (true, true) => Words::None,
        (true, false) => Words::Any,
    }
}

/// Whether it counts at `as_of`: the same rule as `probity_core::freshness::freshness`, written where it can filter a listing.
/// A kind without a maximum age is unknown, and unknown is not fresh.
fn push_fresh(query: &mut QueryBuilder<Sqlite>, filter: &FreshFilter) {
    query.push(if filter.fresh { " AND " } else { " AND NOT " });
    // An event without a source time compares as NULL: unknown, so not fresh. So is what lies ahead.
    let as_of = filter.as_of.as_micros();
    query.push("coalesce((r.expires IS NULL OR r.expires > ").push_bind(as_of);
    query.push(") AND (r.source_time IS NULL OR r.source_time <= ").push_bind(as_of);
    query.push(") AND (FALSE");
    push_kinds(query, filter.as_of, &filter.max_age);
    query.push("), FALSE)");
}

fn push_kinds(query: &mut QueryBuilder<Sqlite>, as_of: Instant, max_age: &BTreeMap<Kind, Duration>) {
    for (kind, age) in max_age {
        // An age that reaches back beyond the calendar excludes nothing.
        let cutoff = as_of.minus(*age).map_or(i64::MIN, Instant::as_micros);
        query.push(" OR (e.kind = ").push_bind(kind.as_str());
        match kind.basis() {
            Basis::State => query.push(" AND seen.instant > ").push_bind(cutoff),
            Basis::Event => query.push(" AND r.source_time > ").push_bind(cutoff),
        };
        query.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::{Words, match_expression};

    #[test]
    fn what_a_person_types_is_never_syntax() {
        assert_eq!(match_expression(" \t"), Words::Any);
        assert_eq!(match_expression("-- *"), Words::None);
        let all = |text: &str| Words::All(text.to_owned());
        assert_eq!(match_expression("shared cred"), all("\"shared\"* AND \"cred\"*"));
        assert_eq!(match_expression("title:x OR \"y"), all("\"title:x\"* AND \"OR\"* AND \"\"\"y\"*"));
    }
}
