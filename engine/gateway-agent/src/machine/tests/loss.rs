//! What is lost, what goes on, and how it comes back.

use super::*;

#[test]
fn vault_away_it_serves_on_as_it_is_and_follows_within_one_round() {
    let mut bench = Bench::started();
    bench.vault = away();
    bench.publish(2, &["a", "b"]);
    bench.run(Duration::minutes(20));
    assert_eq!((bench.state(), bench.machine.is_ready(), bench.version()), (State::Stale, true, Some(1)));
    assert!(bench.machine.is_alive(bench.now));
    bench.vault = None;
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(2)));
}

#[test]
fn vault_away_for_longer_than_the_token_lives_it_logs_in_anew_in_its_first_round() {
    let mut bench = Bench::started();
    bench.vault = away();
    bench.run(Duration::minutes(60 * 5));
    (bench.vault, bench.valid_from) = (None, 1);
    bench.publish(2, &["a", "b"]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(2)));
}

#[test]
fn a_token_that_is_revoked_is_replaced_in_the_round_that_meets_it() {
    let mut bench = Bench::started();
    bench.valid_from = 1;
    bench.publish(2, &["a", "b"]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version(), bench.times(is_log_in)), (State::Serving, Some(2), vec![0, 5]));
}

#[test]
fn a_token_is_renewed_at_half_of_its_time_and_replaced_before_its_longest_life_ends() {
    let mut bench = Bench::new();
    bench.longest_life = Duration::minutes(150);
    bench.tell(Input::Started { kept: None });
    bench.run(Duration::minutes(60 * 8));
    let log_ins = bench.times(is_log_in);
    // Renewed at 30, 60, 90 minutes; at 120 only 30 minutes are left, and it logs in then.
    assert_eq!(log_ins, [0, 7200, 14_400, 21_600, 28_800]);
    assert_eq!(bench.times(is_renewal)[..4], [1800, 3600, 5400, 7200]);
    assert!(bench.log.iter().filter(|(_, effect)| matches!(effect, Effect::Load { .. })).count() == 1);
}

#[test]
fn a_key_that_is_gone_changes_nothing_until_it_is_there_again() {
    let mut bench = Bench::started();
    bench.entry = None;
    bench.run(SECOND.times(12));
    assert_eq!((bench.state(), bench.machine.is_ready(), bench.version()), (State::Stale, true, Some(1)));
    bench.publish(2, &["a", "b"]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(2)));
}

#[test]
fn a_blank_key_is_not_taken_where_the_original_lost_all_gateways() {
    let mut bench = Bench::started();
    bench.entry = Some(Configuration { text: "\n".into(), ..configuration(2, &[]) });
    bench.run(SECOND.times(12));
    assert_eq!((bench.state(), bench.version(), rejection(&bench)), (State::Rejecting, Some(1), Some(Rejection::Blank)));
}

#[test]
fn a_text_without_gateways_is_taken_only_if_they_are_retired() {
    let mut bench = Bench::started();
    bench.publish(2, &[]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Rejecting, Some(1)));
    bench.entry = Some(retiring(3, &[], &["a"]));
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version(), bench.machine.is_ready()), (State::Empty, Some(3), true));
}

#[test]
fn an_invalid_text_is_checked_once_and_the_old_one_stays_until_it_is_mended() {
    let mut bench = Bench::started();
    bench.entry = Some(invalid(2));
    bench.run(Duration::minutes(5));
    assert_eq!((bench.state(), bench.version(), bench.machine.is_ready()), (State::Rejecting, Some(1), true));
    assert_eq!(bench.times(|effect| matches!(effect, Effect::Check { .. })), [0, 5]);
    bench.publish(3, &["a", "b"]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(3)));
}

#[test]
fn a_vault_restored_from_an_old_copy_takes_nothing_back_and_an_empty_one_may_be_filled_anew() {
    let mut bench = Bench::new();
    bench.publish(7, &["a"]);
    bench.tell(Input::Started { kept: None });
    bench.publish(5, &["a", "b"]);
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version(), rejection(&bench)), (State::Rejecting, Some(7), Some(Rejection::Older)));
    bench.entry =
        Some(Configuration { revision: Revision { version: 1, written: Timestamp(900_000) }, ..configuration(7, &["a", "b"]) });
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(1)));
}

#[test]
fn a_text_of_a_vault_whose_clock_was_set_back_is_taken_once_it_has_stayed_and_a_copy_from_the_past_is_put_right_before() {
    let mut bench = Bench::new();
    bench.publish(7, &["a"]);
    bench.tell(Input::Started { kept: None });
    let early =
        |version| Configuration { revision: Revision { version, written: Timestamp(1) }, ..configuration(7, &["a", "b"]) };
    bench.entry = Some(early(8));
    bench.run(Duration::minutes(14));
    assert_eq!((bench.version(), rejection(&bench)), (Some(7), Some(Rejection::Older)));
    // Another one: it has to be stood by on its own.
    bench.entry = Some(early(9));
    bench.run(Duration::minutes(14));
    assert_eq!(bench.version(), Some(7));
    bench.run(Duration::minutes(1) + crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(9)));
}

#[test]
fn the_same_text_under_a_new_version_is_not_loaded_again() {
    let mut bench = Bench::started();
    bench.publish(2, &["a"]);
    bench.run(crate::POLL);
    assert_eq!((bench.version(), bench.loads.len(), bench.state()), (Some(2), 1, State::Serving));
}

#[test]
fn haproxy_that_ends_is_started_again_after_a_second_from_what_is_there_with_vault_away_too() {
    let mut bench = Bench::started();
    bench.vault = away();
    bench.tell(Input::HaproxyEnded);
    assert_eq!((bench.state(), bench.machine.is_ready()), (State::Restarting, false));
    assert!(bench.machine.is_alive(bench.now));
    bench.run(SECOND);
    assert_eq!((bench.state(), bench.machine.is_ready()), (State::Serving, true));
    bench.haproxy = false;
    bench.tell(Input::HaproxyEnded);
    bench.run(SECOND);
    let Some((_, Effect::Start { ticket })) = bench.log.last().cloned() else { panic!("{:?}", bench.log.last()) };
    bench.tell(Input::Loaded { ticket, result: Err("cannot bind".into()) });
    bench.haproxy = true;
    bench.run(SECOND);
    assert!(bench.machine.is_ready());
}

#[test]
fn a_reload_that_fails_leaves_the_old_text_and_is_tried_in_the_next_round() {
    let mut bench = Bench::started();
    bench.haproxy = false;
    bench.publish(2, &["a", "b"]);
    bench.run(crate::POLL);
    let Some((_, Effect::Load { ticket, .. })) = bench.log.last().cloned() else { panic!("{:?}", bench.log.last()) };
    bench.tell(Input::Loaded { ticket, result: Err("cannot bind port 80".into()) });
    assert_eq!((bench.state(), bench.version(), bench.machine.is_ready()), (State::Rejecting, Some(1), true));
    bench.haproxy = true;
    bench.run(crate::POLL);
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(2)));
}

#[test]
fn elasticsearch_away_documents_wait_and_traffic_goes_on() {
    let mut bench = Bench::started();
    bench.elasticsearch = false;
    for _ in 0..10 {
        bench.tell(Input::Logged { documents: 30_000 });
        bench.run(SECOND.times(5));
    }
    let shipper = *bench.machine.shipper();
    assert_eq!((shipper.buffered, shipper.lost, shipper.shipped), (crate::BUFFER, 50_000, 0));
    let forgotten: u64 =
        bench.log.iter().map(|(_, effect)| if let Effect::Forget { documents } = effect { *documents } else { 0 }).sum();
    assert_eq!((forgotten, bench.machine.is_ready()), (50_000, true));
    bench.elasticsearch = true;
    bench.run(SECOND.times(5));
    assert_eq!((bench.machine.shipper().buffered, bench.machine.shipper().shipped), (0, crate::BUFFER));
}

#[test]
fn a_token_that_is_not_taken_after_a_log_in_that_nobody_answered_is_told_in_other_words_in_the_next_round() {
    let mut bench = Bench::new();
    bench.longest_life = Duration::minutes(50);
    bench.tell(Input::Started { kept: None });
    bench.log_in = away();
    bench.run(Duration::minutes(31));
    assert_eq!((bench.state(), bench.machine.shows_at()), (State::Serving, bench.machine.session.ends_at()));
    bench.valid_from = 1;
    bench.run(crate::POLL);
    assert_eq!(bench.machine.trouble(), Some(&Trouble::Unread(Failure::Denied)));
    let next = Some(bench.machine.next_round);
    assert_eq!([bench.machine.shows_at(), bench.machine.quiet_until()], [next; 2]);
    bench.run(crate::POLL);
    assert_eq!(bench.machine.trouble().map(ToString::to_string), Some("vault does not answer".to_owned()));
    assert_eq!([bench.machine.shows_at(), bench.machine.quiet_until()], [None; 2]);
}
