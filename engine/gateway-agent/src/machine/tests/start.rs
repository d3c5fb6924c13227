//! The start: what it needs, in which order, and what a failure of each part does.

use super::*;

#[test]
fn it_logs_in_reads_checks_and_loads_and_is_ready_then_and_not_before() {
    let mut bench = Bench::new();
    bench.haproxy = false;
    assert_eq!(bench.state(), State::Starting);
    bench.tell(Input::Started { kept: None });
    assert_eq!((bench.state(), bench.machine.is_ready()), (State::Fetching, false));
    let asked: Vec<&Effect> = bench.log.iter().map(|(_, effect)| effect).collect();
    assert!(is_log_in(asked[0]) && is_read(asked[1]) && matches!(asked[2], Effect::Check { .. }));
    let Effect::Load { ticket, configuration } = asked[3].clone() else { panic!("{asked:?}") };
    assert_eq!(configuration.revision.version, 1);
    bench.tell(Input::Loaded { ticket, result: Ok(()) });
    assert_eq!((bench.state(), bench.machine.is_ready(), bench.version()), (State::Serving, true, Some(1)));
}

#[test]
fn a_log_in_that_fails_while_vault_is_away_is_tried_in_every_round_until_it_comes_back() {
    let mut bench = Bench::new();
    bench.vault = away();
    bench.tell(Input::Started { kept: None });
    bench.run(SECOND.times(62));
    assert_eq!((bench.state(), bench.times(is_log_in).len()), (State::Fetching, 13));
    bench.vault = None;
    bench.run(SECOND.times(3));
    assert_eq!((bench.state(), bench.times(is_log_in).last()), (State::Serving, Some(&65)));
}

#[test]
fn a_log_in_that_is_refused_is_tried_less_and_less_often() {
    let mut bench = Bench::new();
    bench.log_in = Some(Failure::Forbidden("403".into()));
    bench.tell(Input::Started { kept: None });
    bench.run(Duration::minutes(10));
    let times = bench.times(is_log_in);
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] <= 10 && pauses.iter().rev().take(4).all(|pause| *pause == 60), "{pauses:?}");
    bench.log_in = None;
    bench.run(Duration::minutes(1));
    assert_eq!(bench.state(), State::Serving);
}

#[test]
fn without_its_entry_it_waits_and_takes_it_in_the_round_after_it_came() {
    let mut bench = Bench::new();
    bench.entry = None;
    bench.tell(Input::Started { kept: None });
    bench.run(SECOND.times(11));
    assert_eq!((bench.state(), bench.machine.is_ready()), (State::Fetching, false));
    bench.publish(1, &["a"]);
    bench.run(SECOND.times(4));
    assert_eq!((bench.state(), bench.times(is_read).last()), (State::Serving, Some(&15)));
}

#[test]
fn an_answer_that_never_comes_is_given_up_before_the_next_round() {
    let mut bench = Bench::new();
    let effects = bench.machine.step(bench.now, Input::Started { kept: None });
    let Effect::Ask { ticket, .. } = effects[0] else { panic!("{effects:?}") };
    assert_eq!(bench.machine.next_at(), Some(bench.now + crate::PATIENCE));
    bench.now = bench.now + crate::PATIENCE;
    assert_eq!(bench.machine.step(bench.now, Input::Woken), []);
    assert_eq!((bench.state(), bench.machine.is_alive(bench.now)), (State::Fetching, true));
    // The answer that comes too late is not taken for another.
    let late = Input::Answered { ticket, answer: Answer::LoggedIn(Ok(Lease { ttl: bench.ttl })) };
    assert_eq!(bench.machine.step(bench.now, late), []);
    bench.run(SECOND);
    assert_eq!(bench.state(), State::Serving);
}

#[test]
fn a_container_that_starts_again_while_vault_is_away_serves_what_the_last_one_left() {
    let mut bench = Bench::new();
    bench.vault = away();
    bench.tell(Input::Started { kept: Some(configuration(1, &["a"])) });
    assert_eq!((bench.state(), bench.machine.is_ready(), bench.version()), (State::Stale, true, Some(1)));
    (bench.vault, bench.entry) = (None, Some(configuration(2, &["a", "b"])));
    bench.run(SECOND.times(5));
    assert_eq!((bench.state(), bench.version()), (State::Serving, Some(2)));
}

#[test]
fn what_was_left_is_not_served_if_vault_has_something_newer_nor_if_the_check_does_not_accept_it() {
    let mut bench = Bench::new();
    bench.publish(2, &["a"]);
    bench.tell(Input::Started { kept: Some(configuration(1, &["a"])) });
    assert_eq!(bench.loads.iter().map(|loaded| loaded.revision.version).collect::<Vec<_>>(), [2]);
    let mut bench = Bench::new();
    bench.vault = away();
    bench.tell(Input::Started { kept: Some(invalid(1)) });
    assert_eq!((bench.state(), bench.loads.len()), (State::Fetching, 0));
}

#[test]
fn what_was_left_guards_against_a_shrunk_text_too() {
    let mut bench = Bench::new();
    bench.publish(2, &["a"]);
    bench.tell(Input::Started { kept: Some(configuration(1, &["a", "b"])) });
    assert_eq!(rejection(&bench), Some(Rejection::Loses(vec!["b".into()])));
    assert_eq!((bench.state(), bench.version()), (State::Rejecting, Some(1)));
}

#[test]
fn it_drains_when_it_is_asked_to_go_and_ends_when_haproxy_has() {
    let mut bench = Bench::started();
    bench.haproxy = false;
    bench.tell(Input::Logged { documents: 3 });
    bench.tell(Input::Terminate);
    assert_eq!((bench.state(), bench.machine.is_ready(), bench.machine.is_serving()), (State::Draining, false, true));
    assert_eq!(bench.log.last().map(|(_, effect)| effect.clone()), Some(Effect::Finish));
    bench.tell(Input::HaproxyEnded);
    assert_eq!((bench.state(), bench.machine.shipper().shipped, bench.machine.shipper().lost), (State::Ended, 3, 0));
    assert_eq!(bench.log.last().map(|(_, effect)| effect.clone()), Some(Effect::Exit));
}

#[test]
fn it_waits_for_a_log_store_that_comes_back_while_it_drains_and_asks_it_once_a_round() {
    let mut bench = Bench::started();
    bench.elasticsearch = false;
    bench.tell(Input::Logged { documents: 3 });
    bench.run(Duration::seconds(1));
    bench.log.clear();
    bench.tell(Input::Terminate);
    bench.run(Duration::seconds(20));
    let asked = bench.log.iter().filter(|(_, effect)| matches!(effect, Effect::Ship { .. })).count();
    assert_eq!((bench.state(), asked), (State::Draining, 5));
    bench.elasticsearch = true;
    bench.run(Duration::seconds(5));
    assert_eq!((bench.state(), bench.machine.shipper().shipped, bench.machine.shipper().lost), (State::Ended, 3, 0));
}

#[test]
fn it_does_not_drain_for_longer_than_connections_last_and_counts_what_it_gives_up() {
    let mut bench = Bench::started();
    (bench.haproxy, bench.elasticsearch) = (false, false);
    bench.tell(Input::Logged { documents: 3 });
    bench.tell(Input::Terminate);
    bench.run(DRAIN);
    assert_eq!((bench.state(), bench.machine.shipper().lost), (State::Ended, 3));
    assert_eq!((bench.machine.next_at(), bench.machine.is_alive(bench.now)), (None, false));
}
