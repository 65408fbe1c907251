//! Looking again when evidence or the clock moved.

use probity_core::readiness::Verdict;
use probity_tests::packet::Office;

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
