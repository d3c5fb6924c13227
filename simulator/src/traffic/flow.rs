//! Where each request of a cell goes as long as nothing changes, as a function of its number.

use super::counters::Requests;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Of so many requests in turn, each route gets its weight.
const TURN: u64 = 100;

/// What the load balancer does with requests now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// The agents that it has, in order.
    pub(crate) agents: Vec<FlowAgent>,
}

/// What one agent does with requests now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FlowAgent {
    /// `CLUSTER/NAMESPACE/POD`.
    pub(crate) key: Text,
    /// Whether it answers at all.
    pub(crate) answers: bool,
    /// Whether what it serves is not the published configuration any more.
    pub(crate) stale: bool,
    /// Its gateways, each with the routes of its hundred turns.
    pub(crate) gateways: Vec<Vec<Turns>>,
    /// Those of its gateways whose port nobody leads to any more: their requests do not get as far as here.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) closed: BTreeSet<usize>,
}

/// Turns of a gateway that go to one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turns {
    pub(crate) range: Range<u64>,
    /// Whether a target of the route lives.
    pub(crate) lives: bool,
}

impl Flow {
    /// What becomes of the requests of these numbers.
    pub(crate) fn outcome(&self, numbers: Range<u64>) -> Requests {
        let offered = numbers.end.saturating_sub(numbers.start);
        let mut requests = Requests { offered, ..Requests::default() };
        if self.agents.is_empty() {
            requests.lost = offered;
        }
        for (index, agent) in self.agents.iter().enumerate() {
            requests += agent.outcome(every(&numbers, self.agents.len() as u64, index as u64));
        }
        requests
    }

    /// How many of the requests of these numbers an agent looks at, and so logs.
    pub(crate) fn logged(&self, agent: &str, numbers: Range<u64>) -> u64 {
        let found = self.agents.iter().position(|known| known.key == agent && known.answers);
        found.map_or(0, |index| {
            let own = every(&numbers, self.agents.len() as u64, index as u64);
            own.end - own.start - self.agents[index].before_the_door(&own)
        })
    }
}

impl FlowAgent {
    fn outcome(&self, numbers: Range<u64>) -> Requests {
        let all = numbers.end - numbers.start;
        if !self.answers {
            return Requests { misrouted: all, ..Requests::default() };
        }
        let of_gateway = |(index, turns): (usize, &Vec<Turns>)| {
            let own = every(&numbers, self.gateways.len() as u64, index as u64);
            turns.iter().filter(|turns| turns.lives).map(|turns| in_turns(&own, &turns.range)).sum::<u64>()
        };
        let open = self.gateways.iter().enumerate().filter(|(index, _)| !self.closed.contains(index));
        let (served, lost) = (open.map(of_gateway).sum::<u64>(), self.before_the_door(&numbers));
        let stale = if self.stale { served } else { 0 };
        Requests { served, failed: all - lost - served, lost, stale, ..Requests::default() }
    }

    /// How many of its requests are for a gateway whose port is closed.
    fn before_the_door(&self, numbers: &Range<u64>) -> u64 {
        let of_gateway = |index: &usize| {
            let own = every(numbers, self.gateways.len() as u64, *index as u64);
            own.end - own.start
        };
        self.closed.iter().map(of_gateway).sum()
    }
}

/// Of the numbers in `range`, those that are `index` modulo `count`, numbered anew without gaps.
fn every(range: &Range<u64>, count: u64, index: u64) -> Range<u64> {
    let before = |number: u64| number.saturating_sub(index).div_ceil(count.max(1));
    before(range.start)..before(range.end)
}

/// How many numbers in `range` have their turn in `turns`.
fn in_turns(range: &Range<u64>, turns: &Range<u64>) -> u64 {
    let width = turns.end - turns.start;
    let before = |number: u64| (number / TURN) * width + (number % TURN).saturating_sub(turns.start).min(width);
    before(range.end) - before(range.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(key: &str, answers: bool, stale: bool, routes: &[&[(u64, bool)]]) -> FlowAgent {
        let turns = |routes: &&[(u64, bool)]| {
            let mut start = 0;
            let turns = routes.iter().map(|(weight, lives)| {
                start += weight;
                Turns { range: start - weight..start, lives: *lives }
            });
            turns.collect()
        };
        FlowAgent { key: key.into(), answers, stale, gateways: routes.iter().map(turns).collect(), closed: BTreeSet::new() }
    }

    /// What becomes of one request, told one by one.
    fn one(flow: &Flow, number: u64) -> Requests {
        let mut requests = Requests { offered: 1, ..Requests::default() };
        let count = flow.agents.len() as u64;
        if count == 0 {
            requests.lost = 1;
            return requests;
        }
        let (agent, number) = (&flow.agents[(number % count) as usize], number / count);
        if !agent.answers {
            requests.misrouted = 1;
            return requests;
        }
        let gateways = agent.gateways.len() as u64;
        if gateways > 0 && agent.closed.contains(&((number % gateways) as usize)) {
            requests.lost = 1;
            return requests;
        }
        let lives = gateways > 0 && {
            let (gateway, number) = (&agent.gateways[(number % gateways) as usize], number / gateways);
            gateway.iter().any(|turns| turns.lives && turns.range.contains(&(number % TURN)))
        };
        if lives {
            (requests.served, requests.stale) = (1, u64::from(agent.stale));
        } else {
            requests.failed = 1;
        }
        requests
    }

    #[test]
    fn counting_all_at_once_is_counting_one_by_one() {
        let flows = [
            Flow::default(),
            Flow { agents: vec![agent("a", true, false, &[&[(100, true)]])] },
            Flow {
                agents: vec![
                    agent("a", true, false, &[&[(90, true), (10, false)], &[(33, true), (33, true), (34, false)]]),
                    agent("b", false, false, &[]),
                    agent("c", true, true, &[&[(100, true)], &[(50, false), (50, true)], &[(100, false)]]),
                    agent("d", true, false, &[]),
                ],
            },
            Flow {
                agents: vec![
                    FlowAgent { closed: [1].into(), ..agent("a", true, false, &[&[(100, true)], &[(100, true)], &[(90, true)]]) },
                    agent("b", true, false, &[&[(100, true)]]),
                ],
            },
        ];
        for flow in flows {
            for (start, end) in [(0, 0), (0, 1), (3, 17), (0, 5000), (777, 4321)] {
                let mut sum = Requests::default();
                (start..end).for_each(|number| sum += one(&flow, number));
                assert_eq!(flow.outcome(start..end), sum);
                assert_eq!(sum.offered, sum.served + sum.failed + sum.lost + sum.misrouted);
                let logged: u64 = ["a", "b", "c", "d"].iter().map(|agent| flow.logged(agent, start..end)).sum();
                assert_eq!(logged, sum.served + sum.failed);
            }
        }
    }
}
