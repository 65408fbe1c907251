//! What a document says of itself: YAML between two `---` lines at its start.
//!
//! Read from the parser's events into a flat table of texts, so that there is nothing to expand and no value gets a
//! type it was not meant to have: anchors, aliases and tags are refused, nested tables are passed over, and a date is
//! a date because the field is one.

use std::collections::BTreeMap;

use probity_sdk::prelude::*;
use saphyr_parser::{Event, Parser};

/// The longest front matter that is read.
const LONGEST: usize = 64 << 10;

const NOT_A_TABLE: &str = "it must be a table of names and values";

/// How deep passed-over values may nest.
const DEEPEST: usize = 16;

/// What a document says of itself.
#[derive(Debug, Default)]
pub(super) struct FrontMatter {
    pub id: Option<String>,
    pub title: Option<String>,
    pub version: Option<String>,
    pub status: Option<String>,
    pub owner: Option<String>,
    pub class: Option<String>,
    pub subjects: Vec<String>,
    pub supersedes: Vec<String>,
    pub updated: Option<Instant>,
    pub last_reviewed: Option<Date>,
    review_cycle_days: Option<u32>,
    problems: Vec<String>,
}

/// The front matter, if there is one, and where the body begins.
pub(super) fn split(text: &str) -> (Option<&str>, usize) {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[bom..].split_inclusive('\n');
    let Some(opening) = lines.next().filter(|line| line.trim_end() == "---") else { return (None, bom) };
    let start = bom + opening.len();
    let mut at = start;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return (Some(&text[start..at]), at + line.len());
        }
        at += line.len();
    }
    // It never ends, so the line was a thematic break.
    (None, bom)
}

impl FrontMatter {
    pub(super) fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(Failure::too_large(format_args!(
                "its front matter has {} bytes; at most {LONGEST} are read",
                text.len()
            )));
        }
        let table =
            table(text).map_err(|problem| Failure::shape(format_args!("its front matter: {problem}")))?;
        let one = |name: &str| {
            table.get(name).and_then(|values| values.first()).filter(|value| !value.is_empty()).cloned()
        };
        let many = |name: &str| table.get(name).cloned().unwrap_or_default();
        let mut front = Self {
            id: one("id"),
            title: one("title"),
            version: one("version"),
            status: one("status"),
            owner: one("owner"),
            class: one("class"),
            subjects: many("subjects"),
            supersedes: many("supersedes"),
            ..Self::default()
        };
        front.updated = front.read("updated", one("updated"), day_or_instant);
        front.last_reviewed =
            front.read("last_reviewed", one("last_reviewed"), |text| time::date(text).map_err(Failure::from));
        front.review_cycle_days = front.read("review_cycle_days", one("review_cycle_days"), |text| {
            text.parse()
                .map(Some)
                .map_err(|_| Failure::shape(format_args!("`{text}` is not a number of days")))
        });
        Ok(front)
    }

    /// A field that has a form; where it does not, that is told and the field is taken for absent.
    fn read<T>(
        &mut self,
        name: &str,
        text: Option<String>,
        read: impl Fn(&str) -> Result<Option<T>>,
    ) -> Option<T> {
        match read(&text?) {
            Ok(value) => value,
            Err(failure) => {
                self.problems.push(format!("its front matter, `{name}`: {}", failure.message));
                None
            }
        }
    }

    /// When the document must be reviewed again, by its own words.
    pub(super) fn review_due(&self) -> Option<Date> {
        self.last_reviewed?.plus_days(self.review_cycle_days?)
    }

    /// What is wrong with single fields.
    pub(super) fn problems<T>(&self, class: impl Fn(&str) -> Option<T>) -> Vec<Failure> {
        let mut problems: Vec<Failure> = self.problems.iter().map(Failure::shape).collect();
        if let Some(name) = self.class.as_ref().filter(|name| class(name).is_none()) {
            problems.push(Failure::shape(format_args!(
                "its front matter, `class`: `{name}` is not one of policy, criterion and submission"
            )));
        }
        problems
    }
}

/// A day counts from its start in UTC, the earliest it can mean.
fn day_or_instant(text: &str) -> Result<Option<Instant>> {
    if text.len() == 10 {
        return Ok(time::date(text)?.and_then(Date::start));
    }
    Ok(time::instant(text)?)
}

/// The texts of a flat YAML table; a list has several.
fn table(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut table = Table::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        refuse_cleverness(&event)?;
        match event {
            Event::MappingStart(..) => table.open(false)?,
            Event::SequenceStart(..) => table.open(true)?,
            Event::MappingEnd | Event::SequenceEnd => table.close(),
            Event::Scalar(value, ..) => table.text(&value)?,
            _ => {}
        }
    }
    Ok(table.texts)
}

/// A table while it is read.
#[derive(Default)]
struct Table {
    texts: BTreeMap<String, Vec<String>>,
    /// The name whose value comes next.
    name: Option<String>,
    /// 0 outside the table, 1 in it, 2 in a value of it, more in what is passed over.
    depth: usize,
    in_list: bool,
}

impl Table {
    fn open(&mut self, list: bool) -> Result<(), String> {
        if self.depth == 0 && list {
            return Err(NOT_A_TABLE.into());
        }
        if self.depth == 1 && self.name.is_none() {
            return Err("a name must be a plain text".into());
        }
        if self.depth == 1 {
            self.in_list = list;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("values nest deeper than {DEEPEST}"));
        }
        Ok(())
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 1 {
            self.name = None;
            self.in_list = false;
        }
    }

    fn text(&mut self, value: &str) -> Result<(), String> {
        match (self.depth, self.name.take()) {
            // Nothing at all, or comments alone, is an empty text.
            (0, _) if !value.is_empty() => return Err(NOT_A_TABLE.into()),
            (1, None) => {
                if self.texts.insert(value.to_owned(), Vec::new()).is_some() {
                    return Err(format!("`{value}` stands there twice"));
                }
                self.name = Some(value.to_owned());
            }
            (1, Some(name)) => self.add(&name, value),
            (_, name) => {
                if let Some(name) = name.as_deref().filter(|_| self.depth == 2 && self.in_list) {
                    self.add(name, value);
                }
                self.name = name;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, value: &str) {
        // `null` and `~` say that there is nothing.
        if !matches!(value, "null" | "~" | "") {
            self.texts.entry(name.to_owned()).or_default().push(value.to_owned());
        }
    }
}

fn refuse_cleverness(event: &Event<'_>) -> Result<(), String> {
    let (anchor, tagged) = match event {
        Event::Alias(_) => return Err("aliases (`*name`) are not read".into()),
        Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
        Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => (*anchor, tag.is_some()),
        _ => (0, false),
    };
    if anchor != 0 {
        return Err("anchors (`&name`) are not read".into());
    }
    if tagged {
        return Err("tags (`!name`) are not read".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_texts_lists_dates_and_days() {
        let front = FrontMatter::parse(
            "id: STD-014\ntitle: 'Shared credentials: never'\nversion: 1.10\nowner: ~\nclass: policy\n\
             subjects: [service:payments-bridge, \"team:security\"]\nsupersedes:\n  - STD-002\n  - {a: b}\n  - STD-003\nextra:\n  deep: [1, {a: b}]\n\
             last_reviewed: 2026-10-01\nreview_cycle_days: 180\nupdated: 2026-11-02T08:00:00+01:00\n",
        )
        .unwrap();
        assert_eq!(front.id.as_deref(), Some("STD-014"));
        assert_eq!(front.title.as_deref(), Some("Shared credentials: never"));
        assert_eq!(front.version.as_deref(), Some("1.10"), "a version is not a number");
        assert_eq!(front.owner, None);
        assert_eq!(front.subjects, ["service:payments-bridge", "team:security"]);
        assert_eq!(front.supersedes, ["STD-002", "STD-003"]);
        assert_eq!(front.review_due().map(String::from).as_deref(), Some("2027-03-30"));
        assert_eq!(front.updated.map(String::from).as_deref(), Some("2026-11-02T07:00:00Z"));
        assert!(front.problems(|_| Some(())).is_empty());
    }

    #[test]
    fn a_field_of_the_wrong_form_is_told_and_absent() {
        let front =
            FrontMatter::parse("class: law\nlast_reviewed: last autumn\nreview_cycle_days: many\n").unwrap();
        assert_eq!(front.review_due(), None);
        let problems = front.problems(|_| None::<()>);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn clever_yaml_is_refused() {
        for text in [
            "a: &x [1]\nb: *x\n",
            "a: !!python/object:os.system x\n",
            "a: !x y\n",
            "- a\n- b\n",
            "just text\n",
            "a: 1\na: 2\n",
            "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]: x",
            "a: [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]\n",
            "a: 'open\n",
            "? [a]\n: b\n",
        ] {
            assert!(FrontMatter::parse(text).is_err(), "{text}");
        }
        assert!(FrontMatter::parse(&format!("a: {}", "x".repeat(LONGEST))).is_err());
    }

    #[test]
    fn only_what_stands_between_two_lines_at_the_start_is_front_matter() {
        assert_eq!(split("---\na: 1\n---\n# T\n"), (Some("a: 1\n"), 13));
        assert_eq!(split("---\r\na: 1\r\n---\r\nx"), (Some("a: 1\r\n"), 16));
        assert_eq!(split("\u{feff}---\na: 1\n...\n"), (Some("a: 1\n"), 16));
        assert_eq!(split("# T\n---\na: 1\n---\n"), (None, 0));
        assert_eq!(split("---\nnever ends\n"), (None, 0));
        assert_eq!(split(""), (None, 0));
    }
}
