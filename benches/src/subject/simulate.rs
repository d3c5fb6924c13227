//! Runs of the reference platform in virtual time, with the engine inside: one after another on one thread, but for what says otherwise.

use super::Readings;
use crate::measure::timed;
use model::Duration;
use simulator::campaign::Campaign;
use simulator::campaign::DRAWN;
use simulator::campaign::exhaustive::Exhaustive;
use simulator::operator::Desired;
use simulator::run::{Conditions, Run, Setup, Warm};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

fn spec(name: &str) -> Result<Vec<u8>, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/simulate").join(name);
    std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn desired(name: &str) -> Result<std::sync::Arc<Desired>, String> {
    Desired::read(name, &spec(name)?).map_err(|complaints| format!("{} complaints about {name}", complaints.len()))
}

/// A day.
const DAY: Duration = Duration::minutes(24 * 60);
/// Runs that several threads share, and runs of which the memory is measured.
const SHARED: u64 = 40;
const FEW: u64 = 3;

/// The reference platform under every kind of fault, for so long in each run.
fn campaign(duration: Duration) -> Result<Campaign, String> {
    let kinds = DRAWN.iter().copied().collect();
    Campaign::new(desired("reference.yaml")?, kinds, duration).map_err(|error| error.to_string())
}

/// `seeds` runs of a day each under every kind of fault.
pub(super) fn measure(seeds: usize) -> Result<Readings, String> {
    let campaign = campaign(DAY)?;
    let (took, reports) = timed(|| (1..=seeds as u64).map(|seed| campaign.run(seed)).collect::<Vec<_>>());
    let hours: f64 = reports.iter().map(|report| report.metrics.simulated.0 as f64 / 3_600_000.0).sum();
    let events: u64 = reports.iter().map(|report| report.metrics.events).sum();
    Ok(Readings::from([
        ("seconds".to_owned(), took.as_secs_f64()),
        ("hours".to_owned(), hours),
        ("events".to_owned(), events as f64),
    ]))
}

/// The same seeds on so many threads, of which each takes the next seed, as `vamp simulate` does it.
pub(super) fn workers(threads: usize) -> Result<Readings, String> {
    let (campaign, next) = (campaign(DAY)?, AtomicU64::new(1));
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed <= SHARED);
    let (took, ()) = timed(|| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(seed) = take() {
                        std::hint::black_box(campaign.run(seed));
                    }
                });
            }
        });
    });
    Ok(Readings::from([("seconds".to_owned(), took.as_secs_f64())]))
}

/// A few runs of so many days: a schedule has as many faults, however long the run is.
pub(super) fn troubled(days: usize) -> Result<Readings, String> {
    let campaign = campaign(DAY.times(days as u64))?;
    let (took, events) = timed(|| (1..=FEW).map(|seed| campaign.run(seed).metrics.events).sum::<u64>());
    Ok(Readings::from([("seconds".to_owned(), took.as_secs_f64()), ("events".to_owned(), events as f64)]))
}

/// So many quiet days of the same platform.
pub(super) fn quiet(days: usize) -> Result<Readings, String> {
    let first = desired("reference.yaml")?;
    let warm = Warm::up(&first).map_err(|error| error.to_string())?;
    let conditions = Conditions::calm(1, DAY.times(days as u64));
    let (took, report) = timed(|| Run::new(Setup { conditions, first, second: None }, &warm).finish());
    Ok(Readings::from([("seconds".to_owned(), took.as_secs_f64()), ("events".to_owned(), report.metrics.events as f64)]))
}

/// Every schedule of one fault of two kinds, and the one without any, on a small platform, by so many workers of which each takes the
/// next part, as `vamp simulate --exhaustive` does it.
pub(super) fn exhaustive(threads: usize) -> Result<Readings, String> {
    use simulator::fault::Kind;
    let kinds = [Kind::NodeDead, Kind::VaultSealed].into();
    let campaign = Campaign::new(desired("rehearse-safe-before.yaml")?, kinds, Duration::minutes(30));
    let search = Exhaustive::new(campaign.map_err(|error| error.to_string())?, 1);
    let (next, states) = (AtomicUsize::new(0), AtomicU64::new(0));
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|part| *part < search.parts());
    let (took, ()) = timed(|| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(part) = take() {
                        states.fetch_add(search.search(part).states, Ordering::Relaxed);
                    }
                });
            }
        });
    });
    Ok(Readings::from([("seconds".to_owned(), took.as_secs_f64()), ("states".to_owned(), states.into_inner() as f64)]))
}
