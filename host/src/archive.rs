//! The archive around a bundle's files: a plain tar (POSIX ustar), so that anybody can open it.
//!
//! What is read is hostile: only regular files, no two of one name, no more and no larger than a bundle may have. Names are only keys here;
//! nothing is ever written to a disk by them. The same files give the same bytes: no owner, no time, sorted by name.
//!
//! Deliberately absent: compression. Captures compress well, but a reader should not have to trust a decompressor's limits to verify.

use std::io::{Cursor, Read as _};

use probity_core::bundle::{Files, MAX_FILE, MAX_FILES, MAX_TOTAL};
use probity_core::text::excerpt;

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
        "it holds more than a bundle may: at most {MAX_FILES} files, {MAX_FILE} bytes each, {MAX_TOTAL} together"
    )]
    TooLarge,
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
    if bytes.len() > MAX_TOTAL.saturating_mul(2) {
        return Err(BadArchive::TooLarge);
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
        let size = usize::try_from(entry.size()).map_err(|_| BadArchive::TooLarge)?;
        total = total.saturating_add(size);
        if size > MAX_FILE || total > MAX_TOTAL || files.len() >= MAX_FILES {
            return Err(BadArchive::TooLarge);
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
mod tests {
    use probity_core::bundle::Files;

    use super::{BadArchive, pack, unpack};

    fn files() -> Files {
        let long = format!("revisions/{}/12.json", "0".repeat(36));
        Files::from([("bundle.json".to_owned(), b"{}".to_vec()), (long, vec![7; 1000])])
    }

    #[test]
    fn what_is_packed_is_unpacked_and_packs_the_same() {
        let packed = pack(&files()).unwrap();
        assert_eq!(packed, pack(&files()).unwrap());
        assert_eq!(unpack(&packed).unwrap(), files());
    }

    #[test]
    fn links_folders_and_doubles_are_refused() {
        for kind in [tar::EntryType::Symlink, tar::EntryType::Directory, tar::EntryType::Link] {
            let mut archive = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_ustar();
            header.set_size(0);
            header.set_entry_type(kind);
            header.set_path("ledger.jsonl").unwrap();
            header.set_cksum();
            archive.append(&header, std::io::empty()).unwrap();
            assert!(
                matches!(unpack(&archive.into_inner().unwrap()), Err(BadArchive::NotAFile(_))),
                "{kind:?}"
            );
        }
        let mut archive = tar::Builder::new(Vec::new());
        for _ in 0..2 {
            let mut header = tar::Header::new_ustar();
            header.set_size(1);
            archive.append_data(&mut header, "ledger.jsonl", &b"x"[..]).unwrap();
        }
        assert!(matches!(unpack(&archive.into_inner().unwrap()), Err(BadArchive::Twice(_))));
    }

    #[test]
    fn half_an_archive_is_none() {
        let packed = pack(&files()).unwrap();
        assert!(unpack(&packed[..700]).is_err());
        assert!(
            unpack(b"not a tar archive, but long enough to be looked at").is_err() || unpack(b"x").is_err()
        );
    }
}
