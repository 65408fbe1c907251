//! The cache of compiled code, authenticated.
//!
//! Compiled code is native code: whoever can put a file here can run anything as the host. So a file only
//! counts when its HMAC, under a key of this folder, is right for exactly this component and this engine. What
//! is wrong in any way is compiled again and written over; it is never an error, and never run.
//!
//! The folder belongs to the host alone (0700) and so does the key (0600). Deleting either costs nothing but
//! time. Nothing is evicted: one file a component and engine, gone with the folder.

use std::fs::{self, DirBuilder, File, Permissions};
use std::hash::Hash as _;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit as _, Mac as _};
use probity_core::canonical::{Digest, Hasher};
use sha2::Sha256;
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the cache of compiled connectors at {}: {attempt}", path.display())]
pub struct CacheError {
    path: PathBuf,
    attempt: &'static str,
    #[source]
    source: Option<io::Error>,
}

/// What the cache has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStats {
    /// Compiled code that was found and used.
    pub hits: u64,
    /// Components that were compiled because nothing was kept.
    pub misses: u64,
    /// Files that were not what they should be; each was compiled again.
    pub rejected: u64,
}

/// A folder of compiled components and the key that tells ours from others'.
pub struct CodeCache {
    dir: PathBuf,
    key: Key,
    hits: AtomicU64,
    misses: AtomicU64,
    rejected: AtomicU64,
}

type Key = [u8; KEY];

const KEY: usize = 32;
const TAG: usize = 32;
/// A file of compiled code larger than this is not read: a 48 MiB component compiles to about a quarter of it.
const LARGEST: u64 = 1 << 30;

impl std::fmt::Debug for CodeCache {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeCache")
            .field("dir", &self.dir)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl CodeCache {
    /// Opens the cache in `dir`, making the folder and its key when they are not there.
    ///
    /// `fresh_key` gives 32 random bytes; it is called when there is no key yet, or none that only the
    /// host can read: what was written under a key that others may know is worth nothing.
    pub fn open(dir: &Path, fresh_key: impl FnOnce() -> [u8; 32]) -> Result<Self, CacheError> {
        let failed = |attempt| {
            let path = dir.to_owned();
            move |source: io::Error| CacheError { path, attempt, source: Some(source) }
        };
        if !dir.exists() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(failed("the folder cannot be made"))?;
        }
        let about = fs::symlink_metadata(dir).map_err(failed("the folder cannot be looked at"))?;
        if !about.is_dir() {
            let attempt = "it is not a folder (a link to one does not count: name the folder itself)";
            return Err(CacheError { path: dir.to_owned(), attempt, source: None });
        }
        if about.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(dir, Permissions::from_mode(0o700))
                .map_err(failed("others may write to the folder and that cannot be changed"))?;
        }
        let key = key(dir, fresh_key).map_err(failed("its key cannot be read or written"))?;
        Ok(Self { dir: dir.to_owned(), key, hits: 0.into(), misses: 0.into(), rejected: 0.into() })
    }

    /// What the cache has done since it was opened.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
        }
    }

    /// The compiled code of a component for this engine, if it is there and ours.
    pub(super) fn get(&self, engine: &Engine, component: Digest) -> Option<Component> {
        let place = Place::new(engine, component);
        let file = match read(&self.dir.join(place.name())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            Err(error) => {
                tracing::warn!(%component, %error, "compiled code cannot be read; compiling again");
                self.rejected.fetch_add(1, Ordering::Relaxed);
                return None;
            }
        };
        let found = self.authentic(&place, &file).and_then(|code| deserialize(engine, code));
        let counter = if found.is_some() { &self.hits } else { &self.rejected };
        counter.fetch_add(1, Ordering::Relaxed);
        if found.is_none() {
            tracing::warn!(%component, "compiled code in the cache is not what this host wrote; compiling again");
        }
        found
    }

    /// Keeps compiled code. That it could not be kept is no error: it will be compiled again.
    pub(super) fn put(&self, engine: &Engine, component: Digest, code: &[u8]) {
        let place = Place::new(engine, component);
        let tag = self.mac(&place, code).finalize().into_bytes();
        if let Err(error) = write(&self.dir, &place.name(), &[&tag, code]) {
            tracing::warn!(%component, %error, "compiled code cannot be kept");
        }
    }

    /// The code in a file, if the tag before it was made with our key for this place.
    fn authentic<'a>(&self, place: &Place, file: &'a [u8]) -> Option<Authentic<'a>> {
        let (tag, code) = file.split_at_checked(TAG)?;
        // `verify_slice` compares in constant time.
        self.mac(place, code).verify_slice(tag).ok()?;
        Some(Authentic(code))
    }

    fn mac(&self, place: &Place, code: &[u8]) -> Hmac<Sha256> {
        // HMAC fills a key up to the hash's block with zeros (RFC 2104); done here, nothing can fail.
        let mut block = [0; 64];
        block[..KEY].copy_from_slice(&self.key);
        Hmac::<Sha256>::new(&block.into()).chain_update(place.header()).chain_update(code)
    }
}

/// Bytes whose tag was right. Only [`CodeCache::authentic`] makes one.
struct Authentic<'a>(&'a [u8]);

fn deserialize(engine: &Engine, Authentic(code): Authentic<'_>) -> Option<Component> {
    // SAFETY: `deserialize` runs what it is given, so the bytes must be an unchanged `Component::serialize` of
    // a wasmtime that this process trusts. They carry an HMAC under a key only this host can read, checked
    // over these very bytes in memory (no file is read again), for this component and an engine of the same
    // compatibility hash; and `put`, the only writer under that key, is only given `Component::serialize`.
    // wasmtime checks its own version and settings once more.
    unsafe { Component::deserialize(engine, code) }.ok()
}

/// Which compiled code is meant: of this component, for engines like this one.
struct Place {
    component: Digest,
    engine: Digest,
}

impl Place {
    fn new(engine: &Engine, component: Digest) -> Self {
        let mut hasher = Compatibility(Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self { component, engine: hasher.0.finish() }
    }

    fn name(&self) -> String {
        format!("{}-{}.code", self.component.hex(), &self.engine.hex()[..16])
    }

    /// What the tag covers besides the code, so that a file is worth nothing under another's name.
    fn header(&self) -> Vec<u8> {
        [b"probity/code/1\n", self.component.as_bytes().as_slice(), self.engine.as_bytes()].concat()
    }
}

/// SHA-256 in the shape std's `Hash` wants: the standard hasher is neither stable nor wide.
struct Compatibility(Hasher);

impl std::hash::Hasher for Compatibility {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Never asked for: the whole digest is taken.
        0
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file so that it is there whole or not at all, readable by the host alone.
fn write(dir: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    staged(dir, parts)?.persist(dir.join(name)).map_err(|error| error.error)?;
    File::open(dir)?.sync_all()
}

/// A temporary file (made with mode 0600) with everything in it on disk.
fn staged(dir: &Path, parts: &[&[u8]]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(dir)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// The folder's key: the one there if only we can read it, otherwise a fresh one.
fn key(dir: &Path, fresh_key: impl FnOnce() -> Key) -> io::Result<Key> {
    let path = dir.join("key");
    match private_key(&path) {
        Ok(Some(key)) => return Ok(key),
        Ok(None) => {
            tracing::warn!(
                "the key of compiled connectors was readable by others or damaged; it is replaced"
            );
            fs::remove_file(&path)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let key = fresh_key();
    match staged(dir, &[&key])?.persist_noclobber(&path) {
        Ok(_) => File::open(dir)?.sync_all().map(|()| key),
        // Another host of the same folder was first: its key is as good.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            private_key(&path)?.ok_or_else(|| io::Error::other("the key was changed while it was read"))
        }
        Err(error) => Err(error.error),
    }
}

fn private_key(path: &Path) -> io::Result<Option<Key>> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() || about.permissions().mode() & 0o077 != 0 {
        return Ok(None);
    }
    Ok(fs::read(path)?.try_into().ok())
}
