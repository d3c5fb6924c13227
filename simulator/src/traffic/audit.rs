//! Audit events: who changed what, sent to the Elasticsearch that is to hold the audit log of the environment. They are sent once and
//! never again (the original platform fires and forgets), so that a time without that Elasticsearch is a gap, which is
//! recorded (AUD-3).

use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A time in which a sink took no audit events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditGap {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; nothing while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The audit events of one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditLog {
    /// Events that it took, by what they are about: `TENANT` or `TENANT/ENVIRONMENT`.
    pub stored: BTreeMap<Text, u64>,
    /// Events that it did not take, likewise.
    pub lost: BTreeMap<Text, u64>,
    /// Times in which it took none, in order.
    pub gaps: Vec<AuditGap>,
}

impl AuditLog {
    /// Something was changed that is about `scope`.
    pub(crate) fn record(&mut self, scope: &str, taken: bool) {
        let log = if taken { &mut self.stored } else { &mut self.lost };
        *log.entry(scope.into()).or_default() += 1;
    }

    /// Whether the sink takes events now. Whether that is another answer than before.
    pub(crate) fn look(&mut self, now: Timestamp, takes: bool) -> bool {
        match self.gaps.last_mut() {
            Some(gap @ AuditGap { until: None, .. }) if takes => gap.until = Some(now),
            Some(AuditGap { until: None, .. }) => return false,
            _ if takes => return false,
            _ => self.gaps.push(AuditGap { from: now, until: None }),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_begins_with_the_first_look_that_fails_and_ends_with_the_first_that_does_not() {
        let mut log = AuditLog::default();
        assert!(!log.look(Timestamp(1), true) && log.look(Timestamp(2), false) && !log.look(Timestamp(3), false));
        assert!(log.look(Timestamp(4), true) && log.look(Timestamp(9), false));
        let gaps = [(2, Some(4)), (9, None)].map(|(from, until)| AuditGap { from: Timestamp(from), until: until.map(Timestamp) });
        assert_eq!(log.gaps, gaps);
    }
}
