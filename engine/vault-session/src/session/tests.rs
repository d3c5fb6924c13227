//! Log-in, renewal, the end of a token's longest life, and what is tried again when.

use super::*;
use proptest::prelude::*;

const HOUR: Duration = Duration::minutes(60);

fn at(seconds: u64) -> Timestamp {
    Timestamp(seconds * 1000)
}

fn away() -> Result<Lease, Failure> {
    Err(Failure::Away("vault does not answer".into()))
}

fn refused() -> Result<Lease, Failure> {
    Err(Failure::Refused("400: invalid role name".into()))
}

fn open() -> Session {
    let mut session = Session::new("agent");
    session.logged_in(at(0), &Ok(Lease { ttl: HOUR }));
    session
}

#[test]
fn a_token_is_renewed_at_half_of_its_time() {
    let mut session = open();
    assert_eq!([session.next(at(0)), session.next(at(1799))], [Next::Use; 2]);
    assert_eq!(session.next(at(1800)), Next::Renew(HOUR));
    session.renewed(at(1800), &Ok(Lease { ttl: HOUR }));
    assert_eq!((session.next(at(1800)), session.due()), (Next::Use, Some(at(3600))));
}

#[test]
fn a_renewal_that_nobody_answers_is_tried_in_the_next_round_and_the_token_is_used_to_its_end() {
    let mut session = open();
    session.renewed(at(1800), &away());
    assert_eq!((session.next(at(1800)), session.next(at(1805))), (Next::Use, Next::Renew(HOUR)));
    assert_eq!(session.due(), Some(at(3600)));
    assert_eq!((session.is_open(at(3599)), session.is_open(at(3600))), (true, false));
    assert_eq!(session.next(at(3600)), Next::LogIn);
}

#[test]
fn a_token_near_the_end_of_its_longest_life_is_replaced_before_that_end() {
    let mut session = open();
    session.renewed(at(1800), &Ok(Lease { ttl: Duration::minutes(40) }));
    assert_eq!(session.next(at(1800)), Next::LogIn);
    session.logged_in(at(1800), &away());
    assert_eq!((session.next(at(1800)), session.next(at(1805)), session.is_open(at(4199))), (Next::Use, Next::LogIn, true));
    session.logged_in(at(1805), &Ok(Lease { ttl: HOUR }));
    assert_eq!((session.next(at(1805)), session.due()), (Next::Use, Some(at(1805 + 1800))));
}

#[test]
fn a_log_in_that_nobody_answers_is_tried_in_every_round() {
    let mut session = Session::new("agent");
    for round in [0, 5, 10, 10_000] {
        assert_eq!(session.next(at(round)), Next::LogIn);
        session.logged_in(at(round), &away());
        assert_eq!((session.next(at(round)), session.due()), (Next::Wait, None));
    }
}

#[test]
fn a_log_in_that_is_refused_is_tried_after_pauses_that_grow_to_a_minute_and_differ_from_agent_to_agent() {
    let pauses = |name: &str| {
        let mut session = Session::new(name);
        let refuse = |_| {
            session.logged_in(at(0), &refused());
            session.due().unwrap().0
        };
        (0..7).map(refuse).collect::<Vec<u64>>()
    };
    let (one, two) = (pauses("one"), pauses("two"));
    for (pause, least) in one.iter().zip([5, 10, 20, 40, 60, 60, 60]) {
        assert!((least * 1000..=60_000).contains(pause), "{one:?}");
    }
    assert_eq!(one[4..], [60_000; 3]);
    assert_ne!(one, two);
}

#[test]
fn a_token_that_is_denied_is_replaced_in_the_same_round() {
    let mut session = open();
    session.denied();
    assert_eq!(session.next(at(10)), Next::LogIn);
    let mut session = open();
    session.renewed(at(1800), &Err(Failure::Denied));
    assert_eq!(session.next(at(1800)), Next::LogIn);
}

#[test]
fn a_token_that_cannot_be_renewed_is_used_until_there_is_another() {
    let mut session = open();
    session.renewed(at(1800), &Err(Failure::Refused("400: lease is not renewable".into())));
    assert_eq!(session.next(at(1800)), Next::LogIn);
    session.logged_in(at(1800), &refused());
    assert_eq!((session.next(at(1800)), session.is_open(at(3599))), (Next::Use, true));
}

#[test]
fn a_token_without_an_end_is_never_renewed() {
    let mut session = Session::new("agent");
    session.logged_in(at(0), &Ok(Lease { ttl: Duration::ZERO }));
    assert_eq!((session.next(at(1 << 40)), session.due()), (Next::Use, None));
}

fn answer() -> impl Strategy<Value = Result<Lease, Failure>> {
    prop_oneof![
        4 => (0..4_000_u64).prop_map(|seconds| Ok(Lease { ttl: Duration::seconds(seconds) })),
        2 => Just(away()),
        1 => Just(refused()),
        1 => Just(Err(Failure::Denied)),
    ]
}

proptest! {
    /// Whatever Vault answers, a program without a token has asked for one not longer than the longest pause ago: it is never stuck.
    #[test]
    fn it_never_waits_for_good(answers in prop::collection::vec(answer(), 1..200)) {
        let mut session = Session::new("agent");
        let mut round = at(0);
        let mut last_try = round;
        for answer in answers {
            match session.next(round) {
                Next::LogIn => {
                    session.logged_in(round, &answer);
                    last_try = round;
                }
                Next::Renew(_) => session.renewed(round, &answer),
                Next::Use => last_try = round,
                Next::Wait => {}
            }
            prop_assert!(round.since(last_try) <= LONGEST_PAUSE);
            round = round + Duration::seconds(5);
        }
    }
}
