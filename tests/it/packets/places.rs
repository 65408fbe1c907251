//! One function, three places: the report from the store and the one a bundle's reader derives from bytes are the same, whatever
//! happened before. The third place, REST read by the command line, is held to the same bytes in `cli`.

use std::time::Duration;

use probity::authz::Caller;
use probity::casework::RunRequest;
use probity::demo::dojo::{Misbehaviour, Status};
use probity_core::bundle::{Reader, Scope, verify};
use probity_core::instant::Instant;
use probity_core::readiness::{Score, Verdict};
use probity_core::run::Mode;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::Prepared;

#[tokio::test]
async fn the_demos_packet_says_what_to_do_next() {
    let prepared = Prepared::new(7).await;
    let permit = Caller::local().authorize().unwrap();
    let report = prepared.casework.packet_readiness(&permit, &prepared.packet, None).await.unwrap();
    assert_eq!(report.verdict, Verdict::Held);
    let told: Vec<_> = report
        .blockers()
        .map(|line| (line.code.as_str(), line.subject.as_deref().unwrap_or_default()))
        .collect();
    let codes: Vec<_> = told.iter().map(|(code, _)| *code).collect();
    for code in ["claim.stale", "claim.too-many", "objection.open", "owner.not-accepted", "signature.missing"]
    {
        assert!(codes.contains(&code), "{code} is not among {told:?}");
    }
    assert_eq!(codes.iter().filter(|code| **code == "objection.open").count(), 2);
    assert!(report.lines.iter().all(|line| line.score != Score::Error), "{:#?}", report.lines);
    assert!(report.blockers().all(|line| !line.clear.is_empty()), "each says who can clear it");
    assert_eq!(report.drafts.len(), 1);
    prepared.host.finish().await;
}

#[tokio::test]
async fn store_and_bundle_give_the_same_report_at_every_instant_of_a_random_history() {
    for seed in [11, 12] {
        let prepared = Prepared::new(seed).await;
        let mut chance = StdRng::seed_from_u64(seed);
        let mut instants: Vec<Instant> = Vec::new();
        for step in 0..14 {
            happen(&prepared, &mut chance).await;
            let now = prepared.host.store.now().await.unwrap();
            instants.push(now);
            prepared.host.clock.advance(Duration::from_secs(chance.random_range(1..40_000)));
            println!("seed {seed}, step {step}: {now}");
        }
        for at in instants {
            for scope in [Scope::Full, Scope::Minimal] {
                same_at(&prepared, at, scope, seed).await;
            }
        }
        prepared.dojo.behave();
        prepared.host.finish().await;
    }
}

async fn same_at(prepared: &Prepared, at: Instant, scope: Scope, seed: u64) {
    let permit = Caller::local().authorize().unwrap();
    let (casework, packet) = (&prepared.casework, &prepared.packet);
    let report = casework.packet_readiness(&permit, packet, Some(at)).await.unwrap();
    let files = casework.packet_bundle(&permit, packet, Some(at), scope, None).await.unwrap();
    assert_eq!(files["report.json"], report.bytes().unwrap(), "seed {seed} at {at}");
    let verification = verify(&files, Reader::default());
    let failed: Vec<_> = verification.failed().collect();
    assert!(failed.is_empty(), "seed {seed} at {at}, {scope}: {failed:#?}");
}

/// Something that happens to the sources, or a run, some of them troubled.
async fn happen(prepared: &Prepared, chance: &mut StdRng) {
    let now = prepared.host.clock.now();
    match chance.random_range(0..8) {
        0 => {
            let id = chance.random_range(1..15);
            prepared.dojo.change(|tracker| tracker.set_status(id, Status::Active, now));
        }
        1 => {
            let id = chance.random_range(41..55);
            prepared.dojo.change(|tracker| tracker.set_status(id, Status::Mitigated { at: now, by: 1 }, now));
        }
        2 => {
            let id = chance.random_range(41..55);
            prepared.dojo.change(|tracker| tracker.delete_finding(id));
        }
        3 => {
            prepared.dojo.misbehave_at(
                "/api/v2/findings/",
                Misbehaviour::Status(503),
                chance.random_range(1..9),
            );
            collect(prepared, "dojo", Some(Mode::Full)).await;
            prepared.dojo.behave();
        }
        4 => collect(prepared, "dojo", None).await,
        5 => collect(prepared, "standards", Some(Mode::Full)).await,
        _ => collect(prepared, "dojo", Some(Mode::Full)).await,
    }
}

async fn collect(prepared: &Prepared, connection: &str, mode: Option<Mode>) {
    prepared.host.collect_as(connection, &RunRequest { mode, ..RunRequest::default() }).await;
}
