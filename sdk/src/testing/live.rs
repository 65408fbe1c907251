//! Doors to a server that runs on this machine, to try a connector on the real thing and to record what it answers.
//!
//! ```no_run
//! # use std::rc::Rc;
//! # use probity_sdk::{prelude::*, glue, testing};
//! # fn tried<I: Intake>(submission: &Submission) {
//! let manifest = glue::filing::describe::<I>();
//! let live = Rc::new(testing::Live::new(manifest, "http://127.0.0.1:8080").credential("Authorization", "token …"));
//! let receipt = glue::filing::submit::<I>("{}", submission, Rc::clone(&live) as Rc<_>);
//! std::fs::write("tests/recorded/filed.json", live.recording("Filed into Desk 5", "https://desk.example.org")).unwrap();
//! # }
//! ```
//!
//! As wide as the manifest, like [`Replay`], and as narrow otherwise as its purpose: plain HTTP, one request a
//! connection. A credential goes out and is in no recording. Deliberately absent: TLS, retries, proxies; the host
//! has those, and `probity connector run` goes through the host.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Duration;

use super::doors::{Replay, redacted};
use super::recorded::{Answer, Asked, Exchange, Recorded};
use super::template::{Template, encode};
use crate::doors::{Doors, Entry, File, Level, Request, Response};
use crate::{Failure, FailureKind, Manifest, Method, Place, Result};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Headers that tell a connector something; the rest is left out of recordings.
const RECORDED: &[&str] = &["content-type", "etag", "last-modified", "link", "location", "retry-after"];

/// The doors to one server.
pub struct Live {
    rules: Replay,
    base: String,
    credential: Option<(String, String)>,
    exchanges: RefCell<Vec<Exchange>>,
}

impl Live {
    /// Doors to the server at a base address: `http://127.0.0.1:8080`.
    pub fn new(manifest: Manifest, base: &str) -> Self {
        Self {
            rules: Replay::new(Rc::new(manifest), Recorded::nothing()),
            base: base.trim_end_matches('/').into(),
            credential: None,
            exchanges: RefCell::default(),
        }
    }

    /// The header that every request carries besides the connector's own.
    #[must_use]
    pub fn credential(mut self, header: &str, value: &str) -> Self {
        self.credential = Some((header.into(), value.into()));
        self
    }

    /// What was asked and answered so far, in the format of [`Recorded`], with the server's address written as
    /// `shown`.
    pub fn recording(&self, about: &str, shown: &str) -> String {
        let recording = serde_json::json!({ "about": about, "exchanges": *self.exchanges.borrow() });
        let text = serde_json::to_string_pretty(&recording).unwrap_or_default();
        text.replace(&self.base, shown) + "\n"
    }

    fn answered(&self, request: &Request) -> Result<Response> {
        let asked = self.rules.allowed(request)?;
        let (status, headers, body) = self.exchange(request, &asked).map_err(|error| {
            Failure::new(FailureKind::Unavailable, format_args!("asking {}: {error}", self.base))
        })?;
        let endpoint = self.rules.endpoint(&request.endpoint)?;
        let body = redacted(body, &endpoint.redact)?;
        self.exchanges
            .borrow_mut()
            .push(Exchange { request: asked, response: answer(status, &headers, &body) });
        Ok(Response {
            status,
            headers: headers.into_iter().collect(),
            capture: self.rules.capture(&body),
            body,
        })
    }

    fn exchange(&self, request: &Request, asked: &Asked) -> std::io::Result<Answered> {
        let endpoint = self.rules.endpoint(&request.endpoint).map_err(wrong)?;
        let path = Template::parse(&endpoint.path).map_err(wrong)?.fill(&asked.path);
        let fixed = |place: Place| endpoint.fixed.iter().filter(move |fixed| fixed.place == place);
        let query: Vec<String> = fixed(Place::Query)
            .map(|fixed| (&fixed.name, &fixed.value))
            .chain(request.query.iter().map(|(name, value)| (name, value)))
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let method = match endpoint.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        };
        let authority =
            self.base.strip_prefix("http://").ok_or_else(|| wrong("only http:// is spoken here"))?;
        let (authority, below) = authority
            .split_once('/')
            .map_or((authority, String::new()), |(host, path)| (host, format!("/{path}")));
        // HTTP/1.0, so that the body ends with the connection and is in one piece.
        let mut head = format!(
            "{method} {below}{path}?{} HTTP/1.0\r\nHost: {authority}\r\nAccept: application/json\r\n",
            query.join("&")
        );
        let headers = fixed(Place::Header)
            .map(|fixed| (&fixed.name, &fixed.value))
            .chain(request.headers.iter().chain(&self.credential).map(|(name, value)| (name, value)));
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = with_fixed(asked.body.as_ref(), request.body.as_deref(), fixed(Place::Body))?;
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(authority)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        parse(&answer).ok_or_else(|| wrong("the answer is not HTTP"))
    }
}

impl Doors for Live {
    fn fetch(&self, request: &Request) -> Result<Response> {
        self.answered(request)
    }

    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>> {
        requests.iter().map(|request| self.fetch(request)).collect()
    }

    fn follow(&self, endpoint: &str, link: &str) -> Result<Response> {
        Err(Failure::internal(format_args!("`{endpoint}`: links (`{link}`) are not followed live")))
    }

    fn entries(&self, mount: &str, glob: &str) -> Result<Vec<Entry>> {
        self.rules.entries(mount, glob)
    }

    fn read(&self, mount: &str, path: &str) -> Result<File> {
        self.rules.read(mount, path)
    }

    fn log(&self, level: Level, message: &str, fields: &[(String, String)]) {
        self.rules.log(level, message, fields);
    }
}

type Answered = (u16, BTreeMap<String, String>, Vec<u8>);

fn wrong(what: impl std::fmt::Debug) -> std::io::Error {
    std::io::Error::other(format!("{what:?}"))
}

/// The body with the endpoint's fixed members in it.
fn with_fixed<'a>(
    json: Option<&serde_json::Value>,
    bytes: Option<&[u8]>,
    fixed: impl Iterator<Item = &'a crate::Fixed>,
) -> std::io::Result<Vec<u8>> {
    let mut fixed = fixed.peekable();
    let (Some(json), true) = (json, fixed.peek().is_some()) else {
        return Ok(bytes.unwrap_or_default().to_vec());
    };
    let mut json = json.clone();
    for member in fixed {
        let (parent, name) =
            member.name.rsplit_once('/').ok_or_else(|| wrong("a fixed member has no name"))?;
        let object = json.pointer_mut(parent).and_then(serde_json::Value::as_object_mut);
        let object = object.ok_or_else(|| wrong("there is no place for a fixed member"))?;
        object.insert(name.into(), serde_json::from_str(&member.value)?);
    }
    Ok(json.to_string().into_bytes())
}

fn parse(answer: &[u8]) -> Option<Answered> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    Some((status, headers.collect(), answer[end + 4..].to_vec()))
}

fn answer(status: u16, headers: &BTreeMap<String, String>, body: &[u8]) -> Answer {
    let headers = headers.iter().filter(|(name, _)| RECORDED.contains(&name.as_str()));
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let text = (json.is_none() && !body.is_empty()).then(|| String::from_utf8_lossy(body).into_owned());
    Answer {
        status: Some(status),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        body: json,
        text,
        ..Answer::default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::super::Values;
    use super::*;
    use crate::{Context, Endpoint};

    /// A server for one request: the connection's other end reads it whole, answers, and gives it back.
    fn serving(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/below", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut chunk = [0; 4096];
            while !request.ends_with('}') {
                let read = stream.read(&mut chunk).unwrap();
                request.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        (base, served)
    }

    #[test]
    fn a_live_request_carries_what_is_fixed_and_the_credential_and_its_recording_does_not() {
        let (base, served) = serving(
            "HTTP/1.0 201 Created\r\nContent-Type: application/json\r\nSet-Cookie: x=1\r\n\r\n{\"url\": \"BASE\"}",
        );
        let manifest = Manifest::new("desk", "0.1.0", "Desk").endpoint(
            Endpoint::post("create", "/entries/{key}")
                .fixed_query("safe", "true")
                .fixed_header("Prefer", "full")
                .fixed_body("/queue", "\"board\""),
        );
        let live = Rc::new(Live::new(manifest, &base).credential("Authorization", "token hunter2"));
        let cx = Context::new((), Rc::clone(&live) as Rc<dyn Doors>);
        let call = cx.post("create", &serde_json::json!({"title": "ä"})).path("key", "p 1").query("q", "a&b");
        assert_eq!(call.send().unwrap().status(), 201);
        let request = served.join().unwrap();
        assert!(request.starts_with("POST /below/entries/p%201?safe=true&q=a%26b HTTP/1.0\r\n"), "{request}");
        for part in
            ["Authorization: token hunter2\r\n", "Prefer: full\r\n", "\"queue\":\"board\"", "\"title\":\"ä\""]
        {
            assert!(request.contains(part), "{part} is missing in {request}");
        }
        let recording = live.recording("A desk", "https://desk.example.org");
        assert!(!recording.contains("hunter2") && !recording.contains("x=1"), "{recording}");
        let folder = std::env::temp_dir().join(format!("probity-sdk-live-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("one.json"), recording).unwrap();
        let recorded = Recorded::load(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let asked = Asked {
            endpoint: "create".into(),
            path: [("key".to_owned(), "p 1".to_owned())].into(),
            query: [("q".to_owned(), Values::One("a&b".into()))].into(),
            body: Some(serde_json::json!({"title": "ä"})),
        };
        assert_eq!(recorded.answer(&asked).unwrap().status, 201);
    }
}
