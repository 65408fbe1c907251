//! Answers the host has captured, and reading them so that what is made of them cites itself.

use serde::de::DeserializeOwned;

use crate::Citation;
use crate::doors::Response;
use crate::{Failure, Gap, Item, Result};

/// An answer: its status, headers and bytes, exactly as captured.
#[derive(Debug)]
pub struct Captured {
    response: Response,
    attempt: String,
}

impl Captured {
    pub(crate) const fn new(response: Response, attempt: String) -> Self {
        Self { response, attempt }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.response.status
    }

    /// A header's first value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.response.body
    }

    /// The capture's index in this page.
    pub const fn capture(&self) -> u32 {
        self.response.capture
    }

    /// A citation of the whole answer.
    pub const fn cite(&self) -> Citation {
        Citation::whole(self.response.capture)
    }

    /// What was being done, for messages.
    pub(crate) fn attempt(&self) -> &str {
        &self.attempt
    }

    /// The body as text.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.response.body)
            .map_err(|_| Failure::shape(format_args!("{}: the answer is not UTF-8", self.attempt)))
    }

    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(self) -> Result<Fetched<T>> {
        let value = serde_json::from_slice(&self.response.body).map_err(|error| {
            let kind = self.header("content-type").unwrap_or("without a content type");
            Failure::shape(format_args!(
                "{}: the answer ({}, {kind}, {} bytes) is not the JSON expected: {error}",
                self.attempt,
                self.status(),
                self.response.body.len(),
            ))
        })?;
        Ok(Fetched { value, answer: self })
    }
}

/// A file the host has captured.
#[derive(Debug)]
pub struct CapturedFile {
    /// Relative to the mount.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The capture's index in this page.
    pub capture: u32,
}

/// A JSON answer: the part of it that was asked for as `T`, and all of it to take elements from.
#[derive(Debug)]
pub struct Fetched<T> {
    /// What was read.
    pub value: T,
    answer: Captured,
}

/// An element of an answer and where it stands.
#[derive(Debug)]
pub struct Element<E> {
    /// What was read.
    pub value: E,
    /// Its JSON Pointer in the capture.
    pub pointer: String,
    /// The capture's index in this page.
    pub capture: u32,
}

impl<E> Element<E> {
    /// A citation of the element itself.
    pub fn cite(&self) -> Citation {
        Citation::pointer(self.capture, self.pointer.clone())
    }

    /// A citation of something inside it: `at("/notes/0")`.
    pub fn at(&self, below: &str) -> Citation {
        Citation::pointer(self.capture, format!("{}{below}", self.pointer))
    }
}

impl<T> Fetched<T> {
    /// The capture's index in this page.
    pub const fn capture(&self) -> u32 {
        self.answer.capture()
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.answer.status()
    }

    /// A header's first value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    /// A citation of a place in the answer, by its JSON Pointer; the empty one is the whole document.
    pub fn at(&self, pointer: &str) -> Citation {
        Citation::pointer(self.capture(), pointer)
    }

    /// Makes items of each element of the array at a JSON Pointer. Every item cites its element. An element
    /// that cannot be read, or that `make` refuses, becomes a gap that names its pointer; the others go on.
    pub fn each<E: DeserializeOwned, O: Outcome>(
        &self,
        pointer: &str,
        mut make: impl FnMut(E) -> O,
    ) -> Collected {
        self.each_element(pointer, |element: Element<E>| make(element.value))
    }

    /// As [`each`](Self::each), where the place matters: to cite something inside an element, or to name it.
    pub fn each_element<E: DeserializeOwned, O: Outcome>(
        &self,
        pointer: &str,
        mut make: impl FnMut(Element<E>) -> O,
    ) -> Collected {
        let mut collected = Collected::default();
        let elements = match self.elements(pointer) {
            Ok(elements) => elements,
            Err(failure) => {
                collected.gaps.push(Gap { subject: None, reason: failure });
                return collected;
            }
        };
        collected.elements = elements.len();
        for (index, element) in elements.into_iter().enumerate() {
            let place = format!("{pointer}/{index}");
            let made = serde_json::from_value(element).map_err(Failure::shape).and_then(|value| {
                make(Element { value, pointer: place.clone(), capture: self.capture() }).items()
            });
            match made {
                Ok(items) => {
                    let here = Citation::pointer(self.capture(), place);
                    collected.items.extend(items.into_iter().map(|item| item.cite(here.clone())));
                }
                Err(failure) => {
                    let reason = failure.during(format_args!("{}, element {place}", self.answer.attempt));
                    collected.gaps.push(Gap { subject: None, reason });
                }
            }
        }
        collected
    }

    /// The elements of an array, without making items of them.
    pub fn list<E: DeserializeOwned>(&self, pointer: &str) -> Result<Vec<Element<E>>> {
        let capture = self.capture();
        self.elements(pointer)?
            .into_iter()
            .enumerate()
            .map(|(index, element)| {
                let pointer = format!("{pointer}/{index}");
                match serde_json::from_value(element) {
                    Ok(value) => Ok(Element { value, pointer, capture }),
                    Err(error) => Err(Failure::shape(format_args!(
                        "{}, element {pointer}: {error}",
                        self.answer.attempt
                    ))),
                }
            })
            .collect()
    }

    fn elements(&self, pointer: &str) -> Result<Vec<serde_json::Value>> {
        let shape = |what: &str| Failure::shape(format_args!("{}: {what}", self.answer.attempt));
        let mut document: serde_json::Value = serde_json::from_slice(self.answer.bytes())
            .map_err(|error| shape(&format!("the answer is not JSON: {error}")))?;
        match document.pointer_mut(pointer).map(serde_json::Value::take) {
            Some(serde_json::Value::Array(elements)) => Ok(elements),
            Some(_) => Err(shape(&format!("`{pointer}` is not a list"))),
            None => Err(shape(&format!("there is no `{pointer}`"))),
        }
    }
}

/// What was made of the elements of an answer.
#[derive(Debug, Default)]
pub struct Collected {
    /// The items, each with its citation.
    pub items: Vec<Item>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How many elements there were, whatever became of them: what pagination counts by.
    pub elements: usize,
}

impl Collected {
    /// Adds what was made elsewhere.
    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
        self.gaps.extend(other.gaps);
        self.elements += other.elements;
    }
}

/// What may be made of an element: an item, none, several, or a failure.
pub trait Outcome {
    /// As a list.
    fn items(self) -> Result<Vec<Item>>;
}

impl Outcome for Item {
    fn items(self) -> Result<Vec<Item>> {
        Ok(vec![self])
    }
}

impl Outcome for Option<Item> {
    fn items(self) -> Result<Vec<Item>> {
        Ok(self.into_iter().collect())
    }
}

impl Outcome for Vec<Item> {
    fn items(self) -> Result<Vec<Item>> {
        Ok(self)
    }
}

impl<O: Outcome> Outcome for Result<O> {
    fn items(self) -> Result<Vec<Item>> {
        self?.items()
    }
}
