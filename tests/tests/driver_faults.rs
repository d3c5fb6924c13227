//! The driver against the rules of the world's stores: each operation failing before its effect, after it, and done twice; each
//! store away for a while; the driver killed at every effect. The end is always the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use driver::{Answer, Consent, Effect, Input, Machine, Settings};
use model::connection::{Capacity, Connection, Endpoint};
use model::observation::{Listing, Observed, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError};
use model::outcome::{JournalEntry, Outcome, StepResult, Verdict};
use model::plan::{Action, FORMAT_VERSION, Plan, Step};
use model::resource::{Role, Scope};
use model::{Address, Duration, Kind, System, Timestamp, Value};
use port::{Event, Platform, PlatformError, Request};
use simulator::fault::{Fault as Broken, Injection, Schedule};
use simulator::world::{Edit, World};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

const SYSTEMS: [&str; 3] = ["vault", "mysql", "elasticsearch.central"];
const LATENCY: Duration = Duration(20);

/// What becomes of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Before,
    After,
    Twice,
}

/// The world behind the driver's port, with one fault. A journal write is durable as soon as it is asked for.
struct Attached {
    world: World,
    /// The operation of this number meets this fault.
    fault: Option<(usize, Fault)>,
    operations: usize,
    journal: Vec<JournalEntry>,
    due: BTreeMap<(Timestamp, usize), Due>,
    sequence: usize,
}

enum Due {
    Execute(port::Ticket, Operation),
    Event(Event),
}

impl Attached {
    fn new(world: World, fault: Option<(usize, Fault)>) -> Self {
        Attached { world, fault, operations: 0, journal: Vec::new(), due: BTreeMap::new(), sequence: 0 }
    }

    fn schedule(&mut self, at: Timestamp, due: Due) {
        self.sequence += 1;
        self.due.insert((at, self.sequence), due);
    }

    fn answer(&mut self, due: Due) -> Event {
        let (ticket, operation) = match due {
            Due::Event(event) => return event,
            Due::Execute(ticket, operation) => (ticket, operation),
        };
        let fault = self.fault.filter(|(number, _)| *number == self.operations).map(|(_, fault)| fault);
        self.operations += 1;
        let lost = || OperationError::Unreachable("connection reset by peer".to_owned());
        let result = match fault {
            None => self.world.execute(&operation),
            Some(Fault::Before) => Err(lost()),
            Some(Fault::After) => self.world.execute(&operation).and_then(|_| Err(lost())),
            Some(Fault::Twice) => self.world.execute(&operation).and_then(|_| self.world.execute(&operation)),
        };
        Event::Executed { ticket, result }
    }
}

impl Platform for Attached {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn submit(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Record { ticket, entries } => {
                self.journal.extend(entries);
                self.schedule(now, Due::Event(Event::Recorded { ticket }));
            }
            Request::Execute { ticket, operation } => self.schedule(now + LATENCY, Due::Execute(ticket, operation)),
            Request::Watch { ticket, address, until } => {
                let condition = self.world.awaited(&address, until);
                self.schedule(now, Due::Event(Event::Readiness { ticket, condition }));
            }
            Request::Append { ticket, chain, documents } => {
                let result = self.world.append(&chain, &documents);
                self.schedule(now + LATENCY, Due::Event(Event::Appended { ticket, result }));
            }
            Request::Wake { at } => self.schedule(at, Due::Event(Event::Woken)),
        }
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        let ((at, _), due) = self.due.pop_first().expect("the driver waits for something");
        self.world.advance_to(at);
        Ok(vec![self.answer(due)])
    }
}

fn now_or_panic<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the world never waits"),
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A document for any kind, told apart by `text`.
fn document(text: &str) -> Arc<Value> {
    let mut document = Value::EMPTY_MAP;
    document.set(&["description"], text);
    document.set(&["data", "configuration"], text);
    document.into()
}

fn furnished() -> World {
    let mut world = World::new(11);
    let connection = |system: &&str| Connection {
        capacity: Capacity { durable: true, ..Capacity::default() },
        ..Connection::new(system.parse().unwrap(), Endpoint::Embedded)
    };
    world.furnish(&SYSTEMS.iter().map(connection).collect::<Vec<_>>());
    for text in [
        "vault/mount/before",
        "vault/policy/update",
        "mysql/user/replace",
        "mysql/schema/old",
        "elasticsearch.central/search-role/delete",
    ] {
        let earlier = document("earlier");
        let mark = Mark { platform: "acme".into(), applied: earlier.digest(), scope: Scope::PLATFORM };
        let (address, expected) = (address(text), Expectation::Absent);
        world.execute(&Operation::Apply { address, document: earlier, mark, expected, force: false }).unwrap();
    }
    let theirs = Edit::Create { document: Value::clone(&document("theirs")) };
    world.edit(&address("vault/policy/adopt"), &theirs).unwrap();
    world
}

/// A plan with every action, made for what is there in `world`. What is done already is only kept.
fn plan(world: &World) -> Plan {
    let rows = [
        (Action::Create, "vault/mount/acme", vec![]),
        (Action::Update, "vault/policy/update", vec![]),
        (Action::Adopt, "vault/policy/adopt", vec!["vault/policy/update"]),
        (Action::Create, "vault/kv/acme/shop/configuration", vec!["vault/mount/acme", "vault/policy/update"]),
        (Action::Create, "vault/auth-method/acme-eu-1", vec!["vault/mount/acme"]),
        (Action::Create, "vault/auth-role/acme-eu-1/agent", vec!["vault/auth-method/acme-eu-1"]),
        (Action::Create, "mysql/schema/acme-shop", vec![]),
        (Action::Move, "mysql/schema/new", vec!["mysql/schema/acme-shop"]),
        (Action::Create, "mysql/table/acme-shop/artifacts", vec!["mysql/schema/acme-shop"]),
        (Action::Replace, "mysql/user/replace", vec![]),
        (Action::Create, "mysql/grant/replace/acme-shop", vec!["mysql/user/replace", "mysql/schema/acme-shop"]),
        (Action::Create, "elasticsearch.central/lifecycle-policy/traffic", vec!["vault/kv/acme/shop/configuration"]),
        (Action::Create, "elasticsearch.central/index-template/traffic", vec!["elasticsearch.central/lifecycle-policy/traffic"]),
        (Action::Delete, "elasticsearch.central/search-role/delete", vec!["elasticsearch.central/index-template/traffic"]),
    ];
    let steps = rows.into_iter().map(|(action, text, after)| step(world, action, text, &after)).collect();
    Plan {
        format_version: FORMAT_VERSION,
        made_at: "2026-11-24T12:00:00Z".to_owned(),
        platform: "acme".into(),
        spec_digest: "spec".into(),
        acts_on: Vec::new(),
        connections: Vec::new(),
        pinned_to: Default::default(),
        steps,
        report: Vec::new(),
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 0,
        digest: "plan".into(),
    }
}

fn step(world: &World, action: Action, text: &str, after: &[&str]) -> Step {
    let wanted = (action != Action::Delete).then(|| document("wanted"));
    let subject = address(text);
    let moved_from = (action == Action::Move).then(|| address("mysql/schema/old"));
    let there = world.find(&address(text)).unwrap();
    let seen = moved_from.as_ref().and_then(|from| world.find(from).unwrap()).or(there.clone());
    let is_done = there.as_ref().and_then(|seen| seen.applied.clone()) == wanted.as_ref().map(|wanted| wanted.digest());
    Step {
        address: address(text),
        action: match action {
            _ if is_done => Action::Keep,
            Action::Replace if there.is_none() => Action::Create,
            action => action,
        },
        causes: Vec::new(),
        after: after.iter().map(|text| address(text)).collect(),
        expected: seen.map_or(Expectation::Absent, |seen| Expectation::Version(seen.pin(subject.kind().family()))),
        scope: Scope::PLATFORM,
        role: Role::Plain,
        changes: Vec::new(),
        document: wanted,
        moved_from,
        deferred: false,
        destroys_data: false,
    }
}

fn machine(plan: &Plan) -> Machine {
    let consent = Consent::given(plan, Answer::Flag, []).unwrap();
    Machine::new(plan, Settings::default(), consent, 1).unwrap()
}

fn apply(attached: &mut Attached) -> Outcome {
    let machine = machine(&plan(&attached.world));
    now_or_panic(driver::run(attached, machine, &mut |_| {})).unwrap()
}

/// All that is there. Versions are left out but for KV entries, where one too many is a write too many.
fn seen(world: &World) -> BTreeMap<Address, (Arc<Value>, Owner, Option<String>)> {
    let mut all = BTreeMap::new();
    let told = |address: &Address, seen: &Observed| {
        let version = (address.kind() == Kind::Kv).then(|| seen.version.to_string());
        (seen.document.clone(), seen.owner.clone(), version)
    };
    for system in SYSTEMS.map(|system| system.parse::<System>().unwrap()) {
        for kind in Kind::ALL {
            if let Listing::Complete(objects) = world.list(&system, *kind) {
                all.extend(objects.iter().map(|(address, object)| (address.clone(), told(address, object))));
            }
        }
    }
    all
}

/// The end of a run in which nothing goes wrong, and how many operations it takes.
fn undisturbed() -> (World, usize) {
    let mut calm = Attached::new(furnished(), None);
    let outcome = apply(&mut calm);
    assert_eq!(outcome.verdict, Verdict::Converged, "{outcome:?}");
    assert_eq!(seen(&calm.world).len(), 14, "{:?}", seen(&calm.world));
    (calm.world, calm.operations)
}

#[test]
fn every_operation_may_fail_before_its_effect_or_after_it_or_be_done_twice() {
    let (calm, operations) = undisturbed();
    assert_eq!(operations, 15, "one a step, two for the replacement");
    for (number, fault) in
        (0..operations).flat_map(|number| [Fault::Before, Fault::After, Fault::Twice].map(|fault| (number, fault)))
    {
        let mut attached = Attached::new(furnished(), Some((number, fault)));
        let outcome = apply(&mut attached);
        assert_eq!(outcome.verdict, Verdict::Converged, "operation {number}, {fault:?}: {outcome:?}");
        assert_eq!(seen(&attached.world), seen(&calm), "operation {number}, {fault:?}");
    }
}

#[test]
fn a_store_that_is_away_for_a_while_is_waited_for() {
    let (calm, _) = undisturbed();
    let faults = [("vault", None), ("mysql", None), ("elasticsearch", Some("central"))];
    let faults = faults.map(|(word, name)| Broken::by_hand(word, name).unwrap());
    for (fault, begin) in faults.iter().flat_map(|fault| (0..8).map(move |tenth| (fault, Duration(tenth * 10)))) {
        let mut world = furnished();
        let now = world.now();
        let injection = Injection { id: 1, at: begin, fault: fault.clone(), lasts: Some(Duration::seconds(15)) };
        world.install(&Schedule::from(vec![injection]));
        let mut attached = Attached::new(world, None);
        let outcome = apply(&mut attached);
        assert_eq!(outcome.verdict, Verdict::Converged, "{fault} away after {begin}: {outcome:?}");
        let tried_again = outcome.steps.iter().any(|step| step.attempts > 1);
        assert!(tried_again || begin > Duration::ZERO, "{fault} was away and nobody noticed");
        attached.world.advance_to(now + Duration::minutes(1));
        assert_eq!(seen(&attached.world), seen(&calm), "{fault} away after {begin}");
    }
}

#[test]
fn a_store_that_stays_away_fails_its_own_steps_and_what_comes_after_them() {
    let mut attached = Attached::new(furnished(), None);
    let plan = plan(&attached.world);
    attached.world.inject(&Broken::by_hand("vault", None).unwrap()).unwrap();
    let outcome = now_or_panic(driver::run(&mut attached, machine(&plan), &mut |_| {})).unwrap();
    assert_eq!(outcome.verdict, Verdict::Partial);
    for step in &outcome.steps {
        let of_mysql = step.address.system_text() == "mysql";
        assert_eq!(matches!(step.result, StepResult::Done { .. }), of_mysql, "{step:?}");
    }
}

/// Apply and be killed after so many effects; whether that was before the end.
fn apply_and_kill(attached: &mut Attached, effects: usize) -> bool {
    let mut machine = machine(&plan(&attached.world));
    let (mut input, mut left) = (Input::Start, effects);
    loop {
        for effect in machine.step(attached.now(), input) {
            if left == 0 {
                return true;
            }
            left -= 1;
            match effect {
                Effect::Request(request) => attached.submit(request),
                Effect::Progress(_) => {}
                Effect::Finished(_) => return false,
            }
        }
        input = Input::Events(now_or_panic(attached.next()).unwrap());
    }
}

#[test]
fn killed_at_any_effect_the_next_apply_ends_where_an_undisturbed_one_does() {
    let (calm, _) = undisturbed();
    for lucky in [false, true] {
        let mut effects = 0;
        loop {
            let mut killed = Attached::new(furnished(), None);
            if !apply_and_kill(&mut killed, effects) {
                break;
            }
            // What was on its way when the driver died arrives, or does not.
            for (_, due) in std::mem::take(&mut killed.due) {
                if lucky {
                    killed.answer(due);
                }
            }
            let mut second = Attached::new(killed.world, None);
            let outcome = apply(&mut second);
            assert_eq!(outcome.verdict, Verdict::Converged, "killed after {effects}, {lucky}: {outcome:?}");
            assert_eq!(seen(&second.world), seen(&calm), "killed after {effects}, {lucky}");
            effects += 1;
        }
        assert!(effects > 50, "{effects}");
    }
}
