//! Exports: the package as Markdown, as one HTML file, and as an OSCAL plan of action and milestones.
//!
//! The Markdown and the HTML file are two spellings of one [`document`]; what is in it is decided once. OSCAL has its own
//! shape. Each is a function of the package alone: the same package gives the same bytes, and no format takes an option, so
//! there is nothing that could be switched off. Every text is taken for hostile: each renderer escapes all it is given.
//!
//! Deliberately absent: templates an operator could change (one could leave out the dissent), and styles or scripts from elsewhere.

mod document;
mod html;
mod markdown;
mod oscal;
mod outline;
mod uuid;

use crate::event::words;
use crate::package::Package;

words! {
    /// What a package can be exported as.
    Format {
        Markdown = "markdown",
        Html = "html",
        /// OSCAL plan of action and milestones, JSON.
        Oscal = "oscal",
    }
}

impl Format {
    /// The media type it is served with.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Oscal => "application/json",
        }
    }

    /// What a file's name ends in, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Oscal => "oscal.json",
        }
    }
}

/// Why a package was not exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the package could not be written as {format}: {problem}")]
pub struct NotExported {
    pub format: Format,
    pub problem: String,
}

impl NotExported {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        "export.not-written"
    }
}

/// The package in a format.
pub fn render(format: Format, package: &Package) -> Result<Vec<u8>, NotExported> {
    match format {
        Format::Markdown => Ok(markdown::write(&outline::of(package)).into_bytes()),
        Format::Html => Ok(html::write(&outline::of(package)).into_bytes()),
        Format::Oscal => {
            oscal::write(package).map_err(|error| NotExported { format, problem: error.to_string() })
        }
    }
}

#[cfg(test)]
mod tests;
