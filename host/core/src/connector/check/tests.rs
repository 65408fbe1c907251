//! One manifest that holds, and small patches to it with the faults they must cause.

use super::super::{
    AuthScheme, Effect, Endpoint, Fixed, Manifest, Method, Mount, Place, Stream, SyncMode, World,
};
use crate::evidence::Kind;

fn golden() -> Manifest {
    Manifest {
        name: "defectdojo".into(),
        version: "1.2.0-rc.1+build.7".into(),
        title: "DefectDojo".into(),
        summary: "Findings and notes.\n\nFrom version 2.30 on.".into(),
        config_schema: r#"{"type": "object", "properties": {"product": {"type": "string"}}}"#.into(),
        auth: vec![AuthScheme::Header { name: "Authorization".into(), prefix: "Token ".into() }],
        endpoints: vec![Endpoint {
            id: "findings".into(),
            origin: "api".into(),
            method: Method::Get,
            path: "/api/v2/findings/".into(),
            effect: Effect::Read,
            purpose: "Findings of the product".into(),
            fixed: vec![
                fixed(Place::Query, "related_fields", "true"),
                fixed(Place::Header, "Accept", "application/json"),
            ],
            redact: vec!["/results/*/reporter".into()],
        }],
        mounts: vec![Mount { id: "documents".into(), purpose: "Standards".into() }],
        streams: vec![Stream {
            id: "findings".into(),
            purpose: "Findings".into(),
            kinds: vec![Kind::Finding, Kind::Exception],
            sync: SyncMode::Full,
        }],
    }
}

fn fixed(place: Place, name: &str, value: &str) -> Fixed {
    Fixed { place, name: name.into(), value: value.into() }
}

#[track_caller]
fn faults(patch: impl FnOnce(&mut Manifest), expected: &[&str]) {
    let mut manifest = golden();
    patch(&mut manifest);
    let found: Vec<_> = manifest.check(World::Source).err().unwrap_or_default();
    let found: Vec<_> = found.iter().map(|fault| format!("{} {fault}", fault.code())).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            found.starts_with("connector.manifest.") && found.contains(expected),
            "{found} has no {expected}"
        );
    }
}

fn endpoint(manifest: &mut Manifest) -> &mut Endpoint {
    &mut manifest.endpoints[0]
}

#[test]
fn the_golden_manifest_holds() {
    faults(|_| {}, &[]);
}

#[test]
fn names_and_versions_are_checked() {
    faults(|manifest| manifest.name = "Defect Dojo".into(), &["name: `Defect Dojo` is not a name"]);
    for version in ["", "1", "1.2", "1.2.x", "01.2.3", "1.2.3-", "1.2.3+", "1.2.3.4", "v1.2.3", "1.2.3-a..b"]
    {
        faults(|manifest| manifest.version = version.into(), &["is not a semantic version"]);
    }
    faults(|manifest| endpoint(manifest).origin = "API".into(), &["endpoints[findings].origin"]);
    faults(|manifest| manifest.mounts[0].id = "../x".into(), &["mounts[../x].id"]);
    faults(|manifest| manifest.streams[0].id = "a\u{202e}".into(), &[r"streams[a\u{202e}].id"]);
}

#[test]
fn names_are_unique() {
    faults(
        |manifest| manifest.endpoints.push(golden().endpoints.remove(0)),
        &["endpoints[findings]: there are two"],
    );
    faults(
        |manifest| manifest.streams.push(golden().streams.remove(0)),
        &["streams[findings]: there are two"],
    );
    faults(|manifest| manifest.mounts.push(golden().mounts.remove(0)), &["mounts[documents]: there are two"]);
    faults(
        |manifest| manifest.streams[0].kinds.push(Kind::Finding),
        &["streams[findings].kinds: there are two"],
    );
    faults(|manifest| manifest.auth.push(golden().auth.remove(0)), &["auth[1]: there are two"]);
    faults(
        |manifest| endpoint(manifest).fixed.push(fixed(Place::Header, "ACCEPT", "text/html")),
        &["fixed[ACCEPT]: there are two"],
    );
}

#[test]
fn what_an_operator_reads_is_there_short_and_plain() {
    faults(|manifest| manifest.title.clear(), &["title: is missing"]);
    faults(|manifest| manifest.title = "é".repeat(121), &["title: is 121 characters long; the most is 120"]);
    faults(|manifest| manifest.title = "a\nb".into(), &["title: has control characters"]);
    faults(
        |manifest| manifest.summary = "reads \u{202e}sgnidnif".into(),
        &["summary: has control characters"],
    );
    faults(|manifest| endpoint(manifest).purpose = " ".into(), &["purpose: is missing"]);
    faults(|manifest| manifest.streams.clear(), &["streams: there is none"]);
    faults(|manifest| manifest.streams[0].kinds.clear(), &["kinds: there is none"]);
    faults(|manifest| manifest.auth.clear(), &["auth: there is none"]);
    let many = |manifest: &mut Manifest| {
        manifest.endpoints =
            (0..65).map(|at| Endpoint { id: format!("e{at}"), ..golden().endpoints.remove(0) }).collect();
    };
    faults(many, &["endpoints: there are 65; the most is 64"]);
}

#[test]
fn the_schema_is_a_json_object() {
    for schema in ["", "true", "[]", "{", "{} {}"] {
        faults(|manifest| manifest.config_schema = schema.into(), &["config-schema: is not a JSON object"]);
    }
    faults(|manifest| manifest.config_schema = "[".repeat(10_000), &["config-schema: is not a JSON object"]);
    faults(
        |manifest| manifest.config_schema = " ".repeat(65 * 1024),
        &["config-schema: is 66560 bytes long"],
    );
}

#[test]
fn a_reading_connector_declares_no_writes() {
    faults(
        |manifest| endpoint(manifest).effect = Effect::Write,
        &["manifest.write endpoints[findings].effect"],
    );
}

#[test]
fn a_filing_connector_says_what_writes_and_reads_nothing_else() {
    let filing = |patch: &dyn Fn(&mut Manifest)| {
        let mut manifest = golden();
        endpoint(&mut manifest).effect = Effect::Write;
        (manifest.mounts, manifest.streams) = (vec![], vec![]);
        patch(&mut manifest);
        let found = manifest.check(World::Intake).err().unwrap_or_default();
        found.iter().map(|fault| format!("{} {fault}", fault.code())).collect::<Vec<_>>()
    };
    assert_eq!(filing(&|_| {}), Vec::<String>::new());
    for (patch, expected) in [
        (
            (&|manifest: &mut Manifest| endpoint(manifest).effect = Effect::Read) as &dyn Fn(&mut Manifest),
            "connector.manifest.write endpoints: none declares",
        ),
        (&|manifest| manifest.mounts = golden().mounts, "connector.manifest.invalid mounts: an intake"),
        (&|manifest| manifest.streams = golden().streams, "connector.manifest.invalid streams: an intake"),
    ] {
        let found = filing(patch);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{expected}: {found:?}");
    }
}

#[test]
fn paths_are_templates() {
    for path in ["", "api", "/a/../b", "/a?b=c", "https://elsewhere/a", "/{x+}/a", "/{x}/{x}"] {
        faults(|manifest| endpoint(manifest).path = path.into(), &["connector.manifest.path"]);
    }
}

#[test]
fn paths_that_return_secrets_are_refused_whatever_is_declared() {
    for path in [
        "/v1/{mount}/data/{path+}",
        "/v1/{mount}/creds/{role}",
        "/v1/secrets/{id}/payload",
        "/api/v1/status/config",
        "/repos/{owner}/{repo}/secret-scanning/alerts",
    ] {
        faults(|manifest| endpoint(manifest).path = path.into(), &["connector.manifest.secret-bearing"]);
    }
    let aws = |manifest: &mut Manifest| {
        endpoint(manifest).fixed.push(fixed(Place::Header, "X-Amz-Target", "secretsmanager.GetSecretValue"));
    };
    faults(aws, &["connector.manifest.secret-bearing"]);
    let hidden = |manifest: &mut Manifest| {
        endpoint(manifest).path = "/repos/{owner}/{repo}/secret-scanning/alerts".into();
        endpoint(manifest).fixed.push(fixed(Place::Query, "hide_secret", "true"));
    };
    faults(hidden, &[]);
}

#[test]
fn fixed_parts_are_well_formed_and_carry_no_credential() {
    let add = |place, name: &'static str, value: &'static str| {
        move |manifest: &mut Manifest| endpoint(manifest).fixed.push(fixed(place, name, value))
    };
    faults(add(Place::Header, "Cookie", "a=b"), &["fixed[Cookie]: this header carries a credential"]);
    faults(add(Place::Header, "Host", "x"), &["fixed[Host]: this header belongs to the framing"]);
    faults(add(Place::Header, "X-Http-Method-Override", "DELETE"), &["overrides the method"]);
    faults(add(Place::Header, "X-A", "a\r\nb"), &["has a value with control characters"]);
    faults(add(Place::Query, "", "x"), &["fixed[]: is missing"]);
    faults(add(Place::Query, "a", "x\ny"), &["fixed[a]: has control characters"]);
    faults(add(Place::Body, "/a", "1"), &["only `post` has one"]);
    let own = |manifest: &mut Manifest| {
        manifest.auth = vec![AuthScheme::Header { name: "X-Custom".into(), prefix: String::new() }];
        endpoint(manifest).fixed.push(fixed(Place::Header, "x-custom", "mine"));
    };
    faults(own, &["fixed[x-custom]: carries the credential of a declared auth scheme"]);
    let framing = |manifest: &mut Manifest| {
        manifest.auth = vec![AuthScheme::Header { name: "Host".into(), prefix: "a\nb".into() }];
    };
    faults(framing, &["auth[0].name", "auth[0].prefix"]);
}

#[test]
fn fixed_members_of_a_body_are_json_at_places_that_do_not_overlap() {
    let post = |members: &'static [(&'static str, &'static str)]| {
        move |manifest: &mut Manifest| {
            endpoint(manifest).method = Method::Post;
            endpoint(manifest).fixed =
                members.iter().map(|(name, value)| fixed(Place::Body, name, value)).collect();
        }
    };
    faults(post(&[("/a/b", "1"), ("/a/c", "{\"d\": []}")]), &[]);
    faults(post(&[("/a", "nope")]), &["fixed[/a]: is not JSON"]);
    faults(post(&[("a", "1")]), &["is empty or starts with `/`"]);
    faults(post(&[("", "{}")]), &["names the whole document"]);
    faults(post(&[("/a", "{}"), ("/a/b", "1")]), &["fixed[/a/b]: lies inside or above"]);
    faults(post(&[("/a/b", "1"), ("/a", "{}")]), &["fixed[/a]: lies inside or above"]);
}

#[test]
fn redactions_are_pointers_below_the_document() {
    faults(|manifest| endpoint(manifest).redact = vec!["".into()], &["names the whole document"]);
    faults(|manifest| endpoint(manifest).redact = vec!["/a~2".into()], &["redact[/a~2]: in a JSON Pointer"]);
    faults(|manifest| endpoint(manifest).redact = vec!["/*/token".into(), "/data/*".into()], &[]);
}
