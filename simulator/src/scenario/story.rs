//! What happened in a run, line by line, for somebody who wants to believe its end: what went wrong, what became of cells and of Vamp, what
//! the engine planned and left out. What does not change is not told again.

use super::Hand;
use super::tally::health;
use super::watch::{at_work, key};
use crate::fault::{Injection, Lasting};
use crate::operator::Fact;
use crate::run::Run;
use crate::world::Cell;
use model::outcome::Verdict;
use model::plan::{Note, NoteKind, Plan};
use model::value::Text;
use model::{Address, Duration};
use std::collections::{BTreeMap, BTreeSet};

/// Most notes of a plan that are told one by one.
const NOTES: usize = 3;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, from the beginning.
    pub at: Duration,
    /// What it is about: a fault, a cell, the engine.
    pub of: Of,
    /// What happened, in words.
    pub what: String,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// What goes wrong, or is asked for.
    Fault,
    /// The platform.
    Platform,
    /// Whoever runs the engine.
    Engine,
    /// A promise that is broken.
    Breach,
}

/// What is told.
pub(super) struct Story {
    lines: Vec<Line>,
    vamp: Vec<Address>,
    /// What will be done by hand, in its order.
    hands: Vec<Hand>,
    cells: BTreeMap<(Text, Text), Seen>,
    vamps: Option<usize>,
    /// What each engine said last.
    said: BTreeMap<u32, String>,
    told: Told,
}

/// What was told so far of what comes once.
#[derive(Default)]
struct Told {
    begun: BTreeSet<u32>,
    ended: BTreeSet<u32>,
    changed: bool,
    calm: bool,
    converged: bool,
    breaches: usize,
}

/// A cell as it was told last.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    agents: String,
    troubles: BTreeSet<String>,
    health: &'static str,
}

impl Story {
    pub(super) fn begin(run: &Run, vamp: Vec<Address>, hands: Vec<Hand>) -> Self {
        let mut story = Story {
            lines: Vec::new(),
            vamp,
            hands,
            cells: BTreeMap::new(),
            vamps: None,
            said: BTreeMap::new(),
            told: Told::default(),
        };
        story.see(run);
        story
    }

    pub(super) fn lines(self) -> Vec<Line> {
        self.lines
    }

    pub(super) fn see(&mut self, run: &Run) {
        let now = run.world().now().since(run.began());
        self.faults(run, now);
        let due = self.hands.iter().position(|hand| hand.at > now).unwrap_or(self.hands.len());
        for hand in self.hands.drain(..due).collect::<Vec<_>>() {
            self.tell(now, Of::Fault, hand.words());
        }
        for cell in run.fresh_cells() {
            self.cell(cell, now);
        }
        let vamps = at_work(run.world(), &self.vamp).len();
        if self.vamps.replace(vamps).is_some_and(|before| before != vamps) {
            self.tell(now, Of::Platform, counted(vamps, "Vamp is at work", "Vamps are at work"));
        }
        run.facts().iter().for_each(|fact| self.engine(fact, now));
        self.once(run, now);
    }

    fn tell(&mut self, at: Duration, of: Of, what: impl Into<String>) {
        self.lines.push(Line { at, of, what: what.into() });
    }

    fn faults(&mut self, run: &Run, now: Duration) {
        for injection in run.injections() {
            if injection.at <= now && self.told.begun.insert(injection.id) {
                self.tell(now, Of::Fault, begins(injection));
            }
            let lasts = injection.fault.kind.info().lasting == Lasting::AsSaid;
            if lasts && injection.ends().is_some_and(|ends| ends <= now) && self.told.ended.insert(injection.id) {
                self.tell(now, Of::Fault, format!("{} {} is over", injection.fault.kind, injection.fault.target));
            }
        }
        if let Some(desired) = run.changed_to().filter(|_| !self.told.changed) {
            self.told.changed = true;
            self.tell(now, Of::Fault, format!("another spec is asked for: {}", desired.spec.file));
        }
    }

    fn cell(&mut self, cell: &Cell, now: Duration) {
        let name = format!("{}/{}", cell.cluster, cell.namespace);
        let nodes: BTreeSet<&str> = cell.ready().filter_map(|agent| agent.node.as_deref()).collect();
        let on = if nodes.is_empty() { String::new() } else { format!(", on {}", listed(&nodes)) };
        let ready = cell.ready().count();
        let agents = match cell.desired {
            0 => format!("goes away, {} still ready{on}", counted(ready, "gateway agent", "gateway agents")),
            desired => format!("{ready} of {desired} gateway agents ready{on}"),
        };
        let troubles = cell.agents.iter().filter_map(|agent| agent.trouble.clone()).collect();
        let seen = Seen { agents, troubles, health: health(&cell.health) };
        let before = self.cells.insert(key(cell), seen.clone());
        if before.as_ref().is_none_or(|before| before.agents != seen.agents) {
            self.tell(now, Of::Platform, format!("{name}: {}", seen.agents));
        }
        let known = before.as_ref().map(|before| before.troubles.clone()).unwrap_or_default();
        for trouble in seen.troubles.difference(&known) {
            self.tell(now, Of::Platform, format!("{name}: a gateway agent says: {trouble}"));
        }
        if seen.troubles.is_empty() && !known.is_empty() {
            self.tell(now, Of::Platform, format!("{name}: every gateway agent has what is published"));
        }
        if before.as_ref().is_some_and(|before| before.health != seen.health) {
            self.tell(now, Of::Platform, format!("{name}: its health is {}", seen.health));
        }
    }

    fn engine(&mut self, fact: &Fact, now: Duration) {
        let (operator, said) = match fact {
            Fact::Planned { operator, plan, .. } => (*operator, planned(plan)),
            Fact::Ended { operator, verdict } => (*operator, ended(*verdict)),
            Fact::Killed { operator } => (*operator, vec!["is killed".to_owned()]),
            Fact::Began { .. } | Fact::Carried { .. } => return,
        };
        let whole = said.join("\n");
        if self.said.get(&operator) == Some(&whole) {
            return;
        }
        self.said.insert(operator, whole);
        let who = if operator == 0 { "the engine".to_owned() } else { format!("engine {operator}") };
        for (index, line) in said.into_iter().enumerate() {
            let line = if index == 0 { format!("{who} {line}") } else { format!("    {line}") };
            self.tell(now, Of::Engine, line);
        }
    }

    fn once(&mut self, run: &Run, now: Duration) {
        if run.is_calm() && !std::mem::replace(&mut self.told.calm, true) {
            self.tell(now, Of::Fault, "nothing further goes wrong");
        }
        if run.has_converged() && !std::mem::replace(&mut self.told.converged, true) {
            self.tell(now, Of::Platform, "the platform is what its spec says");
        }
        for breach in run.breaches().iter().skip(self.told.breaches) {
            self.lines.push(Line {
                at: now,
                of: Of::Breach,
                what: format!("{} {}: {}", breach.promise, breach.subject, breach.message),
            });
        }
        self.told.breaches = run.breaches().len();
    }
}

fn begins(injection: &Injection) -> String {
    let lasts = match injection.lasts {
        _ if injection.fault.kind.info().lasting != Lasting::AsSaid => String::new(),
        Some(lasts) => format!(", for {lasts}"),
        None => ", for good".to_owned(),
    };
    format!("{}{lasts}", injection.fault)
}

/// What a plan says, as lines: the first is a clause.
fn planned(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.len();
    let told = |note: &&Note| note.kind.withholds();
    let notes: Vec<&Note> = plan.report.iter().filter(told).collect();
    let mut lines = vec![match (steps, notes.is_empty()) {
        (0, true) => "finds nothing to do".to_owned(),
        (0, false) => "plans nothing".to_owned(),
        _ => format!("plans {}", counted(steps, "step", "steps")),
    }];
    let mut said: BTreeSet<String> = BTreeSet::new();
    let refused = notes.iter().filter(|note| note.kind == NoteKind::Refused);
    let others = notes.iter().filter(|note| note.kind != NoteKind::Refused);
    for note in refused.chain(others) {
        let rule = note.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        // What lies in a system that does not answer is not told thing by thing; the system itself is.
        let in_silence = note.kind == NoteKind::Unknown && note.subject.contains('/');
        let subject = if in_silence { String::new() } else { format!("{}: ", note.subject) };
        let line = format!("{}{rule} {subject}{}", kind(note.kind), note.message);
        if said.len() < NOTES && said.insert(line.clone()) {
            lines.push(line);
        }
    }
    let left = notes.len().saturating_sub(said.len());
    if left > 0 && !notes.is_empty() && said.len() == NOTES {
        lines.push(format!("and {left} more are left as they are"));
    }
    lines
}

fn kind(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Unknown => "cannot tell:",
        NoteKind::Waits => "lets wait",
        NoteKind::Refused => "leaves out",
        NoteKind::NeedsConsent => "needs consent for",
        NoteKind::Failing | NoteKind::Ineffective => "can do no more for",
        NoteKind::Foreign => "leaves to others",
        NoteKind::NotTargeted => "does not aim at",
        NoteKind::Contested => "does not take from its owner",
        NoteKind::Yielded => "leaves to its owner",
        NoteKind::Unconfirmed => "goes ahead, unconfirmed, with",
    }
}

fn ended(verdict: Option<Verdict>) -> Vec<String> {
    vec![match verdict {
        Some(Verdict::Converged) => "has carried out its plan".to_owned(),
        Some(verdict) => format!("comes to an end: {verdict:?}").to_lowercase(),
        None => "stops: it has lost its lock, or its ledger takes nothing any more".to_owned(),
    }]
}

/// `a, b and c`.
fn listed(names: &BTreeSet<&str>) -> String {
    let mut names: Vec<&str> = names.iter().copied().collect();
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        last => last.unwrap_or_default().to_owned(),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
