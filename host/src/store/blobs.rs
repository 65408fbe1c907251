//! Blobs: the large bytes, each kept once under its SHA-256.
//!
//! Captures and components are blobs. One is written and synced *before* the transaction that refers to it, so the
//! database never names bytes that are not there; what a crash leaves behind is an orphan, swept later
//! ([`Blobs::sweep`]). Kept compressed (zstd) at `sha256/ab/cdef….zst`; compressing is cheaper than the disk.
//!
//! Nothing read back is believed: what does not decompress, or has another digest than its name, is an error
//! that names the digest.
//!
//! Deliberately absent: any knowledge of what refers to a blob, and overwriting one with other bytes.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use probity_core::canonical::Digest;
use probity_core::instant::Instant;
use tokio::sync::RwLock;

use super::{Clock, StoreError};

/// The largest blob, in bytes. Well above what the doors let in; it bounds what a damaged or forged file can
/// make the host allocate when it is decompressed.
pub const MAX_BLOB: u64 = 1 << 30;

/// zstd's level 1: 600 MB/s a core at eight times smaller on JSON. Higher levels cost more than the disk does.
const LEVEL: i32 = 1;

/// Puts under way at once for one page: enough to hide an fsync behind the next.
const PARALLEL: usize = 8;

/// A blob that is there already is written again when it is older than this, so that an orphan about to be
/// swept becomes young before somebody refers to it.
const RENEW_AFTER: Duration = Duration::from_secs(3600);

/// Nothing younger than this is swept, whatever grace was asked for: twice the age at which a blob is renewed,
/// which leaves an hour between a put and the commit that refers to it.
pub const MIN_GRACE: Duration = Duration::from_secs(2 * 3600);

/// Content-addressed bytes over an object store. Clones share it.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    /// For messages: where the blobs are.
    place: Arc<str>,
    clock: Clock,
    /// Puts read, removals write: no blob goes between being found and being believed.
    sweeping: Arc<RwLock<()>>,
}

impl Blobs {
    /// Blobs in a local folder, made when it is not there. Files and folders are synced before a put returns.
    pub fn local(folder: &FilePath, clock: Clock) -> Result<Self, StoreError> {
        let place = folder.display().to_string();
        let refuse = |rule: String| StoreError::Open { place: place.clone(), rule };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| refuse(format!("the folder cannot be made: {error}")))?;
        let objects = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| refuse(error.to_string()))?
            .with_fsync(true);
        Ok(Self::over(Arc::new(objects), &place, clock))
    }

    /// Blobs in any object store whose puts are durable when they return. `place` is for messages.
    pub fn over(objects: Arc<dyn ObjectStore>, place: &str, clock: Clock) -> Self {
        Self { objects, place: place.into(), clock, sweeping: Arc::new(RwLock::new(())) }
    }

    /// Keeps some bytes; durable when it returns. The same bytes again change nothing.
    pub async fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.put_shared(Arc::from(bytes)).await
    }

    /// Keeps many, several at once. Digests in the order of the blobs. When it fails, some may have been kept.
    pub async fn put_all(
        &self,
        blobs: impl IntoIterator<Item = Arc<[u8]>>,
    ) -> Result<Vec<Digest>, StoreError> {
        let puts: Vec<_> = blobs.into_iter().map(|bytes| self.put_shared(bytes)).collect();
        futures::stream::iter(puts).buffered(PARALLEL).try_collect().await
    }

    async fn put_shared(&self, bytes: Arc<[u8]>) -> Result<Digest, StoreError> {
        let (digest, bytes) = off_thread(move || (Digest::of(&bytes), bytes)).await;
        let failed = |problem: String| StoreError::Blob { digest, problem };
        if bytes.len() as u64 > MAX_BLOB {
            return Err(failed(format!("it has {} bytes; at most {MAX_BLOB} are kept", bytes.len())));
        }
        let _no_sweep = self.sweeping.read().await;
        let mode = match self.age(&digest).await? {
            Some(age) if age <= RENEW_AFTER => return Ok(digest),
            Some(_) => PutMode::Overwrite,
            None => PutMode::Create,
        };
        let packed = off_thread(move || zstd::bulk::compress(&bytes, LEVEL))
            .await
            .map_err(|error| failed(format!("it cannot be compressed: {error}")))?;
        match self.objects.put_opts(&path(&digest), PutPayload::from(packed), mode.into()).await {
            // Somebody else kept the same bytes meanwhile.
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(digest),
            Err(error) => Err(failed(format!("it cannot be written: {error}"))),
        }
    }

    /// The bytes of that digest, verified.
    pub async fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let digest = *digest;
        let failed = |problem: String| StoreError::Blob { digest, problem };
        let found = self.objects.get(&path(&digest)).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => failed(format!("it is missing from {}", self.place)),
            error => failed(format!("it cannot be read: {error}")),
        })?;
        if found.meta.size > MAX_BLOB {
            return Err(failed(format!("its file has {} bytes, more than any blob", found.meta.size)));
        }
        let packed = found.bytes().await.map_err(|error| failed(format!("it cannot be read: {error}")))?;
        off_thread(move || unpack(&packed, &digest, MAX_BLOB)).await.map_err(failed)
    }

    /// Whether a blob of that digest is kept. Its bytes are not looked at.
    pub async fn contains(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.age(digest).await?.is_some())
    }

    /// How long ago the blob was written, or `None` when it is not there.
    async fn age(&self, digest: &Digest) -> Result<Option<Duration>, StoreError> {
        match self.objects.head(&path(digest)).await {
            Ok(meta) => Ok(Some((self.clock)().since(written(&meta)))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => {
                Err(StoreError::Blob { digest: *digest, problem: format!("it cannot be looked up: {error}") })
            }
        }
    }

    /// Every blob that is kept, in no order. Files with other names are not ours and are passed over.
    pub async fn list(&self) -> Result<Vec<Digest>, StoreError> {
        Ok(self.written().await?.into_iter().map(|(digest, _)| digest).collect())
    }

    async fn written(&self) -> Result<Vec<(Digest, Instant)>, StoreError> {
        self.objects
            .list(Some(&Path::from("sha256")))
            .try_filter_map(async |meta| Ok(named(&meta.location).map(|digest| (digest, written(&meta)))))
            .try_collect()
            .await
            .map_err(|error| StoreError::Open {
                place: self.place.to_string(),
                rule: format!("its blobs cannot be listed: {error}"),
            })
    }

    /// Removes what nothing refers to and what is older than `grace` (at least [`MIN_GRACE`]) at `now`; returns what
    /// it removed. `referenced` must have been read before this was called.
    pub async fn sweep(
        &self,
        referenced: &BTreeSet<Digest>,
        grace: Duration,
        now: Instant,
    ) -> Result<Vec<Digest>, StoreError> {
        let grace = grace.max(MIN_GRACE);
        let mut removed = Vec::new();
        for (digest, written) in self.written().await? {
            if referenced.contains(&digest) || now.since(written) <= grace {
                continue;
            }
            if self.remove_if_old(&digest, grace, now).await? {
                removed.push(digest);
            }
        }
        Ok(removed)
    }

    /// Looks at its age again with puts held off: it may have been renewed since it was listed.
    async fn remove_if_old(
        &self,
        digest: &Digest,
        grace: Duration,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let failed =
            |error| StoreError::Blob { digest: *digest, problem: format!("it cannot be removed: {error}") };
        let _no_puts = self.sweeping.write().await;
        let path = path(digest);
        let meta = self.objects.head(&path).await.map_err(failed)?;
        if now.since(written(&meta)) <= grace {
            return Ok(false);
        }
        self.objects.delete(&path).await.map_err(failed)?;
        Ok(true)
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Hashing and compressing megabytes would hold up everything else on the async threads.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}

fn unpack(packed: &[u8], digest: &Digest, limit: u64) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    zstd::Decoder::with_buffer(packed)
        .and_then(|decoder| decoder.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("its file is damaged: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("its file decompresses to more than {limit} bytes"));
    }
    match Digest::of(&bytes) {
        found if found == *digest => Ok(bytes),
        found => Err(format!("its file is damaged: the bytes have the digest {found}")),
    }
}

/// `sha256/ab/cdef….zst`: 256 folders keep each one small.
fn path(digest: &Digest) -> Path {
    let hex = digest.hex();
    let (folder, file) = hex.split_at(2);
    Path::from(format!("sha256/{folder}/{file}.zst"))
}

fn named(path: &Path) -> Option<Digest> {
    let (folder, file) = path.as_ref().strip_prefix("sha256/")?.strip_suffix(".zst")?.split_once('/')?;
    format!("sha256:{folder}{file}").parse().ok()
}

fn written(meta: &object_store::ObjectMeta) -> Instant {
    // A time outside the calendar is as good as the beginning of it: old.
    Timestamp::from_microsecond(meta.last_modified.timestamp_micros()).unwrap_or(Timestamp::MIN).into()
}

#[cfg(test)]
mod tests {
    use probity_core::canonical::Digest;

    use super::{named, path, unpack};

    #[test]
    fn a_file_that_decompresses_without_end_is_cut_off() {
        let bytes = vec![0; 1 << 20];
        let packed = zstd::bulk::compress(&bytes, 1).unwrap();
        let digest = Digest::of(&bytes);
        assert_eq!(unpack(&packed, &digest, 1 << 20), Ok(bytes));
        let told = unpack(&packed, &digest, (1 << 20) - 1).unwrap_err();
        assert!(told.contains("more than 1048575 bytes"), "{told}");
    }

    #[test]
    fn a_blob_s_place_tells_its_digest_and_nothing_else_does() {
        let digest = Digest::of(b"probity");
        assert_eq!(named(&path(&digest)), Some(digest));
        for other in ["sha256/ab/cd.zst", "sha256/ab.zst", "other/ab/cd.zst", "sha256/ab/cd"] {
            assert_eq!(named(&other.into()), None, "{other}");
        }
    }
}
