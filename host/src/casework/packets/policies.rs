//! The board policy and the subject map: those in force, and those that packets adopted earlier.
//!
//! The operator's files are read when the host starts and kept as documents, so that a packet can be judged by the text it adopted
//! long after the file changed. Parsed texts are kept in memory by their digest: they never change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use probity_core::board::Board;
use probity_core::canonical::Digest;
use probity_core::subject::SubjectMap;

use crate::casework::CaseworkError;
use crate::store::blobs::Blobs;
use crate::store::ledger::DocumentKind;
use crate::store::{Store, StoreError};

/// What packets are held to.
pub struct Policies {
    /// The policy in force; none where the operator keeps no `board.toml`, and then no packet can be opened.
    board: Option<Board>,
    subjects: SubjectMap,
    texts: Vec<(DocumentKind, String)>,
    boards: Mutex<HashMap<Digest, Board>>,
    maps: Mutex<HashMap<Digest, SubjectMap>>,
}

impl Policies {
    /// The policy and the map in force, as the operator wrote them.
    pub fn new(board: Option<(Board, String)>, subjects: (SubjectMap, String)) -> Self {
        let mut texts = vec![(DocumentKind::SubjectMap, subjects.1)];
        let board = board.map(|(board, text)| {
            texts.push((DocumentKind::BoardPolicy, text));
            board
        });
        let boards = board.iter().map(|board| (board.digest, board.clone())).collect();
        let maps = HashMap::from([(subjects.0.digest, subjects.0.clone())]);
        Self { board, subjects: subjects.0, texts, boards: Mutex::new(boards), maps: Mutex::new(maps) }
    }

    /// No board: evidence is collected and shown, and no packet can be opened.
    pub fn none() -> Self {
        Self::new(None, (SubjectMap::default(), String::new()))
    }

    /// Keeps the texts in force, so that packets can adopt them. What is kept already costs no write.
    pub async fn keep(&self, store: &dyn Store, blobs: &Blobs) -> Result<(), StoreError> {
        let kept = store.document_list(None).await?;
        for (kind, text) in &self.texts {
            let digest = blobs.put(text.as_bytes()).await?;
            if !kept.iter().any(|document| document.kind == *kind && document.digest == digest) {
                store.document_put(*kind, &digest).await?;
            }
        }
        Ok(())
    }

    /// The policy in force.
    pub fn board(&self) -> Result<&Board, CaseworkError> {
        self.board.as_ref().ok_or(CaseworkError::NoBoard)
    }

    /// Whether there is a policy in force.
    pub fn in_force(&self) -> Option<&Board> {
        self.board.as_ref()
    }

    /// The subject map in force.
    pub fn subjects(&self) -> &SubjectMap {
        &self.subjects
    }

    /// A policy by its digest.
    pub async fn board_of(&self, blobs: &Blobs, digest: Digest) -> Result<Board, CaseworkError> {
        if let Some(board) = lock(&self.boards).get(&digest) {
            return Ok(board.clone());
        }
        let text = text(blobs, digest).await?;
        let board = Board::parse(&text).map_err(|error| unreadable(digest, &error))?;
        lock(&self.boards).insert(digest, board.clone());
        Ok(board)
    }

    /// A subject map by its digest.
    pub async fn subjects_of(&self, blobs: &Blobs, digest: Digest) -> Result<SubjectMap, CaseworkError> {
        if let Some(map) = lock(&self.maps).get(&digest) {
            return Ok(map.clone());
        }
        let text = text(blobs, digest).await?;
        let map = SubjectMap::parse(&text).map_err(|error| unreadable(digest, &error))?;
        lock(&self.maps).insert(digest, map.clone());
        Ok(map)
    }
}

async fn text(blobs: &Blobs, digest: Digest) -> Result<String, CaseworkError> {
    let bytes = blobs.get(&digest).await?;
    String::from_utf8(bytes).map_err(|error| unreadable(digest, &error))
}

fn unreadable(digest: Digest, problem: &dyn std::fmt::Display) -> CaseworkError {
    CaseworkError::Store(StoreError::Blob {
        digest,
        problem: format!("it is not the document it was: {problem}"),
    })
}

/// Nothing in here can panic halfway through a change, so a poisoned map is still a good one.
fn lock<T>(map: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
