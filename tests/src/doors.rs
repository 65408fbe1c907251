//! Doors that answer from a script: for tests that run components without a network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use probity::sandbox::Doors;
use probity_core::connector::{Capture, Failure, FailureKind, FileEntry, Request, Response};

/// Answers for each endpoint and each file; whatever is not in the script is refused as the host would.
#[derive(Clone, Default)]
pub struct Scripted {
    answers: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    hanging: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Doors behind which there is nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// `endpoint` answers 200 with this JSON, each time.
    #[must_use]
    pub fn answer(mut self, endpoint: &str, body: &str) -> Self {
        self.answers.insert(endpoint.to_owned(), body.to_owned());
        self
    }

    /// The mount holds this file.
    #[must_use]
    pub fn file(mut self, mount: &str, path: &str, text: &str) -> Self {
        self.files.insert(format!("{mount}/{path}"), text.to_owned());
        self
    }

    /// No call is ever answered.
    #[must_use]
    pub const fn hanging(mut self) -> Self {
        self.hanging = true;
        self
    }

    /// What came through the doors, one line a request.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn note(&self, call: String) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        // As a real door would: whoever else is running gets a turn.
        tokio::task::yield_now().await;
        if self.hanging {
            std::future::pending::<()>().await;
        }
    }

    fn response(&self, endpoint: &str) -> Result<Response, Failure> {
        let body = self.answers.get(endpoint).ok_or_else(|| {
            Failure::new(FailureKind::EgressDenied, format!("endpoint `{endpoint}` is not declared"))
        })?;
        Ok(Response {
            status: 200,
            headers: vec![("content-type".into(), "application/json".into())],
            body: Capture::new(body.as_bytes(), Some("application/json".into())),
            url: format!("https://source.example/{endpoint}"),
        })
    }
}

#[async_trait]
impl Doors for Scripted {
    async fn fetch(&mut self, requests: &[Request]) -> Vec<Result<Response, Failure>> {
        for request in requests {
            self.note(format!("fetch {}", request.endpoint)).await;
        }
        requests.iter().map(|request| self.response(&request.endpoint)).collect()
    }

    async fn follow(&mut self, endpoint: &str, link: &str) -> Result<Response, Failure> {
        self.note(format!("follow {endpoint} {link}")).await;
        self.response(endpoint)
    }

    async fn entries(&mut self, mount: &str, glob: &str) -> Result<Vec<FileEntry>, Failure> {
        self.note(format!("entries {mount} {glob}")).await;
        let below = format!("{mount}/");
        let files = self.files.iter().filter_map(|(path, text)| Some((path.strip_prefix(&below)?, text)));
        Ok(files.map(|(path, text)| FileEntry { path: path.into(), size: text.len() as u64 }).collect())
    }

    async fn read(&mut self, mount: &str, path: &str) -> Result<Capture, Failure> {
        self.note(format!("read {mount} {path}")).await;
        let text = self.files.get(&format!("{mount}/{path}"));
        let text = text.ok_or_else(|| Failure::new(FailureKind::NotFound, format!("no file `{path}`")))?;
        Ok(Capture::new(text.as_bytes(), Some("text/markdown".into())))
    }
}
