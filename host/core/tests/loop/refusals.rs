//! What each command is refused for: a good one, with one value of it spoilt, and the code it is then refused with.
//!
//! A value in quotes that begins with `$` is a part of the packet: `$draft` an agent's claim, `$claim` an accepted one, `$proposed`
//! words nobody decided about, `$written` packet language of the summary.

use probity_core::decide::Refusal;
use probity_core::event::{Command, Decision};
use probity_core::packet::Packet;
use serde_json::{Value, json};

use super::asked::{Asked, Case, cases};
use super::world::World;

/// How a field of text is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// It says something.
    Paragraph,
    /// It may say nothing.
    Note,
    /// It says something in one line of 300 bytes.
    Line,
}

use Text::{Line, Note, Paragraph};

/// Every field in which somebody writes: the word, the case of it, the place, and how it is held.
const TEXTS: &[(&str, &str, &str, Text)] = &[
    ("packet-withdrawn", "", "/reason", Paragraph),
    ("passage-proposed", "", "/text", Paragraph),
    ("passage-accepted", "", "/text", Paragraph),
    ("passage-declined", "", "/note", Note),
    ("claim-made", "", "/claim/text", Paragraph),
    ("claim-made", "", "/claim/reasoning", Paragraph),
    ("claim-retracted", "", "/reason", Paragraph),
    ("reviewer-released", "", "/reason", Paragraph),
    ("remark-made", "", "/text", Paragraph),
    ("objection-raised", "", "/issue", Line),
    ("objection-raised", "", "/rationale", Paragraph),
    ("objection-raised", "", "/removes", Paragraph),
    ("objection-answered", "", "/text", Paragraph),
    ("hold-placed", "", "/reason", Paragraph),
    ("hold-released", "", "/reason", Paragraph),
    ("exposure-declared", "", "/reason", Paragraph),
    ("condition-stated", "", "/text", Paragraph),
    ("follow-up-scheduled", "", "/what", Line),
    ("follow-up-done", "", "/note", Note),
    ("intake-recorded", "received", "/outcome/reference", Line),
    ("intake-recorded", "unclear", "/outcome/problem", Paragraph),
    ("intake-recorded", "bounced", "/outcome/reasons/0/text", Paragraph),
    ("intake-recorded", "decided", "/outcome/decision", Paragraph),
    ("owner-replaced", "", "/reason", Paragraph),
    ("review-recorded", "", "/note", Note),
    ("objection-withdrawn", "", "/reason", Paragraph),
    ("risk-accepted", "", "/rationale", Paragraph),
    ("loop-resumed", "", "/incident", Paragraph),
    ("loop-resumed", "", "/outcome", Paragraph),
];

/// The word, the case of it, the place, the value, and the code.
type Spoilt = (&'static str, &'static str, &'static str, &'static str, &'static str);

const COMMANDS: &[Spoilt] = &[
    ("terms-revised", "", "/terms/expires", r#""2026-10-01T00:00:00Z""#, "expiry.range"),
    ("terms-revised", "", "/terms/expires", r#""2027-02-02T08:00:00Z""#, "taken"),
    ("terms-revised", "", "/terms/expires", r#""2027-02-02T08:00:01Z""#, "expiry.range"),
    ("terms-revised", "", "/terms/expires", r#""2027-01-15T00:00:00Z""#, "nothing.changes"),
    ("author-changed", "", "/author", r#""maya""#, "nothing.changes"),
    ("author-changed", "", "/author", r#""dana""#, "owner.is-author"),
    ("author-changed", "", "/author", r#""noor""#, "owner.is-author"),
    ("author-changed", "", "/author", r#""imani""#, "author.is-reviewer"),
    ("author-changed", "", "/author", r#""petra""#, "people.role"),
    ("author-changed", "", "/author", r#""scribe""#, "people.not-human"),
    ("author-changed", "", "/author", r#""nobody""#, "people.unknown"),
    ("passage-proposed", "", "/leans-on", r#"["$draft"]"#, "taken"),
    ("passage-proposed", "", "/leans-on", r#"["claim-99"]"#, "part.unknown"),
    ("passage-proposed", "", "/replaces", r#""passage-99""#, "part.unknown"),
    ("passage-proposed", "", "/replaces", r#""$proposed""#, "passage.replaces"),
    ("passage-proposed", "", "/replaces", r#""$written""#, "passage.replaces"),
    ("passage-proposed", "", "/origin", r#""finding""#, "passage.quotes"),
    ("passage-proposed", "", "/origin", r#""policy""#, "passage.quotes"),
    ("passage-proposed", "", "/origin", r#""objection""#, "passage.objection"),
    ("passage-accepted", "", "/passage", r#""passage-99""#, "part.unknown"),
    ("passage-accepted", "", "/passage", r#""$written""#, "passage.decided"),
    ("passage-accepted", "", "/narrative", "false", "passage.leans-on-nothing"),
    ("passage-accepted", "", "/leans-on", r#"["$claim"]"#, "taken"),
    ("passage-accepted", "", "/leans-on", r#"["$draft"]"#, "claim.draft"),
    ("passage-accepted", "", "/leans-on", r#"["claim-99"]"#, "part.unknown"),
    ("passage-declined", "", "/passage", r#""passage-99""#, "part.unknown"),
    ("passage-declined", "", "/passage", r#""$written""#, "passage.decided"),
    ("claim-made", "", "/replaces", r#""claim-99""#, "part.unknown"),
    ("claim-made", "", "/claim/citations", "[]", "claim.rests-on-nothing"),
    ("claim-made", "", "/claim/citations/0/pointer", r#""/body/nothing""#, "cite.no-such-place"),
    ("claim-made", "", "/claim/citations/0/revision", "9", "cite.unknown-revision"),
    (
        "claim-made",
        "",
        "/claim/addresses",
        r#"[{"evidence": "$secret", "revision": null, "pointer": "/body/path"}]"#,
        "claim.addresses",
    ),
    (
        "claim-made",
        "",
        "/claim/addresses",
        r#"[{"evidence": "$requirement", "revision": null, "pointer": "/body/text"}]"#,
        "taken",
    ),
    (
        "claim-made",
        "",
        "/claim/addresses",
        r#"[{"evidence": "$requirement", "revision": null, "pointer": "/title"}]"#,
        "claim.addresses",
    ),
    ("claim-accepted", "", "/claim", r#""$claim""#, "claim.decided"),
    ("claim-accepted", "", "/claim", r#""claim-99""#, "part.unknown"),
    ("claim-retracted", "", "/claim", r#""claim-99""#, "part.unknown"),
    ("claim-reaffirmed", "", "/claim", r#""claim-99""#, "part.unknown"),
    ("claim-reaffirmed", "", "/citations", "[]", "claim.reaffirm"),
    ("claim-reaffirmed", "", "/addresses", "[]", "claim.reaffirm"),
    ("claim-reaffirmed", "", "/citations/0/pointer", r#""/body/path""#, "claim.reaffirm"),
    ("claim-reaffirmed", "", "/citations/0/revision", "1", "claim.nothing-newer"),
    ("reviewer-named", "", "/discipline", r#""network""#, "reviewer.discipline"),
    ("reviewer-named", "", "/discipline", r#""sre""#, "reviewer.not-listed"),
    ("reviewer-named", "", "/reviewer", r#""imani""#, "nothing.changes"),
    ("reviewer-released", "", "/reviewer", r#""tess""#, "reviewer.not-named"),
    ("reviewer-released", "", "/discipline", r#""sre""#, "reviewer.not-named"),
    ("remark-made", "", "/target", r#""rollback""#, "taken"),
    ("remark-made", "", "/target", r#""$claim""#, "taken"),
    ("remark-made", "", "/target", r#""$proposed""#, "taken"),
    ("remark-made", "", "/target", r#""claim-99""#, "part.unknown"),
    ("objection-raised", "", "/target", r#""passage-99""#, "part.unknown"),
    ("objection-raised", "", "/severity", r#""unknown""#, "objection.severity"),
    ("objection-raised", "", "/remark", r#""remark-99""#, "part.unknown"),
    ("objection-answered", "", "/objection", r#""objection-99""#, "part.unknown"),
    ("exposure-declared", "", "/evidence", r#""$secret""#, "taken"),
    (
        "exposure-declared",
        "",
        "/evidence",
        r#""0197a3c0-0000-7000-8000-0000000000ff""#,
        "cite.unknown-evidence",
    ),
    ("condition-stated", "", "/claims", r#"["$draft"]"#, "claim.draft"),
    ("condition-stated", "", "/claims", r#"["claim-99"]"#, "part.unknown"),
    ("follow-up-scheduled", "", "/due", r#""2026-10-05T00:00:00Z""#, "follow-up.due"),
    ("follow-up-scheduled", "", "/required", r#""never-heard-of""#, "follow-up.unknown"),
    ("follow-up-scheduled", "", "/required", "null", "taken"),
    ("follow-up-scheduled", "", "/owner", r#""scribe""#, "people.not-human"),
    ("follow-up-scheduled", "", "/owner", r#""nobody""#, "people.unknown"),
    ("follow-up-done", "", "/follow-up", r#""follow-up-99""#, "part.unknown"),
    ("intake-recorded", "received", "/submission", r#""another:1""#, "intake.unknown"),
    (
        "intake-recorded",
        "accepted",
        "/outcome",
        r#"{"kind": "received", "reference": "Q-2", "url": null}"#,
        "intake.past",
    ),
    (
        "intake-recorded",
        "accepted",
        "/outcome",
        r#"{"kind": "unclear", "problem": "No answer."}"#,
        "intake.past",
    ),
    ("intake-recorded", "bounced", "/outcome/reasons", "[]", "intake.no-reason"),
];

const DECISIONS: &[Spoilt] = &[
    ("ownership-offered", "", "/to", r#""maya""#, "owner.is-author"),
    ("ownership-offered", "", "/to", r#""imani""#, "owner.is-reviewer"),
    ("ownership-offered", "", "/to", r#""ravi""#, "owner.role"),
    ("ownership-offered", "", "/to", r#""scribe""#, "owner.role"),
    ("ownership-offered", "", "/to", r#""nobody""#, "people.unknown"),
    ("owner-replaced", "", "/owner", r#""dana""#, "nothing.changes"),
    ("owner-replaced", "", "/owner", r#""maya""#, "owner.is-author"),
    ("owner-replaced", "", "/owner", r#""imani""#, "owner.is-reviewer"),
    ("owner-replaced", "", "/owner", r#""ravi""#, "owner.role"),
    ("review-recorded", "", "/discipline", r#""security""#, "reviewer.not-named"),
    ("objection-withdrawn", "", "/objection", r#""objection-99""#, "part.unknown"),
    ("risk-accepted", "", "/objection", r#""objection-99""#, "part.unknown"),
    ("risk-accepted", "", "/expires", r#""2026-10-05T00:00:00Z""#, "risk.expiry"),
    ("risk-accepted", "", "/expires", r#""2027-01-15T00:00:00Z""#, "taken"),
    ("risk-accepted", "", "/expires", r#""2027-01-15T00:00:01Z""#, "risk.expiry"),
    ("loop-resumed", "", "/causes", "[]", "exposure.causes"),
    ("loop-resumed", "", "/causes", r#"["cause-99"]"#, "exposure.causes"),
    ("packet-handed-off", "", "/condition", r#""Another one.""#, "handoff.condition"),
    (
        "packet-handed-off",
        "",
        "/report",
        r#""sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#,
        "handoff.report",
    ),
];

/// The case of a word, in the world it is good in.
fn good(word: &str, note: &str) -> (World, Case) {
    let is = |case: &Case| case.asked.word() == word && (note.is_empty() || case.note == note);
    let working = super::asked::Place::Working.world();
    let place = cases(&working).into_iter().find(is).unwrap_or_else(|| panic!("no {word} {note}")).place;
    let world = place.world();
    let case = cases(&world).into_iter().find(is).unwrap();
    (world, case)
}

/// The value with the packet's own names in it.
fn named(world: &World, value: &str) -> Value {
    let packet: &Packet = &world.packet;
    let claim = |accepted| packet.claims.values().find(|claim| claim.is_accepted() == accepted);
    let name = |claim: Option<&probity_core::packet::Claim>| claim.map(|claim| claim.id.to_string());
    let proposed = packet.passages.values().find(|passage| passage.is_proposed());
    let written = packet.accepted_passages().next().map(|(passage, _)| passage.id.to_string());
    let mut text = value.to_owned();
    for (sign, name) in [
        ("$draft", name(claim(false))),
        ("$claim", name(claim(true))),
        ("$proposed", proposed.map(|passage| passage.id.to_string())),
        ("$written", written),
        ("$secret", Some(world.secret().to_string())),
        ("$requirement", Some(world.requirement().to_string())),
    ] {
        if text.contains(sign) {
            text = text.replace(sign, &name.unwrap_or_else(|| panic!("there is no {sign}")));
        }
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What the one who may is told when one value of the command is another.
fn told(world: &World, case: &Case, pointer: &str, value: Value) -> Result<(), Refusal> {
    let spoil = |mut whole: Value| {
        *whole.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        whole
    };
    let command: Command = match &case.asked {
        Asked::Plain(command) => serde_json::from_value(spoil(json!(command))).unwrap(),
        Asked::Signed(decision) => {
            let decision: Decision = serde_json::from_value(spoil(json!(decision))).unwrap();
            world.signed(case.who, world.statement(case.who, decision))
        }
    };
    world.decided(&world.actor(case.who), command).map(|_| ())
}

fn code(told: Result<(), Refusal>) -> String {
    told.map_or_else(|refusal| refusal.code, |()| "taken".to_owned())
}

#[test]
fn what_is_written_says_something_hides_nothing_and_has_an_end() {
    const LONGEST: usize = 16 * 1024;
    for (word, note, pointer, text) in TEXTS {
        let (world, case) = good(word, note);
        let told = |value: &str| code(told(&world, &case, pointer, json!(value)));
        let nothing = if *text == Note { "taken" } else { "text.empty" };
        assert_eq!([told(""), told(" \n ")], [nothing, nothing], "{word} {pointer}: empty");
        assert_eq!(told("safe\u{202e}efas"), "text.hidden", "{word} {pointer}: turned around");
        assert_eq!(told("two\nlines\u{7}"), "text.hidden", "{word} {pointer}: a bell");
        let longest = if *text == Line { 300 } else { LONGEST };
        assert_eq!(told(&"a".repeat(longest)), "taken", "{word} {pointer}: as long as may be");
        assert_eq!(told(&"a".repeat(longest + 1)), "text.too-long", "{word} {pointer}: too long");
        let lines = if *text == Line { "text.too-long" } else { "taken" };
        assert_eq!(told("two\nlines"), lines, "{word} {pointer}: two lines");
    }
}

#[test]
fn a_command_with_one_value_spoilt_is_refused_by_the_rule_of_that_value() {
    let mut otherwise = Vec::new();
    for (word, note, pointer, value, expected) in COMMANDS.iter().chain(DECISIONS) {
        let (world, case) = good(word, note);
        let told = code(told(&world, &case, pointer, named(&world, value)));
        if told != *expected {
            otherwise.push(format!("{word} {note} with {pointer} {value} is {told}, not {expected}"));
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
}
