//! `vamp check SPEC`: hold a spec, and a plan of it, against the rules, before anybody applies it.

mod page;
mod trials;

use super::{Ended, show};
use crate::cli::Format;
use crate::clock;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::older::{self, Older};
use crate::policy::case_of;
use crate::prepare::{Prepared, prepare};
use crate::rules::PolicyFiles;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use model::Plan;
use planner::policy::judge::{judge_with, withheld};
use planner::policy::{Case, Severity, catalogue, waiver};
use planner::render::check::{Report, annotations, json, junit, sarif, text};
use planner::render::diagnostics::Complaint;
use std::path::{Path, PathBuf};

/// Hold a spec, and a plan of it, against the rules
#[derive(Debug, Args)]
#[command(
    after_help = "Changes nothing and looks at no platform. `vamp explain VGA-1` prints the page of a rule: why it is there, how to \
    mend what breaks it, how to waive it. `vamp plan` and `vamp apply` ask the same rules of what they are about to do; there \
    a rule of weight must stops them."
)]
pub(crate) struct Arguments {
    /// The platform's spec
    #[arg(value_name = "SPEC", required_unless_present = "test")]
    spec: Option<PathBuf>,
    /// What the spec takes the place of: an older spec, or a Git revision (main, HEAD~1) at which to look for it
    #[arg(long, value_name = "FILE|REVISION")]
    against: Option<String>,
    #[command(flatten)]
    policies: PolicyFiles,
    /// A plan of this spec, which `vamp plan -o` saved: its steps are judged too
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Run the tests that stand beside rules of the platform's own, and judge nothing
    #[arg(long, conflicts_with_all = ["against", "plan", "severity", "today", "report"])]
    test: bool,
    /// Fail if anything of this weight or more is broken: must, high, should or may
    #[arg(long, value_name = "SEVERITY", default_value = "should")]
    severity: Severity,
    /// The day that expiries of waivers are compared with, as 2027-03-31 [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<Date>,
    /// Form of standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
    /// Write a page for a browser too: the deployment model, who talks to whom, the results, where data stays, the waivers
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// What standard output gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    // For people.
    Text,
    // Our own form, which docs/schemas/check.schema.json describes.
    Json,
    // SARIF 2.1.0, for code scanning.
    Sarif,
    // JUnit's XML: a rule is a test.
    Junit,
    // Commands that a hosted CI turns into remarks beside the line.
    Annotations,
}

impl Arguments {
    /// How a failure of the command itself is told.
    pub(crate) fn format(&self) -> Format {
        if self.format == Form::Json { Format::Json } else { Format::Text }
    }
}

fn day(text: &str) -> Result<Date, String> {
    waiver::day(text).ok_or_else(|| "write year, month and day, as in 2027-03-31".to_owned())
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    match &arguments.spec {
        Some(spec) if !arguments.test => run_spec(arguments, spec, ui),
        spec => trials::run(spec.as_deref(), &arguments.policies, arguments.format, ui),
    }
}

fn run_spec(arguments: &Arguments, spec: &Path, ui: &mut Ui) -> Ended {
    let mut prepared = prepare(spec, ui)?;
    let today = arguments.today.unwrap_or_else(clock::today);
    let mut failures: Vec<CommandError> = arguments.policies.read(&mut prepared).err().into_iter().collect();
    let plan = kept(arguments.plan.as_ref().map(|path| plan_of(path, &prepared)), &mut failures);
    let older = kept(arguments.against.as_ref().map(|name| older::read(name, spec)), &mut failures);
    let (plan, older) = (plan.as_ref(), older.as_ref().map(Older::view));
    let case = Case { plan, older, ..case_of(&prepared, today) };
    let judgement = judge_with(&case, catalogue::CATALOGUE, withheld(&case));
    let told: Vec<Complaint<'_>> = failures.iter().flat_map(|failure| failure.diagnostics().diagnostics).collect();
    let (file, source, threshold) = (&prepared.spec.file, &prepared.source, arguments.severity);
    let report = Report { judgement: &judgement, file, source, today, threshold, failures: &told };
    ui.data(&match arguments.format {
        Form::Text => text(&report, ui.out()),
        Form::Json => json(&report),
        Form::Sarif => sarif(&report),
        Form::Junit => junit(&report),
        Form::Annotations => annotations(&report),
    })?;
    let unwritten = page::write(&report, &case, arguments, ui).err();
    // What was asked of the spec alone is told first: nothing of it is lost.
    for failure in failures.iter().chain(&unwritten) {
        ui.say(&failure.text(ui.err()));
    }
    Ok(match failures.is_empty() && unwritten.is_none() {
        false => Exit::Failed,
        true if judgement.fails(arguments.severity) => Exit::Policy,
        true => Exit::Done,
    })
}

/// What was asked for and could be had; why not, if not, goes to the failures.
fn kept<T>(asked: Option<Result<T, CommandError>>, failures: &mut Vec<CommandError>) -> Option<T> {
    asked.and_then(|had| had.map_err(|error| failures.push(error)).ok())
}

/// A saved plan, if it is one of this very spec.
fn plan_of(path: &Path, prepared: &Prepared) -> Result<Plan, CommandError> {
    let plan = show::read_plan(path)?;
    if plan.spec_digest != prepared.spec.digest.as_str() {
        let message = format!("{} was made from another text than {} has now", path.display(), prepared.spec.file);
        return Err(CommandError::new(message).hint("plan again, and check that plan"));
    }
    Ok(plan)
}
