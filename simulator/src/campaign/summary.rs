//! What the runs of a campaign say together, each number with its interval. It follows from the reports alone, in the order of their
//! seeds.

use crate::fault::Kind;
use crate::oracle::Promise;
use crate::oracle::convergence::Excuse;
use crate::run::{Report, Verdict};
use crate::statistics::Estimate;
use crate::statistics::proportion::proportion;
use crate::statistics::quantile::quantile;
use crate::traffic::Requests;
use model::Duration;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the runs of a campaign say together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Number of runs.
    pub runs: u64,
    /// Runs that kept every promise.
    pub kept: u64,
    /// Runs that kept every promise, with an excuse for what the platform did not become.
    pub excused: u64,
    /// Runs that broke one.
    pub broken: u64,
    /// Share of runs that broke a promise.
    pub failure_rate: Estimate,
    /// Virtual time of all runs together.
    pub simulated: Duration,
    /// Runs that broke a promise, for a thousand simulated hours.
    pub failures_per_thousand_hours: Estimate,
    /// What became of requests.
    pub requests: Requests,
    /// Share of requests that were answered well.
    pub availability: f64,
    /// Runs by the share of requests that nobody answered well, in millionths: median, 95th, 99th percentile.
    pub unserved_per_million: Vec<Estimate>,
    /// Time that cells had fewer than two ready gateway agents.
    pub below_two: Duration,
    /// How long cells took to have all gateway agents again, in milliseconds: median, 95th, 99th percentile.
    pub recovery: Vec<Estimate>,
    /// From the last fault to the platform being what its spec says, in milliseconds: median, 95th, 99th percentile.
    pub convergence: Vec<Estimate>,
    /// The longest that a configuration was served that was not known to be the published one any more.
    pub configuration_age: Duration,
    /// For each promise that was broken: how often, and the seed that did so first.
    pub promises: BTreeMap<Promise, Broken>,
    /// How often each excuse was needed.
    pub excuses: BTreeMap<Excuse, u64>,
    /// For each kind of fault.
    pub kinds: BTreeMap<Kind, OfKind>,
}

/// How often a promise was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broken {
    /// In how many runs.
    pub runs: u64,
    /// The first seed of them.
    pub first_seed: u64,
    /// What it was about in that run.
    pub subject: String,
    /// How it was broken in that run.
    pub message: String,
}

/// What is known of a kind of fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfKind {
    /// How often it happened.
    pub faults: u64,
    /// Runs in which it did.
    pub runs: u64,
    /// Share of these that broke a promise.
    pub failure_rate: Estimate,
    /// Requests that nobody answered well while it went on.
    pub unserved: u64,
}

/// What `reports` say together.
pub fn summary(reports: &[Report]) -> Summary {
    let count = |verdict| reports.iter().filter(|report| report.verdict == verdict).count() as u64;
    let (runs, broken) = (reports.len() as u64, count(Verdict::Broken));
    let failure_rate = proportion(broken, runs);
    let simulated = reports.iter().fold(Duration::ZERO, |sum, report| sum + report.metrics.simulated);
    let thousands = simulated.0 as f64 / 3_600_000_000.0;
    let per_thousand = |rate: f64| if thousands > 0.0 { rate * runs as f64 / thousands } else { 0.0 };
    let mut requests = Requests::default();
    reports.iter().for_each(|report| requests += report.metrics.requests);
    let offered = requests.offered.max(1) as f64;
    Summary {
        runs,
        kept: count(Verdict::Kept),
        excused: count(Verdict::Excused),
        broken,
        failure_rate,
        simulated,
        failures_per_thousand_hours: Estimate {
            value: per_thousand(failure_rate.value),
            low: per_thousand(failure_rate.low),
            high: per_thousand(failure_rate.high),
        },
        requests,
        availability: 1.0 - requests.unserved() as f64 / offered,
        unserved_per_million: quantiles(reports.iter().map(unserved_per_million)),
        below_two: reports.iter().fold(Duration::ZERO, |sum, report| sum + report.metrics.below_two),
        recovery: quantiles(reports.iter().flat_map(|report| report.metrics.recoveries.iter().copied())),
        convergence: quantiles(reports.iter().filter_map(|report| Some(report.metrics.converged_after?.0))),
        configuration_age: reports.iter().map(|report| report.metrics.configuration_age).max().unwrap_or_default(),
        promises: promises(reports),
        excuses: excuses(reports),
        kinds: kinds(reports),
    }
}

/// Requests that nobody answered well, in a million.
pub fn unserved_per_million(report: &Report) -> u64 {
    let requests = &report.metrics.requests;
    requests.unserved().saturating_mul(1_000_000) / requests.offered.max(1)
}

fn quantiles(sample: impl Iterator<Item = u64>) -> Vec<Estimate> {
    let sample: Vec<u64> = sample.collect();
    [50, 95, 99].iter().filter_map(|percent| quantile(&sample, *percent)).collect()
}

fn promises(reports: &[Report]) -> BTreeMap<Promise, Broken> {
    let mut promises: BTreeMap<Promise, Broken> = BTreeMap::new();
    for report in reports {
        for breach in &report.breaches {
            let known = promises.entry(breach.promise).or_insert_with(|| Broken {
                runs: 0,
                first_seed: report.seed,
                subject: breach.subject.clone(),
                message: breach.message.clone(),
            });
            known.runs += 1;
        }
    }
    promises
}

fn excuses(reports: &[Report]) -> BTreeMap<Excuse, u64> {
    let mut excuses = BTreeMap::new();
    for excuse in reports.iter().flat_map(|report| &report.excuses) {
        *excuses.entry(*excuse).or_default() += 1;
    }
    excuses
}

fn kinds(reports: &[Report]) -> BTreeMap<Kind, OfKind> {
    let mut counts: BTreeMap<Kind, (u64, u64, u64, u64)> = BTreeMap::new();
    for report in reports {
        for (kind, faults) in &report.metrics.faults {
            let counted = counts.entry(*kind).or_default();
            counted.0 += faults;
            counted.1 += 1;
            counted.2 += u64::from(report.verdict == Verdict::Broken);
            counted.3 += report.metrics.unserved_during.get(kind).copied().unwrap_or_default();
        }
    }
    let of_kind = |(faults, runs, broken, unserved)| OfKind { faults, runs, failure_rate: proportion(broken, runs), unserved };
    counts.into_iter().map(|(kind, counts)| (kind, of_kind(counts))).collect()
}
