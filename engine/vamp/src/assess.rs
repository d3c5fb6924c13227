//! How every part of the platform is, from what is wanted, what was seen and what a plan would do. Pure.

use model::change::CauseKind;
use model::index::IndexMap;
use model::observation::{Condition, Gap, Observation, Snapshot};
use model::plan::{Action, NoteKind, Step};
use model::resource::Scope;
use model::value::Text;
use model::{Address, Graph, Plan, System};
use serde::Serialize;
use std::collections::BTreeMap;

/// How something is; the later, the more it needs somebody's eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// As the spec wants it, and ready.
    Converged,
    /// As the spec wants it, and does not do its work (yet).
    NotReady,
    /// As the spec wants it, and something that it no longer wants is there too.
    LeftOver,
    /// The spec wants something that was not applied yet.
    Pending,
    /// Somebody else changed it.
    Drifted,
    /// Nobody could look.
    Unknown,
}

impl State {
    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            State::Converged => "converged",
            State::NotReady => "not ready",
            State::LeftOver => "left over",
            State::Pending => "not applied",
            State::Drifted => "drifted",
            State::Unknown => "unknown",
        }
    }
}

/// How the platform is.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    pub(crate) platform: String,
    pub(crate) state: State,
    /// Number of things that are wanted.
    pub(crate) resources: usize,
    pub(crate) parts: Vec<Part>,
}

/// How one part of it is: the platform's own things, a tenant, a cell.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    /// The part in words.
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) cell: bool,
    pub(crate) state: State,
    pub(crate) resources: usize,
    /// Everything in it that is not converged.
    pub(crate) findings: Vec<Finding>,
}

/// One thing that is not converged: an object by its address, or a system that the spec no longer names by its name.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) address: Text,
    pub(crate) state: State,
    /// Whether the next apply leaves it as it is, for the reason that the message gives.
    pub(crate) withheld: bool,
    pub(crate) message: String,
}

impl Finding {
    /// Whether it is about a system as a whole.
    pub(crate) fn is_system(&self) -> bool {
        self.address.parse::<System>().is_ok()
    }
}

/// How every part of the platform is.
pub(crate) fn assess(graph: &Graph, snapshot: &Snapshot, plan: &Plan) -> Status {
    let steps: BTreeMap<&Address, &Step> = plan.steps.iter().map(|step| (&step.address, step)).collect();
    let notes: BTreeMap<&str, &model::plan::Note> = plan.report.iter().map(|note| (note.subject.as_str(), note)).collect();
    let mut parts: IndexMap<&Scope, Part> = IndexMap::default();
    for resource in graph.resources() {
        let part = parts.entry(&resource.scope).or_insert_with(|| Part::of(&resource.scope));
        part.resources += 1;
        let note = || notes.get(resource.address.as_str()).and_then(|note| withheld(note));
        let kept = seen(&resource.address, snapshot);
        let kept = kept.or_else(|| if steps.contains_key(&resource.address) { None } else { note() });
        let found = kept.map(|found| (true, found)).or_else(|| {
            let found = steps.get(&resource.address).and_then(|step| planned(step));
            found.or_else(|| working(&resource.address, snapshot)).map(|found| (false, found))
        });
        part.findings.extend(found.map(|(withheld, (state, message))| Finding {
            address: resource.address.as_str().into(),
            state,
            withheld,
            message,
        }));
    }
    for step in plan.steps.iter().filter(|step| step.action == Action::Delete && graph.get(&step.address).is_none()) {
        let part = parts.entry(&step.scope).or_insert_with(|| Part::of(&step.scope));
        let message = "is there and no longer wanted".to_owned();
        part.findings.push(Finding { address: step.address.as_str().into(), state: State::LeftOver, withheld: false, message });
    }
    for note in &plan.report {
        let address = note.subject.parse::<Address>().ok();
        if address.as_ref().is_some_and(|address| graph.get(address).is_some()) {
            continue;
        }
        let scope = address.as_ref().map_or(WHOLE, |address| scope_of(address, snapshot));
        let part = parts.entry(scope).or_insert_with(|| Part::of(scope));
        let left_over = |(state, message)| (if state == State::Pending { State::LeftOver } else { state }, message);
        let found = withheld(note).map(left_over);
        let finding = |(state, message)| Finding { address: note.subject.clone(), state, withheld: true, message };
        part.findings.extend(found.map(finding));
    }
    let mut parts: Vec<Part> = parts.into_values().map(Part::judged).collect();
    parts.sort_by(|one, other| one.scope.cmp(&other.scope));
    let state = parts.iter().map(|part| part.state).max().unwrap_or(State::Converged);
    Status { platform: plan.platform.to_string(), state, resources: graph.len(), parts }
}

const WHOLE: &Scope = &Scope::PLATFORM;

/// What the subject of a note that nothing wants belongs to, as its own mark says.
fn scope_of<'a>(address: &Address, snapshot: &'a Snapshot) -> &'a Scope {
    match snapshot.observe(address) {
        Observation::Present(seen) => &seen.scope,
        Observation::Absent | Observation::Unknown(_) => WHOLE,
    }
}

impl Part {
    fn of(scope: &Scope) -> Self {
        let (name, cell) = (scope.to_string(), scope.is_cell());
        Part { name, scope: scope.clone(), cell, state: State::Converged, resources: 0, findings: Vec::new() }
    }

    fn judged(mut self) -> Self {
        self.findings.sort_by(|one, other| (other.state, &one.address).cmp(&(one.state, &other.address)));
        self.state = self.findings.iter().map(|finding| finding.state).max().unwrap_or(State::Converged);
        self
    }
}

/// What nobody could look at. A system that does not exist yet is no gap: its things are simply not applied.
fn seen(address: &Address, snapshot: &Snapshot) -> Option<(State, String)> {
    match snapshot.observe(address) {
        Observation::Unknown(Gap::NotYet { .. }) | Observation::Present(_) | Observation::Absent => None,
        Observation::Unknown(gap) => Some((State::Unknown, gap.to_string())),
    }
}

fn planned(step: &Step) -> Option<(State, String)> {
    let drift = step.causes.iter().chain(step.changes.iter().map(|change| &change.cause));
    let mut drift = drift.filter(|cause| cause.kind == CauseKind::Drift);
    match (step.action, drift.next()) {
        (Action::Keep | Action::Await, _) => None,
        (Action::Create, Some(_)) => Some((State::Drifted, "was deleted outside of vamp".to_owned())),
        (_, Some(_)) => {
            let fields: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).take(3).collect();
            Some((State::Drifted, format!("was changed outside of vamp: {}", fields.join(", "))))
        }
        (Action::Create, None) => Some((State::Pending, "is to be made".to_owned())),
        (action, None) => Some((State::Pending, format!("{} is to be applied", action.word()))),
    }
}

fn withheld(note: &model::plan::Note) -> Option<(State, String)> {
    match note.kind {
        NoteKind::Unknown => Some((State::Unknown, note.message.clone())),
        NoteKind::Waits | NoteKind::Refused | NoteKind::NeedsConsent | NoteKind::Foreign | NoteKind::Contested => {
            Some((State::Pending, note.message.clone()))
        }
        // How it does is seen, and told as that.
        NoteKind::Failing | NoteKind::Ineffective | NoteKind::NotTargeted | NoteKind::Unconfirmed | NoteKind::Yielded => None,
    }
}

fn working(address: &Address, snapshot: &Snapshot) -> Option<(State, String)> {
    match snapshot.observe(address) {
        Observation::Present(seen) => match &seen.condition {
            Condition::Ready => None,
            Condition::NotReady(why) | Condition::Failed(why) => Some((State::NotReady, why.clone())),
        },
        Observation::Absent | Observation::Unknown(_) => None,
    }
}
