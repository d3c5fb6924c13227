//! The load balancer of a cell: it has the agents that the API server lists as ready and that answer its own health check, and notices
//! both a little late.

use gateway_agent::POLL;
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From a change of the list of ready pods to the load balancer's: the worker of the EndpointSlice controller and kube-proxy each run
/// once a second (`endpointslice_controller.go`; kube-proxy `--iptables-min-sync-period`).
pub(crate) const LISTING: Duration = Duration::seconds(1);
/// Period of the health check. This and what follows is an assumption about the balancer that stands in front of a cell.
pub(crate) const CHECK_PERIOD: Duration = Duration::seconds(10);
/// Misses in a row that take an agent out.
pub(crate) const CHECK_MISSES: u64 = 3;
/// How long an answer is waited for where nobody is there to refuse.
pub(crate) const CHECK_TIMEOUT: Duration = POLL;

/// What is true of an agent now, as far as the load balancer could see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether the API server lists it as ready.
    pub(crate) listed: bool,
    /// Whether nobody keeps the list: it stays as it is.
    pub(crate) frozen: bool,
    /// Whether its health page answers.
    pub(crate) healthy: bool,
    /// Whether anybody is there to refuse a connection.
    pub(crate) refuses: bool,
    /// Since when, within a period, its health check is made.
    pub(crate) phase: Duration,
}

/// An agent as the load balancer has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    /// Whether it was ever listed: only then it is asked for its health.
    known: bool,
    listed: bool,
    healthy: bool,
    /// When the load balancer notices that the list has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists_at: Option<Timestamp>,
    /// When its health check comes to another result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
}

/// The load balancer of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Balancer {
    members: BTreeMap<Text, Member>,
}

impl Balancer {
    /// Look at what is true now: notice what it is time to notice, and say when there is more to notice.
    pub(crate) fn look(&mut self, now: Timestamp, seen: &BTreeMap<Text, Seen>) -> Option<Timestamp> {
        self.members.retain(|key, _| seen.contains_key(key));
        for (key, seen) in seen {
            self.members.entry(key.clone()).or_default().look(now, *seen);
        }
        self.members.values().flat_map(|member| [member.lists_at, member.checked_at]).flatten().min()
    }

    /// The agents that it sends requests to, in order. Where none is both listed and healthy, it sends to those that answer its check
    /// (fail open): a control plane that has lost sight of all nodes takes no traffic away from what runs there.
    pub(crate) fn members(&self) -> Vec<&Text> {
        let listed = self.members.iter().any(|(_, member)| member.listed && member.healthy);
        let has = |member: &Member| member.healthy && (member.listed || !listed);
        self.members.iter().filter(|(_, member)| has(member)).map(|(key, _)| key).collect()
    }
}

impl Member {
    fn look(&mut self, now: Timestamp, seen: Seen) {
        if self.lists_at.take_if(|at| *at <= now).is_some() {
            self.listed = !self.listed;
            if !std::mem::replace(&mut self.known, true) {
                // It was listed because its kubelet has asked the very page that the health check asks.
                self.healthy = true;
            }
        }
        if self.checked_at.take_if(|at| *at <= now).is_some() {
            self.healthy = !self.healthy;
        }
        if seen.frozen || self.listed == seen.listed {
            self.lists_at = None;
        } else {
            self.lists_at.get_or_insert(now + LISTING);
        }
        if !self.known || self.healthy == seen.healthy {
            self.checked_at = None;
        } else {
            self.checked_at.get_or_insert_with(|| checked_at(now, seen));
        }
    }
}

/// When the check of an agent comes to another result than before.
fn checked_at(now: Timestamp, seen: Seen) -> Timestamp {
    let next = Timestamp(seen.phase.0 + now.since(Timestamp(seen.phase.0)).0.div_ceil(CHECK_PERIOD.0) * CHECK_PERIOD.0);
    if seen.healthy {
        return next;
    }
    let last = next + CHECK_PERIOD.times(CHECK_MISSES - 1);
    if seen.refuses { last } else { last + CHECK_TIMEOUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Seen = Seen { listed: true, frozen: false, healthy: true, refuses: true, phase: Duration(3_000) };

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    /// Let a load balancer with the agents `a` and `b` look at them, at each instant that it names.
    fn look(balancer: &mut Balancer, from: u64, until: u64, a: Seen, b: Seen) -> Vec<(u64, String)> {
        let seen = BTreeMap::from([("a".into(), a), ("b".into(), b)]);
        let mut changes = Vec::new();
        let mut next = Some(at(from));
        while let Some(now) = next.filter(|now| *now <= at(until)) {
            let before = balancer.members().len();
            next = balancer.look(now, &seen);
            let members = balancer.members();
            if members.len() != before {
                changes.push((now.0 / 1000, members.iter().map(|key| key.as_str()).collect()));
            }
        }
        changes
    }

    fn balancer() -> Balancer {
        let mut balancer = Balancer::default();
        assert_eq!(look(&mut balancer, 100, 200, WELL, WELL), [(101, "ab".to_owned())]);
        balancer
    }

    #[test]
    fn an_agent_is_in_a_second_after_it_is_listed_and_out_a_second_after_it_is_not() {
        let gone = Seen { listed: false, ..WELL };
        assert_eq!(look(&mut balancer(), 300, 400, gone, WELL), [(301, "b".to_owned())]);
    }

    #[test]
    fn an_agent_that_refuses_is_out_after_three_checks_and_a_silent_one_five_seconds_later() {
        let refuses = Seen { healthy: false, ..WELL };
        let silent = Seen { refuses: false, ..refuses };
        assert_eq!(look(&mut balancer(), 304, 400, refuses, WELL), [(333, "b".to_owned())]);
        let mut one = balancer();
        assert_eq!(look(&mut one, 304, 400, WELL, silent), [(338, "a".to_owned())]);
        assert_eq!(look(&mut one, 401, 450, WELL, WELL), [(403, "ab".to_owned())]);
    }

    #[test]
    fn an_agent_that_is_well_again_in_time_was_never_out() {
        let mut balancer = balancer();
        assert_eq!(look(&mut balancer, 304, 310, Seen { healthy: false, ..WELL }, WELL), []);
        assert_eq!(look(&mut balancer, 311, 400, WELL, WELL), []);
    }

    #[test]
    fn where_nobody_is_listed_it_sends_to_those_that_answer_and_never_to_one_that_was_not_listed_yet() {
        let unlisted = Seen { listed: false, ..WELL };
        let mut balancer = balancer();
        look(&mut balancer, 300, 400, unlisted, unlisted);
        assert_eq!(balancer.members().len(), 2);
        let mut fresh = Balancer::default();
        assert_eq!(look(&mut fresh, 100, 300, unlisted, WELL), [(101, "b".to_owned())]);
    }
}
