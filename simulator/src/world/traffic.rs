//! Traffic in the world: what of it concerns requests is looked at whenever something changed, and not before.

use super::{Event, World};
use crate::agents::Hosted;
use crate::kernel::Priority;
use crate::kubernetes::{AgentPodState, Program};
use crate::network::Spot;
use crate::traffic::balancer::{CHECK_PERIOD, CHECK_TIMEOUT, Seen};
use crate::traffic::{AgentTruth, CellKey, CellTruth};
use gateway_agent::{Machine, Revision};
use model::Duration;
use model::load::Load;
use model::value::Text;

impl World {
    /// Let requests reach cells as declared from now on. Cells that were declared before and are not any more get none.
    pub fn declare(&mut self, load: &Load) {
        self.ledger.declare(load, self.kernel.now());
        self.kernel.note(&format!("declare {} cells", load.cells.len()));
        self.settle_traffic();
    }

    /// Let a target of a cell's routes (`HOST:PORT`, as it stands in HAProxy's text) live, or be gone. Whether that is a change. All
    /// targets live until they are said to be gone: tenants' own workloads are no part of a platform.
    pub fn set_target(&mut self, cluster: &str, namespace: &str, target: &str, lives: bool) -> bool {
        let changed = self.ledger.set_gone(cluster, namespace, target, !lives);
        if changed {
            let what = if lives { "lives" } else { "is gone" };
            self.kernel.note(&format!("target {cluster}/{namespace}/{target} {what}"));
            self.settle_traffic();
        }
        changed
    }

    /// The load balancer of a cell notices what it notices at this instant.
    pub(super) fn balance(&mut self, cluster: &str, namespace: &str) {
        let key = CellKey { cluster: cluster.into(), namespace: namespace.into() };
        self.ledger.set_scheduled(&key, None);
        self.ledger.touch(cluster, namespace);
    }

    /// Something happened to an agent: `CLUSTER/NAMESPACE/POD`.
    pub(super) fn touch_cell_of(&mut self, agent: &str) {
        let mut parts = agent.splitn(3, '/');
        if let (Some(cluster), Some(namespace)) = (parts.next(), parts.next()) {
            self.ledger.touch(cluster, namespace);
        }
    }

    /// Count what happened so far in the cells in which something changed, and go on by what is true now.
    pub(super) fn settle_traffic(&mut self) {
        let changed = self.ledger.take_changed();
        if !changed.is_empty() {
            self.look_at_audit_sinks();
        }
        for key in changed {
            let now = self.kernel.now();
            // The account is taken out for as long as what it is told is borrowed from the world.
            let Some(mut account) = self.ledger.take(&key) else { continue };
            let next = account.change(now, &self.cell_truth(&key));
            if account.scheduled.is_none_or(|known| Some(known.at) != next) {
                if let Some(known) = account.scheduled.take() {
                    self.kernel.cancel(known);
                }
                let CellKey { cluster, namespace } = key.clone();
                account.scheduled =
                    next.map(|at| self.kernel.schedule_at(at, Priority::SYSTEM, Event::Balance { cluster, namespace }));
            }
            self.ledger.put_back(key, account);
        }
    }

    fn cell_truth(&self, key: &CellKey) -> CellTruth<'_> {
        let Some(cluster) = self.clusters.get(&key.cluster) else { return CellTruth::default() };
        let workload = cluster.agent_workload_in(&key.namespace, Program::GatewayAgent);
        let published = workload.as_ref().and_then(|workload| self.published(workload.path.as_deref()?));
        let doors = workload.as_ref().map(|workload| cluster.ports_to(&key.namespace, &workload.labels)).unwrap_or_default();
        let pods = workload.into_iter().flat_map(|workload| workload.pods);
        let agents = pods.map(|pod| self.agent_truth(&key.cluster, pod, published)).collect();
        CellTruth { agents, gone: self.ledger.gone(key), doors }
    }

    /// What Vault holds for the agents that read this path, whether or not it answers.
    pub(super) fn published(&self, path: &str) -> Option<Revision> {
        let entry = self.stores.vault.entry(path).filter(|entry| entry.live().is_some())?;
        Some(Revision { version: entry.version, written: entry.written })
    }

    fn agent_truth(&self, cluster: &Text, pod: AgentPodState, published: Option<Revision>) -> AgentTruth<'_> {
        let key = Text::from(format!("{cluster}/{}", pod.key));
        let agent = self.fleet.get(&key);
        let machine = agent.filter(|_| pod.alive).and_then(Hosted::gateway);
        let text = agent.and_then(|agent| self.fleet.text(agent));
        let phase = crate::kernel::random::between(self.kernel.seed(), &key, "health check", 0, 0, CHECK_PERIOD.0 - 1);
        let revision = machine.and_then(Machine::revision);
        let spot = agent.map(Hosted::spot);
        let reached = spot.as_ref().is_none_or(|spot| self.is_reached_by_balancers(cluster, spot));
        AgentTruth {
            seen: Seen {
                listed: pod.available,
                frozen: self.clusters.get(cluster).is_some_and(|cluster| !cluster.lists_endpoints()),
                healthy: reached && machine.is_some_and(Machine::is_ready),
                refuses: reached && pod.alive,
                phase: Duration(phase),
            },
            answers: reached && machine.is_some_and(Machine::is_serving),
            stale: revision.zip(published).is_some_and(|(revision, published)| revision != published),
            routing: text.map(|text| text.routing()).filter(|_| revision.is_some()),
            started: machine.map(Machine::started),
            keeps: agent.is_some_and(Hosted::keeps),
            sink: agent
                .and_then(|agent| agent.sink.as_ref())
                .zip(spot.as_ref())
                .map(|((url, _), spot)| self.sink(cluster, spot, url)),
            key,
        }
    }

    /// Whether health checks and requests get from the load balancers of a cluster to a node, within the time that a check has.
    fn is_reached_by_balancers(&self, cluster: &Text, spot: &Spot) -> bool {
        let network = &self.stores.network;
        network.is_clear() || network.way(&Spot::LoadBalancers(cluster.clone()), spot).answers_within(CHECK_TIMEOUT)
    }

    /// The name of the Elasticsearch behind a URL, and whether it takes documents now.
    fn sink(&self, cluster: &str, from: &Spot, url: &str) -> (Text, bool) {
        match self.ledger.sink(cluster, url) {
            Some(name) => (name.clone(), self.stores.takes_documents(from, name)),
            None => (url.into(), true),
        }
    }
}
