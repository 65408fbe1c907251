use probity_core::bundle::{Check, Files, Limits, Reader, verify};

use super::{BadArchive, pack, unpack, unpack_within};

fn files() -> Files {
    let long = format!("revisions/{}/12.json", "0".repeat(36));
    Files::from([("bundle.json".to_owned(), b"{}".to_vec()), (long, vec![7; 1000])])
}

/// One entry, made up as somebody hostile would: its kind, the name and size its header says, and what follows.
fn entry(kind: tar::EntryType, name: &[u8], size: u64, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_cksum();
    let padding = vec![0; content.len().next_multiple_of(512) - content.len()];
    [header.as_bytes(), content, &padding].concat()
}

/// The same with its end.
fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

/// A record of an extended header (POSIX pax): its length, a key and a value.
fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
    let record = format!("{length}{rest}");
    entry(tar::EntryType::XHeader, b"pax", record.len() as u64, record.as_bytes())
}

#[test]
fn what_is_packed_is_unpacked_and_packs_the_same() {
    let packed = pack(&files()).unwrap();
    assert_eq!(packed, pack(&files()).unwrap());
    assert_eq!(unpack(&packed).unwrap(), files());
}

#[test]
fn an_archive_at_every_limit_is_unpacked_and_one_past_any_is_refused() {
    let packed = pack(&files()).unwrap();
    let (files, length) = (files(), packed.len());
    let exact = Limits { files: 2, file: 1000, total: 1002 };
    assert_eq!(unpack_within(&packed, exact, length).unwrap(), files);
    for past in [Limits { files: 1, ..exact }, Limits { file: 999, ..exact }, Limits { total: 1001, ..exact }]
    {
        let refused = unpack_within(&packed, past, length);
        assert!(matches!(refused, Err(BadArchive::TooLarge(limits)) if limits == past), "{refused:?}");
    }
    assert!(matches!(unpack_within(&packed, exact, length - 1), Err(BadArchive::TooLarge(_))));
}

#[test]
fn what_a_header_promises_is_held_to_the_limits_before_it_is_read() {
    let limits = Limits { files: 9, file: 1000, total: 1500 };
    let regular = tar::EntryType::Regular;
    let refused = |bytes: &[u8]| unpack_within(bytes, limits, 100_000).unwrap_err();
    // Sizes that no memory has, in both spellings of a tar header, and in an extended header over a small one.
    for size in [1001, 8_589_934_591, u64::MAX / 4] {
        let bomb = archive(&[entry(regular, b"captures/bomb", size, b"")]);
        assert!(matches!(refused(&bomb), BadArchive::TooLarge(_)), "{size}");
        let bomb = archive(&[pax("size", &size.to_string()), entry(regular, b"captures/bomb", 1, b"x")]);
        assert!(matches!(refused(&bomb), BadArchive::TooLarge(_)), "{size}, extended");
    }
    // Two that are small enough, and together are not.
    let two = [entry(regular, b"one", 800, &[1; 800]), entry(regular, b"two", 800, &[2; 800])];
    assert!(matches!(refused(&archive(&two)), BadArchive::TooLarge(_)));
    // A file full of holes, which would be a terabyte when read.
    let mut holes = tar::Header::new_gnu();
    holes.set_entry_type(tar::EntryType::GNUSparse);
    holes.set_path("captures/holes").unwrap();
    holes.set_size(0);
    let gnu = holes.as_gnu_mut().unwrap();
    gnu.set_real_size(1 << 40);
    gnu.sparse[0].set_offset(1 << 40);
    gnu.sparse[0].set_length(0);
    holes.set_cksum();
    let refused = refused(&archive(&[holes.as_bytes().to_vec()]));
    assert!(matches!(refused, BadArchive::NotAFile(_)), "{refused:?}");
}

#[test]
fn a_header_that_promises_more_or_less_than_is_there_is_refused() {
    let regular = tar::EntryType::Regular;
    // More: the archive ends within the file, also when its own end is taken for a part of that.
    let short = entry(regular, b"captures/short", 3000, &[1; 600]);
    assert!(matches!(unpack(&short), Err(BadArchive::Unreadable(_))));
    assert!(matches!(unpack(&archive(&[short])), Err(BadArchive::Unreadable(_))));
    let last = entry(regular, b"captures/last", 600, &[1; 600]);
    assert!(
        matches!(unpack(&last[..1112]), Err(BadArchive::Unreadable(_))),
        "the last byte of all is missing"
    );
    // Less: what is left over is no header.
    let long = archive(&[entry(regular, b"captures/long", 1, &[1; 600])]);
    assert!(matches!(unpack(&long), Err(BadArchive::Unreadable(_))));
}

#[test]
fn links_folders_devices_and_doubles_are_refused() {
    use tar::EntryType::{Block, Char, Continuous, Directory, Fifo, Link, Symlink};
    for kind in [Symlink, Link, Directory, Char, Block, Fifo, Continuous] {
        let refused = unpack(&archive(&[entry(kind, b"ledger.jsonl", 0, b"")]));
        assert!(matches!(refused, Err(BadArchive::NotAFile(_))), "{kind:?}: {refused:?}");
    }
    let twice = entry(tar::EntryType::Regular, b"ledger.jsonl", 1, b"x");
    let refused = unpack(&archive(&[twice.clone(), twice]));
    assert!(matches!(&refused, Err(BadArchive::Twice(name)) if name == "ledger.jsonl"), "{refused:?}");
    // Also when the second one has its name from elsewhere.
    let regular = |name: &[u8]| entry(tar::EntryType::Regular, name, 1, b"x");
    let twice = archive(&[regular(b"ledger.jsonl"), pax("path", "ledger.jsonl"), regular(b"other")]);
    assert!(matches!(unpack(&twice), Err(BadArchive::Twice(_))));
    assert!(matches!(unpack(&archive(&[regular(b"ledger\xff")])), Err(BadArchive::Name)));
}

#[test]
fn a_name_that_leads_elsewhere_is_a_name_and_no_file_of_a_bundle() {
    let names = ["../ledger.jsonl", "/etc/passwd", "./ledger.jsonl", "captures/../../x", "ledger.jsonl/"];
    for name in names {
        let files = unpack(&archive(&[entry(tar::EntryType::Regular, name.as_bytes(), 1, b"x")])).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), [name]);
        let verification = verify(&files, Reader::default());
        let named =
            |check: &Check| check.place.as_deref() == Some(name) && check.found.contains("such a name");
        assert!(verification.failed().any(named), "{name}: {verification:?}");
    }
}

#[test]
fn half_an_archive_is_none_and_neither_is_a_compressed_one() {
    let packed = pack(&files()).unwrap();
    assert!(unpack(&packed[..700]).is_err());
    // The beginnings of gzip, bzip2, xz, zstd, zip and 7z, each with more after it than one header.
    let magics: [&[u8]; 6] =
        [b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"7z\xbc\xaf"];
    for magic in magics {
        let compressed = [magic, &[0x5a; 2000]].concat();
        assert!(matches!(unpack(&compressed), Err(BadArchive::Unreadable(_))), "{magic:?}");
    }
    assert!(matches!(unpack(b"not a tar archive"), Err(BadArchive::Unreadable(_))));
}
