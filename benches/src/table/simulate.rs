//! Simulation: how much virtual time passes in real time, with the engine inside, on one core; what a quiet month costs; and how fast all
//! schedules of a few faults are gone through.

use crate::figure::{Aim, Figure};
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

const SEEDS: usize = 20;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let readings = measure_apart(Subject::Simulate, SEEDS)?;
    let of = |name: &str| reading(&readings, name);
    let (seconds, hours, events) = (of("seconds")?, of("hours")?, of("events")?);
    let quiet = measure_apart(Subject::Quiet, 30)?;
    let search = measure_apart(Subject::Exhaustive, 1)?;
    let states = reading(&search, "states")? / reading(&search, "seconds")?;
    Ok(vec![
        Figure::new("simulate reference, speed", hours * 3600.0 / seconds, "simulated h/h", Aim::AtLeast(10_000.0)),
        Figure::new("simulate reference, events", events / seconds, "events/s", Aim::Nothing),
        Figure::new("simulate reference, peak memory", of("peak bytes")? / 1e6, "MB", Aim::Below(50.0)),
        Figure::new("simulate a quiet month", reading(&quiet, "seconds")?, "s", Aim::Below(2.0)),
        Figure::new("simulate every schedule of one fault", states, "states/s", Aim::AtLeast(100_000.0)),
    ])
}
