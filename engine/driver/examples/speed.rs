//! How much time the machine itself takes for a step, at growing sizes: `cargo run --release -p driver --example speed`.
//!
//! Every answer comes at once, so that nothing is measured but the machine.

#![expect(clippy::print_stdout, reason = "a figure is printed for a person")]
#![expect(clippy::disallowed_methods, reason = "this measures real time")]
#![expect(clippy::expect_used, reason = "a plan made here is right, or the figure is worth nothing")]

use driver::{Answer, Consent, Effect, Input, Machine, Settings};
use model::operation::{Expectation, Receipt};
use model::plan::{Action, FORMAT_VERSION, Plan, Step};
use model::resource::{Role, Scope};
use model::{Timestamp, Value};
use port::{Event, Request};
use std::time::Instant;

/// What a step comes after.
type Before = fn(usize) -> Vec<usize>;

/// Ways in which steps may come after one another.
const SHAPES: [(&str, Before); 3] = [
    ("independent", |_| Vec::new()),
    ("cells of ten", |index| if index % 10 == 0 { Vec::new() } else { vec![index - index % 10, index - 1] }),
    ("chain", |index| index.checked_sub(1).into_iter().collect()),
];

fn name(index: usize) -> String {
    const SYSTEMS: [&str; 4] = ["vault/policy", "mysql/schema", "cluster.eu-1/service/shop", "cluster.de-1/service/shop"];
    format!("{}/n{index}", SYSTEMS[index % SYSTEMS.len()])
}

fn step(index: usize, before: Vec<usize>) -> Step {
    let mut document = Value::EMPTY_MAP;
    for key in 0..20_i64 {
        document.set(&["spec", &format!("field-{key}")], key);
    }
    Step {
        address: name(index).parse().expect("an address"),
        action: Action::Create,
        causes: Vec::new(),
        after: before.into_iter().map(|before| name(before).parse().expect("an address")).collect(),
        expected: Expectation::Absent,
        scope: Scope::PLATFORM,
        role: Role::Plain,
        changes: Vec::new(),
        document: Some(document.into()),
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}

fn plan(count: usize, before: Before) -> Plan {
    Plan {
        format_version: FORMAT_VERSION,
        made_at: String::new(),
        platform: "acme".into(),
        spec_digest: "spec".into(),
        acts_on: Vec::new(),
        connections: Vec::new(),
        pinned_to: Default::default(),
        steps: (0..count).map(|index| step(index, before(index))).collect(),
        report: Vec::new(),
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 0,
        digest: "plan".into(),
    }
}

/// Answer everything at once until the run is over.
fn apply(mut machine: Machine) {
    let mut input = Input::Start;
    loop {
        let mut events = Vec::new();
        for effect in machine.step(Timestamp(0), input) {
            match effect {
                Effect::Request(Request::Record { ticket, .. }) => events.push(Event::Recorded { ticket }),
                Effect::Request(Request::Execute { ticket, .. }) => {
                    events.push(Event::Executed { ticket, result: Ok(Receipt { version: None, changed: true }) });
                }
                Effect::Request(_) | Effect::Progress(_) => {}
                Effect::Finished(_) => return,
            }
        }
        input = Input::Events(events);
    }
}

fn main() {
    println!("{:<14}{:>9}{:>12}{:>12}{:>14}", "shape", "steps", "new", "apply", "ns per step");
    for (shape, before) in SHAPES {
        for count in [1_000, 5_000, 10_000, 100_000] {
            let plan = plan(count, before);
            let consent = Consent::given(&plan, Answer::Flag, []).expect("a flag is a yes");
            let begin = Instant::now();
            let machine = Machine::new(&plan, Settings::default(), consent, 1).expect("a right plan");
            let made = begin.elapsed();
            apply(machine);
            let total = begin.elapsed();
            let each = total.as_nanos() / count as u128;
            println!("{shape:<14}{count:>9}{:>12.2?}{:>12.2?}{each:>14}", made, total - made);
        }
    }
}
