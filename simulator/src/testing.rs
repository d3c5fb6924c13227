//! A small platform for tests.

use crate::fault::{Fault, Injection, Kind, Schedule};
use crate::operator::Desired;
use crate::run::{Conditions, Report, Run, Setup, Warm};
use model::Duration;
use std::sync::{Arc, OnceLock};

/// One cluster of four nodes with one cell of three gateway agents; its stores are outside.
pub(crate) const SMALL: &str = include_str!("testing/small.yaml");

/// What [`SMALL`] wants.
pub(crate) fn small() -> Arc<Desired> {
    static SHARED: OnceLock<Arc<Desired>> = OnceLock::new();
    SHARED.get_or_init(|| desired(SMALL)).clone()
}

/// [`SMALL`] come true.
pub(crate) fn warm() -> &'static Warm {
    static SHARED: OnceLock<Warm> = OnceLock::new();
    SHARED.get_or_init(|| Warm::up(&small()).unwrap())
}

/// What `text` wants.
pub(crate) fn desired(text: &str) -> Arc<Desired> {
    Desired::read("vamp.yaml", text.as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}"))
}

/// `minutes` from the beginning, `fault` happens to `target`, for so many minutes, or for good.
pub(crate) fn injection(id: u32, minutes: u64, kind: Kind, target: &str, lasts: Option<u64>) -> Injection {
    let fault = Fault::new(kind, target.parse().unwrap());
    Injection { id, at: Duration::minutes(minutes), fault, lasts: lasts.map(Duration::minutes) }
}

/// A run of [`SMALL`] under this schedule.
pub(crate) fn setup(injections: &[Injection]) -> Setup {
    let schedule: Schedule = injections.iter().cloned().collect();
    let conditions = Conditions { schedule, ..Conditions::calm(1, Duration::minutes(60)) };
    Setup { conditions, first: small(), second: None }
}

/// What comes of that.
pub(crate) fn run(injections: &[Injection]) -> Report {
    Run::new(setup(injections), warm()).finish()
}
