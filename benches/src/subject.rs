//! What is measured in a process of its own, so that one measurement does not warm, fill or fragment the next.
//!
//! The table starts itself again as `figures --subject NAME --size N`; the child prints its readings as `name<TAB>number` lines.

mod apply;
mod check;
mod diagnostics;
mod live;
mod plan;
mod simulate;

use crate::measure::{own_file_bytes, own_peak_bytes, timed};
use crate::shapes::{Shape, recipe};
use std::collections::BTreeMap;
use std::process::Command;
use std::str::FromStr;

pub use check::RULES;
pub use live::{Beside, CONTEXT, ONE, OTHERS, Place, among_twenty, config_map, name};

/// Something that can be measured at a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Build, check and order a graph of this shape.
    Graph(Shape),
    /// From the text of a spec to its plan against a world in which all is as wanted; the size is the number of resources.
    Plan,
    /// From the text of a spec with mistakes to every complaint as text; the size is their number.
    Diagnostics,
    /// The whole catalogue of rules on a spec and its plan; the size is the number of resources.
    Check,
    /// Rules of a platform's own on a plan; the size is the number of changes.
    OwnRules,
    /// Plan, apply and plan again on the embedded platform; the size is the number of resources.
    Apply,
    /// Run the reference platform in virtual time under faults; the size is the number of seeds.
    Simulate,
    /// Run the same seeds on several threads; the size is their number.
    Workers,
    /// Run a few seeds one after another; the size is the number of days over which faults come and go, as many of them in any case.
    Troubled,
    /// Let nothing happen to it; the size is the number of days.
    Quiet,
    /// Run every schedule of up to one fault on a small platform on several threads; the size is their number.
    Exhaustive,
    /// Plan and apply so many ConfigMaps on a real cluster.
    LiveApply,
    /// Plan them again when they are there.
    LivePlan,
    /// Plan and apply in nineteen clusters, beside this; the size is the number of ConfigMaps in each.
    Crowd(Beside),
}

/// What a measurement read, by name.
pub type Readings = BTreeMap<String, f64>;

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Graph(shape) => write!(f, "graph-{}", shape.word()),
            Subject::Plan => f.write_str("plan"),
            Subject::Diagnostics => f.write_str("diagnostics"),
            Subject::Check => f.write_str("check"),
            Subject::OwnRules => f.write_str("own-rules"),
            Subject::Apply => f.write_str("apply"),
            Subject::Simulate => f.write_str("simulate"),
            Subject::Workers => f.write_str("workers"),
            Subject::Troubled => f.write_str("troubled"),
            Subject::Quiet => f.write_str("quiet"),
            Subject::Exhaustive => f.write_str("exhaustive"),
            Subject::LiveApply => f.write_str("live-apply"),
            Subject::LivePlan => f.write_str("live-plan"),
            Subject::Crowd(beside) => write!(f, "crowd-{}", beside.word()),
        }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const REST: [Subject; 12] = [
            Subject::Plan,
            Subject::Diagnostics,
            Subject::Check,
            Subject::OwnRules,
            Subject::Apply,
            Subject::Simulate,
            Subject::Workers,
            Subject::Troubled,
            Subject::Quiet,
            Subject::Exhaustive,
            Subject::LiveApply,
            Subject::LivePlan,
        ];
        let crowds = Beside::ALL.map(Subject::Crowd);
        let mut subjects = Shape::ALL.into_iter().map(Subject::Graph).chain(REST).chain(crowds);
        subjects.find(|subject| subject.to_string() == text).ok_or_else(|| format!("{text:?} is no subject"))
    }
}

/// Measure here, in this process; at `place` what is measured on a real cluster.
///
/// # Errors
/// What the planner has against the generated spec, or a cluster against what is asked of it, as text.
pub fn measure(subject: Subject, size: usize, place: Option<&Place>) -> Result<Readings, String> {
    let place = || place.ok_or_else(|| format!("{subject} needs a place"));
    let mut readings = match subject {
        Subject::Graph(shape) => graph(shape, size),
        Subject::Plan => plan::measure(size)?,
        Subject::Diagnostics => diagnostics::measure(size)?,
        Subject::Check => check::catalogue(size)?,
        Subject::OwnRules => check::own_rules(size)?,
        Subject::Apply => apply::measure(size)?,
        Subject::Simulate => simulate::measure(size)?,
        Subject::Workers => simulate::workers(size)?,
        Subject::Troubled => simulate::troubled(size)?,
        Subject::Quiet => simulate::quiet(size)?,
        Subject::Exhaustive => simulate::exhaustive(size)?,
        Subject::LiveApply => live::apply(size, place()?)?,
        Subject::LivePlan => live::plan_again(size, place()?)?,
        Subject::Crowd(beside) => among_twenty(beside, size, place()?)?,
    };
    let memory = [("peak bytes", own_peak_bytes()), ("file bytes", own_file_bytes())];
    readings.extend(memory.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes? as f64))));
    Ok(readings)
}

/// Once, as a command does it: repeated in one process, a small graph would lie in the cache already, and a large one would not.
fn graph(shape: Shape, size: usize) -> Readings {
    let recipe = recipe(shape, size);
    let (took, _) = timed(|| {
        let (graph, edges) = recipe.build();
        let length = graph.order().map(|order| order.len()).unwrap_or_default();
        (graph, edges, length)
    });
    Readings::from([("seconds".to_owned(), took.as_secs_f64())])
}

/// One reading by its name.
///
/// # Errors
/// A sentence, if the measurement did not give it.
pub fn reading(readings: &Readings, name: &str) -> Result<f64, String> {
    readings.get(name).copied().ok_or_else(|| format!("{name:?} was not measured"))
}

/// Readings as lines.
pub fn to_lines(readings: &Readings) -> String {
    readings.iter().map(|(name, value)| format!("{name}\t{value}\n")).collect()
}

/// Measure in a process of its own, which is this program again.
///
/// # Errors
/// A sentence, if the process cannot be started, fails, or says something else.
pub fn measure_apart(subject: Subject, size: usize) -> Result<Readings, String> {
    apart(subject, size, &[])
}

/// The same at a place.
///
/// # Errors
/// As [`measure_apart`].
pub fn measure_at(subject: Subject, size: usize, place: &str) -> Result<Readings, String> {
    apart(subject, size, &["--place", place])
}

fn apart(subject: Subject, size: usize, more: &[&str]) -> Result<Readings, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let mut command = Command::new(program);
    command.args(["--subject", &subject.to_string(), "--size", &size.to_string()]).args(more);
    let process = crate::measure::run(&mut command).map_err(|error| format!("{subject} cannot be started: {error}"))?;
    if process.code != Some(0) {
        return Err(format!("{subject} at {size} failed: {}", process.errors.trim()));
    }
    from_lines(&process.output).ok_or_else(|| format!("{subject} at {size} said {:?}", process.output))
}

fn from_lines(text: &str) -> Option<Readings> {
    text.lines()
        .map(|line| line.split_once('\t').and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_survive_the_way_through_a_pipe() {
        let readings = Readings::from([("seconds".to_owned(), 0.1), ("peak bytes".to_owned(), 1e7)]);
        assert_eq!(from_lines(&to_lines(&readings)), Some(readings));
        assert_eq!(from_lines("nonsense\n"), None);
    }

    #[test]
    fn every_subject_is_found_by_its_name() {
        let simulations = [Subject::Simulate, Subject::Workers, Subject::Troubled, Subject::Quiet, Subject::Exhaustive];
        let others = simulations.into_iter().chain(Beside::ALL.map(Subject::Crowd));
        for subject in [Subject::Graph(Shape::Rows), Subject::Plan, Subject::Diagnostics].into_iter().chain(others) {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
    }
}
