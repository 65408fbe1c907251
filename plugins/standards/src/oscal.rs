//! OSCAL catalogs in JSON (NIST, version 1): controls, and the statements they are made of.
//!
//! Every control is a requirement, quoted by its title, and so is every part named `statement` or `item` at any
//! depth, quoted by its prose. The prose of a catalog has markers in it, `{{ insert: param, ac-01_odp.05 }}`; the quote
//! keeps them, since they are the source's text, and `resolved` says what they stand for.
//!
//! A part without prose only holds other parts. It is a requirement all the same, because parts below it name it as
//! their parent; its text is empty, which is exactly what the source has there, and its summary says so.

mod model;
mod resolve;

use probity_sdk::prelude::*;
use probity_sdk::{CapturedFile, Document, Parameter, Strength};

use self::model::{Catalog, Control, Group, Part, Root};
use self::resolve::Parameters;
use crate::sink::{self, Sink};
use crate::{Class, Config, strength};

/// Reads a catalog into a sink; `false` when the page is full before its end.
pub(crate) fn read(cx: &Context<Config>, file: &CapturedFile, sink: &mut Sink<'_>) -> Result<bool> {
    let root: Root = serde_json::from_slice(&file.bytes)
        .map_err(|error| Failure::shape(format_args!("it cannot be read as an OSCAL catalog: {error}")))?;
    let Some(catalog) = root.catalog else {
        cx.log().info("a JSON file is not an OSCAL catalog; it is passed over", &[("file", &file.path)]);
        return Ok(true);
    };
    let modified = time::instant(catalog.metadata.last_modified.as_deref().unwrap_or_default())
        .map_err(|error| Failure::from(error).during("metadata.last-modified"))?;
    let document = Document {
        id: file.path.clone(),
        title: catalog.metadata.title.clone(),
        version: catalog.metadata.version.clone(),
        modified: modified.map(Into::into),
        ..Document::default()
    };
    let class = sink.config.class_of(&file.path);
    let parameters = Parameters::of(&catalog);
    let mut reader = Reader { parameters, class, capture: file.capture, document, modified, sink };
    Ok(reader.catalog(&catalog).is_ok())
}

/// The page is full.
struct Full;

/// A catalog while it is read.
struct Reader<'c, 's, 'p> {
    parameters: Parameters<'c>,
    document: Document,
    modified: Option<Instant>,
    class: Class,
    capture: u32,
    sink: &'s mut Sink<'p>,
}

/// Where the reader is: the titles above, the JSON Pointer, and what it is part of.
struct Place<'a> {
    section: &'a [String],
    pointer: String,
    /// The reference of what this is part of.
    parent: Option<&'a str>,
}

/// What is quoted of a place.
struct Quote<'a> {
    reference: &'a str,
    title: String,
    summary: String,
    text: &'a str,
    parameters: Vec<Parameter>,
    labels: Vec<(&'static str, String)>,
}

impl Reader<'_, '_, '_> {
    fn catalog(&mut self, catalog: &Catalog) -> Result<(), Full> {
        for (at, group) in catalog.groups.iter().enumerate() {
            self.group(group, &[], &format!("/catalog/groups/{at}"))?;
        }
        for (at, control) in catalog.controls.iter().enumerate() {
            let pointer = format!("/catalog/controls/{at}");
            self.control(control, &Place { section: &[], pointer, parent: None })?;
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, section: &[String], pointer: &str) -> Result<(), Full> {
        let section = [section, std::slice::from_ref(&group.title)].concat();
        let name = group.id.as_deref().unwrap_or(&group.title);
        for (at, part) in group.parts.iter().enumerate() {
            let place = Place { section: &section, pointer: format!("{pointer}/parts/{at}"), parent: None };
            self.part(part, &place, name)?;
        }
        for (at, inner) in group.groups.iter().enumerate() {
            self.group(inner, &section, &format!("{pointer}/groups/{at}"))?;
        }
        for (at, control) in group.controls.iter().enumerate() {
            let pointer = format!("{pointer}/controls/{at}");
            self.control(control, &Place { section: &section, pointer, parent: None })?;
        }
        Ok(())
    }

    fn control(&mut self, control: &Control, place: &Place<'_>) -> Result<(), Full> {
        let reference = self.sink.unique(&control.id);
        let name = model::label(&control.props).unwrap_or(&control.id);
        let parameters = control.params.iter().map(|param| self.parameters.described(param)).collect();
        self.offer(
            place,
            Quote {
                reference: &reference,
                title: format!("{name} {}", control.title),
                summary: format!("Control {name} of {}", self.document.title),
                text: &control.title,
                parameters,
                labels: control.class.iter().map(|class| ("class", class.clone())).collect(),
            },
        )?;
        let section = [place.section, std::slice::from_ref(&control.title)].concat();
        for (at, part) in control.parts.iter().enumerate() {
            let pointer = format!("{}/parts/{at}", place.pointer);
            self.part(part, &Place { section: &section, pointer, parent: Some(&reference) }, name)?;
        }
        for (at, enhancement) in control.controls.iter().enumerate() {
            let pointer = format!("{}/controls/{at}", place.pointer);
            self.control(enhancement, &Place { section: &section, pointer, parent: Some(&reference) })?;
        }
        Ok(())
    }

    /// A part and those below it. `name` is what people call the place: `AC-1`, then `AC-1 a.`.
    fn part(&mut self, part: &Part, place: &Place<'_>, name: &str) -> Result<(), Full> {
        let name =
            model::label(&part.props).map_or_else(|| name.to_owned(), |label| format!("{name} {label}"));
        let mut parent = place.parent.map(str::to_owned);
        if part.is_required() {
            let given = part.id.clone().unwrap_or_else(|| {
                let ordinal = place.pointer.rsplit('/').next().unwrap_or_default();
                format!("{}.{}-{ordinal}", place.parent.unwrap_or_default(), part.name)
            });
            let reference = self.sink.unique(&given);
            self.offer(place, quote(part, &reference, &name, &self.parameters))?;
            parent = Some(reference);
        }
        for (at, inner) in part.parts.iter().enumerate() {
            let pointer = format!("{}/parts/{at}", place.pointer);
            self.part(inner, &Place { section: place.section, pointer, parent: parent.as_deref() }, &name)?;
        }
        Ok(())
    }

    fn offer(&mut self, place: &Place<'_>, quote: Quote<'_>) -> Result<(), Full> {
        let Self { parameters, document, modified, class, capture, sink } = self;
        let config = sink.config;
        let taken = sink.offer(|| {
            let body = Requirement {
                class: (*class).into(),
                document: document.clone(),
                section: place.section.to_vec(),
                reference: quote.reference.to_owned(),
                text: quote.text.to_owned(),
                resolved: parameters.resolved(quote.text),
                strength: strength::of(quote.text).unwrap_or(Strength::Statement),
                parent: place.parent.map(str::to_owned),
                parameters: quote.parameters,
            };
            let item = Item::new(sink::id(&document.id, quote.reference), &quote.title, body)
                .summary(quote.summary)
                .subjects(&config.subjects)
                .source_time(*modified)
                .cite(Citation::pointer(*capture, &place.pointer));
            quote.labels.into_iter().fold(item, |item, (name, value)| item.label(name, value))
        });
        if taken { Ok(()) } else { Err(Full) }
    }
}

/// What is quoted of a part.
fn quote<'a>(part: &'a Part, reference: &'a str, name: &str, parameters: &Parameters<'_>) -> Quote<'a> {
    let text = part.prose.as_deref().unwrap_or_default();
    let below = part.parts.iter().filter(|part| part.is_required()).count();
    Quote {
        reference,
        title: if text.is_empty() {
            name.to_owned()
        } else {
            format!("{name}: {}", sink::excerpt(text, 120))
        },
        summary: if text.is_empty() {
            format!("{name} has no words of its own; they stand in its {below} parts")
        } else {
            sink::excerpt(parameters.resolved(text).as_deref().unwrap_or(text), 1_000)
        },
        text,
        parameters: parameters.named_in(text),
        labels: vec![("part", part.name.clone())],
    }
}
