//! One sample in every format, kept as files: what the exports look like, to be read.
//!
//! `INSTA_UPDATE=always cargo test -p probity-core export` writes them again.

use super::super::{Format, render};
use crate::package::samples::broker;

#[test]
fn the_sample_is_exported_as_its_files_show() {
    let package = broker(str::to_owned);
    insta::assert_binary_snapshot!("markdown.md", render(Format::Markdown, &package).unwrap());
    insta::assert_binary_snapshot!("html.html", render(Format::Html, &package).unwrap());
    insta::assert_binary_snapshot!("oscal.json", render(Format::Oscal, &package).unwrap());
}
