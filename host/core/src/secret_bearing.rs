//! Requests that hand out secrets, refused whatever is declared or granted.
//!
//! Reading is not harmless everywhere: one GET of a vault's data path returns the password itself. The places
//! known for it are listed here and checked twice: on what a manifest declares, where the template alone
//! shows it, and on every request as it is about to leave, where the values are known.
//!
//! The list is a second line. The first is the operator's credential, which should not be able to read secrets
//! at all. What it refuses too much (a folder that happens to be called `data` under a path `/v1/`) costs some
//! evidence; what it misses may cost a secret.

use crate::template::PathTemplate;

/// A request, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The path, with or without the origin's own base path, as it will be sent.
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
}

/// A known way to read secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretBearing {
    #[error("`/v1/…/data/…` reads secrets of a key-value store (Vault, OpenBao); read `/metadata/` instead")]
    VaultData,
    #[error("`/creds/…` and `/static-creds/…` hand out passwords (Vault, OpenBao); read the role instead")]
    VaultCredentials,
    #[error("this path of a vault hands out keys, tokens or unwrapped secrets")]
    VaultExport,
    #[error("this call returns secrets (AWS); use a call that lists or describes")]
    AwsCall,
    #[error("`/payload` returns a secret's value (Barbican); read its metadata instead")]
    Payload,
    #[error("secret-scanning alerts contain the secrets; fix the query `hide_secret=true` in the endpoint")]
    SecretScanning,
    #[error(
        "`status/config` returns the whole configuration (Prometheus, Alertmanager), credentials included"
    )]
    StatusConfig,
    #[error("`request_response` returns recorded traffic (DefectDojo), credentials included")]
    RequestResponse,
}

/// Calls of AWS APIs that return secrets, by `X-Amz-Target` or `Action`. In lower case.
const AWS_CALLS: &[&str] = &[
    "getsecretvalue",
    "batchgetsecretvalue",
    "getparameter",
    "getparameters",
    "getparametersbypath",
    "getparameterhistory",
    "decrypt",
    "generatedatakey",
    "generatedatakeypair",
    "getauthorizationtoken",
    "assumerole",
    "getsessiontoken",
    "getfederationtoken",
    "createaccesskey",
];

/// Below `/v1/` in a vault: paths whose answer is or contains a secret.
const VAULT_EXPORTS: &[[&str; 2]] = &[
    ["sys", "raw"],
    ["sys", "unseal"],
    ["wrapping", "unwrap"],
    ["transit", "export"],
    ["transit", "backup"],
    ["identity", "oidc"],
];

/// Whether a request would return secrets, and why.
pub fn check(asked: &Asked<'_>) -> Result<(), SecretBearing> {
    let path = segments(asked.path);
    check_vault(&path)?;
    check_aws(asked)?;
    let has = |name: &str| path.iter().any(|segment| segment == name);
    let pair = |first: &str, second: &str| path.windows(2).any(|two| two[0] == first && two[1] == second);
    if path.last().is_some_and(|last| last == "payload") {
        return Err(SecretBearing::Payload);
    }
    if has("secret-scanning") && !hides_secret(asked.query) {
        return Err(SecretBearing::SecretScanning);
    }
    if pair("status", "config") {
        return Err(SecretBearing::StatusConfig);
    }
    if has("request_response") || has("request-response") {
        return Err(SecretBearing::RequestResponse);
    }
    Ok(())
}

/// The same for an endpoint: what its template and fixed parts show, whatever the values will be.
pub fn check_template(
    template: &PathTemplate,
    query: &[(String, String)],
    headers: &[(String, String)],
) -> Result<(), SecretBearing> {
    let values: Vec<_> = template.names().map(|name| (name.to_owned(), "x".to_owned())).collect();
    // The values fit by construction; were they not to, there would be no path to refuse.
    let path = template.expand(&values).unwrap_or_default();
    check(&Asked { path: &path, query, headers, body: None })
}

fn check_vault(path: &[String]) -> Result<(), SecretBearing> {
    let followed = |at: usize| at + 1 < path.len();
    for (at, segment) in path.iter().enumerate() {
        match segment.as_str() {
            "creds" | "static-creds" if followed(at) => return Err(SecretBearing::VaultCredentials),
            _ => {}
        }
    }
    let Some(version) = path.iter().position(|segment| segment == "v1") else { return Ok(()) };
    let below = &path[version + 1..];
    let last = below.len().saturating_sub(1);
    if below.iter().enumerate().any(|(at, segment)| at > 0 && at < last && segment == "data") {
        return Err(SecretBearing::VaultData);
    }
    if VAULT_EXPORTS.iter().any(|pair| below.windows(2).any(|two| two[0] == pair[0] && two[1] == pair[1])) {
        return Err(SecretBearing::VaultExport);
    }
    if below.first().is_some_and(|first| first == "cubbyhole") {
        return Err(SecretBearing::VaultExport);
    }
    Ok(())
}

fn check_aws(asked: &Asked<'_>) -> Result<(), SecretBearing> {
    let is_call = |name: &str| {
        let call = name.rsplit('.').next().unwrap_or(name).trim().to_ascii_lowercase();
        AWS_CALLS.iter().any(|known| call == *known || call.starts_with("generatedatakey"))
    };
    let target = asked.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
    let action = asked.query.iter().filter(|(name, _)| name.eq_ignore_ascii_case("action"));
    if target.chain(action).any(|(_, value)| is_call(value)) {
        return Err(SecretBearing::AwsCall);
    }
    // The older protocol names the call in a form: `Action=GetSecretValue&…`.
    let form = asked.body.and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    let mut members = form.split('&').filter_map(|member| member.split_once('='));
    if members.any(|(name, value)| name.trim().eq_ignore_ascii_case("action") && is_call(&decoded(value))) {
        return Err(SecretBearing::AwsCall);
    }
    Ok(())
}

/// Exactly one `hide_secret`, and it says `true`: which of several a server believes is its own secret.
fn hides_secret(query: &[(String, String)]) -> bool {
    let mut hides = query.iter().filter(|(name, _)| name == "hide_secret");
    hides.next().is_some_and(|(_, value)| value == "true") && hides.next().is_none()
}

/// The path's segments as a server may see them: decoded as often as it takes, in lower case, without empty
/// ones and without path parameters.
fn segments(path: &str) -> Vec<String> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    decoded(path)
        .split(['/', '\\'])
        .map(|segment| segment.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .filter(|segment| !segment.is_empty() && segment != ".")
        .collect()
}

/// Percent-decoded until nothing changes, at most four times: no server decodes more often.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let next = decode_once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn decode_once(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Asked, SecretBearing, check, check_template};
    use crate::template::PathTemplate;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn path(path: &str) -> Result<(), SecretBearing> {
        check(&Asked { path, query: &[], headers: &[], body: None })
    }

    #[test]
    fn paths_that_return_secrets_are_known() {
        use SecretBearing as S;
        for (bad, why) in [
            ("/v1/secret/data/legacy-broker", S::VaultData),
            ("/vault/v1/team/kv/data/a/b", S::VaultData),
            ("/v1/secret/d%61ta/x", S::VaultData),
            ("/v1/secret/d%2561ta/x", S::VaultData),
            ("/v1/secret//DATA;a=b/x", S::VaultData),
            ("/v1/database/creds/broker", S::VaultCredentials),
            ("/v1/database/static-creds/broker", S::VaultCredentials),
            ("/v1/transit/export/encryption-key/k", S::VaultExport),
            ("/v1/sys/raw/core", S::VaultExport),
            ("/v1/cubbyhole/x", S::VaultExport),
            ("/v1/secrets/1234/payload", S::Payload),
            ("/api/v1/status/config", S::StatusConfig),
            ("/api/v2/findings/7/request_response/", S::RequestResponse),
            ("/repos/a/b/secret-scanning/alerts", S::SecretScanning),
        ] {
            assert_eq!(path(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn paths_beside_them_are_left_alone() {
        for good in [
            "/v1/secret/metadata/legacy-broker",
            "/v1/database/static-roles/broker",
            "/v1/sys/audit",
            "/v1/data",
            "/v1/data/x",
            "/api/v2/findings/7/notes/",
            "/api/v1/rules",
            "/v1/secrets/1234/metadata",
            "/api/data/x",
            "/v1/secret/data",
            "/creds",
        ] {
            assert_eq!(path(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn calls_that_return_secrets_are_known_wherever_they_are_named() {
        let asked = Asked { path: "/", query: &[], headers: &[], body: None };
        let target = |value: &str| pairs(&[("x-amz-TARGET", value)]);
        for call in
            ["secretsmanager.GetSecretValue", "secretsmanager.batchgetsecretvalue", "AmazonSSM.GetParameter"]
        {
            let headers = target(call);
            assert_eq!(check(&Asked { headers: &headers, ..asked }), Err(SecretBearing::AwsCall), "{call}");
        }
        let headers = target("secretsmanager.ListSecrets");
        assert_eq!(check(&Asked { headers: &headers, ..asked }), Ok(()));
        let query = pairs(&[("Action", "GetSecretValue")]);
        assert_eq!(check(&Asked { query: &query, ..asked }), Err(SecretBearing::AwsCall));
        let body = Some(b"Version=1&Action=Get%53ecretValue".as_slice());
        assert_eq!(check(&Asked { body, ..asked }), Err(SecretBearing::AwsCall));
    }

    #[test]
    fn secret_scanning_is_read_only_with_the_secrets_hidden() {
        let path = "/repos/a/b/secret-scanning/alerts";
        let with = |query: &[(&str, &str)]| {
            let query = pairs(query);
            check(&Asked { path, query: &query, headers: &[], body: None })
        };
        assert_eq!(with(&[("hide_secret", "true")]), Ok(()));
        for query in [vec![("hide_secret", "false")], vec![("hide_secret", "true"), ("hide_secret", "false")]]
        {
            assert_eq!(with(&query), Err(SecretBearing::SecretScanning), "{query:?}");
        }
    }

    #[test]
    fn a_template_shows_it_without_values() {
        let template = |text: &str| check_template(&PathTemplate::parse(text).unwrap(), &[], &[]);
        assert_eq!(template("/v1/{mount}/data/{path+}"), Err(SecretBearing::VaultData));
        assert_eq!(template("/v1/{mount}/creds/{role}"), Err(SecretBearing::VaultCredentials));
        assert_eq!(template("/v1/{mount}/metadata/{path+}"), Ok(()));
    }
}
