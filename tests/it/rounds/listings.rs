//! Listings are a cache of what ledgers say: what differs is found, and can be made anew.

use probity_core::id::PacketId;
use probity_tests::packet::Office;

use super::checkpoints::tamper;

#[tokio::test]
async fn a_listing_that_is_not_its_ledgers_is_found_left_alone_by_a_check_and_made_anew_on_demand() {
    let office = Office::open().await;
    let (packet, other) = (office.in_review().await, office.open_packet().await);
    let listed = async || office.store.projection_get(&packet).await.unwrap().unwrap();
    let as_it_was = listed().await;
    for damage in
        ["title = 'Harmless'", "state = 'ready'", "owner = 'petra'", "seq = seq - 1", "summary = '{}'"]
    {
        tamper(&office, &format!("UPDATE projection SET {damage} WHERE packet = '{packet}'")).await;
        for _ in 0..2 {
            let differs = office.casework.projections_check().await.unwrap();
            assert_eq!(differs, std::slice::from_ref(&packet), "{damage}: a check changes nothing");
        }
        assert_eq!(
            office.casework.projections_rebuild().await.unwrap(),
            std::slice::from_ref(&packet),
            "{damage}"
        );
        assert_eq!(listed().await, as_it_was, "{damage}");
        assert_eq!(office.casework.projections_check().await.unwrap(), Vec::<PacketId>::new(), "{damage}");
    }
    assert_eq!(office.casework.projections_rebuild().await.unwrap(), Vec::<PacketId>::new());
    assert_ne!(packet, other);
}
