//! What goes through the doors: requests in, answers and failures out.

use probity_core::connector::{Capture, Failure, FailureKind, FileEntry, Request, Response};

use crate::sandbox::bindings::probity::connector::types::{Failure as WitFailure, FailureKind as WitKind};
use crate::sandbox::bindings::probity::connector::{files, http};

impl From<http::Request> for Request {
    fn from(http::Request { endpoint, path, query, headers, body }: http::Request) -> Self {
        Self { endpoint, path, query, headers, body }
    }
}

/// A response and the index of its capture. The URL stays outside: it may tell the operator's base address.
impl From<(Response, u32)> for http::Response {
    fn from((Response { status, headers, body, url: _ }, capture): (Response, u32)) -> Self {
        Self { status, headers, body: body.bytes.to_vec(), capture }
    }
}

impl From<(Capture, u32)> for files::File {
    fn from((Capture { bytes, .. }, capture): (Capture, u32)) -> Self {
        Self { bytes: bytes.to_vec(), capture }
    }
}

impl From<FileEntry> for files::Entry {
    fn from(FileEntry { path, size }: FileEntry) -> Self {
        Self { path, size }
    }
}

impl From<Failure> for WitFailure {
    fn from(Failure { kind, message }: Failure) -> Self {
        let kind = match kind {
            FailureKind::Config => WitKind::Config,
            FailureKind::Auth => WitKind::Auth,
            FailureKind::Permission => WitKind::Permission,
            FailureKind::RateLimited { retry_after } => WitKind::RateLimited(retry_after),
            FailureKind::Unavailable => WitKind::Unavailable,
            FailureKind::Shape => WitKind::Shape,
            FailureKind::EgressDenied => WitKind::EgressDenied,
            FailureKind::TooLarge => WitKind::TooLarge,
            FailureKind::NotFound => WitKind::NotFound,
            FailureKind::Internal => WitKind::Internal,
        };
        Self { kind, message }
    }
}

impl From<WitFailure> for Failure {
    fn from(WitFailure { kind, message }: WitFailure) -> Self {
        let kind = match kind {
            WitKind::Config => FailureKind::Config,
            WitKind::Auth => FailureKind::Auth,
            WitKind::Permission => FailureKind::Permission,
            WitKind::RateLimited(retry_after) => FailureKind::RateLimited { retry_after },
            WitKind::Unavailable => FailureKind::Unavailable,
            WitKind::Shape => FailureKind::Shape,
            WitKind::EgressDenied => FailureKind::EgressDenied,
            WitKind::TooLarge => FailureKind::TooLarge,
            WitKind::NotFound => FailureKind::NotFound,
            WitKind::Internal => FailureKind::Internal,
        };
        Self { kind, message }
    }
}
