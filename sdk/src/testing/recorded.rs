//! Recordings: what a source answered, as files.
//!
//! A recording is a folder of JSON files, each with a list of exchanges. Longer bodies stand in files of their own:
//!
//! ```json
//! { "about": "Two pages of findings from DefectDojo 3.2.0",
//!   "exchanges": [
//!     { "request":  { "endpoint": "findings", "query": { "limit": "2", "offset": "0" } },
//!       "response": { "status": 200, "headers": { "content-type": "application/json" }, "file": "bodies/page-1.json" } },
//!     { "request":  { "endpoint": "notes", "path": { "id": "7" } },
//!       "response": { "status": 404, "body": { "detail": "Not found." } } } ] }
//! ```
//!
//! An answer has a `body` (JSON), a `text`, a `file` (relative to the recording) or nothing; or it is a `failure` of
//! the host's (`"unavailable"`). The order of query parameters does not matter, a repeated one is a list. Where the
//! same request was recorded more than once, the answers come in that order and the last one stays.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// A request as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The endpoint's id.
    pub endpoint: String,
    /// Values for the endpoint's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub path: BTreeMap<String, String>,
    /// Query parameters, without the endpoint's fixed ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, Values>,
    /// The JSON body of a POST. It must be asked for with exactly this body, whatever the order of its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
}

/// One value, or several of the same name in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// `"limit": "100"`
    One(String),
    /// `"tag": ["a", "b"]`
    Several(Vec<String>),
}

/// An answer as it was recorded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// 200 where it is not written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// A body that is not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A file with the body, relative to the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The host's failure instead of an answer, by its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A request and what it was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was asked.
    pub request: Asked,
    /// What came back.
    pub response: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    #[serde(default, rename = "about")]
    _about: String,
    exchanges: Vec<Exchange>,
}

/// A recording that cannot be read.
#[derive(Debug)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl RecordingError {
    fn at(path: &Path, what: impl fmt::Display) -> Self {
        Self(format!("the recording {}: {what}", path.display()))
    }
}

/// What a source answered, and the files it has. Clones share what was used of it.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    tape: Rc<RefCell<Tape>>,
}

#[derive(Debug, Default)]
struct Tape {
    exchanges: Vec<(Asked, Kept)>,
    used: Vec<bool>,
    files: BTreeMap<(String, String), Vec<u8>>,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub failure: Option<String>,
}

impl Recorded {
    /// Nothing recorded: for connectors that only read files, and for exchanges written in the test itself.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Reads every `*.json` directly in a folder. A relative folder is relative to the package under test, as `cargo
    /// test` sets it.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let folder = folder.as_ref();
        let mut files: Vec<PathBuf> = listing(folder)?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(RecordingError::at(folder, "there is no *.json in it"));
        }
        files.iter().try_fold(Self::nothing(), Self::and_file)
    }

    /// Reads one file of a recording, where each tells a story of its own.
    pub fn load_file(file: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::nothing().and_file(file)
    }

    fn and_file(self, file: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let file = file.as_ref();
        let bytes = std::fs::read(file).map_err(|error| RecordingError::at(file, error))?;
        let recording: Recording =
            serde_json::from_slice(&bytes).map_err(|error| RecordingError::at(file, error))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for exchange in recording.exchanges {
            let kept = keep(&exchange.response, folder).map_err(|what| RecordingError::at(file, what))?;
            self.push(exchange.request, kept);
        }
        Ok(self)
    }

    /// Adds an exchange. Its answer cannot be a file.
    ///
    /// # Panics
    /// Where the answer names a file.
    #[must_use]
    pub fn exchange(self, request: Asked, response: &Answer) -> Self {
        assert!(response.file.is_none(), "an exchange written in a test has its body in it");
        match keep(response, Path::new("")) {
            Ok(kept) => self.push(request, kept),
            Err(what) => panic!("{what}"),
        }
        self
    }

    /// Adds a file of a mount.
    #[must_use]
    pub fn file(self, mount: &str, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.tape.borrow_mut().files.insert((mount.into(), path.into()), bytes.into());
        self
    }

    /// Adds all files below a folder as a mount.
    pub fn folder(self, mount: &str, folder: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let root = folder.as_ref();
        let mut pending = vec![root.to_path_buf()];
        let mut recorded = self;
        while let Some(folder) = pending.pop() {
            for path in listing(&folder)? {
                if path.is_dir() {
                    pending.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).map_err(|error| RecordingError::at(&path, error))?;
                let name = path.strip_prefix(root).unwrap_or(&path);
                let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
                recorded = recorded.file(mount, &name.join("/"), bytes);
            }
        }
        Ok(recorded)
    }

    /// Exchanges that nothing has asked for.
    pub fn unused(&self) -> Vec<String> {
        let tape = self.tape.borrow();
        let unused = tape.exchanges.iter().zip(&tape.used).filter(|(_, used)| !**used);
        unused.map(|((asked, _), _)| format!("{asked:?}")).collect()
    }

    fn push(&self, asked: Asked, kept: Kept) {
        let mut tape = self.tape.borrow_mut();
        tape.exchanges.push((asked, kept));
        tape.used.push(false);
    }

    /// The answer to a request: the first unused one, or the last that was used.
    pub(super) fn answer(&self, asked: &Asked) -> Option<Kept> {
        let mut tape = self.tape.borrow_mut();
        let same: Vec<usize> =
            (0..tape.exchanges.len()).filter(|at| tape.exchanges[*at].0 == *asked).collect();
        let at = same.iter().copied().find(|at| !tape.used[*at]).or_else(|| same.last().copied())?;
        tape.used[at] = true;
        Some(tape.exchanges[at].1.clone())
    }

    /// The files of a mount, in byte order of their paths.
    pub(super) fn files(&self, mount: &str) -> Vec<(String, u64)> {
        let tape = self.tape.borrow();
        let files = tape.files.iter().filter(|((of, _), _)| of == mount);
        files.map(|((_, path), bytes)| (path.clone(), bytes.len() as u64)).collect()
    }

    pub(super) fn read(&self, mount: &str, path: &str) -> Option<Vec<u8>> {
        self.tape.borrow().files.get(&(mount.to_owned(), path.to_owned())).cloned()
    }
}

fn listing(folder: &Path) -> Result<Vec<PathBuf>, RecordingError> {
    let entries = std::fs::read_dir(folder).map_err(|error| RecordingError::at(folder, error))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| RecordingError::at(folder, error)))
        .collect()
}

fn keep(answer: &Answer, folder: &Path) -> Result<Kept, String> {
    let body = match (&answer.body, &answer.text, &answer.file) {
        (Some(json), None, None) => json.to_string().into_bytes(),
        (None, Some(text), None) => text.clone().into_bytes(),
        (None, None, Some(file)) => {
            let path = folder.join(file);
            std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?
        }
        (None, None, None) => Vec::new(),
        _ => return Err("an answer has one of `body`, `text` and `file`".into()),
    };
    Ok(Kept {
        status: answer.status.unwrap_or(200),
        headers: answer.headers.clone(),
        body,
        failure: answer.failure.clone(),
    })
}
