//! Opening one file below a mount, name by name.

use std::io::Read as _;

use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt as _};
use probity_core::text::{excerpt, is_control};

use crate::egress::error::EgressError;

/// The longest path, in bytes; Linux allows 4096.
const MAX_PATH: usize = 4 * 1024;

/// What is asked for; only for messages and checks, nothing is opened by the whole path.
pub(super) struct Wanted<'a> {
    pub(super) mount: &'a str,
    pub(super) path: &'a str,
}

impl Wanted<'_> {
    fn refused(&self, problem: &'static str) -> EgressError {
        EgressError::FilePath { mount: self.mount.to_owned(), path: excerpt(self.path, 120), problem }
    }

    fn failed(&self, source: std::io::Error) -> EgressError {
        let (mount, path) = (self.mount.to_owned(), excerpt(self.path, 120));
        match source.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                EgressError::NoFile { mount, path }
            }
            _ => EgressError::File { mount, path, source },
        }
    }

    /// The names the path is made of, none of which leads elsewhere.
    fn names(&self) -> Result<Vec<&str>, EgressError> {
        if self.path.is_empty() || self.path.len() > MAX_PATH {
            return Err(self.refused("is empty or longer than 4096 bytes"));
        }
        if self.path.starts_with('/') {
            return Err(self.refused("is absolute; write it relative to the mount"));
        }
        if self.path.chars().any(|character| is_control(character) || character == '\\') {
            return Err(self.refused("has control characters or backslashes"));
        }
        let names: Vec<_> = self.path.split('/').collect();
        if names.iter().any(|name| matches!(*name, "" | "." | "..")) {
            return Err(self.refused("has a name that is empty, `.` or `..`"));
        }
        Ok(names)
    }
}

/// Reads a regular file whole, up to `limit` bytes.
pub(super) fn read(mount: &Dir, wanted: &Wanted<'_>, limit: u64) -> Result<Vec<u8>, EgressError> {
    let names = wanted.names()?;
    let (name, parents) = names.split_last().ok_or_else(|| wanted.refused("is empty"))?;
    let mut dir = mount.try_clone().map_err(|source| wanted.failed(source))?;
    for parent in parents {
        let is_dir = look(&dir, parent, wanted)?.is_dir();
        if !is_dir {
            return Err(wanted.refused("leads through something that is not a directory"));
        }
        dir = open_dir(&dir, parent).map_err(|source| wanted.failed(source))?;
    }
    if !look(&dir, name, wanted)?.is_file() {
        return Err(wanted.refused("is not a regular file"));
    }
    let file = open_name(&dir, name, 0).map_err(|source| wanted.failed(source))?;
    read_whole(&file, wanted, limit)
}

/// What a name stands for, without following it and without opening it: opening alone can act on a device.
fn look(dir: &Dir, name: &str, wanted: &Wanted<'_>) -> Result<cap_std::fs::Metadata, EgressError> {
    let found = dir.symlink_metadata(name).map_err(|source| wanted.failed(source))?;
    if found.is_symlink() {
        return Err(wanted.refused("is or leads through a symbolic link, which is not followed"));
    }
    Ok(found)
}

/// Opens a directory in a directory, never through a link.
pub(super) fn open_dir(dir: &Dir, name: &str) -> std::io::Result<Dir> {
    Ok(Dir::from_std_file(open_name(dir, name, libc::O_DIRECTORY)?.into_std()))
}

/// Opens one name of a directory. What it is may have changed since it was looked at, so the system is told too:
/// no link is followed, and nothing waits for a FIFO's other end.
fn open_name(dir: &Dir, name: &str, flags: i32) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | flags);
    dir.open_with(name, &options)
}

fn read_whole(file: &File, wanted: &Wanted<'_>, limit: u64) -> Result<Vec<u8>, EgressError> {
    let metadata = file.metadata().map_err(|source| wanted.failed(source))?;
    if !metadata.is_file() {
        return Err(wanted.refused("is not a regular file"));
    }
    let too_large = || EgressError::MountTooLarge {
        mount: wanted.mount.to_owned(),
        what: "a file",
        limit,
        unit: "bytes",
    };
    // A sparse file of terabytes is refused before it is read; one that grows meanwhile, after.
    if metadata.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| wanted.failed(source))?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}
