//! `vamp simulate SPEC --exhaustive K`: every schedule of up to K faults around a roll-out.

use super::display::Display;
use super::failure;
use super::seeds::{campaign, check_outputs, read};
use super::workers::Workers;
use super::{Arguments, Form, text};
use crate::commands::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use planner::render::style::{Paint, counted, escape};
use serde_json::json;
use simulator::campaign::exhaustive::{Exhaustive, Found};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// Schedules that are named.
const NAMED: usize = 10;

pub(super) fn run(spec: &Path, most: usize, arguments: &Arguments, ui: &mut Ui) -> Ended {
    check_outputs(spec, arguments)?;
    let read = read(spec, ui)?;
    let campaign = campaign(&read, arguments)?;
    let search = Arc::new(Exhaustive::new(campaign, most));
    let parts = search.parts() as u64;
    let mut display = Display::new("part", parts, ui);
    let shared = search.clone();
    let mut workers = Workers::gather(arguments.workers)?;
    let done = workers.work((0..parts).collect(), &mut display, Arc::new(move |part| shared.search(part as usize)))?;
    let complete = done.len() as u64 == parts;
    let mut found = Found::default();
    done.into_values().for_each(|part| found.add(part));
    let rate = found.states as f64 * 1000.0 / display.milliseconds().max(1) as f64;
    match arguments.format {
        Form::Json => ui.json(&json!({
            "spec": read.spec.file,
            "faults": most,
            "schedules": found.schedules,
            "symmetric": found.symmetric,
            "states": found.states,
            "statesPerSecond": rate.round(),
            "complete": complete,
            "broken": found.broken.iter().map(|(schedule, report)| json!({ "schedule": schedule, "report": report })).collect::<Vec<_>>(),
        }))?,
        Form::Text | Form::Junit => ui.data(&told(&found, &read.spec.file, most, complete, ui))?,
    }
    ui.line(&format!("{} states a second.", text::number(rate)));
    let smallest = found.broken.iter().min_by_key(|(schedule, _)| schedule.injections().len()).cloned();
    if let Some((schedule, report)) = smallest
        && let Some(failure) = workers.alone(move || failure::small(&read, search.conditions(schedule), &report))?.flatten()
    {
        ui.say(&failure::text(&failure, ui.err()));
        if let Some(path) = &arguments.replay_out {
            failure.write(path, ui)?;
        }
    }
    Ok(workers.stopped().unwrap_or(if found.broken.is_empty() { Exit::Done } else { Exit::Failed }))
}

fn told(found: &Found, spec: &str, most: usize, complete: bool, ui: &Ui) -> String {
    let style = ui.out();
    let mut told = format!(
        "{}: {} of up to {} at five instants around a roll-out, {} states\n",
        escape(spec),
        counted(found.schedules as usize, "schedule", "schedules"),
        counted(most, "fault", "faults"),
        text::number(found.states as f64)
    );
    let _ = writeln!(
        told,
        "{} more are like one of these: they differ only in which of several like nodes is meant\n",
        text::number(found.symmetric as f64)
    );
    for (schedule, report) in found.broken.iter().take(NAMED) {
        let faults: Vec<String> =
            schedule.injections().iter().map(|injection| format!("{} at {}", injection.fault, injection.at)).collect();
        for breach in &report.breaches {
            let _ = writeln!(told, "  {}: {}: {}", breach.promise, escape(&faults.join(" and ")), escape(&breach.message));
        }
    }
    if found.broken.len() > NAMED {
        let _ = writeln!(told, "  … and {} more schedules", found.broken.len() - NAMED);
    }
    let verdict = match (found.broken.len(), complete) {
        (0, true) => style.paint(Paint::Good, "Every promise was kept under every one of them."),
        (0, false) => style.paint(Paint::Warning, "Every promise was kept so far; not all schedules were run."),
        (broken, _) => style
            .paint(Paint::Error, &format!("{} broke a promise.", counted(broken, "schedule", "schedules")))
            .into_owned()
            .into(),
    };
    let _ = writeln!(told, "{verdict}");
    told
}
