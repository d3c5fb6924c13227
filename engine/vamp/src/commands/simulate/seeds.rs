//! A campaign over seeds.

use super::display::Display;
use super::document::Document;
use super::failure::{self, Failure};
use super::page::Story;
use super::ranges::Kinds;
use super::workers::Workers;
use super::{Arguments, Form, compare, junit, page, text};
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
use simulator::run::Verdict;
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

/// What came of seeds, in their order, and how long that took.
pub(super) struct Ran<T> {
    pub(super) results: Vec<T>,
    pub(super) milliseconds: u64,
}

/// Let `one` be done for each seed of the arguments.
pub(super) fn run_seeds<T: Send + 'static>(
    workers: &mut Workers,
    one: impl Fn(u64) -> T + Send + Sync + 'static,
    arguments: &Arguments,
    ui: &Ui,
) -> Result<Ran<T>, CommandError> {
    let (range, shard) = (arguments.seeds, arguments.shard);
    let pieces = (range.first..=range.last).filter(|seed| shard.is_none_or(|shard| shard.has(*seed))).collect();
    let mut display = Display::new("run", range.count(shard), ui);
    let results = workers.work(pieces, &mut display, Arc::new(one))?;
    Ok(Ran { results: results.into_values().collect(), milliseconds: display.milliseconds() })
}

pub(super) fn run(spec: &Path, arguments: &Arguments, ui: &mut Ui) -> Ended {
    check_outputs(spec, arguments)?;
    let read = read(spec, ui)?;
    let campaign = Arc::new(campaign(&read, arguments)?);
    if let Some(other) = &arguments.compare {
        return compare::run(&campaign, other, arguments, ui);
    }
    let mut workers = Workers::gather(arguments.workers)?;
    let shared = campaign.clone();
    let ran = run_seeds(&mut workers, move |seed| shared.run(seed), arguments, ui)?;
    let part = Part {
        format_version: FORMAT_VERSION,
        spec: read.spec.file.clone(),
        spec_digests: vec![read.spec.digest.clone()],
        kinds: campaign.kinds.clone(),
        duration: campaign.duration,
        range: (arguments.seeds.first, arguments.seeds.last),
        seeds: ran.results,
    };
    let document = Document::of(part, Some(ran.milliseconds));
    tell(&document, arguments.format, ui)?;
    speed(&document, ui);
    let failure = first_failure(&campaign, &read, &document, &mut workers, ui)?;
    write_out(&campaign, &document, failure, arguments, &mut workers, ui)?;
    Ok(workers.stopped().unwrap_or(exit(&document)))
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
fn first_failure(
    campaign: &Campaign,
    read: &Read,
    document: &Document,
    workers: &mut Workers,
    ui: &Ui,
) -> Result<Option<Arc<Failure>>, CommandError> {
    let Some(report) = document.part.seeds.iter().find(|report| report.verdict == Verdict::Broken).cloned() else {
        return Ok(None);
    };
    let seed = report.seed;
    if workers.stopped().is_none() {
        ui.line(&format!("Seed {seed} is made as small as it can be …"));
    }
    let (read, conditions) = (read.clone(), campaign.conditions(seed));
    let small = workers.alone(move || failure::small(&read, conditions, &report))?;
    if small.is_none() {
        ui.line(&format!("Stopped before seed {seed} was made small; `--seeds {seed}..{seed}` runs it alone."));
    }
    let failure = small.flatten().map(Arc::new);
    if let Some(failure) = &failure {
        ui.say(&failure::text(failure, ui.err()));
    }
    Ok(failure)
}

fn write_out(
    campaign: &Arc<Campaign>,
    document: &Document,
    failure: Option<Arc<Failure>>,
    arguments: &Arguments,
    workers: &mut Workers,
    ui: &Ui,
) -> Result<(), CommandError> {
    if let Some(path) = &arguments.replay_out {
        match &failure {
            Some(failure) => failure.write(path, ui)?,
            None => ui.line(&format!("{} is not written: {}.", path.display(), why_no_replay(document))),
        }
    }
    let Some(path) = &arguments.report else { return Ok(()) };
    let (campaign, first) = (campaign.clone(), document.part.seeds.first().map(|report| report.seed));
    let story = workers.alone(move || Story::of(&campaign, first, failure.as_deref()))?;
    page::write(path, document, story.flatten().as_ref(), ui)
}

fn why_no_replay(document: &Document) -> &'static str {
    if document.summary.broken > 0 { "there is no smaller run to write down" } else { "no promise was broken" }
}
