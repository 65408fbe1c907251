//! Ledger checkpoints: a signed note of all heads, kept in a folder outside the database.
//!
//! Whoever owns the database can cut a chain off or write it anew so that it fits; a note that left it shows that. Notes
//! stay (`checkpoint-INSTANT.txt`), `latest.txt` is the last of them, `checkpoint.vkey` is what they are verified with.
//! Before a note is written the database is held against the last one: where something is missing, no newer note covers it up.
//!
//! The key that signs is made on first use and kept in the data folder, readable for the host's user alone. Whoever has
//! it can sign notes; who must not be able to is given the folder's notes, which the operator copies elsewhere.
//!
//! Deliberately absent: judging a discrepancy. It is told, and a person looks.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use probity_core::canonical::Digest;
use probity_core::chain::Head;
use probity_core::checkpoint::{
    BadCheckpoint, BadNote, Chain, Checkpoint, Discrepancy, SigningKey, VerifierKey,
};
use probity_core::id::PacketId;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

const KEY: &str = "checkpoint.key";
const VERIFIER: &str = "checkpoint.vkey";
const LATEST: &str = "latest.txt";

/// Entries read at once.
const AT_ONCE: u32 = 1_000;

/// Where checkpoints are kept, and what signs them.
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    origin: String,
    key: SigningKey,
}

/// Why there is no checkpoint, or none that can be believed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error(
        "cannot {attempt} {}; checkpoints need a folder that this host can write: name one with `folder = \"…\"` under \
         `[checkpoints]`", path.display()
    )]
    File {
        attempt: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} is not a checkpoint key: 64 hexadecimal digits were expected; put back the file that was there", .0.display())]
    BadKey(PathBuf),
    #[error(
        "the checkpoints in {} were signed by {kept}, and this host signs as {ours}: put back the key that is missing, or \
         name another folder under `[checkpoints]`", folder.display()
    )]
    OtherKey { folder: PathBuf, kept: String, ours: String },
    #[error("the latest checkpoint in {} is missing although others are there: put it back", .0.display())]
    NoLatest(PathBuf),
    #[error("what the checkpoints in {} are verified with, {VERIFIER}, is missing: put it back", .0.display())]
    NoVerifier(PathBuf),
    #[error("the latest checkpoint cannot be believed")]
    Bad(#[from] BadCheckpoint),
    #[error("the checkpoints' key cannot be used")]
    Key(#[from] BadNote),
    #[error("no checkpoint is written while the database is not what was checkpointed: {}", told(.0))]
    Discrepancies(Vec<Discrepancy>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(discrepancies: &[Discrepancy]) -> String {
    discrepancies.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Checkpoints {
    /// Opens the folder, and the key in the data folder, making both where they are missing.
    pub fn open(folder: &Path, origin: &str, data: &Path, clock: &Clock) -> Result<Self, CheckpointError> {
        make_folder(folder)?;
        let seed = seed(&data.join(KEY), clock)?;
        let key = SigningKey::from_seed(origin, &seed)?;
        let ours = key.verifier_key().to_string();
        let verifier = folder.join(VERIFIER);
        match read(&verifier)? {
            None => put(&verifier, &format!("{ours}\n"))?,
            Some(kept) if kept.trim() == ours => {}
            Some(kept) => {
                let kept = probity_core::text::excerpt(kept.trim(), 120);
                return Err(CheckpointError::OtherKey { folder: folder.to_owned(), kept, ours });
            }
        }
        Ok(Self { folder: folder.to_owned(), origin: origin.to_owned(), key })
    }

    /// What verifies the notes.
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key()
    }

    /// Writes a checkpoint, unless the last one says the same; says whether it did.
    pub async fn write(&self, store: &dyn Store) -> Result<bool, CheckpointError> {
        let latest = self.latest()?;
        let heads = store.heads().await?;
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            at: store.now().await?,
            registry: registry_head(store).await?,
            packets: heads.into_iter().map(|(packet, head)| (packet.to_string(), head)).collect(),
        };
        if let Some(latest) = &latest {
            if (&latest.registry, &latest.packets) == (&checkpoint.registry, &checkpoint.packets) {
                return Ok(false);
            }
            let discrepancies = against(latest, store).await?;
            if !discrepancies.is_empty() {
                return Err(CheckpointError::Discrepancies(discrepancies));
            }
        } else if checkpoint.packets.is_empty() && checkpoint.registry.is_none() {
            return Ok(false);
        }
        let note = checkpoint.sign(&self.key)?;
        // Colons are no part of a file's name everywhere.
        let name = format!("checkpoint-{}.txt", checkpoint.at.to_string().replace(':', "-"));
        put(&self.folder.join(name), &note)?;
        put(&self.folder.join(LATEST), &note)?;
        Ok(true)
    }

    /// What became of the chains that the last checkpoint covers.
    pub async fn verify(&self, store: &dyn Store) -> Result<Vec<Discrepancy>, CheckpointError> {
        match self.latest()? {
            Some(latest) => against(&latest, store).await,
            None => Ok(Vec::new()),
        }
    }

    /// The last checkpoint; none before the first.
    pub fn latest(&self) -> Result<Option<Checkpoint>, CheckpointError> {
        latest(&self.folder, &self.key.verifier_key())
    }
}

/// What became of the chains that the last checkpoint in a folder covers, by the key that lies beside it. Makes nothing.
pub async fn verify(folder: &Path, store: &dyn Store) -> Result<Vec<Discrepancy>, CheckpointError> {
    let key = match read(&folder.join(VERIFIER))? {
        Some(line) => line.trim().parse::<VerifierKey>()?,
        None if has_notes(folder)? => return Err(CheckpointError::NoVerifier(folder.to_owned())),
        None => return Ok(Vec::new()),
    };
    match latest(folder, &key)? {
        Some(latest) => against(&latest, store).await,
        None => Ok(Vec::new()),
    }
}

fn latest(folder: &Path, key: &VerifierKey) -> Result<Option<Checkpoint>, CheckpointError> {
    match read(&folder.join(LATEST))? {
        Some(note) => Ok(Some(Checkpoint::verify(&note, key)?)),
        // Taking the last note away must not pass for never having had one.
        None if has_notes(folder)? => Err(CheckpointError::NoLatest(folder.to_owned())),
        None => Ok(None),
    }
}

fn has_notes(folder: &Path) -> Result<bool, CheckpointError> {
    let failed =
        |source| CheckpointError::File { attempt: "read the folder", path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        if entry.map_err(failed)?.file_name().to_string_lossy().starts_with("checkpoint-") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Holds the database against a checkpoint. Entries count by their bytes, whatever the tables say of their hashes.
async fn against(checkpoint: &Checkpoint, store: &dyn Store) -> Result<Vec<Discrepancy>, CheckpointError> {
    let mut digests: BTreeMap<(Chain, u32), Digest> = BTreeMap::new();
    if checkpoint.registry.is_some() {
        for entry in store.registry_entries().await? {
            digests.insert((Chain::Registry, entry.seq), Digest::of(&entry.bytes));
        }
    }
    for (name, head) in &checkpoint.packets {
        let Ok(packet) = name.parse::<PacketId>() else { continue };
        let chain = Chain::Packet(name.clone());
        let at_head = store.ledger_entries(&packet, head.seq.saturating_sub(1), 1).await?;
        let found = at_head.into_iter().find(|entry| entry.seq == head.seq);
        match found {
            Some(entry) => _ = digests.insert((chain, entry.seq), Digest::of(&entry.bytes)),
            // Something is wrong: the whole chain is read, to say how far it goes.
            None => digests.extend(whole(store, &packet, &chain).await?),
        }
    }
    Ok(checkpoint.against(|chain, seq| digests.get(&(chain.clone(), seq)).copied()))
}

async fn whole(
    store: &dyn Store,
    packet: &PacketId,
    chain: &Chain,
) -> Result<Vec<((Chain, u32), Digest)>, StoreError> {
    let mut found: Vec<((Chain, u32), Digest)> = Vec::new();
    loop {
        let after = found.last().map_or(0, |((_, seq), _)| *seq);
        let some = store.ledger_entries(packet, after, AT_ONCE).await?;
        let last = some.len() < AT_ONCE as usize;
        found.extend(some.into_iter().map(|entry| ((chain.clone(), entry.seq), Digest::of(&entry.bytes))));
        if last {
            return Ok(found);
        }
    }
}

async fn registry_head(store: &dyn Store) -> Result<Option<Head>, StoreError> {
    let last = store.registry_entries().await?.pop();
    Ok(last.map(|entry| Head { seq: entry.seq, digest: entry.hash }))
}

/// The key's seed, made on first use.
fn seed(path: &Path, clock: &Clock) -> Result<[u8; 32], CheckpointError> {
    if let Some(text) = read(path)? {
        let mut seed = [0; 32];
        return hex::decode_to_slice(text.trim(), &mut seed)
            .map(|()| seed)
            .map_err(|_| CheckpointError::BadKey(path.to_owned()));
    }
    let seed: [u8; 32] = clock.bytes();
    put(path, &format!("{}\n", hex::encode(seed)))?;
    Ok(seed)
}

fn make_folder(folder: &Path) -> Result<(), CheckpointError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    builder.create(folder).map_err(|source| CheckpointError::File {
        attempt: "make the folder",
        path: folder.to_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<Option<String>, CheckpointError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CheckpointError::File { attempt: "read", path: path.to_owned(), source }),
    }
}

/// Writes a file whole or not at all, readable for its owner alone, on the disk when this returns.
fn put(path: &Path, text: &str) -> Result<(), CheckpointError> {
    let write = || {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().map_err(|source| CheckpointError::File { attempt: "write", path: path.to_owned(), source })
}
