//! The cache of compiled code: what is not exactly what this host wrote is compiled again, never run.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use probity::sandbox::{CacheStats, CodeCache, Connector, Limits, Sandbox};
use probity_tests::guests;
use tempfile::TempDir;

use super::collect;

const KEY: [u8; 32] = [7; 32];

fn cached(dir: &Path) -> Sandbox {
    Sandbox::new(Limits::default(), Some(CodeCache::open(dir, || KEY).unwrap())).unwrap()
}

async fn load(sandbox: &Sandbox) -> Connector {
    let connector = sandbox.load(guests::hostile()).await.unwrap();
    assert!(collect(&connector, "honest").await.is_ok());
    connector
}

fn stats(hits: u64, misses: u64, rejected: u64) -> Option<CacheStats> {
    Some(CacheStats { hits, misses, rejected })
}

fn code_file(dir: &Path) -> PathBuf {
    let mut files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "code")).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_component_is_compiled_once_for_all_hosts_of_the_folder() {
    let scratch = TempDir::new().unwrap();
    let dir = scratch.path().join("code");
    let sandbox = cached(&dir);
    load(&sandbox).await;
    assert_eq!(sandbox.cache_stats(), stats(0, 1, 0));
    load(&sandbox).await;
    assert_eq!(sandbox.cache_stats(), stats(1, 1, 0));
    let later =
        Sandbox::new(Limits::default(), Some(CodeCache::open(&dir, || panic!("the key is there")).unwrap()))
            .unwrap();
    load(&later).await;
    assert_eq!(later.cache_stats(), stats(1, 0, 0));
    assert_eq!((mode(&dir), mode(&dir.join("key")), mode(&code_file(&dir))), (0o700, 0o600, 0o600));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "nothing temporary is left");
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_compiled_again_and_written_over() {
    let scratch = TempDir::new().unwrap();
    load(&cached(scratch.path())).await;
    let file = code_file(scratch.path());
    let good = fs::read(&file).unwrap();
    // The tag, the ELF header, wasmtime's own header, code in the middle, the end.
    for at in [0, 31, 32, 40, 32 + 64, good.len() / 3, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        let sandbox = cached(scratch.path());
        load(&sandbox).await;
        assert_eq!(sandbox.cache_stats(), stats(0, 0, 1), "byte {at}");
        assert_eq!(fs::read(&file).unwrap(), good, "byte {at} was written over");
    }
}

#[tokio::test]
async fn a_file_that_is_cut_empty_or_longer_is_compiled_again() {
    let scratch = TempDir::new().unwrap();
    load(&cached(scratch.path())).await;
    let file = code_file(scratch.path());
    let good = fs::read(&file).unwrap();
    let longer = [good.as_slice(), b"x"].concat();
    for bad in [&good[..0], &good[..31], &good[..32], &good[..good.len() - 1], &good[32..], &longer] {
        fs::write(&file, bad).unwrap();
        let sandbox = cached(scratch.path());
        load(&sandbox).await;
        assert_eq!(sandbox.cache_stats(), stats(0, 0, 1), "{} bytes", bad.len());
    }
}

#[tokio::test]
async fn code_under_another_key_is_not_run() {
    let (ours, theirs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    load(&cached(ours.path())).await;
    let other_key = CodeCache::open(theirs.path(), || [8; 32]).unwrap();
    load(&Sandbox::new(Limits::default(), Some(other_key)).unwrap()).await;
    let file = code_file(ours.path());
    fs::copy(code_file(theirs.path()), &file).unwrap();
    let sandbox = cached(ours.path());
    load(&sandbox).await;
    assert_eq!(sandbox.cache_stats(), stats(0, 0, 1));
}

#[tokio::test]
async fn code_of_one_component_is_worth_nothing_under_the_name_of_another() {
    let scratch = TempDir::new().unwrap();
    let sandbox = cached(scratch.path());
    load(&sandbox).await;
    let hostile = code_file(scratch.path());
    let code = fs::read(&hostile).unwrap();
    fs::remove_file(&hostile).unwrap();
    // Another component, compiled under the same key; its file is replaced by the first one's.
    let mut other = guests::describing("other");
    sandbox.load(other.clone()).await.unwrap();
    let place = code_file(scratch.path());
    fs::write(&place, &code).unwrap();
    let later = cached(scratch.path());
    later.load(std::mem::take(&mut other)).await.unwrap();
    assert_eq!(later.cache_stats(), stats(0, 0, 1));
}

#[tokio::test]
async fn a_key_others_could_read_is_replaced_with_all_that_it_vouched_for() {
    let scratch = TempDir::new().unwrap();
    load(&cached(scratch.path())).await;
    let key = scratch.path().join("key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let cache = CodeCache::open(scratch.path(), || [9; 32]).unwrap();
    assert_eq!((mode(&key), fs::read(&key).unwrap()), (0o600, vec![9; 32]));
    let sandbox = Sandbox::new(Limits::default(), Some(cache)).unwrap();
    load(&sandbox).await;
    assert_eq!(sandbox.cache_stats(), stats(0, 0, 1));
}

#[test]
fn a_damaged_or_linked_key_is_replaced() {
    let scratch = TempDir::new().unwrap();
    let elsewhere = scratch.path().join("elsewhere");
    fs::write(&elsewhere, [1; 32]).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o600)).unwrap();
    let dir = scratch.path().join("code");
    CodeCache::open(&dir, || KEY).unwrap();
    let key = dir.join("key");
    fs::write(&key, b"short").unwrap();
    CodeCache::open(&dir, || [2; 32]).unwrap();
    assert_eq!(fs::read(&key).unwrap(), [2; 32]);
    fs::remove_file(&key).unwrap();
    symlink(&elsewhere, &key).unwrap();
    CodeCache::open(&dir, || [3; 32]).unwrap();
    assert_eq!((fs::read(&key).unwrap(), fs::read(&elsewhere).unwrap()), (vec![3; 32], vec![1; 32]));
    assert!(fs::symlink_metadata(&key).unwrap().is_file());
}

#[test]
fn a_folder_open_to_others_is_closed_and_a_linked_one_refused() {
    let scratch = TempDir::new().unwrap();
    let dir = scratch.path().join("code");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    CodeCache::open(&dir, || KEY).unwrap();
    assert_eq!(mode(&dir), 0o700);
    let link = scratch.path().join("link");
    symlink(&dir, &link).unwrap();
    let error = CodeCache::open(&link, || KEY).unwrap_err();
    assert!(error.to_string().contains("it is not a folder"), "{error}");
    assert!(
        !format!("{:?}", CodeCache::open(&dir, || KEY).unwrap()).contains("7, 7"),
        "the key is not shown"
    );
}
