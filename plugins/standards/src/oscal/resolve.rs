//! Placeholders in prose, and what they stand for.
//!
//! A parameter has a value where the organization that publishes the catalog set one, otherwise a label (`personnel or
//! roles`) or a selection. The words for these are those of the printed standard: `[Assignment: …]`, `[Selection: …]`.

use std::collections::HashMap;

use probity_sdk::Parameter;

use super::model::{Catalog, Control, Group, Param};

/// How deep choices may name parameters whose choices name parameters.
const DEEPEST: u32 = 8;

/// Bytes a resolved text may grow to: choices that name each other several times over grow exponentially.
const LONGEST: usize = 64 << 10;

/// All parameters of a catalog: prose may name those of another control.
pub(super) struct Parameters<'a>(HashMap<&'a str, &'a Param>);

impl<'a> Parameters<'a> {
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        let mut all = HashMap::new();
        add(&mut all, &catalog.params);
        catalog.groups.iter().for_each(|group| add_group(&mut all, group));
        catalog.controls.iter().for_each(|control| add_control(&mut all, control));
        Self(all)
    }

    /// The text with its placeholders filled in or labelled; `None` where it has none.
    pub(super) fn resolved(&self, text: &str) -> Option<String> {
        markers(text).next()?;
        let mut resolved = String::with_capacity(text.len() * 2);
        self.fill(text, 0, &mut resolved);
        Some(resolved)
    }

    /// The parameters that a text names, once each.
    pub(super) fn named_in(&self, text: &str) -> Vec<Parameter> {
        let mut named: Vec<Parameter> = Vec::new();
        for marker in markers(text) {
            if named.iter().any(|one| one.id == marker.id) {
                continue;
            }
            named.extend(self.0.get(marker.id).map(|param| self.described(param)));
        }
        named
    }

    /// A parameter as evidence has it.
    pub(super) fn described(&self, param: &Param) -> Parameter {
        let mut label = String::new();
        match (&param.label, &param.select) {
            (Some(text), _) => self.fill(text, 1, &mut label),
            (None, Some(_)) => self.stand_in(param, 1, &mut label),
            (None, None) => label.push_str(&param.id),
        }
        let value = (!param.values.is_empty()).then(|| param.values.join(", "));
        Parameter { id: param.id.clone(), label, value }
    }

    fn fill(&self, text: &str, depth: u32, out: &mut String) {
        let mut rest = 0;
        for marker in markers(text) {
            out.push_str(&text[rest..marker.start]);
            rest = marker.end;
            match self.0.get(marker.id) {
                Some(param) if depth < DEEPEST && out.len() < LONGEST => self.stand_in(param, depth, out),
                // What is not known, or does not end, stays as it stands.
                _ => out.push_str(&text[marker.start..marker.end]),
            }
        }
        out.push_str(&text[rest..]);
    }

    fn stand_in(&self, param: &Param, depth: u32, out: &mut String) {
        if !param.values.is_empty() {
            out.push_str(&param.values.join(", "));
        } else if let Some(select) = &param.select {
            out.push_str(match select.how_many.as_deref() {
                Some("one-or-more") => "[Selection (one or more): ",
                _ => "[Selection: ",
            });
            for (at, choice) in select.choice.iter().enumerate() {
                if at > 0 {
                    out.push_str("; ");
                }
                self.fill(choice.trim(), depth + 1, out);
            }
            out.push(']');
        } else {
            out.push_str("[Assignment: ");
            self.fill(param.label.as_deref().unwrap_or(&param.id), depth + 1, out);
            out.push(']');
        }
    }
}

fn add<'a>(all: &mut HashMap<&'a str, &'a Param>, params: &'a [Param]) {
    // Where an id is taken twice, the first one counts: something has to, and the order of the file is stable.
    for param in params {
        all.entry(param.id.as_str()).or_insert(param);
    }
}

fn add_group<'a>(all: &mut HashMap<&'a str, &'a Param>, group: &'a Group) {
    add(all, &group.params);
    group.groups.iter().for_each(|group| add_group(all, group));
    group.controls.iter().for_each(|control| add_control(all, control));
}

fn add_control<'a>(all: &mut HashMap<&'a str, &'a Param>, control: &'a Control) {
    add(all, &control.params);
    control.controls.iter().for_each(|control| add_control(all, control));
}

/// A placeholder in a text: `{{ insert: param, ac-01_odp.05 }}`.
struct Marker<'t> {
    start: usize,
    end: usize,
    id: &'t str,
}

fn markers(text: &str) -> impl Iterator<Item = Marker<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("{{")?;
            let end = start + text[start..].find("}}")? + 2;
            from = end;
            let inside = text[start + 2..end - 2].trim();
            let id = inside
                .strip_prefix("insert:")
                .and_then(|rest| rest.trim_start().strip_prefix("param"))
                .and_then(|rest| rest.trim_start().strip_prefix(','))
                .map(str::trim);
            if let Some(id) = id {
                return Some(Marker { start, end, id });
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(params: &str) -> Catalog {
        serde_json::from_str(&format!(r#"{{"metadata": {{"title": "T"}}, "params": {params}}}"#)).unwrap()
    }

    #[test]
    fn placeholders_are_filled_in_or_labelled() {
        let catalog = catalog(
            r#"[{"id": "a", "label": "roles"}, {"id": "b", "values": ["30 days", "60 days"]},
                {"id": "c", "select": {"how-many": "one-or-more", "choice": ["lock for {{ insert: param, b }} ", "ask"]}}]"#,
        );
        let parameters = Parameters::of(&catalog);
        assert_eq!(
            parameters.resolved("Tell {{ insert: param, a }} within {{insert:param,b}}; {{ insert: param, c }}."),
            Some("Tell [Assignment: roles] within 30 days, 60 days; [Selection (one or more): lock for 30 days, 60 days; ask].".into())
        );
        assert_eq!(parameters.resolved("Nothing {{ to see }} here"), None);
        assert_eq!(parameters.resolved("{{ insert: param, z }}!"), Some("{{ insert: param, z }}!".into()));
        let named =
            parameters.named_in("{{ insert: param, b }} {{ insert: param, c }} {{ insert: param, b }}");
        assert_eq!(named.len(), 2);
        assert_eq!((named[0].label.as_str(), named[0].value.as_deref()), ("b", Some("30 days, 60 days")));
    }

    #[test]
    fn choices_that_name_each_other_end() {
        let both = r#"{"choice": ["{{ insert: param, a }}{{ insert: param, b }}", "{{ insert: param, b }}{{ insert: param, a }}"]}"#;
        let catalog =
            catalog(&format!(r#"[{{"id": "a", "select": {both}}}, {{"id": "b", "select": {both}}}]"#));
        let resolved = Parameters::of(&catalog).resolved("{{ insert: param, a }}").unwrap();
        assert!(resolved.len() < 2 * LONGEST + 4096, "{}", resolved.len());
    }

    #[test]
    fn an_open_marker_is_text() {
        let catalog = catalog("[]");
        assert_eq!(Parameters::of(&catalog).resolved("a {{ insert: param, x"), None);
    }
}
