//! The ten rules at work: packets in which something is missing, and the report of each. `rules.txt` is the whole of it: what stands in
//! the way, since when, until when what holds does, and who can clear it and how. What is missing in all of them, reviews and
//! signatures, is said once.

use std::fmt::Write as _;

use probity_core::board::Board;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::ObjectionId;
use probity_core::readiness::{Report, Score};

use super::fixture::at;
use super::world::*;

/// What is shown of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// What stands in the way.
    Blockers,
    /// The same, without what stands in the way of a packet in which only reviews are missing.
    More,
    /// Every line.
    All,
}

fn reason() -> String {
    "For the test.".to_owned()
}

fn adopt(world: &mut World, policy: &str) {
    world.board = Board::parse(policy).unwrap();
    let (policy, subjects) = (world.board.digest, world.subjects.digest);
    world.ask("probity", Event::PolicyAdopted(PolicyAdopted { policy, subjects }));
}

fn carried(world: &mut World, expires: &str) -> ObjectionId {
    let objection = world.object("lucia", Severity::Medium);
    world.sign("dana", Decision::RiskAccepted { objection, rationale: reason(), expires: at(expires) });
    objection
}

fn replaced(world: &mut World) {
    world.sign("omar", Decision::OwnerReplaced { owner: "noor".parse().unwrap(), reason: reason() });
}

/// A packet, from one in which only reviews are missing.
fn but(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::reviewable();
    change(&mut world);
    world
}

/// The same from one that is ready.
fn ready_but(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::ready();
    change(&mut world);
    world
}

fn stops() -> Vec<(&'static str, World)> {
    vec![
        (
            "somebody placed a hold",
            but(|world| {
                world.ask("imani", Event::HoldPlaced(HoldPlaced { reason: "A question".to_owned() }));
            }),
        ),
        (
            "somebody declared an exposure",
            but(|world| {
                let evidence = Some(world.secret());
                let declared = ExposureDeclared { reason: "It was in a log".to_owned(), evidence };
                world.ask("imani", Event::ExposureDeclared(declared));
            }),
        ),
        (
            "evidence shows an exposure that nobody recorded yet",
            but(|world| {
                world.sources.exposure = Some("It is in a public bucket".to_owned());
                world.sweep();
            }),
        ),
        (
            "the policy at hand is not the one that was adopted",
            but(|world| {
                world.board = Board::parse(&format!("{BOARD}\n# Another text.\n")).unwrap();
            }),
        ),
    ]
}

fn dissent() -> Vec<(&'static str, World)> {
    vec![
        (
            "an objection is open",
            but(|world| {
                world.object("lucia", Severity::Medium);
            }),
        ),
        (
            "it was answered",
            but(|world| {
                let objection = world.object("lucia", Severity::Medium);
                let answer = ObjectionAnswered { objection, text: reason(), citations: vec![] };
                world.ask("maya", Event::ObjectionAnswered(answer));
            }),
        ),
        (
            "it is over the ceiling",
            but(|world| {
                world.object("lucia", Severity::Critical);
            }),
        ),
        (
            "its risk was carried until now",
            but(|world| {
                carried(world, "2026-10-05T18:00:00Z");
                world.now = at("2026-10-05T18:00:00Z");
            }),
        ),
        (
            "its risk was carried by an owner before",
            but(|world| {
                carried(world, "2026-12-20T00:00:00Z");
                replaced(world);
            }),
        ),
        (
            "the board lowered its ceiling since",
            but(|world| {
                carried(world, "2026-12-20T00:00:00Z");
                adopt(world, &BOARD.replace("risk-ceiling = \"high\"", "risk-ceiling = \"low\""));
            }),
        ),
    ]
}

fn ownership() -> Vec<(&'static str, World)> {
    vec![
        ("another owner was appointed", but(replaced)),
        ("author and owner are one", but(|world| world.packet.author = world.packet.owner.id.clone())),
        (
            "the condition is carried by nothing",
            but(|world| {
                world.ask("dana", Event::ConditionStated(ConditionStated { text: reason(), claims: vec![] }));
            }),
        ),
        (
            "the claim that carries the condition is contradicted",
            but(|world| {
                world.sources.rotated = "2026-08-20T03:00:00Z".to_owned();
                world.sweep();
            }),
        ),
        (
            "the board wants a follow-up sooner than it is scheduled",
            but(|world| {
                adopt(world, &BOARD.replace("within = \"30d\"", "within = \"10d\""));
            }),
        ),
        (
            "the board allows less time since",
            but(|world| {
                adopt(world, &BOARD.replace("\"120d\"", "\"90d\""));
            }),
        ),
        ("the exception would have ended", but(|world| world.now = at("2027-01-15T00:00:00Z"))),
    ]
}

fn reviews() -> Vec<(&'static str, World)> {
    vec![
        ("a reviewer became the author", ready_but(|world| world.packet.author = "imani".parse().unwrap())),
        ("a reviewer became the owner", ready_but(|world| world.packet.owner.id = "imani".parse().unwrap())),
        (
            "the board lists somebody else since",
            ready_but(|world| {
                adopt(world, &BOARD.replace("\"imani\", \"tess\"", "\"tess\""));
            }),
        ),
        (
            "the text went there and back",
            ready_but(|world| {
                let terms = world.packet.terms.clone();
                let shorter = Terms { expires: at("2026-12-24T00:00:00Z"), ..terms.clone() };
                world.ask("maya", Event::TermsRevised(TermsRevised { terms: shorter }));
                world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
            }),
        ),
    ]
}

fn signatures() -> Vec<(&'static str, World)> {
    let mut reviewed = World::reviewable();
    reviewed.review_all();
    let mut half = reviewed.clone();
    half.sign("maya", Decision::ReadinessAccepted);
    let mut of_another = World::ready();
    of_another.packet.owner.id = "noor".parse().unwrap();
    let mut past = World::ready();
    past.now = past.packet.owner_acceptance.as_ref().unwrap().good_until.unwrap();
    let short = but(|world| {
        let terms = Terms { expires: at("2026-10-08T00:00:00Z"), ..world.packet.terms.clone() };
        world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
        world.review_all();
    });
    let read = but(|world| {
        adopt(world, &BOARD.replace("requirement = \"30d\"", "requirement = \"2d\""));
        world.review_all();
    });
    vec![
        ("the exception ends before its evidence is past its date", short),
        ("the requirements are past their date first", read),
        ("nobody signed", reviewed),
        ("the author signed", half),
        ("the owner is another", of_another),
        ("the evidence shown is past its date", past),
    ]
}

fn ends() -> Vec<(&'static str, World)> {
    let filed = |outcomes: Vec<IntakeOutcome>| {
        ready_but(|world| {
            let submission = world.hand_off();
            for outcome in outcomes {
                world.ask("probity", recorded(&submission, outcome));
            }
        })
    };
    let reasons = vec![BounceReason { rule: None, text: reason() }];
    vec![
        ("handed off", filed(vec![])),
        ("received", filed(vec![received()])),
        ("bounced", filed(vec![received(), IntakeOutcome::Bounced { reasons }])),
        (
            "withdrawn",
            ready_but(|world| {
                world.ask("maya", Event::PacketWithdrawn(PacketWithdrawn { reason: reason() }));
            }),
        ),
    ]
}

fn print(title: &str, report: &Report, shown: Shown) -> String {
    let known = if shown == Shown::More { World::reviewable().report().lines } else { Vec::new() };
    let mut text = format!("{title}: {}", report.verdict);
    let signable = if report.may_be_signed { ", may be signed" } else { "" };
    let until = report.good_until.map_or_else(String::new, |until| format!(", good until {until}"));
    writeln!(text, "{signable}{until}").unwrap();
    for line in &report.lines {
        let blocks = matches!(line.score, Score::Unsatisfied | Score::Error);
        if (shown != Shown::All && !blocks) || known.contains(line) {
            continue;
        }
        let subject = line.subject.as_deref().unwrap_or("-");
        let evidence = if line.evidence.is_some() { ", with its evidence" } else { "" };
        write!(text, "  {:>2} {} {subject}: {}{evidence}", line.rule.number(), line.code, line.reason)
            .unwrap();
        let times = [("since", line.since), ("until", line.until)];
        for (word, time) in times.into_iter().filter_map(|(word, time)| Some((word, time?))) {
            write!(text, "; {word} {time}").unwrap();
        }
        text.push('\n');
        for clearing in &line.clear {
            writeln!(text, "       {}: {}", clearing.who, clearing.how).unwrap();
        }
    }
    text
}

const EXPECTED: &str = include_str!("rules.txt");

#[test]
fn what_stands_in_the_way_is_told_as_written() {
    let mut text = vec![
        print("nothing was done yet", &World::opened().report(), Shown::Blockers),
        print("only reviews are missing", &World::reviewable().report(), Shown::Blockers),
        print("everything holds", &World::ready().report(), Shown::All),
    ];
    let others = [stops(), dissent(), ownership(), reviews(), signatures(), ends()];
    text.extend(
        others.into_iter().flatten().map(|(title, world)| print(title, &world.report(), Shown::More)),
    );
    let resolved = but(|world| {
        carried(world, "2026-10-08T00:00:00Z");
        let objection = world.object("imani", Severity::Low);
        world.sign("imani", Decision::ObjectionWithdrawn { objection, reason: reason() });
        world.review_all();
    });
    text.push(print("dissent is resolved, and bounds the approval", &resolved.report(), Shown::All));
    let free = but(|world| {
        let from = BOARD.find("[requirement-set").unwrap();
        let until = BOARD.find("[follow-up").unwrap();
        adopt(world, &format!("{}{}", &BOARD[..from], &BOARD[until..]));
    });
    text.push(print("the board names no requirements", &free.report(), Shown::All));
    let text = text.join("\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loop/rules.txt"), &text).unwrap();
    }
    assert_eq!(text, EXPECTED, "run with UPDATE_EXPECT=1 to write it anew, and read what changed");
}
