//! `vamp simulate SPEC --compare OTHER`: two specs on the same seeds.

use super::seeds::{campaign, read, run_seeds};
use super::workers::Workers;
use super::{Arguments, Form, text};
use crate::commands::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use planner::render::style::escape;
use serde_json::json;
use simulator::campaign::Campaign;
use simulator::campaign::summary::summary;
use simulator::run::Report;
use simulator::statistics::paired::{Comparison, compare};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// What is compared: its words, and how much of it a run has.
type Loss = (&'static str, fn(&Report) -> u64);

const LOSSES: &[Loss] = &[
    ("requests not answered well", |report| report.metrics.requests.unserved()),
    ("seconds with fewer than two agents", |report| report.metrics.below_two.0 / 1000),
    ("promises broken", |report| report.breaches.len() as u64),
];

pub(super) fn run(first: &Arc<Campaign>, other: &Path, arguments: &Arguments, ui: &mut Ui) -> Ended {
    let read = read(other, ui)?;
    let second = Arc::new(campaign(&read, arguments)?);
    let mut workers = Workers::gather(arguments.workers)?;
    // Seed by seed: whatever is done when somebody stops it can be compared.
    let (left, right) = (first.clone(), second);
    let ran = run_seeds(&mut workers, move |seed| (left.run(seed), right.run(seed)), arguments, ui)?;
    let (one, two): (Vec<Report>, Vec<Report>) = ran.results.into_iter().unzip();
    let compared: Vec<(&str, Comparison)> = LOSSES.iter().map(|(name, loss)| (*name, paired(&one, &two, *loss))).collect();
    let names = (first.desired.spec.file.as_str(), read.spec.file.as_str());
    match arguments.format {
        Form::Json => {
            let losses: Vec<_> =
                compared.iter().map(|(name, comparison)| json!({ "what": name, "comparison": comparison })).collect();
            ui.json(&json!({
                "first": { "spec": names.0, "summary": summary(&one) },
                "second": { "spec": names.1, "summary": summary(&two) },
                "comparison": losses,
            }))?;
        }
        Form::Text | Form::Junit => ui.data(&told(names, one.len(), &compared))?,
    }
    let broken = |reports: &[Report]| reports.iter().any(|report| !report.breaches.is_empty());
    Ok(workers.stopped().unwrap_or(if broken(&two) { Exit::Failed } else { Exit::Done }))
}

fn paired(one: &[Report], two: &[Report], loss: fn(&Report) -> u64) -> Comparison {
    let pairs: Vec<(u64, u64)> = one.iter().zip(two).map(|(one, two)| (loss(one), loss(two))).collect();
    compare(&pairs)
}

fn told((first, second): (&str, &str), seeds: usize, compared: &[(&str, Comparison)]) -> String {
    let mut told = format!("{} against {}, on the same {seeds} seeds\n\n", escape(second), escape(first));
    for (name, comparison) in compared {
        let change = match &comparison.change_percent {
            Some(change) if change.value <= 0.0 => {
                format!("{:.0} % fewer (95 %: {:.0} % to {:.0} %)", -change.value, -change.high, -change.low)
            }
            Some(change) => format!("{:.0} % more (95 %: {:.0} % to {:.0} %)", change.value, change.low, change.high),
            None => "none to begin with".to_owned(),
        };
        let (one, two) = (text::number(comparison.first as f64), text::number(comparison.second as f64));
        let _ = writeln!(told, "  {name}: {two} instead of {one}, {change}");
        let _ = writeln!(
            told,
            "      better on {}, the same on {}, worse on {} seeds",
            comparison.better, comparison.equal, comparison.worse
        );
    }
    told
}
