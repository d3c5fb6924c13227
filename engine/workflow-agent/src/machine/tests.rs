//! The agent against a Vault, a Vamp and an Elasticsearch of a few lines.

use super::*;
use crate::{Health, Outcome};
use proptest::prelude::*;

const WORKFLOW: Workflow =
    Workflow { period: Duration::seconds(60), timeout: Duration::seconds(60), window: Duration::seconds(500) };

struct Bench {
    now: Timestamp,
    machine: Machine,
    vault: Option<Failure>,
    workflow: Option<Workflow>,
    token: bool,
    vamp: bool,
    /// Whether it takes and gives; nothing if it never answers.
    elasticsearch: Option<bool>,
    lines: u64,
    written: Vec<(Timestamp, Vec<Finding>, Option<Gap>)>,
    log: Vec<(Timestamp, Effect)>,
}

impl Bench {
    fn new() -> Self {
        let now = Timestamp(3_000);
        Bench {
            now,
            machine: Machine::new("eu-1/shop/agent", now),
            vault: None,
            workflow: Some(WORKFLOW),
            token: false,
            vamp: true,
            elasticsearch: Some(true),
            lines: 100,
            written: Vec::new(),
            log: Vec::new(),
        }
    }

    fn started() -> Self {
        let mut bench = Bench::new();
        bench.tell(Input::Started);
        bench
    }

    fn tell(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for effect in self.machine.step(self.now, input) {
                self.log.push((self.now, effect.clone()));
                inputs.extend(self.answer(effect));
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Input> {
        let well = self.vault.clone().map_or(Ok(()), Err);
        let away = || "elasticsearch does not answer".to_owned();
        Some(match effect {
            Effect::Ask { ticket, question } => {
                let lease = Lease { ttl: Duration::minutes(60) };
                let valid = if self.token { Ok(()) } else { Err(Failure::Denied) };
                let missing = || Failure::Missing("404".to_owned());
                let answer = match question {
                    Question::LogIn => {
                        self.token |= well.is_ok();
                        Answer::LoggedIn(well.map(|()| lease))
                    }
                    Question::Renew(_) => Answer::Renewed(well.and(valid).map(|()| lease)),
                    Question::Read => Answer::Read(well.and(valid).and_then(|()| self.workflow.ok_or_else(missing))),
                };
                Input::Answered { ticket, answer }
            }
            Effect::List { ticket } => {
                let subjects = vec![Subject { gateway: "storefront".into(), route: None }];
                Input::Listed { ticket, result: if self.vamp { Ok(subjects) } else { Err("vamp does not answer".to_owned()) } }
            }
            Effect::Count { ticket, subjects, .. } => {
                let tally = Tally { lines: self.lines, failures: 0, milliseconds: 0 };
                let tallies = subjects.into_iter().map(|subject| (subject, tally)).collect();
                Input::Counted { ticket, result: if self.elasticsearch? { Ok(tallies) } else { Err(away()) } }
            }
            Effect::Write { ticket, findings, gap } => {
                self.written.push((self.now, findings, gap));
                Input::Written { ticket, result: if self.elasticsearch? { Ok(()) } else { Err(away()) } }
            }
            Effect::Forget { .. } | Effect::Exit => return None,
        })
    }

    fn run(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(at) = self.machine.next_at().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.tell(Input::Woken);
        }
        self.now = end;
    }

    fn runs(&self) -> Vec<u64> {
        let began = |(at, effect): &(Timestamp, Effect)| {
            matches!(effect, Effect::List { .. }).then(|| at.since(self.machine.started()).0 / 1000)
        };
        self.log.iter().filter_map(began).collect()
    }
}

fn away() -> Option<Failure> {
    Some(Failure::Away("vault does not answer".to_owned()))
}

#[test]
fn it_runs_at_once_and_then_every_period() {
    let mut bench = Bench::started();
    bench.run(Duration::seconds(200));
    assert_eq!((bench.runs(), bench.machine.state()), (vec![0, 60, 120, 180], State::Idle));
    assert_eq!((bench.written.len(), bench.written[0].1[0].health), (4, Health::Healthy));
}

#[test]
fn it_cannot_start_without_vault_and_asks_every_five_seconds() {
    let mut bench = Bench::new();
    bench.vault = away();
    bench.tell(Input::Started);
    bench.run(Duration::seconds(23));
    assert_eq!((bench.machine.state(), bench.runs(), bench.machine.is_ready()), (State::Fetching, vec![], false));
    bench.vault = None;
    bench.run(Duration::seconds(65));
    assert_eq!((bench.runs(), bench.machine.is_ready()), (vec![25, 85], true));
}

#[test]
fn once_it_has_its_workflow_it_runs_on_without_vault_with_a_dead_token_too() {
    let mut bench = Bench::started();
    bench.vault = away();
    bench.run(Duration::minutes(180));
    assert_eq!(bench.written.len(), 181);
    assert!(bench.machine.trouble().is_some_and(Failure::is_away));
}

#[test]
fn a_changed_workflow_is_taken_over_with_the_next_run() {
    let mut bench = Bench::started();
    bench.workflow = Some(Workflow { period: Duration::seconds(90), ..WORKFLOW });
    bench.run(Duration::seconds(300));
    assert_eq!(bench.runs(), [0, 60, 150, 240]);
}

#[test]
fn no_lines_are_unknown_and_never_healthy() {
    let mut bench = Bench::new();
    bench.lines = 0;
    bench.tell(Input::Started);
    assert_eq!(bench.written[0].1[0].health, Health::Unknown);
}

#[test]
fn elasticsearch_away_is_a_gap_that_is_written_down_with_the_first_results_after_it() {
    let mut bench = Bench::started();
    bench.elasticsearch = Some(false);
    bench.run(Duration::seconds(185));
    let history = bench.machine.history_by(bench.now);
    assert_eq!((history.runs, history.failures, history.gap_since), (1, 3, Some(Timestamp(63_000))));
    bench.elasticsearch = Some(true);
    bench.run(Duration::seconds(60));
    let gap = Gap { from: Timestamp(63_000), until: Timestamp(243_000) };
    assert_eq!(bench.written.last().map(|(_, _, gap)| *gap), Some(Some(gap)));
    assert_eq!(bench.machine.history_by(bench.now).gap_since, None);
}

#[test]
fn without_vamp_nothing_is_found_and_the_next_period_tries_again() {
    let mut bench = Bench::new();
    bench.vamp = false;
    bench.tell(Input::Started);
    bench.run(Duration::seconds(70));
    let last = bench.machine.history_by(bench.now).last().cloned().unwrap();
    assert_eq!((last.outcome, bench.runs().len()), (Outcome::Failed("vamp does not answer".to_owned()), 2));
    bench.vamp = true;
    bench.run(Duration::seconds(60));
    assert!(bench.machine.history_by(bench.now).last().unwrap().outcome.is_done());
}

#[test]
fn a_run_that_takes_too_long_is_cut_off_and_one_that_would_overlap_is_skipped() {
    let mut bench = Bench::new();
    bench.elasticsearch = None;
    bench.workflow = Some(Workflow { timeout: Duration::seconds(150), ..WORKFLOW });
    bench.tell(Input::Started);
    bench.run(Duration::seconds(170));
    let history = bench.machine.history_by(bench.now);
    assert_eq!((history.skipped, history.failures, bench.runs()), (2, 1, vec![0]));
    assert_eq!(history.last().unwrap().outcome, Outcome::TimedOut);
    // What comes after the cut-off is not taken for an answer to the next run.
    let Some((_, Effect::Count { ticket, .. })) =
        bench.log.iter().rfind(|(_, effect)| matches!(effect, Effect::Count { .. })).cloned()
    else {
        panic!("{:?}", bench.log)
    };
    assert_eq!(bench.machine.step(bench.now, Input::Counted { ticket, result: Ok(Vec::new()) }), []);
    bench.elasticsearch = Some(true);
    bench.run(Duration::seconds(20));
    assert_eq!(bench.runs(), [0, 180]);
}

#[test]
fn a_loop_that_stands_still_is_not_alive() {
    let bench = Bench::started();
    let next = bench.machine.next_at().unwrap();
    assert!(bench.machine.is_alive(next) && !bench.machine.is_alive(next + STUCK));
    let mut bench = Bench::started();
    bench.tell(Input::Terminate);
    assert_eq!((bench.machine.state(), bench.machine.next_at()), (State::Ended, None));
}

#[derive(Clone, Debug)]
enum Happening {
    Vault(bool),
    Vamp(bool),
    Elasticsearch(bool),
    Workflow(Option<u64>),
    Pass(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        any::<bool>().prop_map(Happening::Vault),
        any::<bool>().prop_map(Happening::Vamp),
        any::<bool>().prop_map(Happening::Elasticsearch),
        prop::option::of(10..200_u64).prop_map(Happening::Workflow),
        (1..10_000_u64).prop_map(Happening::Pass),
    ]
}

fn happen(bench: &mut Bench, happening: &Happening) {
    match happening {
        Happening::Vault(well) => bench.vault = if *well { None } else { away() },
        Happening::Vamp(well) => bench.vamp = *well,
        Happening::Elasticsearch(well) => bench.elasticsearch = Some(*well),
        Happening::Workflow(period) => {
            bench.workflow = period.map(|seconds| Workflow { period: Duration::seconds(seconds), ..WORKFLOW });
        }
        Happening::Pass(_) => {}
    }
}

proptest! {
    /// Rounds that are passed over end as those that are gone through.
    #[test]
    fn rounds_that_are_passed_over_change_nothing(happenings in prop::collection::vec(happening(), 1..30)) {
        let (mut eager, mut lazy) = (Bench::started(), Bench::started());
        for happening in &happenings {
            happen(&mut eager, happening);
            happen(&mut lazy, happening);
            if let Happening::Pass(seconds) = happening {
                let length = Duration(seconds * 1000 + 1);
                eager.run(length);
                pass_over(&mut lazy, length);
            }
            prop_assert_eq!(eager.machine.state(), lazy.machine.state());
            prop_assert_eq!(eager.machine.workflow(), lazy.machine.workflow());
            prop_assert_eq!(eager.machine.trouble(), lazy.machine.trouble());
            let (one, other) = (eager.machine.history_by(eager.now), lazy.machine.history_by(lazy.now));
            prop_assert_eq!(one, other);
        }
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
