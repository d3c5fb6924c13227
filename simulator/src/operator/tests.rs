//! Operators against the world: they bring a platform up whatever happens to their messages, and are killed anywhere.

use super::*;
use crate::fault::Fault;
use crate::testing::SMALL;
use crate::world::Next;
use model::observation::Condition;
use model::outcome::Verdict;

struct Stage {
    world: World,
    ledger: Ledger,
    operators: Vec<Operator>,
    facts: Vec<Fact>,
}

impl Stage {
    fn new(text: &str, settings: &[Settings]) -> Self {
        let desired = Desired::read("vamp.yaml", text.as_bytes()).unwrap();
        let mut world = World::new(1);
        world.furnish(&desired.connections);
        let operator = |(id, settings): (usize, &Settings)| Operator::new(id as u32, settings.clone(), desired.clone(), 1);
        let mut operators: Vec<Operator> = settings.iter().enumerate().map(operator).collect();
        operators.iter_mut().for_each(|operator| operator.begin(&mut world));
        Stage { world, ledger: Ledger::default(), operators, facts: Vec::new() }
    }

    fn step(&mut self) -> bool {
        let Some(next) = self.world.proceed() else { return false };
        if let Next::Outside { whose, call } = next {
            let mut around =
                Surroundings { world: &mut self.world, ledger: &mut self.ledger, facts: &mut self.facts, carrier: &mut Direct };
            self.operators[whose as usize].happen(call, &mut around);
        }
        let touched = self.world.touched();
        for operator in &mut self.operators {
            operator.touched(&touched, &mut self.world, &mut Direct);
        }
        true
    }

    fn run_for(&mut self, length: Duration) {
        let end = self.world.now() + length;
        while self.world.next_event_at().is_some_and(|at| at <= end) {
            self.step();
        }
    }

    /// Addresses that are not there, or not ready.
    fn missing(&self) -> Vec<String> {
        let resources = self.operators[0].desired().graph.resources();
        let wrong = resources.filter(|resource| self.world.condition(&resource.address) != Condition::Ready);
        wrong.map(|resource| format!("{}: {:?}", resource.address, self.world.condition(&resource.address))).collect()
    }

    fn verdicts(&self) -> Vec<Option<Verdict>> {
        let ended = |fact: &Fact| match fact {
            Fact::Ended { verdict, .. } => Some(*verdict),
            _ => None,
        };
        self.facts.iter().filter_map(ended).collect()
    }

    fn writes(&self) -> usize {
        let changed = |fact: &&Fact| matches!(fact, Fact::Carried { result: Ok(receipt), .. } if receipt.changed);
        self.facts.iter().filter(changed).count()
    }
}

#[test]
fn it_brings_a_platform_up_looks_once_more_and_rests() {
    let mut stage = Stage::new(SMALL, &[Settings::default()]);
    stage.run_for(Duration::minutes(30));
    assert_eq!(stage.missing(), [""; 0]);
    assert_eq!(stage.verdicts(), [Some(Verdict::Converged)]);
    assert!(stage.operators[0].is_settled() && stage.ledger.holder(stage.world.now()).is_none());
    let (writes, looks) = (stage.writes(), stage.operators[0].looks);
    assert_eq!(writes, stage.operators[0].desired().graph.len());
    stage.run_for(Duration::minutes(24 * 60));
    assert_eq!((stage.writes(), stage.operators[0].looks), (writes, looks), "nothing changes, so nothing is looked at");
}

#[test]
fn whatever_happens_to_its_messages_it_gets_there() {
    let each = |set: fn(&mut Mishaps)| {
        let mut mishaps = Mishaps::NONE;
        set(&mut mishaps);
        mishaps
    };
    let kinds = [
        each(|mishaps| mishaps.request_lost = 300_000),
        each(|mishaps| mishaps.answer_lost = 300_000),
        each(|mishaps| mishaps.doubled = 500_000),
        each(|mishaps| mishaps.late = 300_000),
        each(|mishaps| mishaps.conflict = 200_000),
        each(|mishaps| mishaps.busy = 300_000),
        each(|mishaps| mishaps.failed = 300_000),
    ];
    for mishaps in kinds {
        let mut stage = Stage::new(SMALL, &[Settings { mishaps, ..Settings::default() }]);
        stage.run_for(Duration::minutes(120));
        stage.operators[0].spare();
        stage.run_for(Duration::minutes(120));
        assert_eq!(stage.missing(), [""; 0], "{mishaps:?}");
        assert!(stage.operators[0].is_settled(), "{mishaps:?}");
    }
}

#[test]
fn killed_at_any_effect_it_gets_there_and_makes_nothing_twice() {
    let mut whole = Stage::new(SMALL, &[Settings::default()]);
    whole.run_for(Duration::minutes(30));
    let (effects, writes) = (whole.operators[0].effects(), whole.writes());
    assert!(effects > 50, "{effects}");
    for effect in (1..=effects).step_by(7) {
        let mut stage = Stage::new(SMALL, &[Settings::default()]);
        stage.operators[0].kill_at(effect, Duration::seconds(20));
        stage.run_for(Duration::minutes(60));
        assert_eq!(stage.missing(), [""; 0], "killed at {effect}");
        assert!(stage.facts.iter().any(|fact| matches!(fact, Fact::Killed { .. })));
        assert_eq!(stage.writes(), writes, "killed at {effect}");
    }
}

#[test]
fn of_two_operators_one_works_at_a_time() {
    let mut stage = Stage::new(SMALL, &[Settings::default(), Settings { first: Duration::seconds(2), ..Settings::default() }]);
    stage.run_for(Duration::minutes(60));
    assert_eq!(stage.missing(), [""; 0]);
    assert_eq!(stage.writes(), stage.operators[0].desired().graph.len());
    assert!(stage.operators.iter().all(Operator::is_settled));
    assert_eq!(stage.ledger.runs(), 1, "the second one found the lock taken, and later nothing to do");
}

#[test]
fn a_changed_spec_is_rolled_out() {
    let mut stage = Stage::new(SMALL, &[Settings::default()]);
    stage.run_for(Duration::minutes(30));
    let text = SMALL.replace("{ web: { service: web:8080 } }", "{ web: { service: web:8080 }, shop: { service: shop:80 } }");
    let next = Desired::read("vamp.yaml", text.as_bytes()).unwrap();
    let writes = stage.writes();
    stage.operators[0].change(next, &mut stage.world);
    stage.run_for(Duration::minutes(30));
    assert!(stage.writes() > writes && stage.missing().is_empty() && stage.operators[0].is_settled());
}

#[test]
fn while_a_system_does_not_answer_it_looks_again_and_again_and_changes_nothing_there() {
    let mut stage = Stage::new(SMALL, &[Settings::default()]);
    stage.run_for(Duration::minutes(30));
    let (looks, writes) = (stage.operators[0].looks, stage.writes());
    stage.world.inject(&Fault::by_hand("api", Some("main")).unwrap()).unwrap();
    let touched = stage.world.touched();
    let operator = &mut stage.operators[0];
    operator.touched(&touched, &mut stage.world, &mut Direct);
    stage.run_for(Duration::minutes(60));
    assert!(stage.operators[0].looks >= looks + 10, "{}", stage.operators[0].looks - looks);
    assert_eq!(stage.writes(), writes);
}

#[test]
fn the_same_seed_gives_the_same_hash() {
    let mishaps = Mishaps { request_lost: 50_000, doubled: 50_000, busy: 50_000, ..Mishaps::NONE };
    let run = || {
        let mut stage = Stage::new(SMALL, &[Settings { mishaps, ..Settings::default() }]);
        stage.run_for(Duration::minutes(30));
        stage.world.hash()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_double_wants_what_the_first_was_asked_for_though_that_has_not_taken_note_yet() {
    let mut stage = Stage::new(SMALL, &[Settings::default()]);
    let second = Desired::read("vamp.yaml", SMALL.as_bytes()).unwrap();
    stage.operators[0].change(second.clone(), &mut stage.world);
    let double = stage.operators[0].double(1, &mut stage.world);
    assert!(Arc::ptr_eq(double.desired(), &second));
}
