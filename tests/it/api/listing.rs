//! Listings: everything once, whatever comes in meanwhile.

use probity_core::run::RunState;
use serde_json::Value;

use super::fixture::Site;

/// The texts of a member of all items of a page.
fn each(page: &Value, member: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_cover_everything_once_while_more_comes_in() {
    let site = Site::open().await;
    let names: Vec<_> = (0..23).map(|at| format!("F-{at}")).collect();
    let findings: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let run = site.begin().await;
    site.page(&run, 1, Some("page-2"), &findings).await;

    let mut seen = Vec::new();
    let mut path = "/api/v1/evidence?limit=5&kind=finding".to_owned();
    let mut late = 0;
    loop {
        let said = site.get(&path).await;
        let page = said.json();
        seen.extend(each(&page, "item"));
        let Some(next) = page["next"].as_str() else {
            assert_eq!(said.header("link"), "");
            break;
        };
        assert_eq!(said.header("link"), format!("<{next}>; rel=\"next\""));
        path = next.to_owned();
        if late < 4 {
            late += 1;
            let name = format!("late-{late}");
            let next = format!("page-{}", late + 2);
            site.page(&run, late + 1, Some(&next), &[(&name, &name)]).await;
        }
    }
    let late: Vec<_> = (1..=4).map(|at| format!("late-{at}")).collect();
    assert_eq!(seen, names.into_iter().chain(late).collect::<Vec<_>>(), "each once, oldest first");
}

#[tokio::test]
async fn runs_are_listed_newest_first_page_by_page() {
    let site = Site::open().await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.insert(0, site.sweep(&[]).await.id.to_string());
    }
    let first = site.get("/api/v1/runs?limit=3&connection=tracker&state=complete").await.json();
    let second = site.get(first["next"].as_str().unwrap()).await.json();
    assert_eq!([each(&first, "id"), each(&second, "id")].concat(), runs);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(each(&site.get("/api/v1/runs?state=failed").await.json(), "id"), Vec::<String>::new());
}

#[tokio::test]
async fn a_manifest_is_read_page_by_page() {
    let site = Site::open().await;
    let run = site.begin().await;
    for number in 1..=5 {
        let next = (number < 5).then(|| format!("page-{}", number + 1));
        let name = format!("F-{number}");
        site.page(&run, number, next.as_deref(), &[(&name, &name)]).await;
    }
    site.end(&run, RunState::Complete).await;
    let mut numbers = Vec::new();
    let mut path = Some(format!("/api/v1/runs/{}/manifest?limit=2", run.id));
    while let Some(next) = path {
        let page = site.get(&next).await.json();
        numbers.extend(page["items"].as_array().unwrap().iter().map(|item| item["page"].as_u64().unwrap()));
        path = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn every_filter_is_passed_on() {
    let site = Site::open().await;
    site.sweep(&[("F-1", "Shared credential"), ("F-2", "Old broker")]).await;
    let count = async |query: &str| {
        let list = site.get(&format!("/api/v1/evidence?{query}")).await.json();
        list["items"].as_array().unwrap().len()
    };
    for both in [
        "kind=finding",
        "subject=service:payments-bridge",
        "connection=tracker",
        "stream=findings",
        "state=open",
        "text=",
        "absent=false",
        "fresh=true",
    ] {
        assert_eq!(count(both).await, 2, "{both}");
    }
    assert_eq!(count("text=BROKER").await, 1);
    assert_eq!(count("text=shared%20f-1").await, 1);
    for none in [
        "kind=secret",
        "subject=service:other",
        "connection=other",
        "stream=other",
        "state=closed",
        "text=nowhere",
        "fresh=false",
    ] {
        assert_eq!(count(none).await, 0, "{none}");
    }
}
