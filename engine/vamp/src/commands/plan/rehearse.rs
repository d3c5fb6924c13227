//! `vamp plan --rehearse`: the plan just made, carried out in a simulation of the platform as it was seen, while things fail.
//!
//! First every schedule of one fault is run; then, if none of them speaks against the plan, those of two.

use crate::commands::simulate::display::Display;
use crate::commands::simulate::failure::told;
use crate::commands::simulate::text::number;
use crate::commands::simulate::workers::Workers;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prepare::Prepared;
use crate::session::Looked;
use crate::ui::Ui;
use model::{Duration, Plan};
use planner::render::style::{Paint, Style, counted, escape};
use serde::Serialize;
use simulator::campaign::search::Search;
use simulator::fault::Kind;
use simulator::operator::Desired;
use simulator::rehearsal::{BEGIN, CounterExample, KINDS, LASTS, NoRehearsal, Rehearsal, Request, Seen, Tried, is_needed};
use std::fmt::Write;
use std::sync::Arc;

/// A plan with what came of its rehearsal.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    pub(super) plan: &'a Plan,
    pub(super) rehearsal: &'a Rehearsed,
}

/// What came of a rehearsal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rehearsed {
    /// Kinds of fault that happened.
    kinds: [Kind; 5],
    /// When they happened, from the beginning of a run; the plan begins at [`BEGIN`].
    instants: Vec<Duration>,
    /// The same for two faults.
    instants_of_two: Vec<Duration>,
    /// Most faults that a schedule had.
    faults: u8,
    schedules: u64,
    symmetric: u64,
    left_out: u64,
    states: u64,
    /// Whether every schedule of so many faults was run, or one that is like it.
    complete: bool,
    /// Schedules that broke only what is broken without the plan as well.
    broken_anyway: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_example: Option<CounterExample>,
    #[serde(skip)]
    stopped: Option<Exit>,
}

impl Rehearsed {
    pub(super) fn is_unsafe(&self) -> bool {
        self.counter_example.is_some()
    }

    /// How the call ends, if this decides it.
    pub(super) fn ended(&self) -> Option<Exit> {
        if self.is_unsafe() { Some(Exit::Unsafe) } else { self.stopped }
    }
}

/// Rehearse the plan that was made of what was seen.
pub(super) fn rehearse(prepared: &Prepared, looked: &Looked, ui: &Ui) -> Result<Rehearsed, CommandError> {
    let mut rehearsed = Rehearsed {
        kinds: KINDS,
        instants: Vec::new(),
        instants_of_two: Vec::new(),
        faults: 0,
        schedules: 0,
        symmetric: 0,
        left_out: 0,
        states: 0,
        complete: true,
        broken_anyway: 0,
        counter_example: None,
        stopped: None,
    };
    if !is_needed(&looked.plan) {
        return Ok(rehearsed);
    }
    let rehearsal = Arc::new(begin(prepared, looked)?);
    rehearsed.instants = rehearsal.instants().to_vec();
    rehearsed.instants_of_two = rehearsal.instants_of_two();
    let mut workers = Workers::gather(None)?;
    for (faults, search) in [(1, rehearsal.of_one()), (2, rehearsal.of_two())] {
        if rehearsed.counter_example.is_none() && workers.stopped().is_none() {
            rehearsed.faults = faults;
            go_through(&rehearsal, search, &mut rehearsed, &mut workers, ui)?;
        }
    }
    rehearsed.stopped = workers.stopped();
    Ok(rehearsed)
}

fn begin(prepared: &Prepared, looked: &Looked) -> Result<Rehearsal, CommandError> {
    let Looked { snapshot, plan, digests, options } = looked;
    let refused = |found| CommandError::complaints(found, prepared.spec.file.clone(), prepared.source.clone());
    let desired = Desired::of(prepared.spec.clone()).map_err(refused)?;
    let seen = Seen { snapshot, connections: &plan.connections, digests };
    Rehearsal::new(Request { seen, plan, desired: &desired, options }).map_err(|error| {
        let hint = match &error {
            NoRehearsal::NotSeen { .. } => "a plan can be rehearsed as soon as every system can be looked at",
            NoRehearsal::Otherwise(_) => {
                "the platform can be rehearsed as soon as what is there is well; `vamp status` says what is not"
            }
            NoRehearsal::OtherPlan(_) => "without --rehearse the plan is made as usual",
        };
        CommandError::new("the plan cannot be rehearsed").because(error).hint(hint)
    })
}

/// Run all of a search, and take over what it finds.
fn go_through(
    rehearsal: &Arc<Rehearsal>,
    search: Search,
    rehearsed: &mut Rehearsed,
    workers: &mut Workers,
    ui: &Ui,
) -> Result<(), CommandError> {
    let parts = search.parts() as u64;
    let mut display = Display::new("part", parts, ui);
    let shared = rehearsal.clone();
    let done = workers.work((0..parts).collect(), &mut display, Arc::new(move |part| shared.try_part(&search, part as usize)))?;
    rehearsed.complete &= done.len() as u64 == parts;
    let mut tried = Tried::default();
    done.into_values().for_each(|part| tried.add(part));
    let found = tried.found;
    rehearsed.complete &= found.left_out == 0;
    rehearsed.schedules += found.schedules;
    rehearsed.symmetric += found.symmetric;
    rehearsed.left_out += found.left_out;
    rehearsed.states += found.states;
    rehearsed.broken_anyway += tried.broken_anyway;
    let smallest = found.broken.into_iter().min_by_key(|(schedule, _)| schedule.injections().len());
    if let Some((schedule, report)) = smallest {
        let (shared, as_found) = (rehearsal.clone(), (schedule.clone(), report.clone()));
        let small = workers.alone(move || shared.counter_example(&as_found.0, &as_found.1))?;
        rehearsed.counter_example = small.unwrap_or_else(|| rehearsal.counter_example_as_found(&schedule, &report));
    }
    Ok(())
}

/// What came of it, for people.
pub(super) fn text(rehearsed: &Rehearsed, style: Style) -> String {
    let mut text = format!("\n{}\n", style.paint(Paint::Heading, "Rehearsal"));
    if rehearsed.instants.is_empty() {
        text.push_str("  Nothing would change, so there is nothing to rehearse.\n");
        return text;
    }
    tried(&mut text, rehearsed);
    text.push('\n');
    match &rehearsed.counter_example {
        Some(example) => blocked(&mut text, example, style),
        None => {
            let kept = "The plan keeps every promise that doing nothing would keep.";
            let (paint, rest) =
                if rehearsed.complete { (Paint::Good, "") } else { (Paint::Warning, " Not every schedule was run.") };
            let _ = writeln!(text, "{}", style.paint(paint, &format!("{kept}{rest}")));
        }
    }
    text
}

fn tried(text: &mut String, rehearsed: &Rehearsed) {
    let kinds: Vec<&str> = rehearsed.kinds.iter().map(|kind| kind.word()).collect();
    let times = |instants: &[Duration]| instants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let schedules = counted(rehearsed.schedules as usize, "schedule", "schedules");
    let faults = counted(usize::from(rehearsed.faults), "fault", "faults");
    let _ = writeln!(text, "  The platform was simulated as it was seen, and the plan carried out in it at {BEGIN}, under");
    let _ = writeln!(text, "  {schedules} of up to {faults}: {} states.", number(rehearsed.states as f64));
    let _ = writeln!(text, "  Faults: {}; for {LASTS} where they last,", kinds.join(", "));
    let of_two =
        if rehearsed.faults > 1 { format!("; two of them at {}", times(&rehearsed.instants_of_two)) } else { String::new() };
    let _ = writeln!(text, "  one of them at {}{of_two}.", times(&rehearsed.instants));
    let mut line = |count: u64, words: &str| {
        if count > 0 {
            let _ = writeln!(text, "  {} {words}", number(count as f64));
        }
    };
    line(rehearsed.symmetric, "more are like one of these: they differ only in which of several like nodes is meant.");
    line(rehearsed.left_out, "more of two faults were left out: there are too many.");
    line(rehearsed.broken_anyway, "broke only what is broken without the plan as well.");
}

fn blocked(text: &mut String, example: &CounterExample, style: Style) {
    let promise = example.promise;
    let words = "Blocked: the plan breaks a promise that doing nothing would keep.";
    let _ = writeln!(text, "{}", style.paint(Paint::Error, words));
    let _ = writeln!(text, "  {promise}: {}\n", promise.sentence());
    if example.schedule.is_empty() {
        text.push_str("  without any fault:\n");
    }
    told(text, &example.explanation, style);
    let breach = &example.explanation.breach;
    let at = example.explanation.after.to_string();
    let _ = writeln!(text, "  {at:>9}  {}: {}", escape(&breach.subject), escape(&breach.message));
}
