//! Reads an architecture-standards repository, as a granted folder: Markdown documents and OSCAL catalogs.
//!
//! What it returns is quoted. A requirement's text is exactly the source's, and its citation points at the place: at
//! lines of a Markdown file, or by JSON Pointer into a catalog. What the text stands for once its placeholders are
//! filled in is kept apart from it.
//!
//! - Markdown (`markdown`): list items, paragraphs and table rows with a word of RFC 2119 in capitals are
//!   requirements; front matter says what the document is.
//! - OSCAL catalogs in JSON (`oscal`): each control is a requirement, and so is each part of it that is named
//!   `statement` or `item`, at any depth.
//!
//! Deliberately absent: the present. Whether a review is overdue is for whoever asks, at the time they ask; here stands
//! when it is due.

mod config;
mod markdown;
mod oscal;
mod sink;
mod strength;
#[cfg(test)]
mod tests;
mod walk;

use probity_sdk::prelude::*;

pub use config::{Class, ClassRule, Config};

/// The mount everything is read from.
const DOCUMENTS: &str = "documents";

/// The connector.
pub struct Standards;

#[probity_sdk::connector]
impl Source for Standards {
    type Config = Config;

    fn manifest() -> Manifest {
        Manifest::new("standards", env!("CARGO_PKG_VERSION"), "Architecture standards")
            .summary(
                "Requirements from a folder of standards: Markdown documents (clauses with words of RFC 2119, front \
                 matter) and OSCAL catalogs in JSON (every control, and every statement and item in it). Texts are quoted \
                 exactly. It does not resolve OSCAL profiles or imports and reads neither XML nor YAML catalogs; JSON \
                 files that are not catalogs are passed over.",
            )
            .mount(DOCUMENTS, "The folder with the standards, for example a checkout of their repository")
            .stream(
                Stream::full("requirements", "Policy clauses, exception criteria and submission requirements")
                    .kind(Kind::Requirement),
            )
    }

    fn check(cx: &Context<Config>) -> Result<Vec<String>> {
        cx.config.validate()?;
        let files = walk::files(cx)?;
        if files.is_empty() {
            return Err(Failure::config(format_args!(
                "no file in the folder matches {:?}: grant the folder that holds the standards, or change `include`",
                cx.config.include
            )));
        }
        let of =
            |kind: walk::Form| files.iter().filter(|file| walk::Form::of(&file.path) == Some(kind)).count();
        Ok(vec![format!(
            "The folder can be listed: {} Markdown documents, {} JSON files.",
            of(walk::Form::Markdown),
            of(walk::Form::Json)
        )])
    }

    fn collect(cx: &Context<Config>, _stream: &str, cursor: Option<&str>) -> Result<Page> {
        cx.config.validate()?;
        walk::page(cx, cursor::decode(cursor)?.unwrap_or_default())
    }
}
