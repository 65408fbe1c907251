//! The doors: all that a connector learns of the world comes through here.
//!
//! One trait stands between the crate and the imported functions, so that in a test recorded traffic can take the
//! host's place. In a component the doors are the host's, and there is no other implementation.

use crate::Result;
pub use crate::bindings::probity::connector::files::{Entry, File};
pub use crate::bindings::probity::connector::http::{Request, Response};
pub use crate::bindings::probity::connector::log::Level;

/// What is on the other side: the host, or a recording of it.
pub trait Doors {
    /// Sends one request and waits for the whole answer.
    fn fetch(&self, request: &Request) -> Result<Response>;

    /// Sends several, with the host's bounded parallelism; answers come in the order of the requests.
    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>>;

    /// Follows a link the source gave, onto the granted origin and only within the endpoint's template.
    fn follow(&self, endpoint: &str, link: &str) -> Result<Response>;

    /// The regular files below a mount that match a glob, in byte order of their paths.
    fn entries(&self, mount: &str, glob: &str) -> Result<Vec<Entry>>;

    /// Reads one file whole.
    fn read(&self, mount: &str, path: &str) -> Result<File>;

    /// A remark for the operator.
    fn log(&self, level: Level, message: &str, fields: &[(String, String)]);
}

/// The host's doors, as imported by the component.
#[cfg(target_arch = "wasm32")]
pub(crate) struct Host;

#[cfg(target_arch = "wasm32")]
impl Doors for Host {
    fn fetch(&self, request: &Request) -> Result<Response> {
        crate::bindings::probity::connector::http::fetch(request)
    }

    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>> {
        crate::bindings::probity::connector::http::fetch_all(requests)
    }

    fn follow(&self, endpoint: &str, link: &str) -> Result<Response> {
        crate::bindings::probity::connector::http::follow(endpoint, link)
    }

    fn entries(&self, mount: &str, glob: &str) -> Result<Vec<Entry>> {
        crate::bindings::probity::connector::files::entries(mount, glob)
    }

    fn read(&self, mount: &str, path: &str) -> Result<File> {
        crate::bindings::probity::connector::files::read(mount, path)
    }

    fn log(&self, level: Level, message: &str, fields: &[(String, String)]) {
        crate::bindings::probity::connector::log::emit(level, message, fields);
    }
}

/// The same in the world `intake-connector`, which has no `files` door: a component that so much as names the door
/// would be refused, so it must not be reachable from here.
#[cfg(target_arch = "wasm32")]
pub(crate) struct IntakeHost;

#[cfg(target_arch = "wasm32")]
impl Doors for IntakeHost {
    fn fetch(&self, request: &Request) -> Result<Response> {
        Host.fetch(request)
    }

    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>> {
        Host.fetch_all(requests)
    }

    fn follow(&self, endpoint: &str, link: &str) -> Result<Response> {
        Host.follow(endpoint, link)
    }

    fn entries(&self, mount: &str, _: &str) -> Result<Vec<Entry>> {
        Err(no_files(mount))
    }

    fn read(&self, mount: &str, _: &str) -> Result<File> {
        Err(no_files(mount))
    }

    fn log(&self, level: Level, message: &str, fields: &[(String, String)]) {
        Host.log(level, message, fields);
    }
}

#[cfg(target_arch = "wasm32")]
fn no_files(mount: &str) -> crate::Failure {
    let kind = crate::FailureKind::EgressDenied;
    crate::Failure::new(kind, format_args!("an intake connector reads no files: there is no mount `{mount}`"))
}
