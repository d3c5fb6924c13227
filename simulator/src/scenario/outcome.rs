//! What was expected of a scenario beside what was seen.

use super::bound::Quantity;
use super::story::Line;
use super::watch::Measured;
use super::{Scenario, Statement};
use crate::oracle::Promise;
use crate::oracle::convergence::Excuse;
use crate::run::Report;
use model::Duration;
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What came of the run.
    pub report: Report,
    /// Everything that was expected, beside what was seen.
    pub checked: Vec<Checked>,
    /// What happened, in order.
    pub story: Vec<Line>,
}

/// One thing that was expected, beside what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// At which instant; at the end if at none.
    pub at: Option<Duration>,
    /// What it is about: a cell, or nothing for the platform.
    pub subject: String,
    /// What was looked at.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Whether that is it.
    pub holds: bool,
}

impl Outcome {
    /// Whether all is as expected.
    pub fn is_as_expected(&self) -> bool {
        self.checked.iter().all(|checked| checked.holds)
    }

    /// What is not as expected.
    pub fn failures(&self) -> impl Iterator<Item = &Checked> {
        self.checked.iter().filter(|checked| !checked.holds)
    }
}

/// Hold what was seen against what was expected.
pub(super) fn judge(
    scenario: &Scenario,
    report: Report,
    refused: &BTreeSet<Text>,
    whole: &Measured,
    moments: &BTreeMap<Duration, Measured>,
    by_hand: u64,
    story: Vec<Line>,
) -> Outcome {
    let expected = &scenario.expected;
    let broken: BTreeSet<Promise> = report.breaches.iter().map(|breach| breach.promise).collect();
    let words = |promises: &BTreeSet<Promise>| promises.iter().map(|promise| promise.word()).collect::<Vec<_>>();
    let excuses = |excuses: &BTreeSet<Excuse>| excuses.iter().map(|excuse| excuse.word()).collect::<Vec<_>>();
    let mut checked = vec![
        set("faults that happened", &happened_expected(scenario), &happened(&report)),
        set("promises broken", &words(&expected.broken), &words(&broken)),
        set("what keeps it from what the spec says", &excuses(&expected.excuses), &excuses(&report.excuses)),
        set("rules by which plans left something out", &texts(&expected.refused), &texts(refused)),
    ];
    if !scenario.hands.is_empty() {
        checked.push(done_by_hand(scenario.hands.iter().filter(|hand| !hand.refused).count(), by_hand));
    }
    for (at, statements) in &expected.moments {
        let values = moments.get(at).map(Vec::as_slice).unwrap_or_default();
        checked.extend(statements.iter().zip(values).map(|(statement, value)| measured(Some(*at), statement, value)));
    }
    checked.extend(expected.whole.iter().zip(whole).map(|(statement, value)| measured(None, statement, value)));
    Outcome { report, checked, story }
}

fn set(what: &str, expected: &[&str], seen: &[&str]) -> Checked {
    let list = |words: &[&str]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    Checked {
        at: None,
        subject: String::new(),
        what: what.to_owned(),
        expected: list(expected),
        seen: list(seen),
        holds: expected == seen,
    }
}

/// A change that nobody could make would let anything be as expected as well.
fn done_by_hand(wanted: usize, done: u64) -> Checked {
    let (expected, seen) = (wanted.to_string(), done.to_string());
    let what = "changes by hand that were possible".to_owned();
    Checked { at: None, subject: String::new(), what, holds: expected == seen, expected, seen }
}

fn texts(words: &BTreeSet<Text>) -> Vec<&str> {
    words.iter().map(Text::as_str).collect()
}

/// A fault that finds nothing to happen to would let anything be as expected.
fn happened_expected(scenario: &Scenario) -> Vec<&'static str> {
    let injections = scenario.conditions.schedule.injections();
    let mut kinds: Vec<_> = injections.iter().map(|injection| injection.fault.kind).collect();
    kinds.sort();
    kinds.into_iter().map(crate::fault::Kind::word).collect()
}

fn happened(report: &Report) -> Vec<&'static str> {
    let times = report.metrics.faults.iter();
    times.flat_map(|(kind, times)| std::iter::repeat_n(kind.word(), usize::try_from(*times).unwrap_or(usize::MAX))).collect()
}

fn measured(at: Option<Duration>, statement: &Statement, value: &Quantity) -> Checked {
    let subject = statement.cell.as_ref().map(|(cluster, namespace)| format!("{cluster}/{namespace}")).unwrap_or_default();
    Checked {
        at,
        subject,
        what: statement.measure.word().to_owned(),
        expected: statement.bound.to_string(),
        seen: value.to_string(),
        holds: statement.bound.holds(value),
    }
}
