//! Time as a number that is handed in. Nothing in the engine reads a clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since the Unix epoch. On the embedded platform the world's own virtual time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(pub u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// So many milliseconds.
    pub const fn milliseconds(count: u64) -> Self {
        Duration(count)
    }

    /// So many seconds.
    pub const fn seconds(count: u64) -> Self {
        Duration(count * 1000)
    }

    /// So many minutes.
    pub const fn minutes(count: u64) -> Self {
        Duration(count * 60_000)
    }

    /// The same length, `factor` times.
    pub const fn times(self, factor: u64) -> Self {
        Duration(self.0.saturating_mul(factor))
    }
}

impl Timestamp {
    /// The time that passed since `earlier`; nothing if `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, length: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(length.0))
    }
}

impl std::ops::Add for Duration {
    type Output = Duration;

    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

/// Short, for people: `350ms`, `12.5s`, `3m20s`, `2h05m`, `3d04h`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1000;
        match self.0 {
            ms if ms < 1000 => write!(f, "{ms}ms"),
            ms if ms < 60_000 && ms % 1000 == 0 => write!(f, "{seconds}s"),
            ms if ms < 60_000 => write!(f, "{}.{}s", seconds, ms % 1000 / 100),
            ms if ms < 3_600_000 => write!(f, "{}m{:02}s", seconds / 60, seconds % 60),
            ms if ms < 86_400_000 => write!(f, "{}h{:02}m", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
        }
    }
}

/// `at` as RFC 3339 in UTC with seconds (civil-from-days of the proleptic Gregorian calendar, Howard Hinnant's algorithm).
pub fn rfc3339(at: Timestamp) -> String {
    let seconds = at.0 / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_as_dates() {
        let cases =
            [(0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"), (1_795_521_599_000, "2026-11-24T11:59:59Z")];
        for (milliseconds, text) in cases {
            assert_eq!(rfc3339(Timestamp(milliseconds)), text);
        }
    }

    #[test]
    fn durations_read_well_at_every_size() {
        let cases = [
            (350, "350ms"),
            (12_500, "12.5s"),
            (30_000, "30s"),
            (200_000, "3m20s"),
            (7_500_000, "2h05m"),
            (273_600_000, "3d04h"),
        ];
        for (milliseconds, text) in cases {
            assert_eq!(Duration(milliseconds).to_string(), text);
        }
    }
}
