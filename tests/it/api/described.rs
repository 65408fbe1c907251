//! The description tells the truth: nothing else is served, nothing is served otherwise, and it is up to date.

use std::collections::BTreeSet;

use probity::api::problem::Code;
use probity::api::routes::{Access, ROUTES};
use probity_core::event::{Command, Decision, WORDS};
use probity_core::evidence::{Body, Kind};
use serde_json::{Map, Value, json};

use super::description::kept;
use super::fixture::Site;

/// Set it to write `host/openapi.json` anew.
const BLESS: &str = "PROBITY_BLESS";

#[tokio::test]
async fn every_described_operation_is_served() {
    let site = Site::open().await;
    let mut operations = 0;
    for (method, path, _) in site.description.operations() {
        operations += 1;
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let said =
            site.send(site.client.request(method.clone(), site.url(&path.replace(['{', '}'], "")))).await;
        let is_served = said.status != 405
            && (said.status != 404 || said.code() != "request.no-route" || path == "/docs/{file}");
        assert!(is_served, "{method} {path} answered {}", said.status);
    }
    assert_eq!(operations, ROUTES.len(), "one row for each operation");
}

#[tokio::test]
async fn every_operation_says_who_may_and_how_it_refuses() {
    let site = Site::open().await;
    let mut names = BTreeSet::new();
    let mut codes = BTreeSet::new();
    for (method, path, operation) in site.description.operations() {
        let at = format!("{method} {path}");
        let row = ROUTES.iter().find(|row| row.method == method && row.path == path);
        let access = row.unwrap_or_else(|| panic!("{at} has no row")).access;
        match access {
            Access::Needs(action) => {
                assert_eq!(operation["x-probity-action"], action.as_str(), "{at}");
                assert_eq!(operation["security"], json!([{"bearer": []}]), "{at}");
            }
            Access::Open => assert!(operation.get("security").is_none(), "{at}"),
        }
        assert!(
            names.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{at}: the name is taken"
        );
        assert!(operation["summary"].as_str().is_some_and(|words| words.len() > 3), "{at} has a summary");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].as_str().is_some_and(|words| words.len() > 3),
                "{at}: {parameter}"
            );
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("421") && responses.contains_key("500"), "{at}");
        for code in Code::ALL {
            let described = &responses.get(code.status().as_str()).unwrap_or(&Value::Null)["description"];
            if described.as_str().is_some_and(|words| words.contains(&format!("`{}`", code.as_str()))) {
                codes.insert(*code);
            }
        }
    }
    // This one belongs to addresses and methods that no operation has.
    codes.insert(Code::Method);
    // And this one to what only the command line asks for.
    codes.insert(Code::People);
    assert_eq!(
        codes,
        Code::ALL.iter().copied().collect(),
        "every code is one that some operation can answer with"
    );
}

#[tokio::test]
async fn every_example_is_as_described() {
    let site = Site::open().await;
    let mut held = 0;
    for (method, path, operation) in site.description.operations() {
        let responses = operation["responses"].as_object().unwrap();
        let contents = responses.iter().map(|(status, response)| (status.as_str(), response));
        for (status, response) in contents.chain([("request", &operation["requestBody"])]) {
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                let at = format!("{method} {path} {status} {media_type}");
                if media_type.ends_with("json") {
                    assert!(!content["example"].is_null(), "{at} has an example");
                    if content["schema"]["type"] != "string" {
                        site.description.validate(&content["schema"], &content["example"], &at);
                    }
                    held += 1;
                }
            }
        }
    }
    assert!(held > 200, "{held} examples were looked at");
}

#[tokio::test]
async fn bodies_of_every_kind_are_as_described_and_as_core_writes_them() {
    let site = Site::open().await;
    for kind in Kind::ALL {
        for fill in [Fill::Sparse, Fill::Full] {
            let name = pascal(kind.as_str());
            let described = sample(&site, site.description.schema(&format!("{name}Body")), fill);
            let body: Body = serde_json::from_value(described.clone()).unwrap_or_else(|error| {
                panic!("core does not read {kind} as described: {error}\n{described:#}")
            });
            let written = serde_json::to_value(&body).unwrap();
            assert_eq!(written, described, "core writes {kind} otherwise than described");
            site.description.validate(&json!({"$ref": "#/components/schemas/Body"}), &written, kind.as_str());
        }
    }
}

#[tokio::test]
async fn every_command_and_decision_is_as_described_and_as_core_reads_it() {
    let site = Site::open().await;
    for (name, words) in [("Command", WORDS), ("Decision", Decision::WORDS)] {
        let cases = site.description.schema(name)["oneOf"].as_array().unwrap();
        assert_eq!(cases.len(), words.len(), "{name}");
        for (case, fill) in cases.iter().flat_map(|case| [(case, Fill::Sparse), (case, Fill::Full)]) {
            let described = sample(&site, case, fill);
            let written = match name {
                "Command" => serde_json::from_value(described.clone())
                    .and_then(|command: Command| serde_json::to_value(command)),
                _ => serde_json::from_value(described.clone())
                    .and_then(|decision: Decision| serde_json::to_value(decision)),
            };
            let written = written.unwrap_or_else(|error| panic!("core does not read {described:#}: {error}"));
            assert_eq!(written, described, "core writes it otherwise than described");
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Fill {
    /// Nothing that may be missing.
    Sparse,
    /// Everything that may be there.
    Full,
}

/// A value of a schema, made up from nothing but the schema.
fn sample(site: &Site, schema: &Value, fill: Fill) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return sample(site, site.description.schema(name.rsplit('/').next().unwrap()), fill);
    }
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let Some(null) = either.iter().position(|case| case["type"] == "null") else {
            return sample(
                site,
                if fill == Fill::Sparse { &either[0] } else { either.last().unwrap() },
                fill,
            );
        };
        return if fill == Fill::Sparse { Value::Null } else { sample(site, &either[1 - null], fill) };
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().map(|name| name.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap_or_else(|| panic!("no type in {schema}"))],
    };
    if types.contains(&"null") && fill == Fill::Sparse {
        return Value::Null;
    }
    match types[0] {
        "string" if schema["format"] == "date" => json!("2026-11-22"),
        "string" => schema["examples"][0].as_str().map_or(json!("words"), |example| json!(example)),
        "boolean" => json!(true),
        "integer" => json!(7),
        "number" => json!(99.5),
        "array" if fill == Fill::Sparse => json!([]),
        "array" => json!([sample(site, &schema["items"], fill)]),
        "object" => {
            let properties = schema["properties"].as_object().unwrap();
            Value::Object(
                properties
                    .iter()
                    .map(|(key, value)| (key.clone(), sample(site, value, fill)))
                    .collect::<Map<_, _>>(),
            )
        }
        other => panic!("{other} in {schema}"),
    }
}

fn pascal(name: &str) -> String {
    name.split('-').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect()
}

#[tokio::test]
async fn the_kept_description_is_the_served_one() {
    let site = Site::open().await;
    let served = site.get("/openapi.json").await;
    assert_eq!(served.json()["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
    let served = served.text + "\n";
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(kept(), &served).unwrap();
    }
    let kept = std::fs::read_to_string(kept()).unwrap_or_default();
    assert!(
        kept == served,
        "host/openapi.json is stale; run this test with {BLESS}=1 and look at the difference"
    );
}

#[tokio::test]
async fn the_documentation_page_loads_nothing_from_elsewhere() {
    let site = Site::open().await;
    let moved = site.get("/docs").await;
    assert_eq!((moved.status, moved.header("location")), (308, "/docs/"));
    let page = site.get("/docs/").await;
    assert_eq!(page.header("content-type"), "text/html");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"), "{policy}");
    let parts: Vec<_> =
        page.text.split(['"', '\'']).filter(|text| text.ends_with(".js") || text.ends_with(".css")).collect();
    assert_eq!(parts.len(), 5, "{parts:?}");
    let settings = site.get("/docs/swagger-initializer.js").await.text;
    assert!(settings.contains("\"validatorUrl\": \"none\""), "{settings}");
    for text in [&page.text, &settings] {
        assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("\"//"), "{text}");
    }
    for part in parts {
        assert_eq!(site.get(&format!("/docs/{}", part.trim_start_matches("./"))).await.status, 200, "{part}");
    }
}
