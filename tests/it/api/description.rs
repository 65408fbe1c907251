//! The API's description as a judge: every answer the tests get must be one that it promises.

use std::path::Path;

use probity::api::openapi;
use serde_json::{Value, json};

use super::fixture::Said;

/// `/openapi.json`, made strict: members it does not describe are as wrong as missing ones.
pub(super) struct Description {
    strict: Value,
}

impl Description {
    pub(super) fn made() -> Self {
        let mut strict = serde_json::to_value(openapi::document()).unwrap();
        close(&mut strict["components"]["schemas"]);
        Self { strict }
    }

    /// Every operation: method, path, description.
    pub(super) fn operations(&self) -> Vec<(String, String, Value)> {
        let paths = self.strict["paths"].as_object().unwrap();
        let of_path = |(path, item): (&String, &Value)| {
            let item = item.as_object().unwrap();
            let of_method = |(method, operation): (&String, &Value)| {
                (method.to_uppercase(), path.clone(), operation.clone())
            };
            item.iter().map(of_method).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }

    /// Whether the description promises this answer.
    pub(super) fn check(&self, method: &str, path: &str, said: &Said) {
        let at = format!("{method} {path} answered {}: {}", said.status, said.text);
        let Some(operation) = self.operation(method, path) else {
            let code = said.json()["code"].clone();
            let is_expected = ["request.no-route", "request.method", "request.host", "request.origin"]
                .iter()
                .any(|expected| code == *expected);
            assert!(is_expected, "{at}: the description has no such operation");
            return;
        };
        let response = &operation["responses"][said.status.to_string()];
        assert!(response.is_object(), "{at}: the description does not promise that status");
        let content = response["content"].as_object();
        let Some(content) = content.filter(|content| !content.is_empty()) else {
            assert_eq!(said.text, "", "{at}: the description promises no content");
            return;
        };
        let said_type = said.header("content-type");
        let Some(described) = content.get(said_type) else {
            // Files of the documentation page have types of their own.
            assert!(path.starts_with("/docs"), "{at}: the description does not promise {said_type}");
            return;
        };
        if said_type.ends_with("json") && described["schema"]["type"] != "string" {
            self.validate(&described["schema"], &said.json(), &at);
            self.code_is_promised(response, said);
        }
    }

    fn code_is_promised(&self, response: &Value, said: &Said) {
        if said.header("content-type") == "application/problem+json" {
            let code = said.json()["code"].as_str().unwrap().to_owned();
            let described = response["description"].as_str().unwrap();
            assert!(described.contains(&format!("`{code}`")), "{code} is not among: {described}");
        }
    }

    /// Holds a value to a schema of the description.
    pub(super) fn validate(&self, schema: &Value, value: &Value, at: &str) {
        let mut schema = schema.clone();
        schema["components"] = self.strict["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{at}: not as described: {errors:#?}");
    }

    pub(super) fn schema(&self, name: &str) -> &Value {
        let schema = &self.strict["components"]["schemas"][name];
        assert!(schema.is_object(), "{name} is described");
        schema
    }

    /// The operation whose path template matches.
    fn operation(&self, method: &str, path: &str) -> Option<Value> {
        let matches = |template: &str| {
            let (template, path) = (template.split('/'), path.split('/'));
            template.clone().count() == path.clone().count()
                && template
                    .zip(path)
                    .all(|(part, said)| part == said || (part.starts_with('{') && !said.is_empty()))
        };
        let mut found: Vec<_> = self
            .operations()
            .into_iter()
            .filter(|(described, template, _)| described == method && matches(template))
            .collect();
        // `/evidence/lookup` before `/evidence/{id}`.
        found.sort_by_key(|(_, template, _)| template.matches('{').count());
        found.into_iter().next().map(|(_, _, operation)| operation)
    }
}

/// Where the description lies in the repository.
pub(super) fn kept() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/openapi.json")
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}
