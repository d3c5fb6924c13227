//! Simulation: how much virtual time passes in real time, with the engine inside, on one core and on two; what a quiet month costs, in
//! time and in memory, beside a quiet day; and how fast all schedules of a few faults are gone through.

use crate::figure::{Aim, Figure};
use crate::subject::{Readings, Subject, measure_apart, reading};
use crate::table::Failure;

const SEEDS: usize = 20;
/// Each measurement with two workers, and each beside it, is made so often: the fastest says what the machine can do.
const TIMES: usize = 3;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let readings = measure_apart(Subject::Simulate, SEEDS)?;
    let of = |name: &str| reading(&readings, name);
    let (seconds, hours, events) = (of("seconds")?, of("hours")?, of("events")?);
    let mut figures = vec![
        Figure::new("simulate reference, speed", hours * 3600.0 / seconds, "simulated h/h", Aim::AtLeast(10_000.0)),
        Figure::new("simulate reference, events", events / seconds, "events/s", Aim::Nothing),
        Figure::new("simulate reference, two workers to one", two_to_one()?, "times", Aim::AtLeast(1.9)),
        Figure::new("simulate reference, peak memory", of("peak bytes")? / 1e6, "MB", Aim::Below(50.0)),
        Figure::new("simulate every schedule of one fault, one worker", states(1)?, "states/s", Aim::Nothing),
        Figure::new("simulate every schedule of one fault, two workers", states(2)?, "states/s", Aim::AtLeast(100_000.0)),
    ];
    figures.extend(time_that_passes()?);
    Ok(figures)
}

/// What thirty days cost beside one: with nothing in them, and with as many faults in them.
fn time_that_passes() -> Result<[Figure; 4], Failure> {
    let (day, month) = (measure_apart(Subject::Quiet, 1)?, measure_apart(Subject::Quiet, 30)?);
    let (troubled_day, troubled_month) = (measure_apart(Subject::Troubled, 1)?, measure_apart(Subject::Troubled, 30)?);
    let beside = |month: &Readings, day: &Readings, name| Ok::<f64, Failure>(reading(month, name)? / reading(day, name)?);
    Ok([
        Figure::new("simulate a quiet month", reading(&month, "seconds")?, "s", Aim::Below(2.0)),
        // Thirty times as long would be thirty; what is allowed is the noise of measuring something short.
        Figure::new("simulate a quiet month, events to a day's", beside(&month, &day, "events")?, "times", Aim::Below(1.1)),
        Figure::new(
            "simulate a month of faults, peak memory to a day's",
            beside(&troubled_month, &troubled_day, "peak bytes")?,
            "times",
            Aim::Below(1.1),
        ),
        Figure::new(
            "simulate a month of faults, peak memory",
            reading(&troubled_month, "peak bytes")? / 1e6,
            "MB",
            Aim::Below(50.0),
        ),
    ])
}

/// States that all schedules of one fault go through in a second.
fn states(workers: usize) -> Result<f64, Failure> {
    let mut fastest: f64 = 0.0;
    for _ in 0..TIMES {
        let search = measure_apart(Subject::Exhaustive, workers)?;
        fastest = fastest.max(reading(&search, "states")? / reading(&search, "seconds")?);
    }
    Ok(fastest)
}

/// How much faster two workers run the same seeds than one does.
fn two_to_one() -> Result<f64, Failure> {
    let fastest = |workers| -> Result<f64, Failure> {
        let mut fastest = f64::INFINITY;
        for _ in 0..TIMES {
            fastest = fastest.min(reading(&measure_apart(Subject::Workers, workers)?, "seconds")?);
        }
        Ok(fastest)
    };
    Ok(fastest(1)? / fastest(2)?)
}
