//! Building items, and citing.
//!
//! Items made by [`Fetched::each`](crate::Fetched::each) cite their element by themselves; the constructors of
//! [`Citation`] are for what was put together from more than one place.

use std::fmt::Display;

use crate::Citation;
use crate::time::Instant;
use crate::{Body, Item, LineRange, Locator};

impl Item {
    /// An item with its id in the source, a title and what it says. A title is one line: white space in it
    /// becomes single spaces.
    pub fn new(id: impl Display, title: impl AsRef<str>, body: impl Into<Body>) -> Self {
        Self {
            id: id.to_string(),
            title: one_line(title.as_ref()),
            summary: String::new(),
            url: None,
            subjects: Vec::new(),
            source_time: None,
            expires: None,
            labels: Vec::new(),
            citations: Vec::new(),
            exposure: None,
            body: body.into(),
        }
    }

    /// A line or two for people, in words of the source or about what it says.
    #[must_use]
    pub fn summary(mut self, text: impl Into<String>) -> Self {
        self.summary = text.into();
        self
    }

    /// Where a person finds it in the source.
    #[must_use]
    pub fn url(mut self, url: impl Into<Option<String>>) -> Self {
        self.url = url.into();
        self
    }

    /// What it is about: `service:payments-bridge`. Saying it twice is saying it once.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
        self
    }

    /// Several subjects.
    #[must_use]
    pub fn subjects(self, subjects: impl IntoIterator<Item = impl Into<String>>) -> Self {
        subjects.into_iter().fold(self, Self::subject)
    }

    /// A name and a value to find it by, one line each.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.labels.push((name.into(), one_line(&value.to_string())));
        self
    }

    /// When the source says it last changed (a state) or happened (an event).
    #[must_use]
    pub fn source_time(mut self, at: impl Into<Option<Instant>>) -> Self {
        self.source_time = at.into().map(Into::into);
        self
    }

    /// When it ceases to hold, by the source's own word.
    #[must_use]
    pub fn expires(mut self, at: impl Into<Option<Instant>>) -> Self {
        self.expires = at.into().map(Into::into);
        self
    }

    /// Why this is an immediate exposure. It freezes the packets it touches, so say it only of what the source
    /// itself proves.
    #[must_use]
    pub fn exposure(mut self, reason: impl Into<Option<String>>) -> Self {
        self.exposure = reason.into();
        self
    }

    /// One more place it comes from.
    #[must_use]
    pub fn cite(mut self, citation: Citation) -> Self {
        if !self.citations.contains(&citation) {
            self.citations.push(citation);
        }
        self
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Citation {
    /// All of a capture.
    pub const fn whole(capture: u32) -> Self {
        Self { capture, locator: Locator::Whole }
    }

    /// A value inside a JSON document, by its JSON Pointer (RFC 6901).
    pub fn pointer(capture: u32, pointer: impl Into<String>) -> Self {
        Self { capture, locator: Locator::Pointer(pointer.into()) }
    }

    /// Lines of a text, 1-based, both included.
    pub const fn lines(capture: u32, first: u32, last: u32) -> Self {
        Self { capture, locator: Locator::Lines(LineRange { first, last }) }
    }
}
