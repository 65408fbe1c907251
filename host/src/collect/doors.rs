//! The doors as they are during collection: the network through `egress`, folders through its mounts.

use std::sync::Arc;

use async_trait::async_trait;
use probity_core::connector::{Capture, Failure, FileEntry, Request, Response};

use super::Bound;
use crate::egress::{PageEgress, PageMounts};
use crate::sandbox::Doors;

/// One page's doors, with the page's budgets.
pub(super) struct LiveDoors {
    http: PageEgress,
    files: PageMounts,
}

impl LiveDoors {
    pub(super) fn open(bound: &Arc<Bound>) -> Self {
        Self { http: bound.egress.page(), files: bound.mounts.page() }
    }
}

#[async_trait]
impl Doors for LiveDoors {
    async fn fetch(&mut self, requests: &[Request]) -> Vec<Result<Response, Failure>> {
        self.http.fetch(requests).await
    }

    async fn follow(&mut self, endpoint: &str, link: &str) -> Result<Response, Failure> {
        self.http.follow(endpoint, link).await
    }

    async fn entries(&mut self, mount: &str, glob: &str) -> Result<Vec<FileEntry>, Failure> {
        self.files.entries(mount, glob).await
    }

    async fn read(&mut self, mount: &str, path: &str) -> Result<Capture, Failure> {
        self.files.read(mount, path).await
    }
}
