//! From counts of log lines to health and metrics, as the original platform's quantification does. Whole numbers only, so that
//! every machine finds the same.

use model::Duration;
use model::value::Text;
use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The gateway.
    pub gateway: Text,
    /// The route, unless it is about the gateway as a whole.
    pub route: Option<Text>,
}

/// Log lines about one subject in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// All lines.
    pub lines: u64,
    /// Lines with a status of 500 or more.
    pub failures: u64,
    /// Their response times together, in milliseconds.
    pub milliseconds: u64,
}

/// How a gateway or a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// There were requests, and none failed.
    Healthy,
    /// At least one request failed.
    Unhealthy,
    /// Nobody can tell: there were no lines, or they could not be read.
    Unknown,
}

/// What a run found of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Of what.
    pub subject: Subject,
    /// Its health.
    pub health: Health,
    /// Requests a second, in hundredths.
    pub rate_hundredths: u64,
    /// Response time on average, in tenths of a millisecond; nothing without lines.
    pub response_tenths: Option<u64>,
}

/// What the lines of a window say of each subject.
pub fn quantify(window: Duration, tallies: &[(Subject, Tally)]) -> Vec<Finding> {
    let finding = |(subject, tally): &(Subject, Tally)| Finding {
        subject: subject.clone(),
        health: match tally {
            Tally { lines: 0, .. } => Health::Unknown,
            Tally { failures: 0, .. } => Health::Healthy,
            _ => Health::Unhealthy,
        },
        rate_hundredths: rounded(tally.lines.saturating_mul(100_000), window.0),
        response_tenths: (tally.lines > 0).then(|| rounded(tally.milliseconds.saturating_mul(10), tally.lines)),
    };
    tallies.iter().map(finding).collect()
}

fn rounded(number: u64, divisor: u64) -> u64 {
    let divisor = divisor.max(1);
    (number / divisor) + u64::from(number % divisor >= divisor.div_ceil(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::seconds(500);

    fn found(lines: u64, failures: u64, milliseconds: u64) -> (Health, u64, Option<u64>) {
        let subject = Subject { gateway: "storefront".into(), route: None };
        let finding = quantify(WINDOW, &[(subject, Tally { lines, failures, milliseconds })]).remove(0);
        (finding.health, finding.rate_hundredths, finding.response_tenths)
    }

    #[test]
    fn one_failure_makes_it_unhealthy_and_no_line_makes_it_unknown() {
        assert_eq!(found(1000, 0, 30_000), (Health::Healthy, 200, Some(300)));
        assert_eq!(found(1000, 1, 30_000).0, Health::Unhealthy);
        assert_eq!(found(0, 0, 0), (Health::Unknown, 0, None));
    }

    #[test]
    fn numbers_are_rounded_and_never_overflow() {
        // 7 lines in 500 s are 0.014 a second; 20 ms over 3 lines are 6.67.
        assert_eq!(found(7, 0, 0).1, 1);
        assert_eq!(found(3, 0, 20).2, Some(67));
        assert_eq!(found(8, 0, 0).1, 2);
        let _ = found(u64::MAX, 0, u64::MAX);
        assert_eq!(quantify(Duration::ZERO, &[]), []);
    }
}
