//! Who may ask for what: the table of the loop's design, cell by cell. `who.txt` is the whole of it, every word by everybody, to be
//! read beside the design; what each cell asks for is valid but for who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::decide::{Refusal, decide_open};
use probity_core::event::*;

use super::asked::{Asked, Case, Place, cases};
use super::world::{World, known_people};

/// One who asks, with the name they have in the table.
struct Asker {
    label: String,
    actor: Actor,
}

/// Askers who are told of in one word where the same holds for all of them.
type Group = (&'static str, Vec<Asker>);

const PROGRAMS: [&str; 4] = [
    "all programs under their own names",
    "agents under people's names",
    "agents with people's names and roles",
    "services with people's names and roles",
];

fn asker(label: &str, id: &str, kind: ActorKind, role: Role) -> Asker {
    Asker { label: label.to_owned(), actor: Actor { id: id.parse().unwrap(), kind, role } }
}

/// Everybody, and everybody's names in the hands of programs.
fn everybody() -> Vec<Group> {
    let on_packet = [
        ("author", "maya", Role::Author),
        ("owner", "dana", Role::ApprovalOwner),
        ("offered owner", "noor", Role::ApprovalOwner),
        ("raiser", "lucia", Role::Reviewer),
        ("reviewer", "imani", Role::Reviewer),
        ("board", "omar", Role::Board),
    ];
    let beside = [
        ("another author", "ravi", Role::Author),
        ("another owner", "petra", Role::ApprovalOwner),
        ("another reviewer", "tess", Role::Reviewer),
        ("operator", "olga", Role::Operator),
        ("a person called probity", "probity", Role::Operator),
    ];
    let people = |people: &[(&str, &str, Role)]| {
        people.iter().map(|(label, id, role)| asker(label, id, ActorKind::Human, *role)).collect()
    };
    let in_hands_of = |what: &str, kind, role: Option<Role>| {
        let named = |(label, id, own): &(&str, &str, Role)| {
            asker(&format!("{what} as {label}"), id, kind, role.unwrap_or(*own))
        };
        on_packet.iter().map(named).collect::<Vec<_>>()
    };
    let programs = vec![
        asker("agent", "scribe", ActorKind::Agent, Role::Agent),
        asker("another agent", "quill", ActorKind::Agent, Role::Agent),
        asker("host", "probity", ActorKind::Service, Role::Operator),
        asker("agent called probity", "probity", ActorKind::Agent, Role::Agent),
        asker("monitor", "watcher", ActorKind::Service, Role::Monitor),
        asker("service with the role agent", "robot", ActorKind::Service, Role::Agent),
    ];
    vec![
        ("all on the packet", people(&on_packet)),
        ("all beside it", people(&beside)),
        (PROGRAMS[0], programs),
        (PROGRAMS[1], in_hands_of("agent", ActorKind::Agent, Some(Role::Agent))),
        (PROGRAMS[2], in_hands_of("agent", ActorKind::Agent, None)),
        (PROGRAMS[3], in_hands_of("service", ActorKind::Service, None)),
    ]
}

/// The command as somebody brings it: a person signs for themselves; a program has a person's good signature.
fn brought(world: &World, asker: &Asker, case: &Case) -> Command {
    match &case.asked {
        Asked::Plain(command) => (**command).clone(),
        Asked::Signed(decision) => {
            let has_key = world.people.iter().any(|person| person.id == asker.actor.id);
            let signer = if has_key { asker.actor.id.as_str() } else { case.who };
            world.signed(signer, world.statement(signer, decision.clone()))
        }
    }
}

/// Cells of one row: what each asker is told.
type Row = Vec<(&'static str, Vec<(String, String)>)>;

fn row(ask: impl Fn(&Asker) -> Result<Event, Refusal>) -> Row {
    let cell = |asker: Asker| {
        let told = ask(&asker).map_or_else(|refusal| refusal.code, |_| "taken".to_owned());
        (asker.label, told)
    };
    everybody().into_iter().map(|(group, askers)| (group, askers.into_iter().map(cell).collect())).collect()
}

/// A row as it is printed: what is told, and to whom.
fn print(title: &str, row: &Row) -> String {
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, cells) in row {
        let codes: BTreeSet<&str> = cells.iter().map(|(_, code)| code.as_str()).collect();
        if let [code] = Vec::from_iter(codes)[..] {
            told.entry(code).or_default().push(group);
            continue;
        }
        for (label, code) in cells {
            told.entry(code).or_default().push(label);
        }
    }
    for groups in told.values_mut() {
        if PROGRAMS.iter().all(|program| groups.contains(program)) {
            groups.retain(|group| !PROGRAMS.contains(group));
            groups.push("every program");
        }
    }
    let mut text = format!("{title}\n");
    let mut codes: Vec<_> = told.into_iter().collect();
    codes.sort_by_key(|(code, _)| (*code != "taken", *code));
    for (code, who) in codes {
        let mut line = format!("    {code:<27} ");
        for (at, name) in who.iter().enumerate() {
            let comma = if at + 1 < who.len() { "," } else { "" };
            if line.len() + name.len() > 115 {
                writeln!(text, "{}", line.trim_end()).unwrap();
                line = " ".repeat(32);
            }
            write!(line, "{name}{comma} ").unwrap();
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    text
}

/// What each of a kind of case was told, by the case's title.
fn table() -> Vec<(String, Asked, Row)> {
    let mut worlds: BTreeMap<Place, World> = BTreeMap::new();
    let all = cases(&Place::Working.world());
    all.iter()
        .enumerate()
        .map(|(at, case)| {
            let world = worlds.entry(case.place).or_insert_with(|| case.place.world());
            // The same case, on the parts of the packet at its place.
            let case = cases(world).remove(at);
            let row = row(|asker| world.decided(&asker.actor, brought(world, asker, &case)));
            let note = if case.note.is_empty() { String::new() } else { format!(": {}", case.note) };
            let signed = if matches!(case.asked, Asked::Signed(_)) { ", signed" } else { "" };
            (format!("{}{signed}{note}", case.asked.word()), case.asked, row)
        })
        .collect()
}

fn opening(world: &World, actor: &Actor) -> Result<Event, Refusal> {
    let Event::PacketOpened(opened) = world.entries[0].0.event.clone() else { panic!("it begins with that") };
    let people = known_people(&world.people);
    decide_open(actor, opened, None, &world.board, &world.subjects, &people, world.now)
}

/// `packet-opened`, which is asked of the host and not of a packet; and of a packet.
fn openings() -> Vec<(String, Row)> {
    let world = Place::Working.world();
    let again = || world.entries[0].0.event.clone().try_map(|_| Err("it cites nothing")).unwrap();
    vec![
        ("packet-opened".to_owned(), row(|asker| opening(&world, &asker.actor))),
        ("packet-opened: a second time".to_owned(), row(|asker| world.decided(&asker.actor, again()))),
    ]
}

const EXPECTED: &str = include_str!("who.txt");

#[test]
fn who_may_is_as_the_table_says() {
    let rows = openings().into_iter().chain(table().into_iter().map(|(title, _, row)| (title, row)));
    let text: Vec<String> = rows.map(|(title, row)| print(&title, &row)).collect();
    let text = text.join("\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loop/who.txt"), &text).unwrap();
    }
    assert_eq!(text, EXPECTED, "run with UPDATE_EXPECT=1 to write it anew, and read what changed");
}

#[test]
fn every_word_has_its_row_and_somebody_who_may() {
    let table = table();
    let words: BTreeSet<&str> = table.iter().map(|(_, asked, _)| asked.word()).collect();
    let all: BTreeSet<&str> = WORDS.iter().chain(Decision::WORDS).copied().collect();
    let without_row: Vec<_> = all.difference(&words).collect();
    assert_eq!(without_row, [&"decided", &"packet-opened"], "the envelope, and what has rows of its own");
    for (title, asked, row) in table {
        for (group, cells) in &row {
            for (label, told) in cells {
                let program = PROGRAMS.contains(group) && matches!(asked, Asked::Signed(_));
                assert!(
                    !program || told == "who.signer",
                    "{title}: {label} is a program, and it was told {told}"
                );
            }
        }
        assert!(row.iter().flat_map(|(_, cells)| cells).any(|(_, told)| told == "taken"), "{title}");
    }
}

#[test]
fn nobody_brings_what_another_signed() {
    let mut tried = 0;
    for (at, case) in cases(&Place::Working.world()).iter().enumerate() {
        let Asked::Signed(_) = &case.asked else { continue };
        let world = case.place.world();
        let case = cases(&world).remove(at);
        let Asked::Signed(decision) = &case.asked else { panic!("it is the same case") };
        let command = world.signed(case.who, world.statement(case.who, decision.clone()));
        assert!(world.decided(&world.actor(case.who), command.clone()).is_ok(), "{}", case.asked.word());
        for person in world.people.iter().filter(|person| person.id.as_str() != case.who) {
            let refusal = world.decided(&person.actor(), command.clone()).unwrap_err();
            assert_eq!(refusal.code, "who.signer", "{} by {}", case.asked.word(), person.id);
            tried += 1;
        }
    }
    assert_eq!(tried, 11 * 10, "eleven cases of nine decisions, each by ten others");
}
