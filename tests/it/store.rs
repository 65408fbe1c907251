//! The Store contract, held by every database.
//!
//! Each function of the modules named in `conforms!` takes any store and says what the contract promises; [`conforms`]
//! runs them all on a fresh one and then asks it to check itself. A second database is a second `conforms!`. What only
//! SQLite or only the blobs can get wrong is in modules of their own.

mod append_only;
mod blobs;
mod chain;
mod changes;
mod commits;
mod fixture;
mod handoff;
mod history;
mod ledger;
mod listing;
mod notices;
mod people;
mod readiness;
mod runs;
mod sqlite;

/// Runs the suite on stores made by an async expression that gives something to keep alive and the store.
macro_rules! conforms {
    ($database:ident, $open:expr, $($suite:ident: [$($promise:ident),+ $(,)?])+) => {
        mod $database {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    use probity::store::Store as _;
                    let (_place, store) = $open.await;
                    super::$suite::$promise(&store).await;
                    let wrong = store.check().await.unwrap();
                    assert!(wrong.is_empty(), "the store does not hold together: {wrong:#?}");
                }
            )+)+
        }
    };
}

conforms! {
    on_sqlite, crate::store::sqlite::fresh(),
    commits: [
        a_page_is_committed_whole_and_read_back,
        the_same_page_twice_is_out_of_order,
        a_page_from_another_cursor_is_out_of_order,
        nothing_follows_the_last_page,
        seeing_the_same_again_elsewhere_makes_sightings_but_no_revision,
        from_a_to_b_and_back_are_three_revisions,
        the_same_id_in_another_stream_or_kind_is_other_evidence,
        an_old_epoch_writes_nothing,
        a_failing_page_leaves_nothing,
        recorded_times_only_grow,
        runs_commit_side_by_side,
        a_dropped_commit_is_all_or_nothing,
        a_commit_once_begun_is_finished,
        a_page_may_be_large_or_empty,
    ]
    runs: [
        a_connection_has_one_open_run,
        a_run_is_claimed_only_when_its_owner_is_gone,
        a_claimed_run_goes_on_where_it_was,
        bookmarks_come_from_streams_read_to_their_end,
        ended_runs_take_nothing_more,
        runs_are_listed_newest_first,
        components_and_captures_are_what_blobs_are_kept_for,
    ]
    history: [
        an_earlier_instant_answers_as_it_did,
        what_now_answers_stays_answered,
        renaming_keeps_the_id_and_history_the_name,
        two_complete_sweeps_without_it_make_it_absent,
        incomplete_and_incremental_runs_say_nothing_about_absence,
        a_sweep_that_saw_nothing_says_nothing,
        an_incremental_sighting_keeps_it_present,
        other_streams_sweeps_do_not_count,
    ]
    listing: [
        every_filter_narrows,
        text_is_found_by_words_whatever_their_case,
        filters_ask_the_revision_of_the_time,
        freshness_counts_from_the_kind_s_own_time,
        pages_of_a_listing_cover_everything_once,
        where_a_revision_was_seen_is_told_latest_first,
    ]
    ledger: [
        an_appended_entry_is_read_back_as_it_was,
        an_append_on_another_head_writes_nothing,
        an_entry_that_breaks_its_chain_is_refused,
        of_sixty_four_appends_on_one_head_one_wins,
        packets_grow_side_by_side,
        what_goes_with_an_entry_happens_with_it,
        an_effect_that_fails_takes_its_entry_along,
        a_dropped_append_is_all_or_nothing,
        an_append_once_begun_is_finished,
        a_projection_is_made_anew_only_at_its_head,
        packets_are_listed_newest_first_and_every_filter_narrows,
        documents_and_packages_are_what_blobs_are_kept_for,
    ]
    people: [
        a_principal_is_added_once_and_revoked_for_good,
        the_key_registry_is_one_chain,
        of_many_enrolments_on_one_head_one_wins,
    ]
    handoff: [
        a_filing_is_due_until_nothing_is_to_be_done,
        a_filing_is_worked_on_by_one,
        what_an_intake_said_is_recorded_with_its_entry,
        exchanges_are_written_before_and_after,
        a_submission_is_received_once,
        a_board_decides_on_what_it_saw,
        the_queue_is_listed_by_state_and_packet,
    ]
    notices: [
        there_is_one_notice_a_cause,
        a_notice_is_due_until_delivered_or_given_up,
    ]
    changes: [
        everything_recorded_is_told_once_in_order,
        following_the_feed_while_it_grows_misses_nothing,
    ]
    readiness: [
        evidence_is_read_many_at_once_as_it_stood,
        exposures_are_found_and_found_to_have_ended,
        sweeps_tell_the_latest_of_each_sort,
        sweeps_are_told_as_they_stood,
    ]
}
