//! Cells as somebody sees them who knows all that is true in the world: what every promise about traffic is held against. Nothing here
//! is taken from the engine.

use super::World;
use crate::kubernetes::{AgentPodState, AgentWorkload, Program};
use crate::traffic::Requests;
use gateway_agent::{Revision, State};
use model::value::Text;
use model::{Duration, Timestamp};

/// One environment on one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its cluster.
    pub cluster: Text,
    /// Its namespace.
    pub namespace: Text,
    /// Its tenant, as the labels of its pods say.
    pub tenant: Option<Text>,
    /// Its environment, as the labels of its pods say.
    pub environment: Option<Text>,
    /// Gateway agents that it is to have.
    pub desired: u32,
    /// What is published for it: what Vault holds, whether or not Vault answers.
    pub published: Option<Revision>,
    /// Its gateway agents, also those that are not up.
    pub agents: Vec<Agent>,
    /// What became of its requests so far.
    pub requests: Requests,
}

/// One gateway agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Name of its pod.
    pub pod: Text,
    /// Its node; nothing while it has none.
    pub node: Option<Text>,
    /// Zone of its node.
    pub zone: Option<Text>,
    /// Whether it serves, in truth: its node runs, and its HAProxy has a configuration and is up.
    pub serving: bool,
    /// Whether it is ready, in truth: it serves, and is not about to end.
    pub ready: bool,
    /// Whether its pod is available as the API server knows it: ready, and not asked to go.
    pub available: bool,
    /// Whether its pod is asked to go.
    pub terminating: bool,
    /// How it is; nothing while its process is not up.
    pub state: Option<State>,
    /// What it serves.
    pub revision: Option<Revision>,
    /// Names of the gateways of that.
    pub gateways: Vec<Text>,
    /// When Vault last said that this is what is published.
    pub confirmed: Option<Timestamp>,
    /// What keeps it from what is published.
    pub trouble: Option<String>,
}

impl Cell {
    /// Agents that are ready, in truth.
    pub fn ready(&self) -> impl Iterator<Item = &Agent> {
        self.agents.iter().filter(|agent| agent.ready)
    }

    /// Number of nodes that ready agents are on.
    pub fn nodes_of_ready(&self) -> usize {
        let nodes: std::collections::BTreeSet<&Text> = self.ready().filter_map(|agent| agent.node.as_ref()).collect();
        nodes.len()
    }

    /// How long ago the oldest configuration that is served was known to be the published one.
    pub fn configuration_age(&self, now: Timestamp) -> Option<Duration> {
        self.agents.iter().filter(|agent| agent.serving).filter_map(|agent| agent.confirmed).min().map(|at| now.since(at))
    }
}

impl World {
    /// All cells, by cluster and namespace: every namespace with a Deployment of gateway agents.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (name, cluster) in &self.clusters {
            let workloads = cluster.agent_workloads(Program::GatewayAgent);
            cells.extend(workloads.into_iter().map(|workload| self.cell(name, workload)));
        }
        cells
    }

    fn cell(&self, cluster: &Text, workload: AgentWorkload) -> Cell {
        let label = |name: &str| workload.labels.get(name).cloned();
        let published = workload.path.as_deref().and_then(|path| {
            let entry = self.stores.vault.entry(path).filter(|entry| entry.live().is_some())?;
            Some(Revision { version: entry.version, written: entry.written })
        });
        Cell {
            cluster: cluster.clone(),
            namespace: workload.key.namespace().unwrap_or_default().into(),
            tenant: label("vamp.io/tenant"),
            environment: label("vamp.io/environment"),
            desired: workload.desired,
            published,
            agents: workload.pods.into_iter().map(|pod| self.agent(cluster, pod)).collect(),
            requests: Requests::default(),
        }
    }

    fn agent(&self, cluster: &str, pod: AgentPodState) -> Agent {
        let agent = self.fleet.get(&format!("{cluster}/{}", pod.key)).filter(|_| pod.alive);
        let machine = agent.and_then(|agent| agent.machine.as_ref());
        let text = agent.and_then(|agent| self.fleet.text(&agent.loaded.as_ref()?.digest)).filter(|_| machine.is_some());
        let (node, zone) = pod.place.unzip();
        Agent {
            pod: pod.key.rsplit('/').next().unwrap_or_default().into(),
            node,
            zone,
            serving: machine.is_some_and(gateway_agent::Machine::is_serving),
            ready: machine.is_some_and(gateway_agent::Machine::is_ready),
            available: pod.available,
            terminating: pod.terminating,
            state: machine.map(gateway_agent::Machine::state),
            revision: machine.and_then(gateway_agent::Machine::revision),
            gateways: text.iter().flat_map(|text| &text.routing.gateways).map(|gateway| gateway.name.clone()).collect(),
            confirmed: machine.and_then(|machine| machine.confirmed_by(self.now())),
            trouble: machine.and_then(gateway_agent::Machine::trouble).map(ToString::to_string),
        }
    }
}
