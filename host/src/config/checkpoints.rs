//! Where ledger checkpoints are kept.
//!
//! They show that the database was shortened or rewritten, so they must not lie where whoever can rewrite the database would rewrite
//! them along with it.
//!
//! Deliberately absent: writing and signing them.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{Fault, Serve};

/// Where checkpoints go, and under which name this host signs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoints {
    /// Outside the data folder.
    pub folder: PathBuf,
    /// The first line of each: visible ASCII without blanks.
    pub origin: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct CheckpointsSection {
    folder: Option<PathBuf>,
    origin: Option<String>,
}

impl CheckpointsSection {
    pub(super) fn check(
        self,
        base: &Path,
        data: &Path,
        serve: &Serve,
        faults: &mut Vec<Fault>,
    ) -> Checkpoints {
        let folder = base.join(self.folder.as_deref().unwrap_or_else(|| Path::new("checkpoints")));
        if is_within(&folder, data) {
            faults.push(
                Fault::new(
                    "checkpoints.folder",
                    format!("{} lies in the data folder {}", folder.display(), data.display()),
                )
                .fix("name a folder outside of it, best on another disk: folder = \"../checkpoints\""),
            );
        }
        let origin = self.origin.unwrap_or_else(|| match serve.hosts.first() {
            Some(host) => host.to_string(),
            None => serve.listen.to_string(),
        });
        if !(1..=200).contains(&origin.len()) || !origin.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.push(
                Fault::new(
                    "checkpoints.origin",
                    "it is not 1 to 200 visible ASCII characters without blanks",
                )
                .fix("origin = \"probity.example.org\""),
            );
        }
        Checkpoints { folder, origin }
    }
}

/// Whether a path leads into a folder, as far as their texts tell.
fn is_within(path: &Path, folder: &Path) -> bool {
    plain(path).starts_with(plain(folder))
}

/// The path from the root, with each `..` taken back.
fn plain(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_within;

    #[test]
    fn a_folder_beside_the_data_is_not_within_it() {
        let data = Path::new("/srv/probity/state/.");
        for within in ["/srv/probity/state", "/srv/probity/state/notes", "/srv/probity/state/../state/notes"]
        {
            assert!(is_within(Path::new(within), data), "{within}");
        }
        for beside in ["/srv/probity/state/../notes", "/srv/probity/statements", "/srv/probity"] {
            assert!(!is_within(Path::new(beside), data), "{beside}");
        }
    }
}
