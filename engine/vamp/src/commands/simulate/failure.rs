//! One run that broke a promise: made small, explained, and written down.

use super::seeds::Read;
use crate::error::CommandError;
use crate::output::{Overwrite, write};
use crate::ui::Ui;
use planner::render::style::{Paint, Style, escape};
use simulator::explain::{Explanation, explain};
use simulator::replay::Replay;
use simulator::run::{Conditions, Report, Run};
use simulator::shrink::{Subject, shrink};
use std::fmt::Write;
use std::path::Path;

/// Runs that are spent on making one small.
const RUNS: u64 = 600;

/// A small run that breaks a promise.
pub(super) struct Failure {
    pub(super) seed: u64,
    pub(super) subject: Subject,
    pub(super) explanation: Explanation,
    pub(super) replay: Replay,
    /// Faults that it had before.
    pub(super) faults_before: usize,
}

/// The run of `report` made as small as it can be; nothing if it cannot be made to fail again.
pub(super) fn small(read: &Read, conditions: Conditions, report: &Report) -> Option<Failure> {
    let promise = report.breaches.first()?.promise;
    let faults_before = conditions.schedule.injections().len();
    let subject = Subject { spec: read.spec.clone(), second: None, cuts: Vec::new(), conditions };
    let subject = shrink(subject, promise, RUNS);
    let (setup, warm) = subject.stage()?;
    let mut run = Run::new(setup.clone(), &warm).traced().until(promise);
    while run.step() {}
    let explanation = explain(&run)?;
    // A trace costs memory and changes nothing; the hash is that of the bare run.
    let bare = Run::new(setup, &warm).until(promise).finish();
    let replay = Replay::of(&subject, (&read.text, None), &bare, Some(promise));
    Some(Failure { seed: report.seed, subject, explanation, replay, faults_before })
}

impl Failure {
    /// Write it down for `vamp simulate --replay`.
    pub(super) fn write(&self, path: &Path, ui: &Ui) -> Result<(), CommandError> {
        let text =
            self.replay.to_text().map_err(|error| CommandError::new("the failure cannot be written down").because(error))?;
        write(path, &text, Overwrite::Allow)?;
        ui.line(&format!("Saved. `vamp simulate --replay {}` repeats it.", escape(&path.display().to_string())));
        Ok(())
    }
}

/// Why the promise was broken, for people.
pub(super) fn text(failure: &Failure, style: Style) -> String {
    let mut text = String::new();
    let Failure { explanation, subject, .. } = failure;
    let (breach, left) = (&explanation.breach, subject.conditions.schedule.injections());
    let _ =
        writeln!(text, "\nSeed {}, with {} of its {} faults{}:", failure.seed, left.len(), failure.faults_before, cuts(failure));
    told(&mut text, explanation, style);
    let _ = writeln!(
        text,
        "  {}",
        style.paint(Paint::Error, &format!("{} {}: {}", breach.promise, escape(&breach.subject), escape(&breach.message)))
    );
    text
}

fn cuts(failure: &Failure) -> String {
    match failure.subject.cuts.len() {
        0 => String::new(),
        _ => {
            let cuts: Vec<String> = failure.subject.cuts.iter().map(ToString::to_string).collect();
            format!(" and without {}", cuts.join(", "))
        }
    }
}

/// The faults, and the chain of events.
pub(in crate::commands) fn told(text: &mut String, explanation: &Explanation, style: Style) {
    for injection in &explanation.faults {
        let lasts = injection.lasts.map_or_else(|| "for good".to_owned(), |lasts| format!("for {lasts}"));
        let lasting = injection.fault.kind.info().lasting == simulator::fault::Lasting::AsSaid;
        let lasts = if lasting { format!(", {lasts}") } else { String::new() };
        let fault = escape(&injection.fault.to_string()).into_owned();
        let _ = writeln!(text, "  {:>9}  {}{lasts}", injection.at.to_string(), style.paint(Paint::Heading, &fault));
    }
    if !explanation.chain.is_empty() {
        let _ = writeln!(text, "  and what followed from one another up to the breach:");
        for link in &explanation.chain {
            let _ = writeln!(text, "  {:>9}  {}", link.after.to_string(), escape(&link.what));
        }
    }
}
