//! The log of effects of a run: what each operator planned, asked for, and was answered, and when.

use model::operation::{Expectation, Operation, OperationError, Receipt};
use model::{Address, Kind, Plan, System, Timestamp};
use simulator::kernel::EPOCH;
use simulator::operator::{Carrier, Fact};
use simulator::run::{Report, Run};
use std::fmt;

/// One effect, with all that is the same however it was carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    at: Timestamp,
    what: String,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.since(EPOCH), self.what)
    }
}

/// Let a run go to its end, with requests carried by `carrier`.
pub(crate) fn log(mut run: Run, carrier: &mut dyn Carrier) -> (Vec<Effect>, Report) {
    let mut effects = Vec::new();
    loop {
        let goes_on = run.step_over(carrier);
        let at = run.world().now();
        effects.extend(run.facts().iter().map(|fact| Effect { at, what: told(fact) }));
        if !goes_on {
            return (effects, run.report());
        }
    }
}

fn told(fact: &Fact) -> String {
    match fact {
        Fact::Planned { operator, plan, .. } => format!("{operator} plans {}", planned(plan)),
        Fact::Began { operator, run } => format!("{operator} begins run {run}"),
        Fact::Carried { operator, operation, result, .. } => {
            format!("{operator} asks {} and is told {}", asked(operation), came(result))
        }
        Fact::Ended { operator, verdict } => format!("{operator} ends with {verdict:?}"),
        Fact::Killed { operator } => format!("{operator} is killed"),
    }
}

/// A plan, to the byte, without the words for what could not be looked at: each way has its own.
fn planned(plan: &Plan) -> String {
    let mut plan = serde_json::to_value(plan).unwrap();
    plan["digest"].take();
    for step in plan["steps"].as_array_mut().into_iter().flatten() {
        let address: Address = step["address"].as_str().unwrap().parse().unwrap();
        if !has_versions(&address) && step["expected"].is_object() {
            step["expected"] = "some version".into();
        }
    }
    for note in plan["report"].as_array_mut().into_iter().flatten() {
        note["message"].take();
        note["help"].take();
    }
    plan.to_string()
}

/// Whether what is there has versions of its own. To all else each way gives one: the world counts changes, an adapter digests what it
/// sees. What a version is good for shows in what comes of the step that expects it.
fn has_versions(address: &Address) -> bool {
    match address.system() {
        System::Cluster(_) | System::Mysql => true,
        System::Vault => address.kind() == Kind::Kv,
        System::Elasticsearch(_) => false,
    }
}

fn asked(operation: &Operation) -> String {
    let mut operation = operation.clone();
    let versioned = has_versions(operation.address());
    let (Operation::Apply { expected, .. } | Operation::Delete { expected, .. } | Operation::Move { expected, .. }) =
        &mut operation;
    if let Expectation::Version(version) = expected
        && !versioned
    {
        *version = "some".into();
    }
    format!("{operation:?}")
}

/// What came of it, without what each way has words of its own for, and without versions: a real client may write more than once for one
/// operation.
fn came(result: &Result<Receipt, OperationError>) -> String {
    match result {
        Ok(receipt) => format!("ok, changed: {}", receipt.changed),
        Err(OperationError::Stale { .. }) => "stale".to_owned(),
        Err(OperationError::Conflict(fields)) => format!("conflict {fields:?}"),
        Err(OperationError::Refused(_)) => "refused".to_owned(),
        Err(OperationError::NotYet(_)) => "not yet".to_owned(),
        Err(OperationError::Busy { retry_after, .. }) => format!("busy {retry_after:?}"),
        Err(OperationError::Unreachable(_)) => "unreachable".to_owned(),
        Err(OperationError::Secret(_)) => "secret".to_owned(),
    }
}

/// The first difference of two logs, with what went before it.
pub(crate) fn difference(fast: &[Effect], full: &[Effect]) -> Option<String> {
    let same = fast.iter().zip(full).take_while(|(fast, full)| fast == full).count();
    if same == fast.len() && same == full.len() {
        return None;
    }
    let told = |effect: Option<&Effect>| effect.map_or("nothing more".to_owned(), ToString::to_string);
    let (left, right) = (told(fast.get(same)), told(full.get(same)));
    let alike = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let around = |text: &str| {
        let from = text.char_indices().map(|(at, _)| at).take_while(|at| at + 300 <= alike).last().unwrap_or(0);
        text[from..].chars().take(600).collect::<String>()
    };
    let before: Vec<String> =
        fast[same.saturating_sub(3)..same].iter().map(|effect| effect.to_string().chars().take(160).collect()).collect();
    Some(format!(
        "effect {same} differs, in byte {alike} of its text\n  before: {}\n  fast: …{}\n  full: …{}",
        before.join("\n          "),
        around(&left),
        around(&right)
    ))
}
