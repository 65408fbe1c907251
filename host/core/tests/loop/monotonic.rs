//! Losing nothing by losing things: taking away what a packet rests on never turns not ready into ready.

use probity_core::book::Book;
use probity_core::event::{Decision, Origin, Section};
use probity_core::evidence::Severity;
use probity_core::packet::Packet;
use probity_core::readiness::{Report, Rule, Score, Verdict, readiness};
use proptest::prelude::*;

use super::world::{World, days, hours, proposed, remark};

fn judge(world: &World, packet: &Packet, book: &Book) -> Report {
    readiness(packet, book, &world.board, &world.subjects, world.now)
}

/// A world after some of these, in any order, as far as each is allowed.
fn history(steps: &[u8]) -> World {
    let mut world =
        if steps.first().is_some_and(|step| step % 2 == 0) { World::ready() } else { World::reviewable() };
    for step in steps {
        let maya = world.actor("maya");
        match step % 12 {
            0 => world.wait(hours(u64::from(*step))),
            1 => world.sweep(),
            2 => world.wait(days(6)),
            3 => {
                world.object("lucia", Severity::Medium);
            }
            4 => {
                let _ = world.try_sign("maya", Decision::ReadinessAccepted);
            }
            5 => {
                let _ = world.try_sign("dana", Decision::ReadinessAccepted);
            }
            6 => {
                for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
                    let _ = world.try_sign(who, super::world::approval_of(discipline));
                }
            }
            7 => {
                let _ = world.try_ask(&maya, proposed(Section::Rollback, Origin::Human, &[]));
            }
            8 => world.sources.finding.0 = "critical".to_owned(),
            9 => world.sources.finding.0 = "low".to_owned(),
            10 => {
                let _ = world.try_ask(&maya, remark());
            }
            _ => {
                world.sources.rotated = world.now.to_string();
                world.sweep();
            }
        }
    }
    world
}

/// Every way to lose one thing the verdict rests on.
fn losses(packet: &Packet, book: &Book) -> Vec<(String, Packet, Book)> {
    let mut losses = Vec::new();
    for id in packet.claims.keys() {
        let mut less = packet.clone();
        less.claims.remove(id);
        losses.push((format!("{id}"), less, book.clone()));
        for at in 0..packet.claims[id].claim.citations.len() {
            let mut less = packet.clone();
            less.claims.get_mut(id).unwrap().claim.citations.remove(at);
            losses.push((format!("citation {at} of {id}"), less, book.clone()));
        }
    }
    for at in 0..packet.reviews.len() {
        let mut less = packet.clone();
        less.reviews.remove(at);
        losses.push((format!("review {at}"), less, book.clone()));
    }
    for who in ["author", "owner"] {
        let mut less = packet.clone();
        if who == "author" {
            less.author_acceptance = None
        } else {
            less.owner_acceptance = None
        }
        losses.push((format!("the {who}'s signature"), less, book.clone()));
    }
    for id in book.records.keys() {
        let mut less = book.clone();
        less.records.remove(id);
        // Its row in the page manifest is left, as when somebody takes a record away.
        for stream in &mut less.streams {
            if stream.connection == book.records[id].connection {
                stream.missing.push(probity_core::book::MissingRevision {
                    evidence: id.clone(),
                    revision: 1,
                    run: stream.sweep.as_ref().unwrap().run.clone(),
                });
            }
        }
        losses.push((format!("evidence {id}"), packet.clone(), less));
    }
    for at in 0..book.streams.len() {
        let mut less = book.clone();
        less.streams[at].sweep = None;
        losses.push((format!("sweep of {}", book.streams[at].stream), packet.clone(), less));
    }
    losses
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn losing_anything_never_makes_a_packet_ready(steps in proptest::collection::vec(any::<u8>(), 1..10)) {
        let world = history(&steps);
        let (packet, book) = (&world.packet, world.book_at(world.now));
        let before = judge(&world, packet, &book);
        for (lost, less, book) in losses(packet, &book) {
            let after = judge(&world, &less, &book);
            if before.verdict != Verdict::Ready {
                prop_assert_ne!(after.verdict, Verdict::Ready, "without {} after {:?}", lost, steps);
            }
            if !before.may_be_signed && before.verdict == Verdict::Held {
                prop_assert!(
                    !after.may_be_signed || lost.contains("claim-"),
                    "without {} it may be signed, after {:?}", lost, steps
                );
            }
        }
    }
}

#[test]
fn losing_stored_evidence_is_an_error_line_and_never_silence() {
    let world = World::ready();
    let book = world.book_at(world.now);
    for (lost, packet, less) in
        losses(&world.packet, &book).iter().filter(|(lost, ..)| lost.starts_with("evidence"))
    {
        let report = judge(&world, packet, less);
        assert_ne!(report.verdict, Verdict::Ready, "{lost}");
        assert!(report.lines.iter().any(|line| line.score == Score::Error), "{lost}: {:#?}", report.lines);
    }
}

#[test]
fn nothing_examined_nothing_claimed_and_nothing_read_is_not_ready() {
    let world = World::ready();
    let book = world.book_at(world.now);
    let mut none = world.packet.clone();
    none.claims.clear();
    let report = judge(&world, &none, &book);
    assert!(report.blockers().any(|line| line.code == "claims.none"));
    let mut unread = book.clone();
    unread.streams.retain(|stream| stream.connection.as_str() != "standards");
    unread.records.retain(|_, record| record.connection.as_str() != "standards");
    let report = judge(&world, &world.packet, &unread);
    assert!(report.blockers().any(|line| line.rule == Rule::Requirements), "no requirement run");
    let mut unexamined = book;
    unexamined.records.retain(|_, record| record.connection.as_str() != "dojo");
    let report = judge(&world, &world.packet, &unexamined);
    assert!(report.blockers().any(|line| line.rule == Rule::Claims), "no examined records");
}
