//! `vamp simulate --scenario FILES`: stories of what goes wrong, each with its expected end.

mod text;

use super::display::Display;
use super::workers::Workers;
use super::{Arguments, Form, junit};
use crate::commands::Ended;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use planner::spec::parse;
use serde_json::{Value, json};
use simulator::operator::Desired;
use simulator::run::Warm;
use simulator::run::warm::Stuck;
use simulator::scenario::{Checked, NoSpec, Outcome, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Largest scenario that is read.
const LARGEST: u64 = 1 << 20;

/// One scenario of a call.
struct Told {
    /// The file's name without its ending: `F05`.
    name: String,
    scenario: Scenario,
    warm: Arc<Platform>,
}

/// A platform that scenarios share, brought up when the first of them needs it.
struct Platform {
    desired: Arc<Desired>,
    warm: OnceLock<Result<Warm, Stuck>>,
}

impl Told {
    fn run(&self) -> Result<Outcome, Stuck> {
        let warm = self.warm.warm.get_or_init(|| Warm::up(&self.warm.desired));
        warm.as_ref().map(|warm| self.scenario.run(warm, &BTreeSet::new())).map_err(Stuck::clone)
    }
}

pub(super) fn run(paths: &[PathBuf], arguments: &Arguments, ui: &mut Ui) -> Ended {
    let mut platforms = BTreeMap::new();
    let files = files(paths)?;
    let all: Vec<Told> = files.iter().map(|file| read(file, &mut platforms)).collect::<Result<_, _>>()?;
    let all = Arc::new(all);
    let mut display = Display::new("scenario", all.len() as u64, ui);
    let shared = all.clone();
    let one = move |index: u64| usize::try_from(index).ok().and_then(|index| shared.get(index)).map(Told::run);
    let mut workers = Workers::gather(arguments.workers)?;
    let mut done = workers.work((0..all.len() as u64).collect(), &mut display, Arc::new(one))?;
    let mut ran: Vec<(&Told, Outcome)> = Vec::new();
    for (index, told) in all.iter().enumerate() {
        if let Some(outcome) = done.remove(&(index as u64)).flatten() {
            ran.push((told, outcome.map_err(|stuck| does_not_come_up(told, stuck))?));
        }
    }
    tell(&ran, arguments.format, ui)?;
    let as_expected = ran.iter().all(|(_, outcome)| outcome.is_as_expected());
    Ok(workers.stopped().unwrap_or(if as_expected { Exit::Done } else { Exit::Failed }))
}

fn does_not_come_up(told: &Told, stuck: Stuck) -> CommandError {
    CommandError::new(format!("the platform of {} does not come up", told.name))
        .because(stuck)
        .hint("`vamp apply SPEC --embedded FILE` shows what does not come up; a platform that cannot be at all cannot survive")
}

/// Every file that is named, and every `.yaml` of a folder that is named, by name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let failed = |error: io::Error| CommandError::new(format!("cannot read the folder {}", path.display())).because(error);
        let entries = std::fs::read_dir(path).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut found: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(|file| is_scenario(file)).collect();
        if found.is_empty() {
            return Err(CommandError::new(format!("there is no scenario in {}", path.display()))
                .hint("a scenario is a file whose name ends in .yaml; folders in the folder are not looked into"));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn is_scenario(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "yaml") && !file.is_dir()
}

fn read(file: &Path, platforms: &mut BTreeMap<PathBuf, Arc<Platform>>) -> Result<Told, CommandError> {
    let bytes = input::read(file, "scenario", LARGEST)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut specs = |path: &str| platform(&folder.join(path), platforms).map(|platform| platform.desired.clone());
    let scenario = simulator::scenario::read(&bytes, &mut specs).map_err(|found| {
        CommandError::complaints(found, file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
    })?;
    let unreadable = || CommandError::new(format!("the platform of {} cannot be read", file.display()));
    let warm = platform(&folder.join(&scenario.spec), platforms).map_err(|_| unreadable())?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Told { name, scenario, warm })
}

fn platform(path: &Path, platforms: &mut BTreeMap<PathBuf, Arc<Platform>>) -> Result<Arc<Platform>, NoSpec> {
    if let Some(known) = platforms.get(path) {
        return Ok(known.clone());
    }
    let bytes = input::read(path, "spec", input::LARGEST_SPEC).map_err(|error| NoSpec::Unreadable(error.sentence()))?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let first = |found: Vec<model::Diagnostic>| {
        let found = found.first();
        let line = found.and_then(|first| first.place).map(|place| format!("line {}: ", place.line)).unwrap_or_default();
        NoSpec::Wrong(format!("{line}{}", found.map(|first| first.message.as_str()).unwrap_or_default()))
    };
    let spec = parse(&file, &bytes).map_err(first)?.spec;
    let desired = Arc::new(Desired::of(spec).map_err(first)?);
    let platform = Arc::new(Platform { desired, warm: OnceLock::new() });
    platforms.insert(path.to_owned(), platform.clone());
    Ok(platform)
}

fn tell(ran: &[(&Told, Outcome)], form: Form, ui: &mut Ui) -> Result<(), CommandError> {
    match form {
        Form::Json => {
            ui.json(&json!({ "scenarios": ran.iter().map(|(told, outcome)| document(told, outcome)).collect::<Vec<_>>() }))
        }
        Form::Junit => ui.data(&junit::scenarios(ran.iter().map(|(told, outcome)| (told.name.as_str(), outcome)))),
        Form::Text => {
            let mut text = String::new();
            for (told, outcome) in ran {
                text.push_str(&text::told(&told.name, &told.scenario, outcome, ui.out()));
            }
            text.push_str(&text::verdict(ran.iter().map(|(told, outcome)| (told.name.as_str(), outcome)), ui.out()));
            ui.data(&text)
        }
    }
}

fn document(told: &Told, outcome: &Outcome) -> Value {
    let report = &outcome.report;
    let checked = |checked: &Checked| {
        json!({
            "at": checked.at, "subject": checked.subject, "what": checked.what,
            "expected": checked.expected, "seen": checked.seen, "holds": checked.holds,
        })
    };
    json!({
        "name": told.name,
        "title": told.scenario.title,
        "asExpected": outcome.is_as_expected(),
        "seed": report.seed,
        "hash": report.hash,
        "verdict": report.verdict,
        "breaches": report.breaches,
        "excuses": report.excuses,
        "checked": outcome.checked.iter().map(checked).collect::<Vec<_>>(),
    })
}
