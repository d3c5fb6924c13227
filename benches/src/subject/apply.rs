//! A whole platform on the embedded platform, in one process and one file: planned, applied, and planned again.

mod without_journal;

use super::Readings;
use crate::generate::spec;
use crate::measure::{Stopwatch, timed};
use crate::size::{compiled, layout_for, parsed};
use driver::{Answer, Consent, Machine, Settings};
use embedded::{EmbeddedPlatform, Inputs};
use model::outcome::{JournalEntry, Verdict};
use model::{Kind, Plan, Timestamp};
use planner::compile::Compiled;
use planner::plan::{Options, Request, plan};
use planner::spec::Spec;
use port::{Holder, Ledger, Observe, Platform};
use std::collections::BTreeMap;
use std::path::Path;
use without_journal::WithoutJournal;

/// Any error of the way, as a sentence.
fn worded(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Runs of which the fastest counts, by turns with the journal and without it: a machine that slows down slows both.
const RUNS: usize = 5;

/// What is measured of an apply.
pub(super) fn measure(resources: usize) -> Result<Readings, String> {
    let text = spec(layout_for(resources)?);
    let folder = tempfile::tempdir().map_err(worded)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(worded)?;
    let mut fastest = BTreeMap::new();
    let mut told = (0, 0, 0);
    for run in 0..RUNS {
        let file = |name: &str| folder.path().join(format!("{name}-{run}.sqlite"));
        let (whole, first) = timed(|| runtime.block_on(apply(&text, &file("journal"), true)));
        let first = first?;
        let (again, unchanged) = timed(|| runtime.block_on(plan_again(&text, &file("journal"))));
        let bare = runtime.block_on(apply(&text, &file("bare"), false))?;
        let journal =
            first.journal.iter().filter_map(|entry| serde_json::to_vec(entry).ok()).map(|text| text.len()).sum::<usize>();
        told = (unchanged?, first.steps, journal);
        for (name, seconds) in [
            ("plan and apply seconds", whole.as_secs_f64()),
            ("plan again seconds", again.as_secs_f64()),
            ("run seconds", first.run_seconds),
            ("run without journal seconds", bare.run_seconds),
        ] {
            let least = fastest.entry(name.to_owned()).or_insert(f64::INFINITY);
            *least = seconds.min(*least);
        }
    }
    let (resources, steps, journal) = told;
    let counts =
        [("resources", resources as f64), ("steps", steps as f64), ("journal bytes a step", journal as f64 / steps as f64)];
    Ok(counts.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(fastest).collect())
}

struct Applied {
    steps: usize,
    run_seconds: f64,
    journal: Vec<JournalEntry>,
}

/// Plan and apply from nothing, from the text to the closed file.
async fn apply(text: &str, path: &Path, with_journal: bool) -> Result<Applied, String> {
    let spec = parsed(text)?;
    let compiled = compiled(&spec)?;
    let mut platform = EmbeddedPlatform::open(path, inputs()).await.map_err(worded)?;
    let plan = planned(&spec, &compiled, &mut platform).await?;
    let run = platform.begin(holder()).await.map_err(worded)?;
    let consent = Consent::given(&plan, Answer::Flag, []).map_err(worded)?;
    let machine = Machine::new(&plan, Settings::default(), consent, run).map_err(worded)?;
    let mut ignore = |_: &driver::Progress| ();
    let clock = Stopwatch::start();
    let outcome = if with_journal {
        driver::run(&mut platform, machine, &mut ignore).await
    } else {
        driver::run(&mut WithoutJournal::around(&mut platform), machine, &mut ignore).await
    };
    let run_seconds = clock.elapsed().as_secs_f64();
    let outcome = outcome.map_err(worded)?;
    if outcome.verdict != Verdict::Converged {
        let failed = outcome.steps.iter().find(|step| !matches!(step.result, model::outcome::StepResult::Done { .. }));
        return Err(format!("the apply did not converge: {failed:?}"));
    }
    platform.end().await.map_err(worded)?;
    let journal = platform.journal(run).await.map_err(worded)?;
    platform.close().await.map_err(worded)?;
    Ok(Applied { steps: plan.steps.len(), run_seconds, journal })
}

/// The plan that finds nothing; how many resources are as wanted.
async fn plan_again(text: &str, path: &Path) -> Result<u64, String> {
    let spec = parsed(text)?;
    let compiled = compiled(&spec)?;
    let mut platform = EmbeddedPlatform::open_to_look(path, inputs()).await.map_err(worded)?;
    let plan = planned(&spec, &compiled, &mut platform).await?;
    platform.close().await.map_err(worded)?;
    if plan.is_empty() && plan.report.is_empty() {
        Ok(plan.unchanged)
    } else {
        let first = plan.steps.first().map(|step| (&step.address, &step.changes));
        Err(format!(
            "after the apply {} steps are left, the first is {first:?}; notes: {:?}",
            plan.steps.len(),
            plan.report.first()
        ))
    }
}

async fn planned(spec: &Spec, compiled: &Compiled, platform: &mut EmbeddedPlatform) -> Result<Plan, String> {
    let snapshot = platform.observe(&compiled.connections, Kind::ALL).await.map_err(worded)?;
    let references: Vec<_> = compiled.graph.secrets().into_iter().collect();
    let digests = platform.digests(&references).await.map_err(worded)?;
    Ok(plan(&Request {
        spec,
        graph: &compiled.graph,
        snapshot: &snapshot,
        connections: &compiled.connections,
        digests: &digests,
        previews: &model::preview::Previews::new(),
        options: &Options::default(),
        acts_on: &[],
        pinned_to: &platform.identities(),
        now: platform.now(),
    }))
}

/// No secret is asked of the environment, and entropy that counts makes every run the same.
fn inputs() -> Inputs {
    let mut count = 0_u8;
    Inputs {
        secrets: Box::new(|reference| Err(format!("{reference} is not set"))),
        entropy: Box::new(move |bytes| {
            count = count.wrapping_add(1);
            bytes.fill(count);
        }),
        seed: 1,
    }
}

fn holder() -> Holder {
    Holder {
        name: "figures".to_owned(),
        host: "here".to_owned(),
        process: std::process::id(),
        command: "apply".to_owned(),
        since: Timestamp(0),
        expires: Timestamp(0),
    }
}
