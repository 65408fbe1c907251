//! Who works on a run.
//!
//! A run belongs to the host process named in its lease until the lease lapses on database time. On one
//! machine that wait can be skipped safely: every process holds a lock on a file of its own for as long as it
//! lives, and the kernel lets go of it however the process ends. A lock that can be taken is a host that is
//! dead. (Hosts that share a PostgreSQL from several machines will rely on the lease alone.)

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use probity_core::id::RunId;
use tokio_util::sync::CancellationToken;

use super::{CollectError, Collector};
use crate::clock::Clock;
use crate::store::{Run, Store, StoreError};

/// This process, as leases name it.
pub(super) struct Host {
    pub(super) name: String,
    folder: PathBuf,
    /// Held while the process lives; never read.
    _alive: File,
    /// The runs this process works on.
    working: Mutex<Vec<RunId>>,
}

impl Host {
    /// Makes and locks this process's file.
    pub(super) fn announce(folder: &Path, clock: &Clock) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Open {
            place: folder.display().to_string(),
            rule: format!("the folder of host locks must be writable: {error}"),
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        forget_the_dead(folder);
        let name = clock.uuid().to_string();
        let alive = lock_file(&folder.join(&name), true).map_err(failed)?;
        alive.lock().map_err(failed)?;
        Ok(Self { name, folder: folder.to_owned(), _alive: alive, working: Mutex::default() })
    }

    /// Whether the process of that name has ended on this machine. A name without a file is of another
    /// machine or long gone: nothing is known, so its lease must lapse.
    fn is_dead(&self, owner: &str) -> bool {
        owner != self.name && owner_is_dead(&self.folder, owner)
    }

    pub(super) fn works_on(&self, run: &Run) -> bool {
        self.working.lock().is_ok_and(|working| working.contains(&run.id))
    }

    /// Notes that this process works on a run, until the guard goes.
    pub(super) fn working(&self, run: &RunId) -> Working<'_> {
        if let Ok(mut working) = self.working.lock() {
            working.push(run.clone());
        }
        Working { host: self, run: run.clone() }
    }
}

/// This process works on a run while this lives.
pub(super) struct Working<'a> {
    host: &'a Host,
    run: RunId,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if let Ok(mut working) = self.host.working.lock() {
            working.retain(|run| *run != self.run);
        }
    }
}

fn lock_file(path: &Path, create: bool) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(create).truncate(false).open(path)
}

fn owner_is_dead(folder: &Path, owner: &str) -> bool {
    // The name comes from the database; only what we would have written ourselves is looked up.
    if owner.parse::<uuid::Uuid>().is_err() {
        return false;
    }
    match lock_file(&folder.join(owner), false) {
        Ok(file) => match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(_) => false,
    }
}

/// Removes the files of processes that are dead and hold no run worth asking about for a day.
fn forget_the_dead(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > Duration::from_secs(86_400)));
        let name = entry.file_name();
        if old && name.to_str().is_some_and(|owner| owner_is_dead(folder, owner)) {
            // Only tidying: if it cannot be removed, it stays.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Takes over an open run, if its host is dead or its lease has lapsed.
pub(super) async fn claim(collector: &Collector, run: &RunId) -> Result<Option<Run>, CollectError> {
    let inner = &collector.inner;
    let dead = |owner: &str| inner.host.is_dead(owner);
    Ok(inner.parts.store.run_claim(run, &inner.host.name, inner.parts.settings.lease, &dead).await?)
}

/// Prolongs a run's lease until `done`; cancels `lost` when somebody else has taken the run.
pub(super) async fn beat(
    collector: Collector,
    run: RunId,
    epoch: u64,
    done: CancellationToken,
    lost: CancellationToken,
) {
    let lease = collector.inner.parts.settings.lease;
    let store: &dyn Store = &*collector.inner.parts.store;
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(lease / 3) => {}
        }
        match store.run_beat(&run, epoch, lease).await {
            Ok(()) => {}
            Err(StoreError::Fenced { .. }) => {
                tracing::warn!(run = %run, epoch, "Run {run} was taken over by another host");
                lost.cancel();
                return;
            }
            // The store may come back before the lease lapses; commits are fenced in any case.
            Err(error) => {
                tracing::warn!(run = %run, error = %error, "The lease of run {run} was not prolonged")
            }
        }
    }
}
