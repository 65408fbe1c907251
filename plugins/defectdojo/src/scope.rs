//! Whether a finding belongs to the configured product.
//!
//! A finding carries neither its product's name nor its id; it belongs to a test, the test to an engagement, the
//! engagement to a product. The server's filter is asked for, but a server that does not know it answers with
//! everything, so each page is checked: the tests come inlined with the findings (`prefetch=test`), and each
//! engagement they name is read once.

use std::collections::{BTreeMap, BTreeSet};

use probity_sdk::prelude::*;

use crate::Config;
use crate::walk::Prefetch;

/// Pages of products looked through for a name.
const PRODUCT_PAGES: usize = 50;

#[derive(Deserialize)]
struct Products {
    next: Option<String>,
    results: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Engagement {
    product: u64,
}

/// The id of the configured product, where one is configured.
pub(crate) fn product(cx: &Context<Config>) -> Result<Option<u64>> {
    let Some(name) = &cx.config.product else { return Ok(None) };
    let mut answer = cx.get("products").query("name", name).query("limit", 100).json::<Products>()?;
    let mut others = Vec::new();
    for _ in 0..PRODUCT_PAGES {
        for product in &answer.value.results {
            if product.name == *name {
                return Ok(Some(product.id));
            }
            if others.len() < 10 {
                others.push(product.name.clone());
            }
        }
        match &answer.value.next {
            Some(link) => answer = cx.follow("products", link)?.json()?,
            None => break,
        }
    }
    let others = if others.is_empty() { "none".to_owned() } else { format!("`{}`", others.join("`, `")) };
    Err(Failure::config(format_args!(
        "the credential may read no product named `{name}`; among those it was shown are: {others}"
    )))
}

/// Which of a page's tests belong to the product.
pub(crate) struct Scope {
    /// `None` when everything does.
    tests: Option<BTreeMap<u64, Result<bool>>>,
}

impl Scope {
    /// Looks up the engagements of the inlined tests. One that cannot be read leaves its findings in doubt, a
    /// source that does not answer fails the page, to be tried again.
    pub(crate) fn of(cx: &Context<Config>, product: Option<u64>, prefetch: &Prefetch) -> Result<Self> {
        let Some(product) = product else { return Ok(Self { tests: None }) };
        let engagements: BTreeSet<u64> = prefetch.test.values().map(|test| test.engagement).collect();
        let calls = engagements.iter().map(|id| cx.get("engagement").path("id", id)).collect();
        let mut inside = BTreeMap::new();
        for (engagement, answer) in engagements.into_iter().zip(cx.fetch_all(calls)) {
            let belongs = answer
                .and_then(|answer| answer.json::<Engagement>())
                .map(|engagement| engagement.value.product == product);
            match belongs {
                Err(failure) if !is_about_one(failure.kind) => return Err(failure),
                belongs => inside.insert(engagement, belongs),
            };
        }
        let tests = prefetch
            .test
            .iter()
            .filter_map(|(id, test)| Some((id.parse().ok()?, inside.get(&test.engagement)?.clone())));
        Ok(Self { tests: Some(tests.collect()) })
    }

    /// Whether what a test found belongs to the product.
    pub(crate) fn has(&self, test: u64) -> Result<bool> {
        let Some(tests) = &self.tests else { return Ok(true) };
        tests.get(&test).cloned().unwrap_or_else(|| {
            Err(Failure::shape(format_args!(
                "the source did not inline test {test}, so it cannot be told whether the finding belongs to the product"
            )))
        })
    }
}

/// Whether a failure says something about one record, not about the source as a whole.
const fn is_about_one(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotFound | FailureKind::Permission | FailureKind::Shape)
}

/// The query that asks for a product's findings alone, as far as the server knows it.
pub(crate) fn query(product: Option<u64>) -> Vec<(&'static str, String)> {
    product.map_or_else(Vec::new, |product| {
        vec![("prefetch", "test".into()), ("test__engagement__product", product.to_string())]
    })
}
