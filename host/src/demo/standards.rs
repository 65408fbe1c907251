//! A folder of architecture standards for the demonstration: Markdown with front matter, and a small OSCAL
//! catalog.
//!
//! They say what the story needs: credentials are not shared and are rotated every 30 days, what an exception has
//! to meet, what intake expects, and which milestone ends it all. The texts were written for this purpose and
//! are nobody's real policy. Deliberately absent: requirements that only a real organisation could judge.

use std::io;
use std::path::Path;

/// Each document: its path below the folder, and its text.
pub const DOCUMENTS: [(&str, &str); 5] = [
    ("credential-management.md", include_str!("standards/credential-management.md")),
    ("broker-hardening.md", include_str!("standards/broker-hardening.md")),
    ("exceptions/criteria.md", include_str!("standards/exceptions/criteria.md")),
    ("exceptions/submission.md", include_str!("standards/exceptions/submission.md")),
    ("baseline.oscal.json", include_str!("standards/baseline.oscal.json")),
];

/// Writes all documents into a folder, which is made if need be. Files of the same names are replaced.
pub fn write(folder: &Path) -> io::Result<()> {
    for (path, text) in DOCUMENTS {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(file, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::DOCUMENTS;

    #[test]
    fn every_markdown_document_says_what_it_is() {
        for (path, text) in DOCUMENTS.iter().filter(|(path, _)| path.ends_with(".md")) {
            let rest = text.strip_prefix("---\n").unwrap();
            let (front, body) = rest.split_once("\n---\n").unwrap();
            for key in ["title", "version", "status", "owner", "updated", "class"] {
                let line = front.lines().find(|line| line.starts_with(&format!("{key}: ")));
                assert!(line.is_some(), "{path} has no `{key}`");
            }
            assert!(
                ["policy", "criterion", "submission"]
                    .iter()
                    .any(|class| front.contains(&format!("class: {class}")))
            );
            assert!(body.matches(" MUST").count() >= 5, "{path} asks for little");
        }
    }

    #[test]
    fn the_catalog_gives_each_part_its_own_id_and_each_placeholder_a_parameter() {
        let (_, text) = DOCUMENTS.iter().find(|(path, _)| path.ends_with(".json")).unwrap();
        let catalog: Value = serde_json::from_str(text).unwrap();
        let mut ids = BTreeSet::new();
        walk(&catalog, &mut |object| {
            if let Some(id) = object.get("id").and_then(Value::as_str) {
                assert!(ids.insert(id.to_owned()), "{id} twice");
            }
        });
        walk(&catalog, &mut |object| {
            let prose = object.get("prose").and_then(Value::as_str).unwrap_or_default();
            for placeholder in prose.split("{{ insert: param, ").skip(1) {
                let id = placeholder.split(" }}").next().unwrap();
                assert!(ids.contains(id), "{id} stands for nothing");
            }
        });
        let controls = text.matches("\"class\": \"PAYMENTS-BASELINE\"").count();
        assert_eq!(controls, 12);
    }

    #[test]
    fn the_folder_is_written_whole_and_again() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            super::write(&folder.path().join("standards")).unwrap();
        }
        let criteria = folder.path().join("standards/exceptions/criteria.md");
        assert!(std::fs::read_to_string(criteria).unwrap().contains("# Exception criteria"));
    }

    fn walk(value: &Value, see: &mut impl FnMut(&serde_json::Map<String, Value>)) {
        match value {
            Value::Object(object) => {
                see(object);
                object.values().for_each(|value| walk(value, see));
            }
            Value::Array(array) => array.iter().for_each(|value| walk(value, see)),
            _ => {}
        }
    }
}
