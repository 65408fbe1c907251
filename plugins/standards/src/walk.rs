//! Going through the files, page by page.
//!
//! A cursor names a file and how many of its requirements were taken. A large catalog spreads over several pages and is
//! read again for each; if it changed meanwhile, it is begun anew, since places counted in the old file mean nothing in
//! the new one. What was taken twice that way is the same evidence, seen again.

use probity_sdk::doors::Entry;
use probity_sdk::prelude::*;

use crate::sink::{self, Sink};
use crate::{Config, DOCUMENTS, markdown, oscal};

/// Bytes read in one page beyond which no further file is begun.
const MOST_BYTES: u64 = 16 << 20;

/// Files read in one page, for folders of many files without a requirement.
const MOST_FILES: usize = 500;

/// Times a file is begun anew because it changed, before it is given up.
const RESTARTS: u32 = 3;

/// Where the next page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    file: String,
    /// Requirements of the file that were taken.
    taken: usize,
    /// What the file was when they were counted.
    hash: u64,
    restarts: u32,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Markdown,
    Json,
}

impl Form {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The files that are read, in byte order of their paths.
pub(crate) fn files(cx: &Context<Config>) -> Result<Vec<Entry>> {
    let mut files = Vec::new();
    for pattern in &cx.config.include {
        files.extend(cx.files(DOCUMENTS).entries(pattern)?);
    }
    files.retain(|file| cx.config.reads(&file.path));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup_by(|one, other| one.path == other.path);
    Ok(files)
}

/// One page of requirements.
pub(crate) fn page(cx: &Context<Config>, place: Place) -> Result<Page> {
    let mut sink = Sink::new(&cx.config);
    let (mut bytes, mut read) = (0, 0);
    let files = files(cx)?;
    for file in files.iter().filter(|file| file.path >= place.file) {
        let continues = file.path == place.file && place.taken > 0;
        let full = sink.is_full() || read >= MOST_FILES || (read > 0 && bytes + file.size > MOST_BYTES);
        if full {
            let next = Place { file: file.path.clone(), ..Place::default() };
            return Ok(Page::of(sink.collected).next(Some(next)));
        }
        read += 1;
        bytes += file.size;
        let begun =
            if continues { place.clone() } else { Place { file: file.path.clone(), ..Place::default() } };
        if let Some(next) = one(cx, &mut sink, begun)? {
            return Ok(Page::of(sink.collected).next(Some(next)));
        }
    }
    Ok(Page::of(sink.collected))
}

/// Reads one file, from a place in it; the answer is where the next page goes on in the same file.
fn one(cx: &Context<Config>, sink: &mut Sink<'_>, begun: Place) -> Result<Option<Place>> {
    let path = &begun.file;
    let Some(form) = Form::of(path) else {
        sink.gap(path, Failure::shape("only .md, .markdown and .json are read: change `include`"));
        return Ok(None);
    };
    let file = match cx.files(DOCUMENTS).read(path) {
        Ok(file) => file,
        // Deleted since it was listed: then nothing of it is missed.
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
        Err(failure) if matches!(failure.kind, FailureKind::TooLarge | FailureKind::Permission) => {
            sink.gap(path, failure);
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    };
    let hash = sink::fnv(&file.bytes);
    let changed = begun.taken > 0 && begun.hash != hash;
    let restarts = begun.restarts + u32::from(changed);
    if restarts > RESTARTS {
        sink.gap(path, Failure::new(FailureKind::Unavailable, "it changes faster than it can be read"));
        return Ok(None);
    }
    sink.begin(if changed { 0 } else { begun.taken });
    let whole = match form {
        Form::Markdown => markdown::read(&file, sink),
        Form::Json => oscal::read(cx, &file, sink),
    };
    match whole {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(Place { file: begun.file, taken: sink.taken(), hash, restarts })),
        Err(failure) => {
            sink.gap(path, failure);
            Ok(None)
        }
    }
}
