//! `GET /livez`

/// Alive
///
/// The process answers. Nothing else is looked at.
#[utoipa::path(
    get, path = "/livez", operation_id = "livez", tag = "operations",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain; charset=utf-8",
        example = json!("alive\n"))),
)]
pub async fn handler() -> &'static str {
    "alive\n"
}
