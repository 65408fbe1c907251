//! The folder of the demonstration: a configuration to copy from, the token beside it, the board policy, the subject map, and
//! the standards.
//!
//! The configuration is one commented text, `probity.toml`, the same that the README shows; only the sample
//! tracker's port is filled in.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::dojo::SampleDojo;
use super::standards;

/// The configuration as it is shown to people, with [`SHOWN_URL`] for the tracker's address.
pub const CONFIGURATION: &str = include_str!("probity.toml");

/// The sample board's policy.
pub const BOARD: &str = include_str!("board.toml");

/// What names in the sample sources mean.
pub const SUBJECTS: &str = include_str!("subjects.toml");

/// What stands in [`CONFIGURATION`] where a running tracker's address goes.
pub const SHOWN_URL: &str = "http://127.0.0.1:8080";

/// Writes the demonstration's folder for a running tracker: `probity.toml`, `dojo-token` (readable by its owner
/// alone) and `standards/`. The folder is made if need be, and files of these names are replaced. Returns
/// the configuration's path.
pub fn write(folder: &Path, dojo: &SampleDojo) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    write_secret(&folder.join("dojo-token"), dojo.token().expose())?;
    standards::write(&folder.join("standards"))?;
    std::fs::write(folder.join("board.toml"), BOARD)?;
    std::fs::write(folder.join("subjects.toml"), SUBJECTS)?;
    let file = folder.join("probity.toml");
    std::fs::write(&file, CONFIGURATION.replace(SHOWN_URL, &dojo.base_url()))?;
    Ok(file)
}

/// Writes a secret that nobody else could read even while it is being written: to a new file that has its
/// mode from the beginning, and that then takes the old one's place.
pub(super) fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".secret-").tempfile_in(parent)?;
    writeln!(file, "{secret}")?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use probity_core::evidence::Kind;
    use probity_core::instant::Instant;

    use super::{CONFIGURATION, SHOWN_URL, write};
    use crate::demo::dojo::{SampleDojo, Token, Tracker};

    async fn dojo() -> SampleDojo {
        let now: Instant = "2026-11-22T21:29:09Z".parse().unwrap();
        SampleDojo::start(Tracker::story(now), Token::from_bytes([7; 20])).await.unwrap()
    }

    #[test]
    fn the_configuration_is_toml_with_an_age_for_every_kind() {
        let table: toml::Table = CONFIGURATION.parse().unwrap();
        let ages = table["freshness"]["max-age"].as_table().unwrap();
        let named: BTreeSet<&str> = ages.keys().map(String::as_str).collect();
        let kinds: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(named, kinds);
        assert_eq!(CONFIGURATION.matches(SHOWN_URL).count(), 1);
    }

    #[tokio::test]
    async fn the_folder_leads_to_the_running_tracker() {
        let dojo = dojo().await;
        let folder = tempfile::tempdir().unwrap();
        let file = write(&folder.path().join("demo"), &dojo).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&format!("url = \"{}\"", dojo.base_url())), "{text}");
        assert!(!text.contains(dojo.token().expose()));
        assert!(file.with_file_name("standards").join("exceptions/submission.md").is_file());
        // Again, over what is there.
        write(&folder.path().join("demo"), &dojo).unwrap();
        let token = std::fs::read_to_string(file.with_file_name("dojo-token")).unwrap();
        assert_eq!(token.trim_end(), dojo.token().expose());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_token_is_for_its_owner_alone_even_where_a_wider_file_stood() {
        use std::os::unix::fs::PermissionsExt as _;

        let dojo = dojo().await;
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("dojo-token");
        std::fs::write(&token, "old").unwrap();
        std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
        write(folder.path(), &dojo).unwrap();
        assert_eq!(std::fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
