//! How the connector describes itself: honestly, unless its file was changed.

use crate::exports::probity::connector::manifest::{
    AuthScheme, Effect, Endpoint, Feed, Kind, Manifest, Method, Mount, SyncMode,
};
use crate::probity::connector::{files, http, log};
use crate::{collect, probe};

/// The tests look for these bytes in the compiled file and write another mode over them.
pub const MARK: &[u8; 14] = b"describe-mode:";

#[used]
static MODE: [u8; 30] = *b"describe-mode:honest__________";

pub fn describe() -> Manifest {
    // Volatile: the compiler must not know what the tests will write there.
    let mode = unsafe { std::ptr::read_volatile(&raw const MODE) };
    let mode = String::from_utf8_lossy(&mode[MARK.len()..]).into_owned();
    let mut manifest = honest();
    match mode.trim_end_matches('_') {
        "random" => manifest.summary = format!("{}", probe::random()),
        "clock" => manifest.summary = format!("{:?}", std::time::SystemTime::now()),
        "fetch" => drop(http::fetch(&collect::request("findings"))),
        "read" => drop(files::read("notes", "a.md")),
        "log" => log::emit(log::Level::Info, "here I am", &[]),
        "loop" => collect::spin(),
        "write" => manifest.endpoints[0].effect = Effect::Write,
        "nameless" => manifest.name = "No Name!".into(),
        _ => {}
    }
    manifest
}

fn honest() -> Manifest {
    Manifest {
        name: "hostile".into(),
        version: "0.1.0".into(),
        title: "Hostile".into(),
        summary: "Misbehaves on request.".into(),
        config_schema: r#"{"type": "object"}"#.into(),
        auth: vec![AuthScheme::Anonymous],
        endpoints: vec![endpoint("findings", "/findings"), endpoint("finding", "/findings/{id}")],
        mounts: vec![Mount { id: "notes".into(), purpose: "Notes to quote.".into() }],
        feeds: vec![Feed {
            id: "findings".into(),
            purpose: "Findings, or what pretends to be some.".into(),
            kinds: vec![Kind::Finding, Kind::Secret, Kind::Monitoring],
            sync: SyncMode::Full,
        }],
    }
}

fn endpoint(id: &str, path: &str) -> Endpoint {
    Endpoint {
        id: id.into(),
        origin: "api".into(),
        method: Method::Get,
        path: path.into(),
        effect: Effect::Read,
        purpose: "To have something to cite.".into(),
        fixed: vec![],
        redact: vec![],
    }
}
