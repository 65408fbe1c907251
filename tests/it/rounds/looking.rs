//! Looking again when evidence or the clock moved.

use std::time::Duration;

use probity::casework::CaseworkError;
use probity::store::notices::Notice;
use probity_core::claim::{ClaimText, Test};
use probity_core::event::{ClaimMade, Decision, Event, FollowUpScheduled, HoldPlaced, PacketWithdrawn};
use probity_core::id::{CauseId, PacketId};
use probity_core::readiness::Verdict;
use probity_tests::packet::{Office, POLICY, finding, requirement, secret};

use super::rounds;

const DAY: Duration = Duration::from_hours(24);

async fn told(office: &Office, kind: &str) -> Vec<Notice> {
    let far = office.in_hours(24 * 365);
    let mut due = office.store.notice_due(far, 1_000).await.unwrap();
    due.retain(|notice| notice.kind == kind);
    due
}

async fn listed_as(office: &Office, packet: &PacketId) -> String {
    office.store.projection_get(packet).await.unwrap().unwrap().projection.state
}

#[tokio::test]
async fn a_packet_is_brought_from_its_opening_to_its_handoff_by_signatures_alone() {
    let office = Office::open().await;
    let packet = office.in_review().await;
    assert_eq!(office.report(&packet).await.verdict, Verdict::InReview);
    office.review(&packet).await;
    assert_eq!(office.report(&packet).await.verdict, Verdict::AwaitingSignatures);
    office.accept_readiness(&packet).await;
    assert_eq!(office.report(&packet).await.verdict, Verdict::Ready);
    let submission = office.hand_off(&packet).await;
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandingOff);
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert!(office.blobs.contains(&filing.package).await.unwrap());
}

#[tokio::test]
async fn an_exposure_in_refreshed_evidence_freezes_the_packet_without_anybody_asking() {
    let office = Office::open().await;
    let packet = office.ready().await;
    let rounds = rounds(&office);
    rounds.look().await.unwrap();
    assert!(rounds.look().await.unwrap().is_empty(), "nothing moved, so nothing is looked at");

    office.collect("tracker", &[finding("finding-1", "low", Some("exploited in the wild"))]).await;
    let looks = rounds.look().await.unwrap();
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0].1.entries, ["exposure-detected"]);
    assert_eq!(office.report(&packet).await.verdict, Verdict::Escalated);
    assert_eq!(listed_as(&office, &packet).await, "escalated");
    let refused = office.try_sign("omar", &packet, |_| Ok(Decision::ReadinessAccepted)).await.unwrap_err();
    assert!(
        matches!(&refused, CaseworkError::Refused(refusal) if refusal.code == "phase.frozen"),
        "{refused}"
    );

    // The same cause is one entry and one notice, however often it is seen.
    office.collect("tracker", &[finding("finding-1", "low", Some("exploited in the wild"))]).await;
    for (_, look) in rounds.look().await.unwrap() {
        assert_eq!(look.entries, Vec::<&str>::new());
    }
    let detected = |words: &[&str]| words.iter().filter(|word| **word == "exposure-detected").count();
    assert_eq!(detected(&office.words(&packet).await), 1);
    assert_eq!(told(&office, "escalated").await.len(), 1);
    for exposure in [None, Some("exploited in the wild")] {
        office.collect("tracker", &[finding("finding-1", "low", exposure)]).await;
        rounds.look().await.unwrap();
    }
    assert_eq!(detected(&office.words(&packet).await), 1, "nobody has cleared it yet");

    // Another cause is another entry, while it is frozen too.
    office.collect("vault", &[secret("2026-11-08T12:00:00Z", Some("found in a public repository"))]).await;
    rounds.look().await.unwrap();
    assert_eq!(detected(&office.words(&packet).await), 2);
    assert_eq!(told(&office, "escalated").await.len(), 2);
}

#[tokio::test]
async fn a_cause_that_a_human_cleared_fires_again_only_when_it_comes_back() {
    let office = Office::open().await;
    let packet = office.in_review().await;
    let rounds = rounds(&office);
    let exposed = || [finding("finding-1", "low", Some("exploited in the wild"))];
    office.collect("tracker", &exposed()).await;
    rounds.look().await.unwrap();
    let cause = CauseId(u32::try_from(office.words(&packet).await.len()).unwrap());
    let resumed = Decision::LoopResumed {
        causes: vec![cause],
        incident: "INC-7".to_owned(),
        outcome: "The finding does not apply".to_owned(),
    };
    office.sign("omar", &packet, resumed).await;
    rounds.look().await.unwrap();
    assert_eq!(office.report(&packet).await.verdict, Verdict::InReview, "it stays cleared");
    office.collect("tracker", &[finding("finding-1", "medium", Some("exploited in the wild"))]).await;
    rounds.look().await.unwrap();
    assert_eq!(office.report(&packet).await.verdict, Verdict::InReview, "the exposure is the one it was");

    office.collect("tracker", &[finding("finding-1", "low", None)]).await;
    rounds.look().await.unwrap();
    office.collect("tracker", &exposed()).await;
    rounds.look().await.unwrap();
    assert_eq!(office.report(&packet).await.verdict, Verdict::Escalated, "it ended and returned");
}

#[tokio::test]
async fn a_policy_in_force_is_adopted_once_and_not_while_the_packet_is_frozen_or_with_the_board() {
    let office = Office::open().await;
    let (open, frozen) = (office.awaiting_signatures().await, office.in_review().await);
    let (handed_off, _) = office.handed_off().await;
    let exposed = probity_core::event::ExposureDeclared { reason: "sample".to_owned(), evidence: None };
    office.command("maya", &frozen, Event::ExposureDeclared(exposed)).await;

    let stricter = POLICY.replace("\"rollback\"]", "\"rollback\", \"monitoring\"]");
    let later = office.reopened(&stricter).await;
    let rounds = rounds(&later);
    rounds.look().await.unwrap();
    office.collect("tracker", &[finding("finding-1", "low", None)]).await;
    rounds.look().await.unwrap();
    let adopted = async |packet| {
        let words = later.words(packet).await;
        words.into_iter().filter(|word| *word == "policy-adopted").count()
    };
    assert_eq!((adopted(&open).await, adopted(&frozen).await, adopted(&handed_off).await), (1, 0, 0));
    assert_eq!(later.report(&open).await.verdict, Verdict::Held, "the new section has no language");

    // Once the loop is resumed, the policy is adopted at the next look.
    let cause = CauseId(u32::try_from(later.words(&frozen).await.len()).unwrap());
    let resumed = Decision::LoopResumed {
        causes: vec![cause],
        incident: "INC-8".to_owned(),
        outcome: "A false alarm".to_owned(),
    };
    later.sign("omar", &frozen, resumed).await;
    rounds.look().await.unwrap();
    assert_eq!(adopted(&frozen).await, 1);
}

#[tokio::test]
async fn a_bound_is_told_of_a_week_and_a_day_before_it_and_once_each() {
    let office = Office::open().await;
    let packet = office.in_review().await;
    let rounds = rounds(&office);
    rounds.look().await.unwrap();
    assert!(told(&office, "goes-stale").await.is_empty(), "the secret counts for 14 days");
    for (days, expected) in [(6, 0), (7, 1), (10, 1), (13, 2)] {
        office.clock.set("2026-11-22T12:00:01Z".parse().unwrap());
        office.clock.advance(DAY * days);
        rounds.look().await.unwrap();
        rounds.look().await.unwrap();
        assert_eq!(told(&office, "goes-stale").await.len(), expected, "after {days} days");
    }
    let causes: Vec<_> = told(&office, "goes-stale").await.into_iter().map(|notice| notice.cause).collect();
    assert!(causes[0].ends_with(":7d") && causes[1].ends_with(":1d"), "{causes:?}");
    assert_eq!(listed_as(&office, &packet).await, "in-review");

    // The clock alone changes the verdict, and the listing follows.
    office.clock.advance(DAY * 2);
    let looks = rounds.look().await.unwrap();
    assert!(looks.iter().any(|(_, look)| look.refreshed));
    assert_eq!(listed_as(&office, &packet).await, "held");
    let differs = office.casework.projections_check().await.unwrap();
    assert_eq!(
        differs,
        Vec::<PacketId>::new(),
        "a refreshed listing is what its ledger gives at that instant"
    );

    // Seen again, it has a new bound, of which is told anew.
    office.collect("vault", &[secret("2026-11-08T12:00:00Z", None)]).await;
    rounds.look().await.unwrap();
    assert_eq!(listed_as(&office, &packet).await, "in-review");
}

#[tokio::test]
async fn a_bound_that_moves_with_every_collection_is_no_news() {
    let weekly = POLICY.replace("secret = \"14d\"", "secret = \"7d\"");
    let office = Office::under(&weekly).await;
    office.in_review().await;
    let rounds = rounds(&office);
    for _ in 0..30 {
        office.clock.advance(Duration::from_hours(6));
        office.collect("vault", &[secret("2026-11-08T12:00:00Z", None)]).await;
        rounds.look().await.unwrap();
    }
    // Never further than a week away, it says nothing; the secret's age of 30 days, which does not move, is told of.
    let causes: Vec<_> = told(&office, "goes-stale").await.into_iter().map(|notice| notice.cause).collect();
    assert!(causes.is_empty(), "{causes:?}");
    office.clock.advance(DAY * 6);
    rounds.look().await.unwrap();
    assert_eq!(told(&office, "goes-stale").await.len(), 1, "collection stopped, and a day is left");
}

#[tokio::test]
async fn nor_is_one_that_moves_with_every_sweep_that_a_query_or_a_requirement_set_ranges_over() {
    let weekly = POLICY
        .replace("finding = \"14d\"", "finding = \"7d\"")
        .replace("requirement = \"30d\"", "requirement = \"7d\"");
    let criteria = "[requirement-set.criteria]\nconnection = \"standards\"\ndocument = \"exceptions.md\"\nclass = \"criterion\"\n";
    let office = Office::under(&format!("{weekly}\n{criteria}")).await;
    let packet = office.in_review().await;
    let swept = "no finding with state open and severity critical on service:payments-bridge in tracker";
    let claim = ClaimText {
        text: "No critical finding is open".to_owned(),
        reasoning: "The tracker was swept whole".to_owned(),
        citations: Vec::new(),
        test: Some(Test::Query(swept.parse().unwrap())),
        addresses: Vec::new(),
    };
    office.command("maya", &packet, Event::ClaimMade(ClaimMade { claim, replaces: None })).await;
    let rounds = rounds(&office);
    for _ in 0..30 {
        office.clock.advance(Duration::from_hours(6));
        office.collect("vault", &[secret("2026-11-08T12:00:00Z", None)]).await;
        office.collect("tracker", &[finding("finding-1", "low", None)]).await;
        office.collect("standards", &[requirement("1", "It expires.")]).await;
        rounds.look().await.unwrap();
    }
    let causes = async || -> Vec<_> {
        told(&office, "goes-stale").await.into_iter().map(|notice| notice.cause).collect()
    };
    assert_eq!(causes().await, Vec::<String>::new());
    office.clock.advance(DAY * 6);
    rounds.look().await.unwrap();
    let mut causes = causes().await;
    causes.retain(|cause| cause.ends_with(":1d"));
    assert_eq!(causes.len(), 2, "collection stopped, and of query and set a day is left: {causes:?}");
    assert!(causes.iter().any(|cause| cause.contains(":criteria:")), "{causes:?}");
}

#[tokio::test]
async fn a_source_s_own_end_is_told_of_however_often_it_is_seen() {
    let office = Office::open().await;
    office.in_review().await;
    let rounds = rounds(&office);
    let mut ends = secret("2026-11-08T12:00:00Z", None);
    ends.expires = Some(office.in_hours(24 * 10));
    for _ in 0..20 {
        office.collect("vault", std::slice::from_ref(&ends)).await;
        rounds.look().await.unwrap();
        office.clock.advance(Duration::from_hours(6));
    }
    assert_eq!(told(&office, "goes-stale").await.len(), 1, "it does not move, and is less than a week away");
}

#[tokio::test]
async fn a_follow_up_is_told_of_when_it_falls_due_though_nothing_else_happens() {
    let office = Office::open().await;
    let packet = office.in_review().await;
    let scheduled = FollowUpScheduled {
        what: "Look at the exception again".to_owned(),
        owner: "omar".parse().unwrap(),
        due: office.in_hours(48),
        required: None,
    };
    office.command("maya", &packet, Event::FollowUpScheduled(scheduled)).await;
    let rounds = rounds(&office);
    rounds.look().await.unwrap();
    assert!(told(&office, "follow-up-due").await.is_empty());
    office.clock.advance(DAY * 2);
    rounds.look().await.unwrap();
    rounds.look().await.unwrap();
    assert_eq!(told(&office, "follow-up-due").await.len(), 1);
}

#[tokio::test]
async fn a_wanted_signature_is_told_of_once_each_and_a_withdrawn_packet_is_left_alone() {
    let office = Office::open().await;
    let packet = office.awaiting_signatures().await;
    let rounds = rounds(&office);
    rounds.look().await.unwrap();
    let wanted = told(&office, "signature-wanted").await;
    assert_eq!(wanted.len(), 1);
    assert!(wanted[0].body.contains("maya is asked"), "{}", wanted[0].body);
    office.sign("maya", &packet, Decision::ReadinessAccepted).await;
    rounds.look().await.unwrap();
    assert_eq!(told(&office, "signature-wanted").await.len(), 2);

    let other = office.in_review().await;
    office.command("maya", &other, Event::HoldPlaced(HoldPlaced { reason: "wait".to_owned() })).await;
    let withdrawn = PacketWithdrawn { reason: "not needed".to_owned() };
    office.command("maya", &other, Event::PacketWithdrawn(withdrawn)).await;
    office.collect("tracker", &[finding("finding-1", "low", Some("exploited"))]).await;
    rounds.look().await.unwrap();
    assert!(!office.words(&other).await.contains(&"exposure-detected"));
    assert!(office.words(&packet).await.contains(&"exposure-detected"));
}
