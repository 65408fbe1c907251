//! How the connector describes itself.

use crate::exports::probity::connector::manifest::{AuthScheme, Effect, Endpoint, Manifest, Method};

pub fn describe() -> Manifest {
    Manifest {
        name: "intake".into(),
        version: "0.1.0".into(),
        title: "Ticket queue".into(),
        summary: "Files packages as tickets, or misbehaves on request.".into(),
        config_schema: r#"{"type": "object", "properties": {"behaviour": {"type": "string"}}}"#.into(),
        auth: vec![AuthScheme::Anonymous, AuthScheme::Bearer],
        endpoints: vec![
            endpoint(
                "search",
                Method::Get,
                "/tickets",
                Effect::Read,
                "To find a package that was filed before",
            ),
            endpoint("create", Method::Post, "/tickets", Effect::Write, "Files the package as a ticket"),
            endpoint(
                "ticket",
                Method::Get,
                "/tickets/{reference}",
                Effect::Read,
                "What the board did with it",
            ),
            endpoint("annotate", Method::Post, "/tickets/{reference}/notes", Effect::Write, "Adds a note"),
        ],
        mounts: vec![],
        feeds: vec![],
    }
}

fn endpoint(id: &str, method: Method, path: &str, effect: Effect, purpose: &str) -> Endpoint {
    Endpoint {
        id: id.into(),
        origin: "api".into(),
        method,
        path: path.into(),
        effect,
        purpose: purpose.into(),
        fixed: vec![],
        redact: vec![],
    }
}
