//! What may happen when: every word in every phase, asked for by one who may. `phases.txt` is the whole of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use probity_core::actor::Actor;
use probity_core::event::*;

use super::asked::{Asked, Case, Place, cases, freeze};
use super::world::{World, recorded};

/// A phase, and how a packet at the place where a case is valid gets there.
type Phase = (&'static str, fn(Place) -> World);

const PHASES: [Phase; 6] = [
    ("open", |place| before(place).world()),
    ("frozen", |place| {
        let mut world = before(place).world();
        freeze(&mut world);
        world
    }),
    ("handed-off", |place| after(place).world()),
    ("handed-off, frozen", |place| {
        let mut world = after(place).world();
        freeze(&mut world);
        world
    }),
    ("decided", |_| {
        let mut world = Place::Received.world();
        let submission = world.packet.handoffs[0].submission.clone();
        let decided = IntakeOutcome::Decided { decision: "Granted.".to_owned(), granted: true };
        world.ask("omar", recorded(&submission, decided));
        world
    }),
    ("withdrawn", |place| {
        let mut world = before(place).world();
        world.ask("maya", Event::PacketWithdrawn(PacketWithdrawn { reason: "Not needed.".to_owned() }));
        world
    }),
];

/// The place of a case, or the nearest at which the packet is still in the loop.
fn before(place: Place) -> Place {
    if matches!(place, Place::Filing | Place::Received | Place::Frozen) { Place::Working } else { place }
}

/// The place of a case, or the nearest at which the packet is with the board.
fn after(place: Place) -> Place {
    if place == Place::Filing { place } else { Place::Received }
}

/// What the case's own asker is told.
fn told(world: &World, case: &Case) -> String {
    let actor: Actor =
        if case.who == "probity" { probity_core::decide::host() } else { world.actor(case.who) };
    let command = match &case.asked {
        Asked::Plain(command) => (**command).clone(),
        Asked::Signed(decision) => world.signed(case.who, world.statement(case.who, decision.clone())),
    };
    world.decided(&actor, command).map_or_else(|refusal| refusal.code, |_| "taken".to_owned())
}

const EXPECTED: &str = include_str!("phases.txt");

#[test]
fn what_may_happen_when_is_as_the_table_says() {
    let mut text = format!("{:40}", "");
    for (phase, _) in PHASES {
        write!(text, " {phase:<18}").unwrap();
    }
    text = format!("{}\n", text.trim_end());
    for (at, case) in cases(&Place::Working.world()).iter().enumerate() {
        let title = format!("{} {}", case.asked.word(), case.note);
        let mut line = format!("{title:<40}");
        for (_, world) in PHASES {
            let world = world(case.place);
            write!(line, " {:<18}", told(&world, &cases(&world).remove(at))).unwrap();
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loop/phases.txt"), &text).unwrap();
    }
    assert_eq!(text, EXPECTED, "run with UPDATE_EXPECT=1 to write it anew, and read what changed");
}

#[test]
fn every_word_is_taken_in_some_phase() {
    let taken: BTreeSet<&str> = EXPECTED
        .lines()
        .filter(|line| line.contains("taken"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let all: BTreeSet<&str> = WORDS.iter().chain(Decision::WORDS).copied().collect();
    let never: Vec<_> = all.difference(&taken).collect();
    assert_eq!(never, [&"decided", &"packet-opened"], "the envelope, and what begins a packet");
}
