//! Blanking what must never be captured: values at given places of a JSON answer.
//!
//! The rest of the bytes stays exactly as it came, since citations quote it: values are replaced where they
//! stand, nothing is parsed and written anew. `null` stays `null`, as it tells no secret and a connector may need
//! to know that there is none. Names are compared after unescaping, and all of several equal names are blanked,
//! so there is no spelling that hides a value from here and shows it to a lenient parser.
//!
//! An answer that is not JSON, or is nested deeper than anything meant to be read, cannot be redacted, so it is
//! not let in.

use probity_core::pointer;

use super::error::PolicyError;

/// What stands where a value was.
pub(super) const REDACTED: &str = "\"[redacted]\"";

/// Open containers inside each other. Each costs memory here, and 16 MiB of `[` would ask for gigabytes; parsers
/// commonly stop at 128 to 1000.
const MAX_DEPTH: usize = 4096;

/// Places to blank; `*` is every element or member.
pub(super) struct Redaction {
    places: Vec<Vec<String>>,
}

/// The bytes are not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

impl Redaction {
    pub(super) fn new<'a>(pointers: impl Iterator<Item = &'a String>) -> Result<Self, PolicyError> {
        let read = |pointer: &String| {
            let steps = pointer::steps(pointer).map_err(|problem| PolicyError::Redact {
                pointer: pointer.clone(),
                problem: problem.to_string(),
            })?;
            Ok(steps.into_iter().map(std::borrow::Cow::into_owned).collect())
        };
        Ok(Self { places: pointers.map(read).collect::<Result<_, _>>()? })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The body with all places blanked, and how many there were.
    pub(super) fn apply(&self, body: Vec<u8>) -> Result<(Vec<u8>, usize), NotJson> {
        if self.is_empty() || body.is_empty() {
            return Ok((body, 0));
        }
        let text = std::str::from_utf8(&body).map_err(|_| NotJson)?;
        let spans = Scan::new(text, &self.places).spans()?;
        if spans.is_empty() {
            return Ok((body, 0));
        }
        let mut clean = Vec::with_capacity(body.len());
        let mut from = 0;
        for (start, end) in &spans {
            clean.extend_from_slice(&body[from..*start]);
            clean.extend_from_slice(REDACTED.as_bytes());
            from = *end;
        }
        clean.extend_from_slice(&body[from..]);
        Ok((clean, spans.len()))
    }
}

/// Places still possible at some depth: index into the places, and the steps already taken there.
type Active = Vec<(usize, usize)>;

/// A container that is open, and what is active for its children.
struct Open {
    active: Active,
    is_array: bool,
    /// Elements seen, for arrays.
    count: usize,
    /// Where it began, if it is to be blanked as a whole.
    blank_from: Option<usize>,
}

/// One pass over a text; depth costs memory on the heap, never the stack.
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    places: &'a [Vec<String>],
    open: Vec<Open>,
    /// Whether one of the open containers is to be blanked as a whole.
    blanking: bool,
    spans: Vec<(usize, usize)>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, places: &'a [Vec<String>]) -> Self {
        // A byte order mark is no JSON, but lenient parsers skip it.
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self {
            text,
            bytes: text.as_bytes(),
            at,
            places,
            open: Vec::new(),
            blanking: false,
            spans: Vec::new(),
        }
    }

    /// The places' spans, in order, none inside another.
    fn spans(mut self) -> Result<Vec<(usize, usize)>, NotJson> {
        let mut active: Active = (0..self.places.len()).map(|place| (place, 0)).collect();
        loop {
            self.space();
            if self.begin(active)? {
                // A container with something in it: its first child comes next.
                active = self.child()?;
                continue;
            }
            loop {
                self.space();
                if self.open.is_empty() {
                    return if self.at == self.bytes.len() { Ok(self.spans) } else { Err(NotJson) };
                }
                match self.next()? {
                    b',' => {
                        self.space();
                        active = self.child()?;
                        break;
                    }
                    close => self.close(close)?,
                }
            }
        }
    }

    /// Reads a scalar or an empty container whole, or the beginning of a container: then it is true.
    fn begin(&mut self, active: Active) -> Result<bool, NotJson> {
        let start = self.at;
        let blank = !self.blanking && active.iter().any(|(place, taken)| self.places[*place].len() == *taken);
        let first = self.next()?;
        if !matches!(first, b'{' | b'[') {
            self.at = start;
            self.scalar(first)?;
            if blank && &self.bytes[start..self.at] != b"null" {
                self.spans.push((start, self.at));
            }
            return Ok(false);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(NotJson);
        }
        self.blanking |= blank;
        self.open.push(Open {
            active,
            is_array: first == b'[',
            count: 0,
            blank_from: blank.then_some(start),
        });
        self.space();
        match self.bytes.get(self.at) {
            Some(close @ (b'}' | b']')) => {
                self.at += 1;
                self.close(*close)?;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// Reads a member's name, if it is a member, and says what is active for its value.
    fn child(&mut self) -> Result<Active, NotJson> {
        let is_array = self.open.last().ok_or(NotJson)?.is_array;
        let step = if is_array { None } else { Some(self.name()?) };
        let open = self.open.last_mut().ok_or(NotJson)?;
        let step = step.unwrap_or_else(|| open.count.to_string());
        open.count += 1;
        let leads = |(place, taken): &(usize, usize)| {
            let next = self.places[*place].get(*taken)?;
            (next == "*" || *next == step).then_some((*place, taken + 1))
        };
        Ok(open.active.iter().filter_map(leads).collect())
    }

    fn name(&mut self) -> Result<String, NotJson> {
        let start = self.at;
        if self.next()? != b'"' {
            return Err(NotJson);
        }
        self.at = start;
        self.string()?;
        let name = serde_json::from_str(&self.text[start..self.at]).map_err(|_| NotJson)?;
        self.space();
        if self.next()? == b':' { Ok(name) } else { Err(NotJson) }
    }

    fn close(&mut self, close: u8) -> Result<(), NotJson> {
        let open = self.open.pop().ok_or(NotJson)?;
        if close != if open.is_array { b']' } else { b'}' } {
            return Err(NotJson);
        }
        if let Some(start) = open.blank_from {
            self.blanking = false;
            self.spans.push((start, self.at));
        }
        Ok(())
    }

    fn scalar(&mut self, first: u8) -> Result<(), NotJson> {
        match first {
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => {
                let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                self.at += self.bytes[self.at..].iter().take_while(|byte| number(byte)).count();
                Ok(())
            }
            _ => Err(NotJson),
        }
    }

    /// From one quote to the other. Escapes are only stepped over; a name's are read by [`Self::name`].
    fn string(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => {
                    self.next()?;
                }
                0..=0x1f => return Err(NotJson),
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<(), NotJson> {
        if !self.text[self.at..].starts_with(word) {
            return Err(NotJson);
        }
        self.at += word.len();
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn next(&mut self) -> Result<u8, NotJson> {
        let byte = self.bytes.get(self.at).copied().ok_or(NotJson)?;
        self.at += 1;
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::{NotJson, Redaction};

    fn redact(pointers: &[&str], body: &str) -> Result<String, NotJson> {
        let pointers: Vec<_> = pointers.iter().map(|pointer| (*pointer).to_owned()).collect();
        let (bytes, _) = Redaction::new(pointers.iter()).unwrap().apply(body.as_bytes().to_vec())?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_the_named_values_change() {
        let body = "{ \"a\":1.0e+2,\n\"list\" : [ {\"secret\":\"x\\\"}\",\"id\":90071992547409931}, {\"secret\":null} ,{\"secret\":{\"k\":[1]}}]}";
        assert_eq!(
            redact(&["/list/*/secret"], body).unwrap(),
            "{ \"a\":1.0e+2,\n\"list\" : [ {\"secret\":\"[redacted]\",\"id\":90071992547409931}, {\"secret\":null} ,{\"secret\":\"[redacted]\"}]}"
        );
        assert_eq!(redact(&["/list/1"], "{\"list\":[1,2,3]}").unwrap(), "{\"list\":[1,\"[redacted]\",3]}");
        assert_eq!(redact(&[""], " [1] ").unwrap(), " \"[redacted]\" ");
        assert_eq!(
            redact(&["/*/*"], "{\"a\":[],\"b\":{\"c\":true}}").unwrap(),
            "{\"a\":[],\"b\":{\"c\":\"[redacted]\"}}"
        );
        assert_eq!(redact(&["/a", "/a/b"], "{\"a\":{\"b\":1}}").unwrap(), "{\"a\":\"[redacted]\"}");
        assert_eq!(redact(&["/x"], "7").unwrap(), "7");
    }

    #[test]
    fn no_spelling_hides_a_value() {
        assert_eq!(
            redact(&["/secret"], r#"{"secret":1,"s\u0065cret":2}"#).unwrap(),
            r#"{"secret":"[redacted]","s\u0065cret":"[redacted]"}"#
        );
        assert_eq!(redact(&["/s"], "\u{feff}{\"s\":1}").unwrap(), "\u{feff}{\"s\":\"[redacted]\"}");
        assert_eq!(redact(&["/a~1b"], r#"{"a\/b":1}"#).unwrap(), r#"{"a\/b":"[redacted]"}"#);
    }

    #[test]
    fn what_is_not_json_is_not_let_in() {
        for bad in [
            "<html>",
            "{",
            "[1",
            "[1}",
            "{\"a\":1}{\"b\":2}",
            "{a:1}",
            "{\"a\" 1}",
            "[1,]",
            "{\"a\":1,}",
            "nul",
            "\"a\nb\"",
            "[1 2]",
            "{\"a\":NaN}",
            "]",
        ] {
            assert_eq!(redact(&["/a"], bad), Err(NotJson), "{bad}");
        }
        assert_eq!(redact(&["/a"], "").unwrap(), "");
    }

    #[test]
    fn depth_is_limited_and_costs_no_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(redact(&["/a"], &nested(4096)).unwrap().len(), 8192);
        assert_eq!(redact(&["/a"], &nested(4097)), Err(NotJson));
        assert_eq!(redact(&["/a"], &"[".repeat(1 << 20)), Err(NotJson));
    }
}
