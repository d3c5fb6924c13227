//! The wall clock: the only file of the engine that reads it.
#![allow(clippy::disallowed_methods, reason = "time enters the engine here, and is handed on as a value")]

use model::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, on the wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The day that it is, in UTC.
pub(crate) fn today() -> jiff::civil::Date {
    let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Measures how long something takes.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Stopwatch(Instant::now())
    }

    pub(crate) fn milliseconds(&self) -> u128 {
        self.0.elapsed().as_millis()
    }
}
