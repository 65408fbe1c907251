//! The loop's values, described for the API: packets, ledger entries, commands, statements, reports.
//!
//! Core knows nothing of OpenAPI, and its values are many. They are written down once in `vocabulary/packet.schema`, a line a
//! member, and read here into JSON Schema; closed sets of words come from core itself. Tests hold every answer of the API to these
//! schemas without letting any member through that is not described, and every described command to what core reads.
//!
//! Deliberately absent: anything about evidence bodies, which the contract describes.

use std::borrow::Cow;

use probity_core::claim::Standing;
use probity_core::event::{DeclineReason, Origin, ReviewVerdict, Section, Topic};
use probity_core::packet::FateWord;
use probity_core::readiness::{Rule, Score};
use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::body::{described, nullable, one_of_words, word};
use super::{
    ActorKindText, DisciplineText, PacketIdText, PrincipalIdText, RoleText, SubjectText, VerdictText,
};

const WRITTEN: &str = include_str!("vocabulary/packet.schema");

/// The schemas of all values of the loop.
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let blocks = blocks(WRITTEN);
    let written = blocks.iter().map(|block| (block.name.to_owned(), block.schema(&blocks)));
    written.chain(closed()).chain(numbered()).chain(texts()).collect()
}

macro_rules! written {
    ($($(#[doc = $doc:literal])* $type:ident as $name:literal,)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug)]
            pub enum $type {}

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($name)
                }
            }

            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    let blocks = blocks(WRITTEN);
                    let block = blocks.iter().find(|block| block.name == $name);
                    block.map_or_else(|| ObjectBuilder::new().into(), |block| block.schema(&blocks))
                }
            }
        )*

        #[cfg(test)]
        const NAMED: &[&str] = &[$($name,)*];
    };
}

written! {
    /// [`probity_core::packet::Packet`].
    PacketSchema as "Packet",
    /// [`probity_core::ledger::Entry`].
    EntrySchema as "Entry",
    /// [`probity_core::ledger::Head`].
    HeadSchema as "Head",
    /// [`probity_core::event::Terms`].
    TermsSchema as "Terms",
    /// [`probity_core::event::Command`].
    CommandSchema as "Command",
    /// [`probity_core::event::Decision`].
    DecisionSchema as "Decision",
    /// [`probity_core::readiness::Report`].
    ReportSchema as "Report",
    /// [`probity_core::measures::Measures`].
    MeasuresSchema as "Measures",
    /// [`crate::store::changes::Change`].
    ChangeSchema as "Change",
    /// [`crate::casework::EntryRecord`].
    EntryRecordSchema as "EntryRecord",
    /// [`crate::casework::ToSign`].
    ToSignSchema as "ToSign",
    /// What the board does with a submission.
    BoardDecisionSchema as "BoardDecision",
    /// The book of a packet, and its instant.
    PacketEvidenceSchema as "PacketEvidence",
    /// [`probity_core::decide::Refusal`].
    RefusalSchema as "Refusal",
}

/// Closed sets of words, as core has them.
fn closed() -> Vec<(String, RefOr<Schema>)> {
    macro_rules! words {
        ($($type:ident as $name:literal: $doc:literal,)*) => {
            vec![$({
                let words: Vec<_> = $type::ALL.iter().map(|word| word.as_str()).collect();
                ($name.to_owned(), one_of_words(&words, Some($doc.to_owned())))
            },)*]
        };
    }
    let mut closed = words![
        Section as "Section": "The parts of a packet's text.",
        Origin as "PassageOrigin": "Where a passage's words come from.",
        DeclineReason as "DeclineReason": "Why words were turned down.",
        Topic as "Topic": "What an objection is about.",
        ReviewVerdict as "ReviewVerdict": "What a reviewer says of a text.",
        Rule as "Rule": "The ten rules of readiness, in order.",
        Score as "Score": "How a line of a report stands. `error` could not be judged, which blocks.",
        Standing as "Standing": "A claim's standing, the worst first.",
    ];
    let fates: Vec<_> =
        [FateWord::Open, FateWord::Withdrawn, FateWord::RiskAccepted].map(FateWord::as_str).to_vec();
    closed
        .push(("FateWord".to_owned(), one_of_words(&fates, Some("What became of an objection.".to_owned()))));
    let comparisons = ["==", "!=", "<", "<=", ">", ">="];
    closed.push((
        "CheckComparison".to_owned(),
        one_of_words(&comparisons, Some("How it is compared.".to_owned())),
    ));
    closed
}

/// Parts of a packet, each named by the ledger entry that made it.
fn numbered() -> Vec<(String, RefOr<Schema>)> {
    let parts = [
        ("PassageId", "passage", "A span of packet text."),
        ("ClaimId", "claim", "A readiness statement."),
        ("ObjectionId", "objection", "A reviewer's dissent."),
        ("RemarkId", "remark", "A comment that does not block."),
        ("HoldId", "hold", "A pause for more evidence."),
        ("CauseId", "cause", "Why the loop is frozen."),
        ("FollowUpId", "follow-up", "Something to be done after the handoff."),
    ];
    let schema = |(name, word, what): (&str, &str, &str)| {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{word}-[1-9][0-9]*$")))
            .description(Some(format!("{what} The number is that of the ledger entry that made it.")))
            .examples([json!(format!("{word}-7"))]);
        (name.to_owned(), text.into())
    };
    parts.into_iter().map(schema).collect()
}

fn texts() -> Vec<(String, RefOr<Schema>)> {
    fn of<T: ToSchema>() -> (String, RefOr<Schema>) {
        (T::name().into_owned(), T::schema())
    }
    let mut texts = vec![
        of::<ActorKindText>(),
        of::<DisciplineText>(),
        of::<PacketIdText>(),
        of::<PrincipalIdText>(),
        of::<RoleText>(),
        of::<SubjectText>(),
        of::<VerdictText>(),
    ];
    let test = OneOfBuilder::new()
        .item(reference("ClaimCheck"))
        .item(reference("ClaimQuery"))
        .description(Some("What a claim is tested by, beside its citations."));
    texts.push(("ClaimTest".to_owned(), test.into()));
    texts
}

/// A definition as it is written.
struct Block<'a> {
    name: &'a str,
    doc: Option<&'a str>,
    /// Of an object, one case without a word.
    cases: Vec<Case<'a>>,
}

#[derive(Default)]
struct Case<'a> {
    word: Option<&'a str>,
    doc: Option<&'a str>,
    /// The object whose members it has.
    like: Option<&'a str>,
    members: Vec<(&'a str, &'a str, Option<&'a str>)>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (line, doc) = line.split_once(" -- ").map_or((line, None), |(line, doc)| (line, Some(doc)));
        if let Some(name) = line.strip_prefix("object ") {
            blocks.push(Block { name, doc, cases: vec![Case::default()] });
        } else if let Some(name) = line.strip_prefix("choice ") {
            blocks.push(Block { name, doc, cases: Vec::new() });
        } else if let Some(block) = blocks.last_mut() {
            if let Some(case) = line.strip_prefix("| ") {
                let (word, like) =
                    case.split_once(' ').map_or((case, None), |(word, like)| (word, Some(like)));
                block.cases.push(Case { word: Some(word), doc, like, members: Vec::new() });
            } else if let (Some((name, kind)), Some(case)) =
                (line.trim().split_once(": "), block.cases.last_mut())
            {
                case.members.push((name, kind, doc));
            }
        }
    }
    blocks
}

impl Block<'_> {
    fn schema(&self, all: &[Block<'_>]) -> RefOr<Schema> {
        let doc = self.doc.map(str::to_owned);
        match self.cases.as_slice() {
            [only] if only.word.is_none() => described(only.schema(all), doc),
            cases => cases
                .iter()
                .fold(OneOfBuilder::new(), |one_of, case| one_of.item(case.schema(all)))
                .description(doc)
                .into(),
        }
    }
}

impl Case<'_> {
    fn schema(&self, all: &[Block<'_>]) -> RefOr<Schema> {
        let like = all.iter().find(|block| Some(block.name) == self.like);
        let inherited = like.into_iter().flat_map(|block| &block.cases).flat_map(|case| &case.members);
        let doc = self.doc.or(like.and_then(|block| block.doc));
        let mut object = ObjectBuilder::new().schema_type(Type::Object).description(doc);
        if let Some(kind) = self.word {
            object = object.title(Some(kind)).property("kind", word(kind)).required("kind");
        }
        for (name, kind, doc) in inherited.chain(&self.members) {
            let schema = described(type_of(kind), doc.map(str::to_owned));
            object = object.property(*name, schema).required(*name);
        }
        object.into()
    }
}

fn type_of(text: &str) -> RefOr<Schema> {
    if let Some(inner) = text.strip_suffix('?') {
        return nullable(type_of(inner));
    }
    if let Some(inner) = text.strip_suffix("[]") {
        return ArrayBuilder::new().items(type_of(inner)).into();
    }
    if let Some(inner) = text.strip_suffix("{}") {
        return ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(type_of(inner)))
            .into();
    }
    if let Some(only) = text.strip_prefix('=') {
        return word(only);
    }
    match text {
        "string" => ObjectBuilder::new().schema_type(Type::String).into(),
        "boolean" => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        "integer" => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).into(),
        "number" => ObjectBuilder::new().schema_type(Type::Number).into(),
        "any" => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
        name => reference(name),
    }
}

fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use probity_core::event::{Decision, WORDS};

    use super::{NAMED, WRITTEN, blocks};

    fn cases(name: &str) -> BTreeSet<&'static str> {
        let blocks = blocks(WRITTEN);
        let block = blocks.into_iter().find(|block| block.name == name);
        block.into_iter().flat_map(|block| block.cases).filter_map(|case| case.word).collect()
    }

    #[test]
    fn every_word_of_the_ledger_is_described() {
        assert_eq!(cases("Event"), WORDS.iter().copied().collect());
        assert_eq!(cases("Command"), WORDS.iter().copied().collect());
        assert_eq!(cases("Decision"), Decision::WORDS.iter().copied().collect());
    }

    #[test]
    fn whatever_is_named_is_written() {
        let blocks = blocks(WRITTEN);
        let names: Vec<_> = blocks.iter().map(|block| block.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each once");
        assert!(NAMED.iter().all(|name| names.contains(name)));
        let like: Vec<_> =
            blocks.iter().flat_map(|block| &block.cases).filter_map(|case| case.like).collect();
        assert!(like.len() > 50 && like.iter().all(|name| names.contains(name)));
    }
}
