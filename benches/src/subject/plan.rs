//! From the text of a spec to its plan, as a whole and by stages.

use super::Readings;
use crate::measure::timed;
use crate::pipeline::{Ground, ground, planned};
use crate::size::{compiled, parsed};
use std::time::Duration;

/// Runs of which the fastest counts.
const RUNS: usize = 3;

pub(super) fn measure(resources: usize) -> Result<Readings, String> {
    let ground = ground(resources)?;
    let mut fastest: Option<[Duration; 3]> = None;
    for _ in 0..RUNS {
        let run = once(&ground)?;
        let is_faster = |best: &[Duration; 3]| run.iter().sum::<Duration>() < best.iter().sum();
        if fastest.as_ref().is_none_or(is_faster) {
            fastest = Some(run);
        }
    }
    let [parse, compile, plan] = fastest.unwrap_or_default().map(|took| took.as_secs_f64());
    Ok([
        ("resources", ground.resources as f64),
        ("spec bytes", ground.text.len() as f64),
        ("seconds", parse + compile + plan),
        ("parse seconds", parse),
        ("compile seconds", compile),
        ("plan seconds", plan),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect())
}

/// One run: how long parsing, compiling and planning took. That the plan is empty shows that the whole way was gone.
fn once(ground: &Ground) -> Result<[Duration; 3], String> {
    let (parse, spec) = timed(|| parsed(&ground.text));
    let spec = spec?;
    let (compile, compiled) = timed(|| compiled(&spec));
    let compiled = compiled?;
    let (plan, made) = timed(|| planned(ground, &spec, &compiled));
    if made.is_empty() && made.report.is_empty() && made.unchanged == ground.resources as u64 {
        Ok([parse, compile, plan])
    } else {
        Err(format!("the plan has {} steps and {} notes where nothing is to be done", made.steps.len(), made.report.len()))
    }
}
