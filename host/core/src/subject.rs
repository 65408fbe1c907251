//! The subject map: what names in sources mean.
//!
//! A findings tracker says `product:payments-bridge`, a deployment record `app:pay-bridge`; both are
//! `service:payments-bridge`. The operator keeps the map (`subjects.toml`), its digest stands in every packet and report, and evidence
//! keeps the names its source used.
//!
//! ```toml
//! ["service:payments-bridge"]
//! aliases = ["product:payments-bridge", "app:pay-bridge"]
//! ```
//!
//! Deliberately absent: patterns. A name means what somebody wrote down that it means.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::canonical::Digest;
use crate::id::Subject;

/// What names in sources mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectMap {
    /// Digest of the text.
    pub digest: Digest,
    aliases: BTreeMap<Subject, BTreeSet<String>>,
}

/// Why a text is no subject map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSubjectMap {
    #[error("the subject map is not the TOML it should be: {0}")]
    Toml(String),
    #[error("`{alias}` means both {one} and {other}; a name has one meaning: take it out of one of them")]
    Ambiguous { alias: String, one: Subject, other: Subject },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    aliases: BTreeSet<String>,
}

impl SubjectMap {
    /// The map of a text.
    pub fn parse(text: &str) -> Result<Self, BadSubjectMap> {
        let sections: BTreeMap<Subject, Section> = toml::from_str(text)
            .map_err(|error| BadSubjectMap::Toml(crate::text::excerpt(&error.to_string(), 400)))?;
        let mut meaning: BTreeMap<&str, &Subject> = BTreeMap::new();
        for (subject, section) in &sections {
            for alias in &section.aliases {
                if let Some(other) = meaning.insert(alias, subject) {
                    let (one, other) = (other.clone(), subject.clone());
                    return Err(BadSubjectMap::Ambiguous { alias: alias.clone(), one, other });
                }
            }
        }
        let aliases = sections.into_iter().map(|(subject, section)| (subject, section.aliases)).collect();
        Ok(Self { digest: Digest::of(text.as_bytes()), aliases })
    }

    /// Whether a name in a source means the subject.
    pub fn means(&self, name: &str, subject: &Subject) -> bool {
        name == subject.as_str() || self.aliases.get(subject).is_some_and(|aliases| aliases.contains(name))
    }

    /// Every name that means the subject, its own first.
    pub fn names<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a str> {
        let aliases = self.aliases.get(subject).into_iter().flatten().map(String::as_str);
        std::iter::once(subject.as_str()).chain(aliases)
    }
}

impl Default for SubjectMap {
    /// Names mean themselves: the map of an empty text.
    fn default() -> Self {
        Self { digest: Digest::of(b""), aliases: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{BadSubjectMap, SubjectMap};

    #[test]
    fn a_name_means_what_was_written_down() {
        let map = SubjectMap::parse("[\"service:bridge\"]\naliases = [\"product:bridge\"]\n").unwrap();
        let service = "service:bridge".parse().unwrap();
        assert!(map.means("service:bridge", &service) && map.means("product:bridge", &service));
        assert!(!map.means("product:other", &service));
        assert_eq!(SubjectMap::parse("").unwrap(), SubjectMap::default());
    }

    #[test]
    fn a_name_with_two_meanings_is_refused() {
        let text = "[\"service:a\"]\naliases = [\"x:y\"]\n[\"service:b\"]\naliases = [\"x:y\"]\n";
        assert!(matches!(SubjectMap::parse(text), Err(BadSubjectMap::Ambiguous { .. })));
        assert!(matches!(SubjectMap::parse("[\"nonsense\"]\naliases=[]"), Err(BadSubjectMap::Toml(_))));
        assert!(matches!(SubjectMap::parse("[\"a:b\"]\nmore=[]"), Err(BadSubjectMap::Toml(_))));
    }
}
