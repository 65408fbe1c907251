//! Opening a packet: under the policy in force, for somebody else to approve, for a while.

use probity_core::actor::{ActorKind, Role};
use probity_core::canonical::Digest;
use probity_core::decide::{self, decide_open};
use probity_core::event::*;

use super::fixture::at;
use super::world::{World, known_people};

/// What somebody who opens this is told, under the policy of a world.
fn told(spoil: impl FnOnce(&mut PacketOpened)) -> String {
    let world = World::opened();
    let (entry, _) = &world.entries[0];
    let Event::PacketOpened(mut opened) = entry.event.clone() else { panic!("it begins with that") };
    spoil(&mut opened);
    let mut people = known_people(&world.people);
    let owner = decide::Person { kind: ActorKind::Agent, role: Role::ApprovalOwner };
    people.insert("robot".parse().unwrap(), owner);
    decide_open(&entry.actor, opened, None, &world.board, &world.subjects, &people, entry.at)
        .map_or_else(|refusal| refusal.code, |_| "taken".to_owned())
}

#[test]
fn a_packet_says_in_a_line_what_it_is_about() {
    for (longest, text) in [(200, "title"), (80, "exception")] {
        let with = |value: String| {
            told(|opened| *(if text == "title" { &mut opened.title } else { &mut opened.exception }) = value)
        };
        assert_eq!(with("a".repeat(longest)), "taken", "{text}");
        assert_eq!(with("a".repeat(longest + 1)), "text.too-long", "{text}");
        assert_eq!(with("two\nlines".to_owned()), "text.too-long", "{text}");
        assert_eq!(with(" ".to_owned()), "text.empty", "{text}");
        assert_eq!(with("safe\u{202e}efas".to_owned()), "text.hidden", "{text}");
    }
}

#[test]
fn a_packet_opens_under_the_policy_and_subject_map_in_force() {
    let other = Digest::of(b"another text");
    assert_eq!(told(|_| ()), "taken");
    assert_eq!(told(|opened| opened.policy = other), "open.policy");
    assert_eq!(told(|opened| opened.subjects = other), "open.policy");
    assert_eq!(told(|opened| opened.board = "another-board".to_owned()), "open.policy");
}

#[test]
fn an_owner_is_a_person_whose_role_it_is_and_not_the_author() {
    for (owner, code) in [
        ("noor", "taken"),
        ("maya", "owner.is-author"),
        ("imani", "owner.role"),
        ("robot", "owner.role"),
        ("nobody", "people.unknown"),
    ] {
        assert_eq!(told(|opened| opened.owner = owner.parse().unwrap()), code, "{owner}");
    }
}

#[test]
fn an_exception_ends_after_now_and_within_what_the_board_allows() {
    for (expires, code) in [
        ("2026-10-05T08:00:00Z", "expiry.range"),
        ("2026-10-05T08:00:01Z", "taken"),
        ("2027-02-02T08:00:00Z", "taken"),
        ("2027-02-02T08:00:01Z", "expiry.range"),
    ] {
        assert_eq!(told(|opened| opened.terms.expires = at(expires)), code, "{expires}");
    }
}
