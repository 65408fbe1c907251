//! What the blobs promise: the bytes of a digest, or an error that names it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use probity::store::StoreError;
use probity::store::blobs::{Blobs, MIN_GRACE};
use probity_core::canonical::Digest;
use probity_core::instant::Instant;

const HOUR: Duration = Duration::from_secs(3600);

/// Blobs in a scratch folder, with a clock to turn.
struct Shelf {
    folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    blobs: Blobs,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(0));
        let told = clock.clone();
        let clock_fn = Arc::new(move || Instant::from_micros(told.load(Ordering::SeqCst)).unwrap());
        let blobs = Blobs::local(&folder.path().join("blobs"), clock_fn).unwrap();
        Self { folder, clock, blobs }
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.folder.path().join(format!("blobs/sha256/{}/{}.zst", &hex[..2], &hex[2..]))
    }

    fn written(&self, digest: &Digest) -> Instant {
        let since = modified(&self.file(digest)).duration_since(UNIX_EPOCH).unwrap();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap()).unwrap()
    }

    /// Turns the clock to so long after the blob was written, and says what it shows.
    fn later(&self, digest: &Digest, by: Duration) -> Instant {
        let now = self.written(digest).plus(by).unwrap();
        self.clock.store(now.as_micros(), Ordering::SeqCst);
        now
    }

    async fn problem(&self, digest: &Digest) -> String {
        match self.blobs.get(digest).await {
            Err(StoreError::Blob { digest: named, problem }) => {
                assert_eq!(named, *digest);
                problem
            }
            other => panic!("{other:?}"),
        }
    }
}

fn modified(file: &Path) -> SystemTime {
    fs::metadata(file).unwrap().modified().unwrap()
}

#[tokio::test]
async fn bytes_come_back_by_their_digest() {
    let shelf = Shelf::new();
    let page = b"{\"results\": []}".repeat(10_000);
    for bytes in [&b""[..], b"x", &page] {
        let digest = shelf.blobs.put(bytes).await.unwrap();
        assert_eq!(digest, Digest::of(bytes));
        assert_eq!(shelf.blobs.get(&digest).await.unwrap(), bytes);
        assert!(shelf.blobs.contains(&digest).await.unwrap());
    }
    let digest = Digest::of(&page);
    assert!(fs::metadata(shelf.file(&digest)).unwrap().len() < page.len() as u64 / 4, "it is compressed");
    let missing = Digest::of(b"never kept");
    assert!(!shelf.blobs.contains(&missing).await.unwrap());
    assert!(shelf.problem(&missing).await.contains("missing"));
}

#[tokio::test]
async fn many_are_kept_at_once_in_their_order() {
    let shelf = Shelf::new();
    let blobs: Vec<Arc<[u8]>> = (0..40_u32).map(|n| Arc::from((n % 30).to_le_bytes())).collect();
    let digests = shelf.blobs.put_all(blobs.clone()).await.unwrap();
    assert_eq!(digests, blobs.iter().map(|bytes| Digest::of(bytes)).collect::<Vec<_>>());
    let different: BTreeSet<_> = digests.into_iter().collect();
    let listed = shelf.blobs.list().await.unwrap();
    assert_eq!((listed.len(), listed.into_iter().collect::<BTreeSet<_>>()), (30, different));
}

#[tokio::test]
async fn the_same_bytes_again_are_left_alone_until_they_are_old() {
    let shelf = Shelf::new();
    let digest = shelf.blobs.put(b"again").await.unwrap();
    let file = shelf.file(&digest);
    fs::File::options().write(true).open(&file).unwrap().set_modified(UNIX_EPOCH + HOUR).unwrap();
    let first = modified(&file);
    shelf.later(&digest, HOUR / 2);
    shelf.blobs.put(b"again").await.unwrap();
    assert_eq!(modified(&file), first);
    shelf.later(&digest, HOUR * 2);
    shelf.blobs.put(b"again").await.unwrap();
    assert!(modified(&file) > first, "what may be swept soon is made young again");
    assert_eq!(shelf.blobs.get(&digest).await.unwrap(), b"again");
}

#[tokio::test]
async fn every_changed_byte_is_told() {
    let shelf = Shelf::new();
    let digest = shelf.blobs.put(b"a captured page, a captured page, a captured page").await.unwrap();
    let file = shelf.file(&digest);
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x01;
        fs::write(&file, &bad).unwrap();
        match shelf.blobs.get(&digest).await {
            Err(StoreError::Blob { digest: named, .. }) => assert_eq!(named, digest),
            // zstd's frame header has a bit without meaning: the bytes are the same whatever it says.
            Ok(bytes) => assert_eq!(Digest::of(&bytes), digest, "byte {at}"),
            Err(error) => panic!("{error}"),
        }
    }
    for cut in 0..good.len() {
        fs::write(&file, &good[..cut]).unwrap();
        assert!(shelf.blobs.get(&digest).await.is_err(), "cut to {cut} bytes");
    }
    fs::write(&file, &good).unwrap();
    assert!(shelf.blobs.get(&digest).await.is_ok());
}

#[tokio::test]
async fn another_blob_s_sound_file_is_not_believed() {
    let shelf = Shelf::new();
    let one = shelf.blobs.put(b"one").await.unwrap();
    let other = shelf.blobs.put(b"other").await.unwrap();
    fs::copy(shelf.file(&other), shelf.file(&one)).unwrap();
    assert!(shelf.problem(&one).await.contains(&other.to_string()));
    assert!(shelf.blobs.get(&other).await.is_ok());
}

#[tokio::test]
async fn only_old_orphans_are_swept() {
    let shelf = Shelf::new();
    let kept = shelf.blobs.put(b"referred to").await.unwrap();
    let orphan = shelf.blobs.put(b"orphan").await.unwrap();
    fs::write(shelf.folder.path().join("blobs/sha256/notes.txt"), "an operator's").unwrap();
    let referenced = BTreeSet::from([kept]);
    let sweep = async |grace, now| shelf.blobs.sweep(&referenced, grace, now).await.unwrap();

    let late = shelf.later(&orphan, HOUR * 24);
    assert_eq!(sweep(HOUR * 48, late).await, [], "it is within its grace");
    let soon = shelf.later(&orphan, MIN_GRACE);
    assert_eq!(sweep(Duration::ZERO, soon).await, [], "a commit may be about to refer to it");
    assert_eq!(sweep(HOUR, late).await, [orphan]);
    assert!(!shelf.blobs.contains(&orphan).await.unwrap());
    assert!(shelf.blobs.get(&kept).await.is_ok());
    assert!(shelf.folder.path().join("blobs/sha256/notes.txt").exists());
    assert_eq!(sweep(HOUR, late).await, []);
}

#[tokio::test]
async fn an_orphan_put_again_outlives_the_sweep() {
    let shelf = Shelf::new();
    let orphan = shelf.blobs.put(b"left by a crash").await.unwrap();
    let file = shelf.file(&orphan);
    fs::File::options().write(true).open(&file).unwrap().set_modified(UNIX_EPOCH + HOUR).unwrap();
    let now = shelf.later(&orphan, HOUR * 24);
    shelf.blobs.put(b"left by a crash").await.unwrap();
    assert_eq!(shelf.blobs.sweep(&BTreeSet::new(), HOUR * 12, now).await.unwrap(), []);
    assert!(shelf.blobs.get(&orphan).await.is_ok());
}
