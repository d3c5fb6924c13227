//! The platform's agents in the world: their clusters say when a process begins and ends, and their kubelets hear how they do.

use super::{Event, Stores, World};
use crate::agents::{Change, Hosted, Reach, Told};
use crate::kernel::Priority;
use crate::kubernetes::{Cluster, Notice, Program};
use crate::network::{Network, Spot};
use crate::traffic::Ledger;
use gateway_agent::PATIENCE;
use model::value::Text;
use model::{System, Timestamp};
use std::collections::BTreeMap;

impl World {
    /// Something happened to the process of an agent.
    pub(super) fn hear_of_agent(&mut self, system: &System, notice: &Notice) {
        let System::Cluster(cluster) = system else { return };
        let now = self.kernel.now();
        let key = |pod: &str| Text::from(format!("{cluster}/{pod}"));
        match notice {
            Notice::Begun { pod: run } => {
                let Some(pod) = self.clusters.get(cluster).and_then(|known| known.agent_pod(&run.key)) else { return };
                let key = key(&run.key);
                self.fleet.meet(&key, cluster, run, &pod, |spot| is_unsteady(&self.stores.network, spot));
                let reach = self.reach_of(&key);
                let told = self.fleet.begin(&key, run.clone(), now, &mut self.stores, &reach);
                self.follow(&key, told);
            }
            Notice::Signalled { pod } => {
                let key = key(&pod.key);
                let reach = self.reach_of(&key);
                let documents = self.ledger.waiting(&key, now);
                let told = self.fleet.terminate(&key, documents, now, &mut self.stores, &reach);
                self.follow(&key, told);
            }
            Notice::Ended { pod } => self.agent_ends(&key(pod), false),
            Notice::Gone { pod } => self.agent_ends(&key(pod), true),
            Notice::StoreUp { .. } | Notice::StoreDown { .. } => {}
        }
    }

    fn agent_ends(&mut self, key: &Text, gone: bool) {
        self.touch_cell_of(key);
        self.unschedule(key);
        self.keep_results_of(key);
        if gone {
            self.fleet.remove(key);
        } else {
            self.fleet.end(key);
        }
    }

    /// The results of a workflow agent outlive it.
    fn keep_results_of(&mut self, key: &Text) {
        let Some(agent) = self.fleet.get(key) else { return };
        let Some(machine) = agent.workflow() else { return };
        let history = machine.history_by(self.kernel.now());
        let (cluster, sink) = (agent.cluster.clone(), self.sink_of(agent));
        let namespace = agent.run.key.split('/').next().unwrap_or_default().to_owned();
        self.ledger.add_results(&cluster, &namespace, &sink, &history);
    }

    /// Name of the Elasticsearch that an agent's documents go to.
    pub(super) fn sink_of(&self, agent: &Hosted) -> Text {
        let url = agent.sink.as_ref().map(|(url, _)| url);
        url.map(|url| self.ledger.sink(&agent.cluster, url).unwrap_or(url).clone()).unwrap_or_default()
    }

    /// What an agent reaches beside Vault.
    fn reach_of(&self, key: &str) -> Reach {
        self.fleet.get(key).map(|agent| reach(agent, &self.stores, &self.clusters, &self.ledger, self.now())).unwrap_or_default()
    }

    /// Let the kubelet and the queue know what became of an agent.
    fn follow(&mut self, key: &Text, told: Option<Told>) {
        self.touch_cell_of(key);
        let Some(Told { run, cluster, lacks, draining, next }) = told else { return self.has_ended(key) };
        self.in_cluster(&cluster, |cluster, context| match &lacks {
            _ if draining => cluster.program_drains(&run),
            None => cluster.program_works(&run, context),
            Some(reason) => cluster.program_lacks(&run, reason, context),
        });
        if let Some(at) = next {
            self.wake_agent(key, at);
        }
    }

    /// The process of an agent has ended by itself, if it has: its kubelet waited for that.
    fn has_ended(&mut self, key: &Text) {
        let Some(agent) = self.fleet.get(key).filter(|agent| agent.process.is_none()) else { return };
        let (run, cluster) = (agent.run.clone(), agent.cluster.clone());
        self.in_cluster(&cluster, |cluster, context| cluster.program_ended(&run, context));
    }

    /// Let an agent be woken at `at`, unless it is before.
    fn wake_agent(&mut self, key: &Text, at: Timestamp) {
        if self.fleet.scheduled(key).is_some_and(|known| known.at <= at) {
            return;
        }
        self.unschedule(key);
        let id = self.kernel.schedule_at(at, Priority::SYSTEM, Event::Round { agent: key.clone() });
        self.fleet.set_scheduled(key, Some(id));
    }

    fn unschedule(&mut self, key: &Text) {
        if let Some(id) = self.fleet.scheduled(key) {
            self.kernel.cancel(id);
            self.fleet.set_scheduled(key, None);
        }
    }

    pub(super) fn go_through_round(&mut self, key: &Text) {
        self.fleet.set_scheduled(key, None);
        let reach = self.reach_of(key);
        let told = self.fleet.wake(key, self.kernel.now(), &mut self.stores, &reach);
        self.follow(key, told);
    }

    /// Make up for what agents did unseen. It goes before whatever changes what they ask.
    pub(super) fn catch_up(&mut self) {
        let World { fleet, stores, clusters, ledger, kernel, .. } = self;
        fleet.catch_up(kernel.now(), stores, |agent, stores, at| reach(agent, stores, clusters, ledger, at));
    }

    /// Know from where the way to Vault loses requests.
    pub(super) fn steady_agents(&mut self) {
        let network = &self.stores.network;
        self.fleet.set_unsteady(|spot| is_unsteady(network, spot));
    }

    /// Something changed that agents may see in their next round.
    pub(super) fn agents_look_again(&mut self, change: Change<'_>) {
        for (key, at) in self.fleet.concerned(change, self.kernel.now()) {
            self.wake_agent(&key, at);
            self.touch_cell_of(&key);
        }
    }

    /// Let agents go through every round of theirs from now on, although most show nothing: what the shorter way is held against. It
    /// is not kept with the world.
    pub fn pass_over_nothing(&mut self) {
        self.fleet.pass_over_nothing();
        self.agents_look_again(Change::Anything);
    }

    /// Let gateway agents take any configuration that HAProxy takes from now on, meant or not: for tests that show what it is good for
    /// that they ask (VGA-8).
    pub fn believe_anything(&mut self) {
        self.fleet.believe_anything();
    }

    /// Let the HAProxy of a gateway agent crash. Whether it has one.
    pub fn crash_haproxy(&mut self, cluster: &str, pod: &str) -> bool {
        let key = Text::from(format!("{cluster}/{pod}"));
        let serves = self.fleet.get(&key).and_then(Hosted::gateway).is_some_and(gateway_agent::Machine::is_serving);
        if !serves {
            return false;
        }
        self.catch_up();
        self.kernel.note(&format!("haproxy of {key} crashes"));
        let reach = self.reach_of(&key);
        let told = self.fleet.end_haproxy(&key, self.kernel.now(), &mut self.stores, &reach);
        self.follow(&key, told);
        self.settle_traffic();
        true
    }

    /// Let the process of an agent stand still in a container that lives on (F35). Only its liveness probe can tell. Whether there is
    /// such a process.
    pub fn stall_agent(&mut self, cluster: &str, pod: &str) -> bool {
        let key = Text::from(format!("{cluster}/{pod}"));
        self.catch_up();
        let Some(run) = self.fleet.stall(&key, self.kernel.now()) else { return false };
        self.kernel.note(&format!("{key} stands still"));
        self.unschedule(&key);
        self.in_cluster(cluster, |cluster, context| cluster.program_stalls(&run, context));
        self.touch_cell_of(&key);
        self.settle_traffic();
        true
    }
}

/// Whether the way from there to Vault loses requests.
fn is_unsteady(network: &Network, spot: &Spot) -> bool {
    !network.is_clear() && network.way(spot, &Spot::Vault).loss > 0
}

/// What an agent reaches at this instant, from where it is.
fn reach(agent: &Hosted, stores: &Stores, clusters: &BTreeMap<Text, Cluster>, ledger: &Ledger, now: Timestamp) -> Reach {
    let spot = agent.spot();
    let vault_cut = no_answer(agent, &spot, stores, now);
    // Where nobody knows the name of an Elasticsearch, nobody knows that it is away.
    let sink = agent.sink.as_ref().map(|(url, _)| ledger.sink(&agent.cluster, url).map_or(url, |name| name));
    let sink = sink.filter(|name| stores.elasticsearch.contains_key(*name));
    let full = |name: &Text| (!stores.takes_documents(&spot, name)).then(|| format!("elasticsearch {name} takes nothing"));
    let sink_full = sink.and_then(full);
    if agent.program != Program::WorkflowAgent {
        return Reach { vault_cut, sink_full, ..Reach::default() };
    }
    let near = |name: &Text| stores.network.is_clear() || !stores.network.way(&spot, &Spot::Inside(name.clone())).cut;
    let vamp = clusters.iter().any(|(name, cluster)| !cluster.serving_stores(Program::Vamp).is_empty() && near(name));
    let namespace = agent.run.key.split('/').next().unwrap_or_default();
    let silent = |name: &Text| (!stores.answers_searches(&spot, name)).then(|| format!("elasticsearch {name} finds nothing"));
    Reach {
        vault_cut,
        vamp_away: (!vamp).then(|| "vamp does not answer".to_owned()),
        sink_silent: sink.and_then(silent),
        sink_full,
        gateways: clusters.get(&agent.cluster).and_then(|cluster| cluster.agent_path(namespace, Program::GatewayAgent)),
    }
}

/// Why an agent gets no answer from Vault at this instant, as far as its way there and Vault's haste go.
fn no_answer(agent: &Hosted, spot: &Spot, stores: &Stores, now: Timestamp) -> Option<String> {
    let way = stores.way(spot, &System::Vault);
    if way.cut {
        return Some("vault: connection timed out".to_owned());
    }
    let lost = || stores.network.loses(&way, &format!("{}/{}", agent.cluster, agent.run.key), now);
    (!way.answers_within(PATIENCE) || lost()).then(|| format!("vault: no answer within {PATIENCE}"))
}
