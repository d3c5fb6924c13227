//! What holds whatever happens.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happening {
    Vault(Option<Failure>),
    LogIn(Option<Failure>),
    Revoke,
    Publish(Vec<&'static str>),
    PublishInvalid,
    PublishBlank,
    Retire,
    Restore(u64),
    Delete,
    HaproxyEnds,
    Pass(u64),
}

fn failure() -> impl Strategy<Value = Option<Failure>> {
    prop_oneof![
        3 => Just(None),
        3 => Just(away()),
        1 => Just(Some(Failure::Forbidden("403".into()))),
        1 => Just(Some(Failure::Denied)),
        1 => Just(Some(Failure::Missing("404".into()))),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let gateways = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    prop_oneof![
        2 => failure().prop_map(Happening::Vault),
        1 => failure().prop_map(Happening::LogIn),
        1 => Just(Happening::Revoke),
        3 => gateways.prop_map(Happening::Publish),
        1 => Just(Happening::PublishInvalid),
        1 => Just(Happening::PublishBlank),
        1 => Just(Happening::Retire),
        1 => (0..3_u64).prop_map(Happening::Restore),
        1 => Just(Happening::Delete),
        1 => Just(Happening::HaproxyEnds),
        6 => (1..4_000_u64).prop_map(Happening::Pass),
        2 => (1..40_u64).prop_map(Happening::Pass),
    ]
}

fn happen(bench: &mut Bench, version: &mut u64, happening: Happening) {
    let mut next = |gateways: &[&str]| {
        *version += 1;
        let revision = Revision { version: *version, written: bench.now };
        Configuration { revision, ..configuration(1, gateways) }
    };
    match happening {
        Happening::Vault(failure) => bench.vault = failure,
        Happening::LogIn(failure) => bench.log_in = failure,
        Happening::Revoke => bench.valid_from += 1,
        Happening::Publish(gateways) => bench.entry = Some(next(&gateways)),
        Happening::PublishInvalid => bench.entry = Some(Configuration { text: invalid(1).text, ..next(&[]) }),
        Happening::PublishBlank => bench.entry = Some(Configuration { text: " ".into(), ..next(&[]) }),
        Happening::Retire => {
            bench.entry = Some(Configuration { retired: vec!["a".into(), "b".into(), "c".into()], ..next(&[]) });
        }
        Happening::Restore(back) => {
            if let Some(entry) = &mut bench.entry {
                entry.revision.version = entry.revision.version.saturating_sub(back);
                entry.revision.written = Timestamp(entry.revision.written.0.saturating_sub(back * 1_000_000));
            }
        }
        Happening::Delete => bench.entry = None,
        Happening::HaproxyEnds => bench.tell(Input::HaproxyEnded),
        Happening::Pass(seconds) => bench.run(Duration::seconds(seconds)),
    }
}

proptest! {
    /// Nothing is loaded that was not checked; nothing older, blank or shrunk unasked is loaded; once it serves it goes on, but for the
    /// second in which HAProxy is started again; and when all is well again it serves what is published within two minutes.
    #[test]
    fn it_keeps_its_promises(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut bench = Bench::started();
        let mut version = 1;
        for happening in happenings {
            let passes = matches!(happening, Happening::Pass(_));
            happen(&mut bench, &mut version, happening);
            prop_assert!(bench.machine.is_ready() || !passes);
            prop_assert!(bench.machine.is_alive(bench.now));
        }
        let mut checked: Vec<Arc<str>> = Vec::new();
        for (_, effect) in &bench.log {
            match effect {
                Effect::Check { text, .. } if !text.contains("bad") => checked.push(text.clone()),
                Effect::Load { configuration, .. } => prop_assert!(checked.contains(&configuration.text)),
                _ => {}
            }
        }
        for pair in bench.loads.windows(2) {
            // Or stood by, as only what is in doubt can be.
            let (before, after) = (pair[0].revision, pair[1].revision);
            prop_assert!(after.is_newer_than(before) || after.is_in_doubt_beside(before), "{:?}", pair);
            prop_assert!(!pair[1].text.trim().is_empty());
            let (before, after) = (Known::of(&pair[0]).inventory, Known::of(&pair[1]).inventory);
            let unasked = before.lost_in(&after).filter(|name| !pair[1].retired.iter().any(|retired| retired == name)).count();
            prop_assert_eq!(unasked, 0);
        }
        (bench.vault, bench.log_in) = (None, None);
        let all = Configuration { retired: vec![], ..configuration(1, &["a", "b", "c"]) };
        bench.run(Duration::minutes(2));
        bench.entry = Some(Configuration { revision: Revision { version: version + 1, written: bench.now }, ..all });
        bench.run(Duration::minutes(2));
        prop_assert_eq!((bench.state(), bench.version()), (State::Serving, Some(version + 1)));
    }

    /// Rounds that [`Machine::quiet_until`] allows to pass over change nothing: an agent that is only woken then, and when something
    /// around it changes, is seen as one that goes through every round.
    #[test]
    fn rounds_that_are_passed_over_change_nothing(happenings in prop::collection::vec(happening(), 1..40)) {
        let (mut eager, mut lazy) = (Bench::started(), Bench::started());
        let (mut eager_version, mut lazy_version) = (1, 1);
        for happening in happenings {
            if let Happening::Pass(seconds) = happening {
                // A millisecond more each time, so that no change falls on the very instant of a round.
                let length = Duration(seconds * 1000 + 1);
                eager.run(length);
                pass_over(&mut lazy, length);
            } else {
                happen(&mut eager, &mut eager_version, happening.clone());
                happen(&mut lazy, &mut lazy_version, happening);
                // Where something changes, the next round is gone through.
                lazy.entry = eager.entry.clone();
            }
            prop_assert_eq!(eager.state(), lazy.state());
            prop_assert_eq!(eager.machine.revision(), lazy.machine.revision());
            prop_assert_eq!(eager.machine.trouble(), lazy.machine.trouble());
            prop_assert_eq!(eager.loads.len(), lazy.loads.len());
            prop_assert_eq!(eager.machine.confirmed_by(eager.now), lazy.machine.confirmed_by(lazy.now));
            prop_assert_eq!((eager.token, eager.life_ends), (lazy.token, lazy.life_ends));
        }
        prop_assert!(lazy.log.len() <= eager.log.len());
    }
}

/// Let time pass as a simulation does: the next round after a change, and then only what cannot be passed over.
fn pass_over(bench: &mut Bench, length: Duration) {
    let end = bench.now + length;
    let mut round = Some(bench.machine.round_from(bench.now));
    while let Some(at) = [round, bench.machine.quiet_until()].into_iter().flatten().min().filter(|at| *at <= end) {
        round = round.filter(|round| *round > at);
        bench.now = at.max(bench.now);
        bench.machine.pass_over(bench.now);
        bench.tell(Input::Woken);
    }
    bench.now = end;
    bench.machine.pass_over(end);
}
