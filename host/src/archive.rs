//! The archive around a bundle's files: a plain tar (POSIX ustar), so that anybody can open it.
//!
//! What is read is hostile: only regular files, no two of one name, no more and no larger than a bundle may have. Names are only keys here;
//! nothing is ever written to a disk by them. The same files give the same bytes: no owner, no time, sorted by name.
//!
//! Deliberately absent: compression. Captures compress well, but a reader should not have to trust a decompressor's limits to verify.

use std::io::{Cursor, Read as _};

use probity_core::bundle::{Files, Limits};
use probity_core::text::excerpt;

/// The longest archive that is read: the headers of many small files are as long as the files.
pub const LONGEST: usize = Limits::BUNDLE.total * 2;

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadArchive {
    #[error("it is not a tar archive that can be read to its end")]
    Unreadable(#[source] std::io::Error),
    #[error("`{0}` in it is not a regular file")]
    NotAFile(String),
    #[error("`{0}` is in it twice")]
    Twice(String),
    #[error("a file's name in it is not UTF-8")]
    Name,
    #[error(
        "it holds more than a bundle may: at most {} files, {} bytes each, {} together",
        .0.files, .0.file, .0.total
    )]
    TooLarge(Limits),
}

/// The archive of a bundle's files.
pub fn pack(files: &Files) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.mode(tar::HeaderMode::Deterministic);
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mtime(0);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    archive.into_inner()
}

/// The files of an archive.
pub fn unpack(bytes: &[u8]) -> Result<Files, BadArchive> {
    unpack_within(bytes, Limits::BUNDLE, LONGEST)
}

fn unpack_within(bytes: &[u8], limits: Limits, longest: usize) -> Result<Files, BadArchive> {
    let too_large = || BadArchive::TooLarge(limits);
    if bytes.len() > longest {
        return Err(too_large());
    }
    let mut files = Files::new();
    let mut total = 0_usize;
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    for entry in archive.entries().map_err(BadArchive::Unreadable)? {
        let mut entry = entry.map_err(BadArchive::Unreadable)?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| BadArchive::Name)?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(BadArchive::NotAFile(excerpt(&name, 120)));
        }
        let size = usize::try_from(entry.size()).map_err(|_| too_large())?;
        total = total.saturating_add(size);
        if !limits.admit(files.len().saturating_add(1), size, total) {
            return Err(too_large());
        }
        // What the header promises is not reserved ahead: it may be a lie.
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(BadArchive::Unreadable)?;
        if files.insert(name.clone(), content).is_some() {
            return Err(BadArchive::Twice(excerpt(&name, 120)));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
