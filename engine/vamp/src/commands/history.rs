//! `vamp history`: the runs of a platform, and the journal of one.

use super::{Ended, runtime};
use crate::cli::{Format, Output, World};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::platform::{self, For};
use crate::prepare::prepare;
use crate::site::{Ground, Site, world_file};
use crate::ui::Ui;
use clap::Args;
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::time::rfc3339;
use planner::render::style::{Paint, Style, counted, escape};
use port::{Ledger, RunSummary};
use std::fmt::Write;
use std::path::PathBuf;

/// List earlier runs, newest first, or the journal of one
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The platform's spec, which says where the runs of real systems are written down; the embedded platform if not given
    #[arg(value_name = "SPEC")]
    spec: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) world: World,
    /// Show the journal of this run
    #[arg(long, value_name = "NUMBER")]
    run: Option<u64>,
    /// Show so many runs
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: u32,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let site = site(arguments, ui)?;
    site.check_credentials()?;
    match arguments.run {
        None => {
            let runs = runtime()?.block_on(async {
                let mut platform = platform::open(&site, For::LookingBack).await?;
                let runs = platform.runs(arguments.limit).await;
                platform::close(platform, runs.map_err(CommandError::from)).await
            })?;
            match ui.format() {
                Format::Json => ui.json(&serde_json::json!({ "runs": runs }))?,
                Format::Text if runs.is_empty() => ui.line("No run so far."),
                Format::Text => ui.data(&table(&runs, ui.out()))?,
            }
        }
        Some(number) => {
            let journal = runtime()?.block_on(async {
                let mut platform = platform::open(&site, For::LookingBack).await?;
                let journal = platform.journal(number).await;
                platform::close(platform, journal.map_err(CommandError::from)).await
            })?;
            if journal.is_empty() {
                return Err(CommandError::new(format!("there is no run {number}")).hint("`vamp history` lists the runs"));
            }
            match ui.format() {
                Format::Json => ui.json(&serde_json::json!({ "run": number, "journal": journal }))?,
                Format::Text => ui.data(&journal.iter().map(line).collect::<String>())?,
            }
        }
    }
    Ok(Exit::Done)
}

/// Where the runs are written down.
fn site(arguments: &Arguments, ui: &Ui) -> Result<Site, CommandError> {
    match &arguments.spec {
        Some(spec) => Site::of(&*prepare(spec, ui)?, &arguments.world),
        None => {
            let ground = Ground::World(world_file(arguments.world.embedded.as_deref()));
            Ok(Site { ground, connections: Vec::new(), acts_on: Vec::new() })
        }
    }
}

fn table(runs: &[RunSummary], style: Style) -> String {
    let head = format!("{:>4}  {:<20}  {:<8}  {:<12}  {:>12}  {:>8}  BY", "RUN", "BEGAN", "COMMAND", "RESULT", "STEPS", "TOOK");
    let mut text = format!("{}\n", style.paint(Paint::Heading, &head));
    for run in runs {
        let (word, paint) = verdict(run.verdict);
        let word = format!("{word:<12}");
        let steps = format!("{} of {}", run.done, run.steps);
        let took = run.took.map(|took| took.to_string()).unwrap_or_default();
        let (command, by) = (escape(&run.holder.command), format!("{}@{}", run.holder.name, run.holder.host));
        let (word, since) = (style.paint(paint, &word), rfc3339(run.holder.since));
        let _ = writeln!(text, "{:>4}  {since}  {command:<8}  {word}  {steps:>12}  {took:>8}  {}", run.run, escape(&by));
    }
    text
}

const fn verdict(verdict: Option<Verdict>) -> (&'static str, Paint) {
    match verdict {
        Some(Verdict::Converged) => ("converged", Paint::Good),
        Some(Verdict::Partial) => ("partly done", Paint::Error),
        Some(Verdict::Cancelled) => ("stopped", Paint::Warning),
        None => ("no end known", Paint::Warning),
    }
}

fn line(entry: &JournalEntry) -> String {
    let what = match &entry.event {
        JournalEvent::RunStarted { steps, .. } => format!("run {} begins with {steps} steps", entry.run),
        JournalEvent::StepStarted { address, action, .. } => format!("begin   {} {address}", action.word()),
        JournalEvent::StepRetried { address, attempts } => format!("again   {address}: try {}", attempts.saturating_add(1)),
        JournalEvent::StepEnded { address, result } => match result {
            StepResult::Done { changed: true } => format!("done    {address}"),
            StepResult::Done { changed: false } => format!("done    {address} (was so already)"),
            StepResult::Failed(why) => format!("failed  {address}: {why}"),
            StepResult::Skipped(cause) => format!("skipped {address}: {cause} failed or was stopped"),
            StepResult::Cancelled => format!("stopped {address}: never begun"),
            StepResult::Interrupted => format!("left    {address}: its end is not known"),
        },
        JournalEvent::AuditGap { chain, why } => format!("audit   {chain}: nothing is written: {why}"),
        JournalEvent::AuditResumed { chain } => format!("audit   {chain}: it is written again"),
        JournalEvent::Audited { heads } => {
            let documents: u64 = heads.iter().map(|head| head.position).sum();
            let (documents, chains) =
                (counted(documents as usize, "document", "documents"), counted(heads.len(), "chain", "chains"));
            format!("audit   {chains} with {documents}")
        }
        JournalEvent::RunEnded { verdict: ended } => format!("run {} ends: {}", entry.run, verdict(Some(*ended)).0),
    };
    format!("{}  {}\n", rfc3339(entry.at), escape(&what))
}
