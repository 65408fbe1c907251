//! The API's description (OpenAPI 3.1), made from the handlers and the table of routes.
//!
//! The handlers describe addresses, parameters, answers and examples. What follows from the table (who may, and how it is
//! refused) is added here, so no handler can forget it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder, Schema,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::problem::{Code, Problem, ProblemView};
use super::routes;
use super::routes::{Access, ROUTES, Route};
use crate::casework::view::{body_schemas, loop_schemas};

/// Name of the way to say who calls.
const BEARER: &str = "bearer";

/// Names of schemas that are sent, not received: what they leave out has a default.
const REQUESTS: &[&str] = &["StartRun", "Lookup", "Opening", "Deciding"];

/// The whole description.
pub fn document() -> OpenApi {
    let mut document = routes::all().into_openapi();
    for route in ROUTES {
        if let Some(operation) = operation(&mut document, route) {
            complete(operation, route);
        }
    }
    require_all(&mut document);
    document
}

/// What the description begins with.
pub(super) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Probity")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(TOKEN)).build();
    let components = ComponentsBuilder::new()
        .security_scheme(BEARER, SecurityScheme::Http(token))
        .schemas_from_iter(shared())
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Schemas that no single handler brings along.
pub(super) fn shared() -> impl Iterator<Item = (String, RefOr<Schema>)> {
    body_schemas()
        .into_iter()
        .chain(loop_schemas())
        .chain([(ProblemView::name().into_owned(), ProblemView::schema())])
}

const DESCRIPTION: &str = "Evidence that Probity collected, with the way back to the raw bytes, and the exception packets that \
rest on it.\n\n\
JSON has kebab-case members, none left out; 64-bit integers are strings; instants are RFC 3339 in UTC. Unknown \
parameters and members are refused. Every error is a problem (RFC 9457) with a stable `code` and what to change.\n\n\
Listings end with a `next` link (also in `Link`); it is null on the last page. `at` answers as it was at an \
instant on the database's clock.\n\n\
A packet changes in one way: a command is appended to its ledger (`POST /api/v1/packets/{id}/ledger`). What the rules of the loop do \
not let happen is refused as `packet.refused` or `packet.not-yours`, and `refusal` says which rule it was, who could, and \
what to do instead. A command names in `If-Match` the head its sender saw; a signed statement says itself what was shown.";

const TOKEN: &str = "The token of a principal. While nobody has one, the host answers on loopback only, \
and whoever reaches it there is the local operator.";

fn operation<'a>(document: &'a mut OpenApi, route: &Route) -> Option<&'a mut Operation> {
    let item = document.paths.paths.get_mut(route.path)?;
    match route.method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        _ => None,
    }
}

/// Adds what follows from the row: the action, the security, and every way to be refused.
fn complete(operation: &mut Operation, route: &Route) {
    if let Access::Needs(action) = route.access {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
        let extension = Extensions::builder().add("x-probity-action", json!(action.as_str())).build();
        operation.extensions.get_or_insert_with(Extensions::default).merge(extension);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in refusals(operation, route) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    for (status, codes) in by_status {
        operation.responses.responses.insert(status.to_string(), RefOr::T(refusal(&codes)));
    }
}

/// Every problem an operation can answer with.
pub fn refusals(operation: &Operation, route: &Route) -> BTreeSet<Code> {
    let takes = |place: &ParameterIn| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters
            .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
    };
    let mut codes = BTreeSet::from([Code::Host, Code::Origin, Code::Internal, Code::Slow]);
    codes.extend(route.refusals);
    if let Access::Needs(_) = route.access {
        codes.extend([Code::Query, Code::Unauthenticated, Code::Denied, Code::Unavailable]);
    }
    if takes(&ParameterIn::Path) {
        codes.insert(Code::Path);
    }
    if operation.request_body.is_some() {
        codes.extend([Code::Syntax, Code::Body, Code::MediaType, Code::TooLarge]);
    }
    codes
}

fn refusal(codes: &[Code]) -> utoipa::openapi::Response {
    let lines: Vec<_> = codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.title())).collect();
    let example = Problem::new(codes[0], "What was attempted, and the rule.", "What to change.");
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ProblemView::name())))
        .example(Some(json!(example.view())))
        .build();
    ResponseBuilder::new().description(lines.join("\n")).content("application/problem+json", content).build()
}

/// No member of an answer is ever left out, so all are required.
fn require_all(document: &mut OpenApi) {
    let schemas = document.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (name, schema) in schemas {
        if !REQUESTS.contains(&name.as_str()) {
            require_members(schema);
        }
    }
}

fn require_members(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(require_members);
        }
        RefOr::T(Schema::Array(array)) => {
            if let utoipa::openapi::schema::ArrayItems::RefOrSchema(items) = &mut array.items {
                require_members(items);
            }
        }
        RefOr::T(Schema::OneOf(one_of)) => one_of.items.iter_mut().for_each(require_members),
        RefOr::T(Schema::AllOf(all_of)) => all_of.items.iter_mut().for_each(require_members),
        _ => {}
    }
}

/// Names that two different schemas claim.
pub(super) fn collisions(schemas: impl IntoIterator<Item = (String, RefOr<Schema>)>) -> Vec<String> {
    let mut known: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    for (name, schema) in schemas {
        match known.get(&name) {
            Some(other) if *other != schema => {
                claimed.insert(name);
            }
            _ => {
                known.insert(name, schema);
            }
        }
    }
    claimed.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use utoipa::ToSchema;

    use super::{collisions, document, operation};
    use crate::api::routes::{self, ROUTES};

    mod one {
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "only its schema is looked at")]
        pub(super) struct Twin(u32);
    }

    mod other {
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "only its schema is looked at")]
        pub(super) struct Twin(String);
    }

    #[test]
    fn no_schema_replaces_another_of_its_name() {
        assert_eq!(routes::schema_collisions(), Vec::<String>::new());
        let twins = [one::Twin::named(), other::Twin::named()];
        assert_eq!(collisions(twins), ["Twin"]);
    }

    trait Named: ToSchema {
        fn named() -> (String, utoipa::openapi::RefOr<utoipa::openapi::Schema>) {
            (Self::name().into_owned(), Self::schema())
        }
    }

    impl<T: ToSchema> Named for T {}

    #[test]
    fn every_row_is_described_and_every_description_has_a_row() {
        let mut document = document();
        for route in ROUTES {
            assert!(operation(&mut document, route).is_some(), "{} {}", route.method, route.path);
        }
        for (path, item) in &document.paths.paths {
            let methods = [("GET", &item.get), ("POST", &item.post)];
            let described: Vec<_> = methods.iter().filter(|(_, operation)| operation.is_some()).collect();
            assert!(item.put.is_none() && item.delete.is_none() && item.patch.is_none(), "{path}");
            for (method, _) in described {
                let rows = ROUTES.iter().filter(|row| row.path == path && row.method == *method).count();
                assert_eq!(rows, 1, "{method} {path}");
            }
        }
    }
}
