//! What people say on the command line: the packet, places in evidence, texts, instants.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use probity_core::claim::Cite;
use probity_core::evidence::Date;
use probity_core::instant::Instant;

/// Which packet.
#[derive(Debug, Args)]
pub struct Named {
    /// The packet: its id, or a beginning of the id that no other packet shares. Left out (or `-`): the only packet
    /// there is that was not withdrawn.
    #[arg(value_name = "PACKET", env = "PROBITY_PACKET")]
    pub packet: Option<String>,
}

/// A text that may be long.
#[derive(Debug, Args)]
pub struct Words {
    /// The words.
    #[arg(long, value_name = "TEXT", required_unless_present = "text_file", conflicts_with = "text_file")]
    text: Option<String>,
    /// The words, from a file.
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

impl Words {
    /// The words, wherever they are.
    pub fn read(self) -> anyhow::Result<String> {
        read(self.text, self.text_file.as_deref()).map(Option::unwrap_or_default)
    }
}

/// A text given as it is or in a file, without the newline that files end with. Clap sees to it that it is not both.
pub fn read(text: Option<String>, file: Option<&Path>) -> anyhow::Result<Option<String>> {
    match (text, file) {
        (Some(text), _) => Ok(Some(text)),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the text in {}", file.display()))?;
            Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
        }
        (None, None) => Ok(None),
    }
}

/// `EVIDENCE:/pointer` or `EVIDENCE@REVISION:/pointer`.
pub fn cite(text: &str) -> Result<Cite, String> {
    const FORM: &str = "write EVIDENCE:/body/… (or EVIDENCE@REVISION:/body/…), with an id of `probity evidence list` and a JSON Pointer";
    let (evidence, pointer) = text.split_once(':').ok_or(FORM)?;
    let (evidence, revision) = match evidence.split_once('@') {
        Some((evidence, revision)) => (evidence, Some(revision.parse().map_err(|_| FORM)?)),
        None => (evidence, None),
    };
    if !pointer.starts_with('/') {
        return Err(FORM.to_owned());
    }
    let evidence = evidence.parse().map_err(|bad| format!("{bad}; {FORM}"))?;
    Ok(Cite { evidence, revision, pointer: pointer.to_owned() })
}

/// A requirement, cited by its own words.
pub fn requirement(text: &str) -> Result<Cite, String> {
    if text.contains(':') { cite(text) } else { cite(&format!("{text}:/body/text")) }
}

/// An instant, or a day for its first moment in UTC.
pub fn when(text: &str) -> Result<Instant, String> {
    match text.parse::<Date>() {
        Ok(day) => format!("{day}T00:00:00Z").parse().map_err(|_| format!("`{text}` is in no calendar")),
        Err(_) => text.parse::<Instant>().map_err(|bad| format!("{bad}, or a day such as 2026-12-24")),
    }
}

#[cfg(test)]
mod tests {
    use super::{cite, requirement, when};

    const ID: &str = "0197a3c0-0000-7000-8000-000000000001";

    #[test]
    fn a_place_is_an_evidence_and_a_pointer_in_it() {
        let place = cite(&format!("{ID}@3:/body/last-rotated")).unwrap();
        assert_eq!((place.revision, place.pointer.as_str()), (Some(3), "/body/last-rotated"));
        assert_eq!(cite(&format!("{ID}:/title")).unwrap().revision, None);
        for wrong in [ID, &format!("{ID}:title"), &format!("{ID}@x:/title"), "x:/title", ":/title", ""] {
            assert!(cite(wrong).unwrap_err().contains("EVIDENCE:/body/"), "{wrong}");
        }
    }

    #[test]
    fn a_requirement_is_cited_by_its_text() {
        assert_eq!(requirement(ID).unwrap().pointer, "/body/text");
        assert_eq!(requirement(&format!("{ID}@2:/body/title")).unwrap().pointer, "/body/title");
    }

    #[test]
    fn a_day_is_its_first_moment() {
        assert_eq!(when("2026-12-24").unwrap().to_string(), "2026-12-24T00:00:00Z");
        assert_eq!(when("2026-12-24T10:00:00+01:00").unwrap().to_string(), "2026-12-24T09:00:00Z");
        assert!(when("tomorrow").unwrap_err().contains("2026-12-24"));
    }
}
