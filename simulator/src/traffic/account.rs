//! The account of one cell: its requests, its load balancer, and its agents' documents on their way.

use super::balancer::{Balancer, Seen};
use super::counters::Requests;
use super::flow::{Flow, FlowAgent, Turns};
use crate::agents::haproxy::Routing;
use crate::kernel::EventId;
use gateway_agent::Shipper;
use model::Timestamp;
use model::load::CellLoad;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use workflow_agent::{Health, History};

/// Documents of one stream, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// Those that an Elasticsearch took, by its name; by its URL where nobody knows it.
    pub stored: BTreeMap<Text, u64>,
    /// Those that wait in a buffer.
    pub buffered: u64,
    /// Those that were given up.
    pub lost: u64,
}

/// What is true of one agent of a cell now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AgentTruth<'a> {
    pub(crate) key: Text,
    pub(crate) seen: Seen,
    /// Whether it answers requests.
    pub(crate) answers: bool,
    /// Whether what it serves is not the published configuration any more.
    pub(crate) stale: bool,
    pub(crate) routing: Option<&'a Routing>,
    /// When its process started; nothing while it has none.
    pub(crate) started: Option<Timestamp>,
    /// Whether its buffer outlives its process.
    pub(crate) keeps: bool,
    /// Where its documents go, and whether they are taken there now.
    pub(crate) sink: Option<(Text, bool)>,
}

/// What is true of a cell now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CellTruth<'a> {
    /// All of its agents' pods.
    pub(crate) agents: Vec<AgentTruth<'a>>,
    /// Targets that are gone.
    pub(crate) gone: BTreeSet<Text>,
    /// Ports by which requests get to its agents.
    pub(crate) doors: BTreeSet<u16>,
}

/// The documents of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipping {
    shipper: Shipper,
    /// Start of the process that sends them; nothing while there is none.
    started: Option<Timestamp>,
    /// Documents that it logged up to the beginning of the present segment.
    logged: u64,
    sink: Option<Text>,
    accepts: bool,
}

/// The account of one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) load: CellLoad,
    /// Since when requests are counted at this rate.
    since: Timestamp,
    /// Number of the first request since then.
    first: u64,
    /// Requests of which it is known what became of them.
    counted: u64,
    requests: Requests,
    flow: Flow,
    balancer: Balancer,
    /// Ports of gateways that were reached by them: there are requests for those.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    doors: BTreeSet<u16>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    shipping: BTreeMap<Text, Shipping>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stored: BTreeMap<Text, u64>,
    lost: u64,
    /// What workflow agents wrote that are no more.
    pub(crate) results: Results,
    /// When lines were last logged, and when one of a failure was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_line: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_failure: Option<Timestamp>,
    /// When the load balancer notices more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled: Option<EventId>,
}

impl Account {
    pub(crate) fn new(load: CellLoad, now: Timestamp) -> Self {
        Account {
            load,
            since: now,
            first: 0,
            counted: 0,
            requests: Requests::default(),
            flow: Flow::default(),
            balancer: Balancer::default(),
            doors: BTreeSet::new(),
            shipping: BTreeMap::new(),
            stored: BTreeMap::new(),
            lost: 0,
            results: Results::default(),
            last_line: None,
            last_failure: None,
            scheduled: None,
        }
    }

    /// Requests arrive at another rate from now on.
    pub(crate) fn reload(&mut self, load: CellLoad, now: Timestamp) {
        self.settle(now);
        (self.first, self.since) = (self.number_at(now), now);
        self.load = load;
    }

    /// Number of requests that have arrived by `at`.
    fn number_at(&self, at: Timestamp) -> u64 {
        let thousandths = u128::from(at.since(self.since).0) * u128::from(self.load.millirequests_per_second);
        self.first + u64::try_from(thousandths / 1_000_000).unwrap_or(u64::MAX)
    }

    /// Count what happened up to `now`, during which nothing changed.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        let number = self.number_at(now);
        let flow = std::mem::take(&mut self.flow);
        for (key, mut shipping) in std::mem::take(&mut self.shipping) {
            let logged = |at: Timestamp| shipping.logged + flow.logged(&key, self.counted..self.number_at(at).max(self.counted));
            let shipped = shipping.shipper.shipped;
            if shipping.started.is_some() {
                shipping.shipper.pass(now, shipping.accepts, logged);
            }
            shipping.logged = logged(now);
            let sink = shipping.sink.clone().unwrap_or_default();
            let stored = shipping.shipper.shipped - shipped;
            if stored > 0 {
                *self.stored.entry(sink).or_default() += stored;
            }
            self.shipping.insert(key, shipping);
        }
        let outcome = flow.outcome(self.counted..number);
        let seen = |any: bool, last: Option<Timestamp>| if any { Some(now) } else { last };
        self.last_line = seen(outcome.served + outcome.failed > 0, self.last_line);
        self.last_failure = seen(outcome.failed > 0, self.last_failure);
        self.requests += outcome;
        (self.flow, self.counted) = (flow, number);
    }

    /// Something changed: what comes from now on goes by what is true now. When the load balancer notices more.
    pub(crate) fn change(&mut self, now: Timestamp, truth: &CellTruth<'_>) -> Option<Timestamp> {
        self.settle(now);
        let seen = truth.agents.iter().map(|agent| (agent.key.clone(), agent.seen)).collect();
        let next = self.balancer.look(now, &seen);
        let members = self.balancer.members();
        let agents = members.into_iter().filter_map(|key| truth.agents.iter().find(|agent| agent.key == *key));
        self.doors = truth.known_doors(&self.doors);
        let closed = &self.doors - &truth.doors;
        self.flow = Flow { agents: agents.map(|agent| agent.flow(&truth.gone, &closed)).collect() };
        self.ship(truth);
        next
    }

    fn ship(&mut self, truth: &CellTruth<'_>) {
        let gone: Vec<Text> =
            self.shipping.keys().filter(|key| !truth.agents.iter().any(|agent| agent.key == **key)).cloned().collect();
        for key in gone {
            let lost = self.shipping.remove(&key).map(|shipping| shipping.shipper.lost + shipping.shipper.buffered);
            self.lost += lost.unwrap_or_default();
        }
        for agent in &truth.agents {
            match (self.shipping.get_mut(&agent.key), agent.started) {
                (Some(shipping), started) => shipping.goes_on(agent, started),
                (None, Some(started)) => {
                    let mut shipping =
                        Shipping { shipper: Shipper::new(started), started: None, logged: 0, sink: None, accepts: false };
                    shipping.goes_on(agent, Some(started));
                    self.shipping.insert(agent.key.clone(), shipping);
                }
                (None, None) => {}
            }
        }
    }

    /// What a run that looks at the lines from `from` on finds of the cell as a whole, settled.
    pub(crate) fn health(&self, from: Timestamp) -> Health {
        let since = |last: Option<Timestamp>| last.is_some_and(|last| last > from);
        match (since(self.last_line), since(self.last_failure)) {
            (false, _) => Health::Unknown,
            (true, false) => Health::Healthy,
            (true, true) => Health::Unhealthy,
        }
    }

    /// What became of its requests, settled.
    pub(crate) fn requests(&self) -> Requests {
        self.requests
    }

    /// What became of its agents' documents, settled.
    pub(crate) fn documents(&self) -> Documents {
        let shippers = || self.shipping.values().map(|shipping| &shipping.shipper);
        Documents {
            stored: self.stored.clone(),
            buffered: shippers().map(|shipper| shipper.buffered).sum(),
            lost: self.lost + shippers().map(|shipper| shipper.lost).sum::<u64>(),
        }
    }

    /// How many documents wait in the buffer of an agent, settled.
    pub(crate) fn waiting(&self, agent: &str) -> u64 {
        self.shipping.get(agent).map_or(0, |shipping| shipping.shipper.buffered)
    }

    /// Pods that the load balancer sends requests to.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Text> {
        self.flow.agents.iter().map(|agent| &agent.key)
    }
}

impl Shipping {
    fn goes_on(&mut self, agent: &AgentTruth<'_>, started: Option<Timestamp>) {
        if self.started != started {
            if !agent.keeps {
                self.shipper.abandon();
            }
            if let Some(started) = started {
                self.shipper.start_again(started);
            }
            self.started = started;
        }
        let (sink, accepts) = agent.sink.clone().unzip();
        (self.sink, self.accepts) = (sink, accepts.unwrap_or(false));
    }
}

impl CellTruth<'_> {
    /// Ports by which gateways that are served were reached up to now, where those before were `known`. Nobody asks for a gateway before
    /// its port is open, nor any more when it is served no longer.
    fn known_doors(&self, known: &BTreeSet<u16>) -> BTreeSet<u16> {
        let served = self.agents.iter().flat_map(AgentTruth::ports);
        served.filter(|port| known.contains(port) || self.doors.contains(port)).collect()
    }
}

impl AgentTruth<'_> {
    /// Ports of the gateways that it serves.
    fn ports(&self) -> impl Iterator<Item = u16> {
        self.routing.iter().flat_map(|routing| &routing.gateways).map(|gateway| gateway.port)
    }

    /// What it does with requests. One that has not let go yet of a gateway that was taken out of the configuration is asked for it no
    /// more, so that no request of it is lost when its port is closed.
    fn flow(&self, gone: &BTreeSet<Text>, closed: &BTreeSet<u16>) -> FlowAgent {
        let turns = |gateway: &crate::agents::haproxy::Gateway| {
            let mut start = 0;
            let routes = gateway.routes.iter().map(|route| {
                start += u64::from(route.weight);
                let lives = route.targets.iter().any(|target| !gone.contains(target));
                Turns { range: start - u64::from(route.weight)..start, lives }
            });
            routes.collect()
        };
        let gateways = self.routing.iter().flat_map(|routing| &routing.gateways).map(turns).collect();
        let closed = self.ports().enumerate().filter(|(_, port)| !self.stale && closed.contains(port));
        let closed = closed.map(|(index, _)| index).collect();
        FlowAgent { key: self.key.clone(), answers: self.answers, stale: self.stale, gateways, closed }
    }
}

/// What workflow agents found and wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Results {
    /// Documents that an Elasticsearch took, by its name.
    pub stored: BTreeMap<Text, u64>,
    /// Runs that came to an end.
    pub runs: u64,
    /// Runs that did not.
    pub failures: u64,
}

impl Results {
    /// Add what one process did.
    pub(crate) fn add(&mut self, sink: &Text, history: &History) {
        self.runs += history.runs;
        self.failures += history.failures;
        if history.documents > 0 {
            *self.stored.entry(sink.clone()).or_default() += history.documents;
        }
    }
}

/// The name of a cell in keys: `CLUSTER/NAMESPACE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CellKey {
    pub(crate) cluster: Text,
    pub(crate) namespace: Text,
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.namespace)
    }
}

impl FromStr for CellKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (cluster, namespace) = text.split_once('/').ok_or(())?;
        Ok(CellKey { cluster: cluster.into(), namespace: namespace.into() })
    }
}
