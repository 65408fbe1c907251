//! Media types of files, guessed from their names: a file has no header that says.

/// The media type for a path's extension, if it is one that evidence comes in.
pub(super) fn guess(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next()?;
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "json" | "sarif" => "application/json",
        "jsonl" | "ndjson" => "application/x-ndjson",
        "md" | "markdown" => "text/markdown",
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "yaml" | "yml" => "application/yaml",
        "toml" => "application/toml",
        "xml" => "application/xml",
        "html" | "htm" => "text/html",
        "pdf" => "application/pdf",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn names_tell_media_types() {
        assert_eq!(guess("policy/A.MD"), Some("text/markdown"));
        assert_eq!(guess("catalog.json"), Some("application/json"));
        assert_eq!(guess("dir.json/CODEOWNERS"), None);
        assert_eq!(guess("x.bin"), None);
    }
}
