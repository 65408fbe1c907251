//! Fixed parts of a request stay fixed.
//!
//! A fixed part is worth nothing if a second one beside it is what the server believes. So a request may not
//! carry anything that some server would read as the same parameter, header or member: other case, PHP's
//! brackets, a duplicate in JSON. Bodies with fixed members are read and written anew, so that what was
//! checked is what is sent.

use probity_core::header;
use probity_core::pointer;
use probity_core::text::{excerpt, is_control};
use serde_json::{Map, Value};

use super::error::{EgressError, HeaderProblem};
use super::policy::{Granted, Origin};

/// Query parameters in one request; real ones have about a dozen.
const MAX_PARAMETERS: usize = 100;
/// Headers a connector adds to one request, and their bytes.
const MAX_HEADERS: usize = 32;
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Parameters that frameworks read as the method that is really meant.
const METHOD_OVERRIDES: [&str; 5] =
    ["_method", "_http_method", "http_method_override", "x-http-method", "x-http-method-override"];

/// The whole query: the endpoint's fixed parameters, then the connector's.
pub(super) fn query(
    granted: &Granted,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>, EgressError> {
    let refuse = |name: &str, problem| {
        let endpoint = granted.endpoint.id.clone();
        Err(EgressError::Query { endpoint, name: excerpt(name, 80), problem })
    };
    for (at, (name, value)) in given.iter().enumerate() {
        if at >= MAX_PARAMETERS {
            return refuse(name, "is one too many; a request has at most 100");
        }
        if name.chars().chain(value.chars()).any(is_control) {
            return refuse(name, "has a control character");
        }
        if granted.query.iter().any(|(fixed, _)| is_same(fixed, name)) {
            return refuse(name, "is fixed by the manifest and cannot be given again");
        }
        if is_method_override(name) {
            return refuse(name, "overrides the method that was granted");
        }
    }
    Ok(granted.query.iter().chain(given).cloned().collect())
}

/// Whether some server would read a given parameter as a fixed one: in any case, with PHP's brackets, with the
/// characters that PHP turns into `_`.
fn is_same(fixed: &str, given: &str) -> bool {
    let plain = |name: &str| name.trim().to_ascii_lowercase().replace(['.', ' ', '+'], "_");
    let (fixed, given) = (plain(fixed), plain(given));
    given == fixed || given.split('[').next() == Some(&fixed)
}

fn is_method_override(name: &str) -> bool {
    METHOD_OVERRIDES.iter().any(|known| is_same(known, name))
}

/// All headers but those the host adds itself: the endpoint's fixed ones, then the connector's, names in lower
/// case.
pub(super) fn headers(
    granted: &Granted,
    origin: &Origin,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>, EgressError> {
    let mut headers = granted.headers.clone();
    let mut bytes = 0;
    for (at, (name, value)) in given.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        bytes += name.len() + value.len();
        let problem = if at >= MAX_HEADERS || bytes > MAX_HEADER_BYTES {
            Some(HeaderProblem::TooMany)
        } else if granted.headers.iter().any(|(fixed, _)| *fixed == lower) {
            Some(HeaderProblem::Fixed)
        } else if origin.credential.as_ref().is_some_and(|(own, _)| own.as_str() == lower) {
            Some(HeaderProblem::Credential)
        } else if lower == "x-amz-target" {
            Some(HeaderProblem::Chooses)
        } else {
            header::check(name, value).err().map(HeaderProblem::Bad)
        };
        if let Some(problem) = problem {
            let endpoint = granted.endpoint.id.clone();
            return Err(EgressError::Header { endpoint, name: excerpt(name, 80), problem });
        }
        headers.push((lower, value.clone()));
    }
    Ok(headers)
}

/// A form as its media type names it: `application/json; charset=utf-8` is `application/json`.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Members of a JSON body that a connector cannot change.
pub(super) struct FixedBody(Vec<(Vec<String>, Value)>);

impl FixedBody {
    /// Reads pointers and values; the problem is for a person.
    pub(super) fn new(members: &[(String, String)]) -> Result<Self, String> {
        let read = |(name, value): &(String, String)| {
            let steps = pointer::steps(name).map_err(|problem| format!("fixes `{name}`: {problem}"))?;
            if steps.is_empty() {
                return Err("fixes the whole body; name a member, such as `/query`".to_owned());
            }
            let value = serde_json::from_str(value).map_err(|_| {
                format!("fixes `{name}` to something that is not JSON (write strings in quotes)")
            })?;
            Ok((steps.into_iter().map(std::borrow::Cow::into_owned).collect(), value))
        };
        members.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The body with the fixed members in it, written anew. The problem is for a person.
    pub(super) fn enforce(&self, given: Option<&[u8]>) -> Result<Vec<u8>, String> {
        let mut body = match given {
            None => Value::Object(Map::new()),
            Some(bytes) => serde_json::from_slice(bytes)
                .map_err(|_| "has fixed members, so it must be a JSON object; it is not JSON")?,
        };
        for (steps, value) in &self.0 {
            set(&mut body, steps, value)?;
        }
        Ok(body.to_string().into_bytes())
    }
}

/// Puts a value where the steps lead. Objects on the way are made; anything else on the way is refused.
fn set(body: &mut Value, steps: &[String], value: &Value) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *body = value.clone();
        return Ok(());
    };
    let Value::Object(members) = body else {
        return Err(format!("has a fixed member `{step}`, so what holds it must be an object"));
    };
    // Some servers (Go's encoding/json) match members in any case and believe the last one.
    if let Some(twin) = members.keys().find(|key| *key != step && key.eq_ignore_ascii_case(step)) {
        return Err(format!("has the member `{}` beside the fixed `{step}`", excerpt(twin, 80)));
    }
    if rest.is_empty() && members.get(step).is_some_and(|given| given != value) {
        return Err(format!("changes the fixed member `{step}`"));
    }
    set(members.entry(step.clone()).or_insert(Value::Object(Map::new())), rest, value)
}

/// What a body without fixed members must not be: a form that overrides the method, or parts that could.
pub(super) fn free_body(media_type: &str, body: &[u8]) -> Result<(), &'static str> {
    match essence(media_type).as_str() {
        kind if kind.starts_with("multipart/") => {
            Err("is multipart, which is not passed on; send JSON or a form")
        }
        "application/x-www-form-urlencoded"
            if url::form_urlencoded::parse(body).any(|(name, _)| is_method_override(&name)) =>
        {
            Err("has a form field that overrides the method that was granted")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{FixedBody, free_body, is_same};

    fn body(members: &[(&str, &str)]) -> FixedBody {
        let members: Vec<_> =
            members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        FixedBody::new(&members).unwrap()
    }

    #[test]
    fn a_given_parameter_is_recognized_as_the_fixed_one_in_every_spelling() {
        for twin in
            ["hide_secret", "Hide_Secret", "hide_secret[]", "hide.secret", " hide_secret ", "hide secret"]
        {
            assert!(is_same("hide_secret", twin), "{twin}");
        }
        for other in ["hide_secrets", "secret", "xhide_secret"] {
            assert!(!is_same("hide_secret", other), "{other}");
        }
        assert!(!is_same("filter[a]", "filter[b]"));
    }

    #[test]
    fn fixed_members_are_set_and_cannot_be_changed() {
        let fixed = body(&[("/query", "\"{ viewer }\""), ("/options/dry", "true")]);
        let enforced = |given: &str| fixed.enforce(Some(given.as_bytes()));
        let sent = r#"{"options":{"dry":true},"query":"{ viewer }","x":1}"#;
        assert_eq!(enforced(r#"{"x": 1}"#).unwrap(), sent.as_bytes());
        assert_eq!(enforced(r#"{"x": 1, "query": "{ viewer }"}"#).unwrap(), sent.as_bytes());
        assert!(fixed.enforce(None).is_ok());
        for bad in [
            r#"{"query": "mutation"}"#,
            r#"{"query": "{ viewer }", "query": "mutation"}"#,
            r#"{"Query": "mutation"}"#,
            r#"{"options": {"DRY": false}}"#,
            r#"{"options": 1}"#,
            r#"{"options": [true]}"#,
            "[]",
            "query=mutation",
        ] {
            assert!(enforced(bad).is_err(), "{bad}");
        }
        // The first of two is what some servers believe; only one is sent.
        let twice = enforced(r#"{"query": "mutation", "query": "{ viewer }"}"#).unwrap();
        assert!(!String::from_utf8(twice).unwrap().contains("mutation"));
    }

    #[test]
    fn fixed_members_that_cannot_be_are_told() {
        for (name, value) in [("query", "1"), ("", "{}"), ("/query", "not json")] {
            assert!(FixedBody::new(&[(name.into(), value.into())]).is_err(), "{name}");
        }
    }

    #[test]
    fn forms_cannot_override_the_method() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert!(free_body(form, b"a=1&_method=delete").is_err());
        assert!(free_body(form, b"a=1&%5Fmethod=delete").is_err());
        assert!(free_body("multipart/form-data; boundary=x", b"").is_err());
        assert!(free_body(form, b"a=1").is_ok());
    }
}
