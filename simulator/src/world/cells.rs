//! Cells as somebody sees them who knows all that is true in the world: what every promise about traffic is held against. Nothing here
//! is taken from the engine.

use super::World;
use crate::agents::Hosted;
use crate::kubernetes::{AgentPodState, AgentWorkload, Program};
use crate::traffic::{Account, Documents, Requests, Results};
use gateway_agent::{Revision, State};
use model::load::CellLoad;
use model::value::Text;
use model::{Duration, Timestamp};
use std::collections::BTreeSet;
use workflow_agent::{Health, History};

/// How far back Vamp looks for an event of health: the original platform's window.
const READ_WINDOW: Duration = Duration::seconds(120);
/// How far back a run looks: the original platform's window.
const HEALTH_WINDOW: Duration = Duration::seconds(500);

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
    /// What is declared of its requests; nothing unless [`World::declare`] has said so.
    pub load: Option<CellLoad>,
    /// What became of its requests so far.
    pub requests: Requests,
    /// What became of its traffic documents so far.
    pub documents: Documents,
    /// Its workflow agents: one at most, unless WFA-1 is broken.
    pub workflow_agents: Vec<WorkflowAgent>,
    /// What workflow agents found and wrote so far.
    pub results: Results,
    /// The health that Vamp shows of the cell as a whole: what a run finds now, unknown unless the last one is fresh and came to an end.
    pub health: Health,
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
    /// Whether the load balancer sends requests to it. Only where the load of the cell is declared.
    pub balanced: bool,
    /// How it is; nothing while its process is not up.
    pub state: Option<State>,
    /// What it serves.
    pub revision: Option<Revision>,
    /// Names of the gateways of that.
    pub gateways: Vec<Text>,
    /// When Vault last said that this is what is published.
    pub confirmed: Option<Timestamp>,
    /// How often it has logged in to Vault.
    pub log_ins: u64,
    /// What keeps it from what is published.
    pub trouble: Option<String>,
}

/// One workflow agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowAgent {
    /// Name of its pod.
    pub pod: Text,
    /// Its node; nothing while it has none.
    pub node: Option<Text>,
    /// Whether its pod is available as the API server knows it.
    pub available: bool,
    /// Whether its pod is asked to go.
    pub terminating: bool,
    /// Whether its process is up and its loop turns.
    pub turning: bool,
    /// How it is; nothing while its process is not up.
    pub state: Option<workflow_agent::State>,
    /// Its runs; nothing while its process is not up.
    pub history: Option<History>,
}

impl Cell {
    /// Agents that are ready, in truth.
    pub fn ready(&self) -> impl Iterator<Item = &Agent> {
        self.agents.iter().filter(|agent| agent.ready)
    }

    /// Number of nodes that ready agents are on.
    pub fn nodes_of_ready(&self) -> usize {
        let nodes: BTreeSet<&Text> = self.ready().filter_map(|agent| agent.node.as_ref()).collect();
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
        let namespace = Text::from(workload.key.namespace().unwrap_or_default());
        let account = self.ledger.account(cluster, &namespace, self.now());
        let members: BTreeSet<&Text> = account.iter().flat_map(|account| account.members()).collect();
        let agent = |pod: AgentPodState| {
            let key = Text::from(format!("{cluster}/{}", pod.key));
            Agent { balanced: members.contains(&key), ..self.agent(&key, pod) }
        };
        let workflow_agents = self.workflow_agents(cluster, &namespace);
        Cell {
            cluster: cluster.clone(),
            tenant: label("vamp.io/tenant"),
            environment: label("vamp.io/environment"),
            desired: workload.desired,
            published: workload.path.as_deref().and_then(|path| self.published(path)),
            agents: workload.pods.into_iter().map(agent).collect(),
            requests: account.as_ref().map(|account| account.requests()).unwrap_or_default(),
            documents: account.as_ref().map(|account| account.documents()).unwrap_or_default(),
            health: self.health(account.as_ref(), &workflow_agents),
            results: self.results(account.as_ref(), cluster, &namespace),
            workflow_agents,
            load: account.as_ref().map(|account| account.load.clone()),
            namespace,
        }
    }

    fn workflow_agents(&self, cluster: &str, namespace: &str) -> Vec<WorkflowAgent> {
        let known = self.clusters.get(cluster);
        let workload = known.and_then(|known| known.agent_workload_in(namespace, Program::WorkflowAgent));
        let agent = |pod: AgentPodState| {
            let hosted = self.fleet.get(&format!("{cluster}/{}", pod.key)).filter(|_| pod.alive);
            let machine = hosted.and_then(Hosted::workflow);
            let turning = hosted.is_some_and(|hosted| !hosted.stalled);
            let (node, _) = pod.place.unzip();
            WorkflowAgent {
                pod: pod.key.rsplit('/').next().unwrap_or_default().into(),
                node,
                available: pod.available,
                terminating: pod.terminating,
                turning: turning && machine.is_some(),
                state: machine.map(workflow_agent::Machine::state),
                history: machine.map(|machine| machine.history_by(if turning { self.now() } else { Timestamp(0) })),
            }
        };
        workload.into_iter().flat_map(|workload| workload.pods).map(agent).collect()
    }

    /// What workflow agents found so far, those that are no more included.
    fn results(&self, account: Option<&Account>, cluster: &str, namespace: &str) -> Results {
        let mut results = account.map(|account| account.results.clone()).unwrap_or_default();
        let prefix = format!("{cluster}/{namespace}/");
        for (_, hosted) in self.fleet.under(&prefix) {
            if let Some(machine) = hosted.workflow() {
                let until = if hosted.stalled { Timestamp(0) } else { self.now() };
                results.add(&self.sink_of(hosted), &machine.history_by(until));
            }
        }
        results
    }

    /// What Vamp shows, which looks back only so far for a run that came to an end.
    fn health(&self, account: Option<&Account>, agents: &[WorkflowAgent]) -> Health {
        let last = agents.iter().filter_map(|agent| agent.history.as_ref()?.last().cloned()).max_by_key(|run| run.began);
        let fresh = last.filter(|run| run.outcome.is_done() && self.now().since(run.began) <= READ_WINDOW);
        match (fresh, account) {
            (Some(run), Some(account)) => account.health(Timestamp(run.began.0.saturating_sub(HEALTH_WINDOW.0))),
            _ => Health::Unknown,
        }
    }

    fn agent(&self, key: &str, pod: AgentPodState) -> Agent {
        let agent = self.fleet.get(key).filter(|_| pod.alive);
        let machine = agent.and_then(Hosted::gateway);
        let text = agent.and_then(|agent| self.fleet.text(agent)).filter(|_| machine.is_some());
        let (node, zone) = pod.place.unzip();
        Agent {
            pod: pod.key.rsplit('/').next().unwrap_or_default().into(),
            node,
            zone,
            serving: machine.is_some_and(gateway_agent::Machine::is_serving),
            ready: machine.is_some_and(gateway_agent::Machine::is_ready),
            available: pod.available,
            terminating: pod.terminating,
            balanced: false,
            state: machine.map(gateway_agent::Machine::state),
            revision: machine.and_then(gateway_agent::Machine::revision),
            gateways: text.iter().flat_map(|text| &text.routing().gateways).map(|gateway| gateway.name.clone()).collect(),
            confirmed: machine.and_then(|machine| machine.confirmed_by(self.now())),
            log_ins: agent.map(|agent| agent.log_ins).unwrap_or_default(),
            trouble: machine.and_then(gateway_agent::Machine::trouble).map(ToString::to_string),
        }
    }
}
