//! Where secrets come from: an environment variable or a file, nothing else.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Where a secret is: `{ env = "DOJO_TOKEN" }` or `{ file = "/run/secrets/dojo" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecretRef {
    pub env: Option<String>,
    pub file: Option<PathBuf>,
}

impl SecretRef {
    /// Reads it. The error says what is missing and how to provide it, never what was read.
    pub fn read(&self, base: &Path) -> Result<Secret, (String, String)> {
        let text = match (&self.env, &self.file) {
            (Some(name), None) => std::env::var(name).map_err(|_| {
                (
                    format!("the environment variable {name} is not set"),
                    format!(
                        "export {name}=… before starting, or name a file: secret = {{ file = \"/path\" }}"
                    ),
                )
            })?,
            (None, Some(path)) => {
                let path = base.join(path);
                std::fs::read_to_string(&path).map_err(|error| {
                    (
                        format!("the secret's file {} cannot be read: {error}", path.display()),
                        "create the file, readable by this user alone".to_owned(),
                    )
                })?
            }
            _ => {
                return Err((
                    "a secret comes from exactly one place".to_owned(),
                    "write secret = { env = \"NAME\" } or secret = { file = \"/path\" }".to_owned(),
                ));
            }
        };
        // A file usually ends with a newline, and no header can carry one.
        let text = Zeroizing::new(text);
        let trimmed = text.trim_end_matches(['\r', '\n']);
        if trimmed.is_empty() || trimmed.chars().any(char::is_control) {
            return Err((
                "the secret is empty or holds control characters".to_owned(),
                "put the secret alone on one line".to_owned(),
            ));
        }
        Ok(Secret::new(trimmed))
    }
}
