//! The order of a list: by `o=`, by the server's default, or by the server's whim.

use std::cmp::Ordering;

use super::filter::{BadValue, Query};
use super::large::mix;
use super::tracker::{Engagement, Finding, Product, RiskAcceptance, Test, Tracker};

type Comparison<T> = fn(&T, &T) -> Ordering;

/// What a list may be ordered by, and how it comes when nothing is asked.
pub(super) struct Orders<T: 'static> {
    /// Names for `o=`; each may be turned round with a dash before it.
    by: &'static [(&'static str, Comparison<T>)],
    otherwise: Comparison<T>,
    id: fn(&T) -> u64,
}

// `updated` is missing here, and that is DefectDojo's doing: `o=-updated` is answered with 400.
pub(super) const FINDINGS: Orders<Finding> = Orders {
    by: &[
        ("id", |a, b| a.id.cmp(&b.id)),
        ("title", |a, b| a.title.cmp(&b.title)),
        ("severity", |a, b| a.severity.cmp(&b.severity)),
        ("date", |a, b| a.date.cmp(&b.date)),
        ("created", |a, b| a.created.cmp(&b.created)),
        ("last_status_update", |a, b| a.last_status_update.cmp(&b.last_status_update)),
        ("last_reviewed", |a, b| a.last_reviewed.cmp(&b.last_reviewed)),
    ],
    otherwise: |a, b| a.severity.cmp(&b.severity).then(b.date.cmp(&a.date)).then(a.title.cmp(&b.title)),
    id: |finding| finding.id,
};

pub(super) const RISK_ACCEPTANCES: Orders<RiskAcceptance> = Orders {
    by: &[
        ("name", |a, b| a.name.cmp(&b.name)),
        ("created", |a, b| a.created.cmp(&b.created)),
        ("updated", |a, b| a.updated.cmp(&b.updated)),
    ],
    otherwise: |_, _| Ordering::Equal,
    id: |acceptance| acceptance.id,
};

pub(super) const TESTS: Orders<Test> = Orders {
    by: &[
        ("id", |a, b| a.id.cmp(&b.id)),
        ("created", |a, b| a.created.cmp(&b.created)),
        ("updated", |a, b| a.updated.cmp(&b.updated)),
    ],
    otherwise: |_, _| Ordering::Equal,
    id: |test| test.id,
};

pub(super) const ENGAGEMENTS: Orders<Engagement> = Orders {
    by: &[
        ("id", |a, b| a.id.cmp(&b.id)),
        ("name", |a, b| a.name.cmp(&b.name)),
        ("created", |a, b| a.created.cmp(&b.created)),
        ("updated", |a, b| a.updated.cmp(&b.updated)),
    ],
    otherwise: |_, _| Ordering::Equal,
    id: |engagement| engagement.id,
};

pub(super) const PRODUCTS: Orders<Product> = Orders {
    by: &[
        ("id", |a, b| a.id.cmp(&b.id)),
        ("name", |a, b| a.name.cmp(&b.name)),
        ("created", |a, b| a.created.cmp(&b.created)),
    ],
    otherwise: |_, _| Ordering::Equal,
    id: |product| product.id,
};

impl<T: 'static> Orders<T> {
    /// Sorts a list as asked. Equal entries come by id, so that pages neither repeat nor skip one.
    pub(super) fn sort(&self, tracker: &Tracker, query: &Query, list: &mut [&T]) -> Result<(), BadValue> {
        let asked = match query.get("o") {
            Some(asked) => Some(self.asked(asked)?),
            None => None,
        };
        if let Some(seed) = tracker.disorder {
            list.sort_by_cached_key(|one| mix(seed ^ (self.id)(one)));
            return Ok(());
        }
        let (comparison, backwards) = asked.unwrap_or((self.otherwise, false));
        list.sort_by(|a, b| {
            let order = comparison(a, b);
            let order = if backwards { order.reverse() } else { order };
            order.then((self.id)(a).cmp(&(self.id)(b)))
        });
        Ok(())
    }

    fn asked(&self, value: &str) -> Result<(Comparison<T>, bool), BadValue> {
        let (name, backwards) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
        let found = self.by.iter().find(|(known, _)| *known == name);
        found.map(|(_, by)| (*by, backwards)).ok_or_else(|| BadValue::choice("o", value))
    }
}
