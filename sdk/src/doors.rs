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
