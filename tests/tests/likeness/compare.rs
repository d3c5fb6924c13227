//! Both timelines side by side: what follows what, after how long, and whether a difference has a reason.

use super::scenario::Scenario;
use super::timeline::Timeline;
use std::collections::BTreeMap;

/// Events of the simulator this close to each other are one row, in seconds.
const ONE: f64 = 0.35;
/// What is nearer to each other than this has no order.
pub(crate) const ORDER: f64 = 1.0;
/// Durations nearer to each other than this are the same.
pub(crate) const SAME: f64 = 0.5;
/// By how much the real control plane may be later, on a machine that has other work.
pub(crate) const LATE: f64 = 2.5;

/// What an event usually follows from.
const FOLLOWS: [(&str, &str); 9] = [
    ("pod bound", "pod made"),
    ("pod ready", "pod bound"),
    ("new pod bound", "new pod made"),
    ("new pod ready", "new pod bound"),
    ("pod gone", "pod asked to go"),
    ("pod not ready", "node not ready"),
    ("node tainted", "node not ready"),
    ("pod made", "pod asked to go"),
    ("node untainted", "node ready"),
];

/// Some events of one kind that happen at once in the simulator.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What happened, and which of all such events: `pod ready, 2nd`.
    pub(crate) name: String,
    what: &'static str,
    /// The ordinals, from 0.
    from: usize,
    to: usize,
    /// When the last of them happened, in seconds since the beginning.
    pub(crate) simulated_at: f64,
    pub(crate) real_at: Option<f64>,
    /// The row that it follows from.
    pub(crate) since: Option<String>,
    /// Durations since then.
    pub(crate) simulated: f64,
    pub(crate) real: f64,
    /// Why they differ; nothing where they do not.
    pub(crate) why: Result<&'static str, String>,
}

/// A scenario in both arms.
pub(crate) struct Comparison {
    pub(crate) scenario: &'static Scenario,
    pub(crate) rows: Vec<Row>,
    pub(crate) real_end: String,
    pub(crate) simulated_end: String,
    /// What happened more often in one arm, or the other way round.
    pub(crate) disorder: Vec<String>,
}

impl Comparison {
    /// All that does not fit.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut all = self.disorder.clone();
        let unexplained = self.rows.iter().filter_map(|row| row.why.as_ref().err().map(|why| format!("{}: {why}", row.name)));
        all.extend(unexplained);
        if self.real_end != self.simulated_end {
            all.push(format!("in the end: real {}; simulated {}", self.real_end, self.simulated_end));
        }
        all.into_iter().map(|complaint| format!("{}: {complaint}", self.scenario.key)).collect()
    }
}

/// Instants of the real arm, by name of the event; of a page, of the last of each row by its name.
pub(crate) type Instants = BTreeMap<String, Vec<f64>>;

fn ordinal(index: usize) -> String {
    let number = index + 1;
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn name(what: &str, from: usize, to: usize, all: usize) -> String {
    match (from, to) {
        _ if all == 1 => what.to_owned(),
        (from, to) if from == to => format!("{what}, {}", ordinal(from)),
        (from, to) => format!("{what}, {} to {}", ordinal(from), ordinal(to)),
    }
}

/// The simulator's events, as rows.
fn rows_of(timeline: &Timeline) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, what) in &timeline.events {
        let at = *at as f64 / 1000.0;
        let index = counts.entry(what).or_default();
        let near = rows.iter_mut().rev().find(|row| row.what == *what).filter(|row| at - row.simulated_at < ONE);
        match near {
            Some(row) => (row.to, row.simulated_at) = (*index, at),
            None => rows.push(Row {
                name: String::new(),
                what,
                from: *index,
                to: *index,
                simulated_at: at,
                real_at: None,
                since: None,
                simulated: 0.0,
                real: 0.0,
                why: Ok(""),
            }),
        }
        *index += 1;
    }
    for row in &mut rows {
        row.name = name(row.what, row.from, row.to, counts[row.what]);
    }
    rows
}

/// The row that a row follows from: what the scenario says, what usually is, or the row before.
fn cause(scenario: &Scenario, rows: &[Row], index: usize) -> Option<usize> {
    let row = &rows[index];
    let named = scenario.since.iter().find(|(what, _)| *what == row.name || *what == row.what).map(|(_, cause)| *cause);
    let usual = || FOLLOWS.iter().find(|(what, _)| *what == row.what).map(|(_, cause)| *cause);
    let from = named.or_else(usual);
    let by_name = rows.iter().position(|other| Some(other.name.as_str()) == from);
    let same = |other: &Row| Some(other.what) == from && (other.from..=other.to).contains(&row.to);
    let by_ordinal = rows.iter().position(same);
    let earlier = |found: &usize| rows[*found].simulated_at <= row.simulated_at && *found != index;
    by_name.filter(earlier).or(by_ordinal.filter(earlier)).or(index.checked_sub(1))
}

/// `late`: by how much what the row follows from was late itself, so that less time was left.
fn explained(scenario: &'static Scenario, row: &Row, late: f64) -> Result<&'static str, String> {
    let difference = row.real - row.simulated;
    if difference.abs() < SAME {
        return Ok("");
    }
    let known = scenario.explained.iter().find(|known| known.what == row.what || known.what == row.name);
    if let Some(known) = known.filter(|known| difference.abs() <= known.tolerance) {
        return Ok(known.why);
    }
    if (0.0..LATE).contains(&difference) {
        return Ok("a loaded machine answers late");
    }
    if (-late - SAME..0.0).contains(&difference) {
        return Ok("what it is measured from came late on a loaded machine");
    }
    Err(format!("real after {:.1} s, simulated after {:.1} s", row.real, row.simulated))
}

/// Hold the simulator against what the real control plane did.
pub(crate) fn compare(scenario: &'static Scenario, real: &Instants, real_end: &str, simulated: &Timeline) -> Comparison {
    let mut rows = rows_of(simulated);
    let mut disorder = Vec::new();
    for row in &mut rows {
        let recorded = real.get(&row.name).and_then(|instants| instants.first());
        row.real_at = real.get(row.what).and_then(|instants| instants.get(row.to)).or(recorded).copied();
        if row.real_at.is_none() {
            disorder.push(format!("{} only in the simulator", row.name));
        }
    }
    for (what, instants) in real {
        let known = rows.iter().filter(|row| row.what == what).map(|row| row.to + 1).max().unwrap_or(0);
        if instants.len() > known && !rows.iter().any(|row| row.name == *what) {
            disorder.push(format!("{what} {} times on the real arm, and {known} times in the simulator", instants.len()));
        }
    }
    for (earlier, later) in
        rows.iter().enumerate().flat_map(|(index, row)| rows[index + 1..].iter().map(move |later| (row, later)))
    {
        let swapped = earlier.real_at.zip(later.real_at).is_some_and(|(earlier, later)| earlier > later + ORDER);
        let by_chance = [earlier, later].iter().any(|row| scenario.by_chance.contains(&row.what));
        if swapped && !by_chance && later.simulated_at > earlier.simulated_at + ORDER {
            disorder.push(format!("{} comes after {} on the real arm", earlier.name, later.name));
        }
    }
    for index in 0..rows.len() {
        let cause = cause(scenario, &rows, index).map(|cause| rows[cause].clone());
        let row = &mut rows[index];
        let (simulated, real) = cause.as_ref().map_or((0.0, Some(0.0)), |cause| (cause.simulated_at, cause.real_at));
        row.simulated = row.simulated_at - simulated;
        row.real = row.real_at.zip(real).map_or(f64::NAN, |(at, since)| at - since);
        let late = cause.as_ref().map_or(0.0, |cause| (cause.real - cause.simulated).clamp(0.0, LATE));
        row.since = cause.map(|cause| cause.name);
        row.why = explained(scenario, row, late);
    }
    Comparison { scenario, rows, real_end: real_end.to_owned(), simulated_end: simulated.end.clone(), disorder }
}
