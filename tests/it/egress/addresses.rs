//! Where connections may go.

use probity::egress::{Credential, PolicyError};
use probity::secret::Secret;
use probity_tests::hostile::{Hostile, answer, json};

use super::{Names, Plan, SECRET, ask, assert_denied, assert_failed, fetch};
use probity_core::connector::FailureKind;

/// A source, and a base URL with a name for it.
async fn named_source() -> (Hostile, String) {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let base = format!("http://source.example:{}/", source.port());
    (source, base)
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nobody_goes_there() {
    let elsewhere = Hostile::answering(json("[]")).await.unwrap();
    for target in [
        format!("http://127.0.0.1:{}/latest/meta-data/", elsewhere.port()),
        "http://169.254.169.254/latest/meta-data/iam/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let source =
            Hostile::answering(answer("302 Found", &format!("location: {target}\r\n"), "")).await.unwrap();
        let response = Plan::for_source(&source).bearer().get().await.unwrap();
        assert_eq!(response.status, 302);
        assert!(response.headers.contains(&("location".to_owned(), target)));
        assert_eq!(source.connections(), 1);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_name_with_a_private_address_is_refused_before_connecting() {
    let (source, base) = named_source().await;
    let plan = Plan::for_base(&base).origin(|origin| origin.networks.clear());
    let outcome = plan.get().await;
    let message = outcome.as_ref().unwrap_err().message.clone();
    assert_denied(outcome, "egress.address");
    assert!(message.contains("`networks = [\"…\"]` under `[connection.tracker.origin.api]`"), "{message}");
    assert!(!message.contains("127.0.0.1"), "refusals must not map the network: {message}");
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn one_private_address_among_others_refuses_them_all() {
    let (source, base) = named_source().await;
    let many: Vec<String> = (0..299).map(|at| format!("127.0.{}.{}", at / 250, at % 250 + 1)).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push("10.0.0.1");
    for names in
        [&["127.0.0.1", "10.0.0.1"][..], &["10.0.0.1", "127.0.0.1"], &["127.0.0.1", "fe80::1"], &many]
    {
        assert_denied(Plan::for_base(&base).names(Names::always(names)).get().await, "egress.address");
    }
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_each_time() {
    let (source, base) = named_source().await;
    let names = Names::one_after_another(&[&["127.0.0.1"], &["10.0.0.1"], &["169.254.169.254"]]);
    let egress = Plan::for_base(&base).names(names.clone()).egress();
    let mut page = egress.page();
    assert_eq!(page.fetch(&[ask("items")]).await.remove(0).unwrap().status, 200);
    assert_eq!(names.asked(), 1, "one look-up decides and connects");
    assert_denied(page.fetch(&[ask("items")]).await.remove(0), "egress.address");
    assert_denied(page.fetch(&[ask("items")]).await.remove(0), "egress.address");
    assert_eq!(source.connections(), 1);
}

#[tokio::test]
async fn a_metadata_service_cannot_be_granted() {
    for base in
        ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://source.example/"]
    {
        let plan = Plan::for_base(base).names(Names::always(&["169.254.169.254"])).origin(|origin| {
            origin.networks = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        });
        assert_denied(plan.get().await, "egress.address");
    }
}

#[tokio::test]
async fn an_address_is_judged_in_every_spelling() {
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1%2e",
        "①②⑦.0.0.1",
        "0.0.0.0",
        "0",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.9.9",
        "169.254.169.254",
        "100.64.0.1",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::169.254.169.254]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fd12:3456::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "localhost",
    ] {
        let base = format!("https://{host}/");
        if base.parse::<probity::egress::Url>().is_err() {
            continue;
        }
        let plan = Plan::for_base(&base).origin(|origin| {
            origin.networks.clear();
            origin.ca = Some(super::tls::AUTHORITY.to_vec());
        });
        match plan.prepare() {
            Err(PolicyError::Base { .. }) => {}
            Err(other) => panic!("{host}: {other}"),
            Ok(egress) => assert_denied(fetch(&egress, ask("items")).await, "egress.address"),
        }
    }
}

#[tokio::test]
async fn an_unknown_name_says_so() {
    let base = "http://nowhere.example/";
    for names in [Names::always(&[]), Names::one_after_another(&[])] {
        assert_failed(Plan::for_base(base).names(names).get().await, "egress.dns", FailureKind::Unavailable);
    }
}

#[tokio::test]
async fn a_closed_port_says_so() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_failed(Plan::for_base(&base).get().await, "egress.connect", FailureKind::Unavailable);
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_passed_over() {
    let (source, base) = named_source().await;
    let plan = Plan::for_base(&base).names(Names::always(&["127.0.0.2", "127.0.0.1"]));
    assert_eq!(plan.get().await.unwrap().status, 200);
    assert_eq!(source.connections(), 1);
}

#[tokio::test]
async fn nothing_goes_out_unencrypted_but_to_granted_ranges() {
    let plan = Plan::for_base("http://source.example/").names(Names::always(&["93.184.216.34"])).bearer();
    assert_denied(plan.get().await, "egress.scheme");
    let unmeant = Plan::for_base("http://127.0.0.1/").origin(|origin| origin.plain_http = false).prepare();
    assert!(matches!(unmeant, Err(PolicyError::Base { .. })));
}

#[tokio::test]
async fn base_urls_that_cannot_be_meant_are_refused() {
    for base in [
        "https://user:long-password@source.example/",
        "https://source.example/?a=b",
        "https://source.example/#x",
        "https://source.example./",
        "https://source.example/a//b/",
        "ftp://source.example/",
    ] {
        let error = Plan::for_base(base).prepare().unwrap_err();
        assert!(matches!(error, PolicyError::Base { .. }), "{base}: {error}");
        assert!(!error.to_string().contains("long-password"), "{error}");
    }
}

#[tokio::test]
async fn a_credential_goes_to_its_own_origin_only() {
    let (one, other) =
        (Hostile::answering(json("[]")).await.unwrap(), Hostile::answering(json("[]")).await.unwrap());
    let mut plan = Plan::for_source(&one).bearer();
    let mut second = plan.policy.origins["api"].clone();
    second.base = format!("http://127.0.0.1:{}/", other.port()).parse().unwrap();
    second.credential = None;
    plan.policy.origins.insert("mirror".into(), second);
    let mut mirrored = super::items();
    (mirrored.id, mirrored.origin) = ("mirrored".into(), "mirror".into());
    plan.policy.endpoints.push(mirrored);
    let egress = plan.egress();
    assert_eq!(egress.page().fetch(&[ask("items"), ask("mirrored")]).await.len(), 2);
    assert!(
        one.requests()[0].contains(&format!("authorization: Bearer {SECRET}\r\n")),
        "{:?}",
        one.requests()
    );
    assert!(!other.requests()[0].contains("authorization"), "{:?}", other.requests());
}

#[tokio::test]
async fn each_kind_of_credential_is_attached_by_the_host() {
    let cases = [
        (Credential::Bearer(Secret::new("token-one")), "authorization: Bearer token-one\r\n"),
        (
            Credential::Basic { user: "ada".into(), secret: Secret::new("password") },
            "authorization: Basic YWRhOnBhc3N3b3Jk\r\n",
        ),
        (
            Credential::Header {
                name: "Authorization".into(),
                prefix: "Token ".into(),
                secret: Secret::new("0123456789"),
            },
            "authorization: Token 0123456789\r\n",
        ),
        (
            Credential::Header {
                name: "X-Vault-Token".into(),
                prefix: String::new(),
                secret: Secret::new("hvs.abcdefgh"),
            },
            "x-vault-token: hvs.abcdefgh\r\n",
        ),
    ];
    for (credential, line) in cases {
        let source = Hostile::answering(json("[]")).await.unwrap();
        let response = Plan::for_source(&source).credential(credential).get().await.unwrap();
        assert!(source.requests()[0].contains(line), "{line}: {:?}", source.requests());
        assert!(!response.url.contains('@'));
    }
}
