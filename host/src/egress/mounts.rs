//! The files door: directories the operator granted, read-only, regular files only.
//!
//! Each mount is opened once as a capability (cap-std), and everything below it is opened name by name from there,
//! without following symbolic links, so neither a path nor a link planted in the directory leads out. Opening
//! does not block: a FIFO in an evidence folder must not park a thread.
//!
//! Deliberately absent: writing, watching, hard links' other names (nothing tells them from the file itself).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use probity_core::connector::{Capture, Failure, FileEntry};
use probity_core::text::excerpt;

use super::error::EgressError;
use super::limits::MountLimits;

mod media_type;
mod open;
mod walk;

/// A granted directory cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "the mount `{mount}` is granted `{}`, which cannot be opened as a directory ({}); correct its path under \
     `[connection.{connection}.grant.mounts]`",
    path.display(), source.kind()
)]
pub struct MountError {
    pub connection: String,
    pub mount: String,
    pub path: PathBuf,
    #[source]
    pub source: std::io::Error,
}

/// The directories one connection may read. Cheap to share.
pub struct Mounts {
    connection: String,
    granted: BTreeMap<String, Dir>,
    declared: BTreeSet<String>,
    limits: MountLimits,
}

impl Mounts {
    /// Opens the granted directories, by mount id. `declared` are the ids of all mounts in the manifest.
    pub fn open(
        connection: impl Into<String>,
        granted: BTreeMap<String, PathBuf>,
        declared: BTreeSet<String>,
        limits: MountLimits,
    ) -> Result<Arc<Self>, MountError> {
        let connection = connection.into();
        let open = |(mount, path): (String, PathBuf)| match Dir::open_ambient_dir(&path, ambient_authority())
        {
            Ok(dir) => Ok((mount, dir)),
            Err(source) => Err(MountError { connection: connection.clone(), mount, path, source }),
        };
        let granted = granted.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Arc::new(Self { connection, granted, declared, limits }))
    }

    /// The door for one page, with a page's budgets.
    pub fn page(self: &Arc<Self>) -> PageMounts {
        PageMounts { mounts: Arc::clone(self), calls: self.limits.page_calls, bytes: self.limits.page_bytes }
    }

    fn dir(&self, mount: &str) -> Result<&Dir, EgressError> {
        self.granted.get(mount).ok_or_else(|| {
            let name = excerpt(mount, 80);
            if self.declared.contains(mount) {
                EgressError::MountNotGranted { connection: self.connection.clone(), mount: name }
            } else {
                EgressError::MountUndeclared { mount: name }
            }
        })
    }
}

impl std::fmt::Debug for Mounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mounts").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// What one page's files door stands for. Made by [`Mounts::page`].
pub struct PageMounts {
    mounts: Arc<Mounts>,
    calls: u32,
    bytes: u64,
}

impl PageMounts {
    /// The regular files whose path matches a glob, in byte order of their paths. `*` stays within a name, `**`
    /// crosses directories.
    pub async fn entries(&mut self, mount: &str, glob: &str) -> Result<Vec<FileEntry>, Failure> {
        let matcher = self.spend_call().and_then(|()| walk::matcher(glob))?;
        let mount = mount.to_owned();
        let found =
            self.blocking(move |mounts| walk::walk(mounts.dir(&mount)?, &mount, &matcher, &mounts.limits));
        found.await.map_err(Failure::from)
    }

    /// Reads one file whole.
    pub async fn read(&mut self, mount: &str, path: &str) -> Result<Capture, Failure> {
        self.spend_call()?;
        let (owned_mount, owned_path) = (mount.to_owned(), path.to_owned());
        let read = self.blocking(move |mounts| {
            let wanted = open::Wanted { mount: &owned_mount, path: &owned_path };
            open::read(mounts.dir(&owned_mount)?, &wanted, mounts.limits.file)
        });
        let bytes = read.await?;
        let left = self.bytes.checked_sub(bytes.len() as u64);
        self.bytes =
            left.ok_or(EgressError::Budget { what: "bytes", limit: self.mounts.limits.page_bytes })?;
        Ok(Capture::new(bytes, media_type::guess(path).map(str::to_owned)))
    }

    fn spend_call(&mut self) -> Result<(), EgressError> {
        let limit = self.mounts.limits.page_calls.into();
        let left = self.calls.checked_sub(1);
        self.calls = left.ok_or(EgressError::Budget { what: "calls for files", limit })?;
        Ok(())
    }

    /// Runs file system calls where they may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Mounts) -> Result<T, EgressError> + Send + 'static,
    ) -> Result<T, EgressError> {
        let mounts = Arc::clone(&self.mounts);
        tokio::task::spawn_blocking(move || work(&mounts)).await.map_err(|_| EgressError::Stopped)?
    }
}
