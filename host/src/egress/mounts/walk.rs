//! Listing the files of a mount.
//!
//! Directories are entered without following links, to a limited depth, and everything looked at is counted, so that a
//! mount of a million names ends as a named error and not as an hour of disk.

use cap_std::fs::{Dir, DirEntry};
use globset::{GlobBuilder, GlobMatcher};
use probity_core::connector::FileEntry;
use probity_core::text::excerpt;

use super::open::open_dir;
use crate::egress::error::EgressError;
use crate::egress::limits::MountLimits;

/// The longest glob, in bytes: each `*` costs time.
const MAX_GLOB: usize = 256;

/// Reads a glob. `*` and `?` do not cross `/`; `**` does.
pub(super) fn matcher(glob: &str) -> Result<GlobMatcher, EgressError> {
    let fault = |problem: String| EgressError::Glob { glob: excerpt(glob, 120), problem };
    if glob.is_empty() || glob.len() > MAX_GLOB {
        return Err(fault(format!("is empty or longer than {MAX_GLOB} bytes; `**` is every file")));
    }
    let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(false).build();
    Ok(built.map_err(|error| fault(format!("is not one: {}", error.kind())))?.compile_matcher())
}

/// The regular files below a mount that match.
pub(super) fn walk(
    mount: &Dir,
    name: &str,
    matcher: &GlobMatcher,
    limits: &MountLimits,
) -> Result<Vec<FileEntry>, EgressError> {
    let root = mount.try_clone();
    let failed = |source| EgressError::File { mount: name.to_owned(), path: ".".to_owned(), source };
    let mut walk =
        Walk { mount: name, matcher, limits, walked: 0, unreadable: 0, unnamed: 0, found: Vec::new() };
    let mut dirs = vec![(root.map_err(failed)?, String::new(), 0)];
    while let Some((dir, path, depth)) = dirs.pop() {
        let entries = match dir.entries() {
            Ok(entries) => entries,
            Err(source) if depth == 0 => return Err(failed(source)),
            Err(_) => {
                walk.unreadable += 1;
                continue;
            }
        };
        for entry in entries {
            let Ok(entry) = entry else {
                walk.unreadable += 1;
                continue;
            };
            if let Some(below) = walk.entry(&dir, &entry, &path)? {
                if depth + 1 >= limits.depth {
                    return Err(walk.over("directories inside each other", limits.depth, "levels"));
                }
                dirs.push((below.0, below.1, depth + 1));
            }
        }
    }
    if walk.unreadable + walk.unnamed > 0 {
        tracing::warn!(
            mount = name,
            unreadable = walk.unreadable,
            not_utf8 = walk.unnamed,
            "Some names in the mount `{name}` were left out"
        );
    }
    walk.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.found)
}

struct Walk<'a> {
    mount: &'a str,
    matcher: &'a GlobMatcher,
    limits: &'a MountLimits,
    walked: usize,
    /// Directories and entries that could not be looked at.
    unreadable: usize,
    /// Names that are not UTF-8.
    unnamed: usize,
    found: Vec<FileEntry>,
}

impl Walk<'_> {
    /// Takes in one entry; a directory is handed back, opened, with its path.
    fn entry(
        &mut self,
        dir: &Dir,
        entry: &DirEntry,
        path: &str,
    ) -> Result<Option<(Dir, String)>, EgressError> {
        self.walked += 1;
        if self.walked > self.limits.walked {
            return Err(self.over("names", self.limits.walked, "entries"));
        }
        let Ok(name) = entry.file_name().into_string() else {
            self.unnamed += 1;
            return Ok(None);
        };
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        // An entry's metadata is the link's own where it is one; links are neither files nor directories here.
        let Ok(metadata) = entry.metadata() else {
            self.unreadable += 1;
            return Ok(None);
        };
        if metadata.is_dir() {
            let Ok(dir) = open_dir(dir, &name) else {
                self.unreadable += 1;
                return Ok(None);
            };
            return Ok(Some((dir, path)));
        }
        if metadata.is_file() && self.matcher.is_match(&path) {
            if self.found.len() >= self.limits.listed {
                return Err(self.over("files that match", self.limits.listed, "files"));
            }
            self.found.push(FileEntry { path, size: metadata.len() });
        }
        Ok(None)
    }

    fn over(&self, what: &'static str, limit: usize, unit: &'static str) -> EgressError {
        EgressError::MountTooLarge { mount: self.mount.to_owned(), what, limit: limit as u64, unit }
    }
}
