//! Whom the host believes to be a source.
//!
//! The certificates in `tls/` are sample data: an authority that nobody trusts but these tests, whose key was thrown
//! away, and a certificate for `source.example`, whose key lies beside it.

use std::time::Duration;

use probity::egress::PolicyError;
use probity_core::connector::FailureKind;
use probity_tests::hostile::{Act, Hostile, json};

use super::{Plan, assert_failed};

pub(super) const AUTHORITY: &[u8] = include_bytes!("tls/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/source.pem");
const KEY: &[u8] = include_bytes!("tls/source-key.pem");

async fn source() -> Hostile {
    Hostile::encrypted(|_| vec![Act::Send(json("[1]"))], CERTIFICATE, KEY).await.unwrap()
}

fn plan(source: &Hostile, host: &str, ca: Option<&[u8]>) -> Plan {
    let base = format!("https://{host}:{}/", source.port());
    Plan::for_base(&base).bearer().origin(|origin| {
        origin.ca = ca.map(<[u8]>::to_vec);
        origin.plain_http = false;
    })
}

#[tokio::test]
async fn an_authority_of_the_operator_is_trusted_for_its_origin() {
    let source = source().await;
    let response = plan(&source, "source.example", Some(AUTHORITY)).get().await.unwrap();
    assert_eq!((response.status, &*response.body.bytes), (200, &b"[1]"[..]));
    assert!(source.requests()[0].contains("authorization: Bearer "));
}

#[tokio::test]
async fn nobody_else_gets_the_credential() {
    let source = source().await;
    // Another name than the certificate's; an address where a name is certified.
    for host in ["other.example", "127.0.0.1"] {
        let outcome = plan(&source, host, Some(AUTHORITY)).get().await;
        assert_failed(outcome, "egress.tls", FailureKind::Unavailable);
    }
    // An authority that the system does not know, if the system knows any.
    match plan(&source, "source.example", None).prepare() {
        Err(PolicyError::Tls { .. }) => {}
        Err(other) => panic!("{other}"),
        Ok(egress) => {
            let outcome = super::fetch(&egress, super::ask("items")).await;
            assert_failed(outcome, "egress.tls", FailureKind::Unavailable);
        }
    }
    // Something that does not speak TLS at all.
    let plain = Hostile::answering(json("[]")).await.unwrap();
    let soon = |limits: &mut probity::egress::EgressLimits| limits.connect = Duration::from_millis(300);
    let outcome = plan(&plain, "source.example", Some(AUTHORITY)).limits(soon).get().await;
    assert_failed(outcome, "egress.timeout", FailureKind::Unavailable);
    assert_eq!(source.requests(), Vec::<String>::new());
    assert!(plain.requests().iter().all(|request| !request.contains("authorization")));
}

#[tokio::test]
async fn an_authority_that_is_none_is_refused_before_anything_runs() {
    for ca in [&b""[..], b"not a certificate", KEY] {
        let error = Plan::for_base("https://source.example/")
            .origin(|origin| origin.ca = Some(ca.to_vec()))
            .prepare()
            .unwrap_err();
        assert!(matches!(error, PolicyError::Tls { .. }), "{error}");
    }
}
