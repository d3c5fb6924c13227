//! A campaign over seeds.

use super::display::Display;
use super::document::Document;
use super::failure::{self, Failure};
use super::ranges::Kinds;
use super::workers::{threads, work};
use super::{Arguments, Form, compare, junit, page, text};
use crate::attended::Caught;
use crate::commands::Ended;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::output::check;
use crate::ui::Ui;
use planner::render::diagnostics::diagnostics;
use planner::spec::{Spec, parse};
use simulator::campaign::part::{FORMAT_VERSION, Part};
use simulator::campaign::{Campaign, NoCampaign};
use simulator::operator::Desired;
use simulator::run::{Report, Verdict};
use std::path::Path;
use std::sync::Arc;

/// A spec as it was read, with its text.
#[derive(Clone)]
pub(super) struct Read {
    pub(super) spec: Spec,
    pub(super) text: String,
    pub(super) desired: Arc<Desired>,
}

/// Read and compile the spec at `path`.
pub(super) fn read(path: &Path, ui: &Ui) -> Result<Read, CommandError> {
    let bytes = input::read(path, "spec", input::LARGEST_SPEC)?;
    let file = path.display().to_string();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let refused = |found| CommandError::complaints(found, file.clone(), text.clone());
    let parsed = parse(&file, &bytes).map_err(refused)?;
    if !parsed.warnings.is_empty() {
        ui.say(&diagnostics(&parsed.warnings, &file, &text, ui.err()));
    }
    let desired = Arc::new(Desired::of(parsed.spec.clone()).map_err(refused)?);
    Ok(Read { spec: parsed.spec, text, desired })
}

/// The campaign about a spec.
pub(super) fn campaign(read: &Read, arguments: &Arguments) -> Result<Campaign, CommandError> {
    let kinds = arguments.faults.clone().unwrap_or_else(Kinds::all).0;
    Campaign::new(read.desired.clone(), kinds, arguments.duration).map_err(|error| match error {
        NoCampaign::Roll(found) => CommandError::complaints(found, read.spec.file.clone(), read.text.clone()),
        NoCampaign::Stuck(stuck) => CommandError::new("nothing can be simulated").because(stuck).hint(
            "`vamp apply SPEC --embedded FILE` shows what does not come up; a platform that cannot be at all cannot survive",
        ),
    })
}

/// Refuse outputs that cannot be written before anything is run.
pub(super) fn check_outputs(spec: &Path, arguments: &Arguments) -> Result<(), CommandError> {
    let outputs = [arguments.report.as_deref(), arguments.replay_out.as_deref()];
    outputs.into_iter().flatten().try_for_each(|path| check(path, &[spec]))
}

/// Reports of seeds, in their order.
pub(super) struct Ran {
    pub(super) reports: Vec<Report>,
    pub(super) milliseconds: u64,
    pub(super) caught: Option<Caught>,
}

/// Run the seeds of the arguments.
pub(super) fn run_seeds(campaign: &Arc<Campaign>, arguments: &Arguments, ui: &Ui) -> Result<Ran, CommandError> {
    let (range, shard) = (arguments.seeds, arguments.shard);
    let pieces = (range.first..=range.last).filter(|seed| shard.is_none_or(|shard| shard.has(*seed))).collect();
    let mut display = Display::new("run", range.count(shard), ui);
    let shared = campaign.clone();
    let done = work(pieces, threads(arguments.workers), &mut display, Arc::new(move |seed| shared.run(seed)))?;
    let milliseconds = display.milliseconds();
    Ok(Ran { reports: done.results.into_values().collect(), milliseconds, caught: done.caught })
}

pub(super) fn run(spec: &Path, arguments: &Arguments, ui: &mut Ui) -> Ended {
    check_outputs(spec, arguments)?;
    let read = read(spec, ui)?;
    let campaign = Arc::new(campaign(&read, arguments)?);
    if let Some(other) = &arguments.compare {
        return compare::run(&campaign, other, arguments, ui);
    }
    let ran = run_seeds(&campaign, arguments, ui)?;
    let part = Part {
        format_version: FORMAT_VERSION,
        spec: read.spec.file.clone(),
        spec_digests: vec![read.spec.digest.clone()],
        kinds: campaign.kinds.clone(),
        duration: campaign.duration,
        range: (arguments.seeds.first, arguments.seeds.last),
        seeds: ran.reports,
    };
    let document = Document::of(part, Some(ran.milliseconds));
    tell(&document, arguments.format, ui)?;
    speed(&document, ui);
    let failure = first_failure(&campaign, &read, &document, ui);
    if let Some(failure) = &failure {
        ui.say(&failure::text(failure, ui.err()));
    }
    write_out(&campaign, &document, failure.as_ref(), arguments, ui)?;
    Ok(match ran.caught {
        Some(Caught::Interrupt) => Exit::Interrupted,
        Some(Caught::Terminate) => Exit::Terminated,
        None => exit(&document),
    })
}

/// How a campaign ends that came to this.
pub(super) fn exit(document: &Document) -> Exit {
    if document.summary.broken > 0 { Exit::Failed } else { Exit::Done }
}

/// The data of a campaign, in the form that was asked for.
pub(super) fn tell(document: &Document, form: Form, ui: &mut Ui) -> Result<(), CommandError> {
    match form {
        Form::Text => ui.data(&text::report(document, ui.out())),
        Form::Json => ui.json(document),
        Form::Junit => ui.data(&junit::report(document)),
    }
}

fn speed(document: &Document, ui: &Ui) {
    if let Some(speed) = document.simulated_hours_per_hour {
        ui.line(&format!("{} simulated hours an hour.", text::number(speed)));
    }
}

/// The first seed that broke a promise, made small and explained.
fn first_failure(campaign: &Campaign, read: &Read, document: &Document, ui: &Ui) -> Option<Failure> {
    let report = document.part.seeds.iter().find(|report| report.verdict == Verdict::Broken)?;
    ui.line(&format!("Seed {} is made as small as it can be …", report.seed));
    failure::small(read, campaign.conditions(report.seed), report)
}

fn write_out(
    campaign: &Campaign,
    document: &Document,
    failure: Option<&Failure>,
    arguments: &Arguments,
    ui: &Ui,
) -> Result<(), CommandError> {
    if let Some(path) = &arguments.replay_out {
        match failure {
            Some(failure) => failure.write(path, ui)?,
            None => ui.line(&format!("{} is not written: no promise was broken.", path.display())),
        }
    }
    match &arguments.report {
        Some(path) => page::write(path, document, page::Story::of(campaign, document, failure).as_ref(), ui),
        None => Ok(()),
    }
}
