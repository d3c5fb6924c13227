//! All agents of the world, and which of their rounds are gone through.

use super::gateway::{Checked, Texts};
use super::hosted::{Around, Hosted, Reach};
use crate::kernel::{Damaged, EventId, Record, Store};
use crate::kubernetes::{AgentPod, PodRun};
use crate::network::Spot;
use crate::world::Stores;
use model::value::Text;
use model::{Address, Kind, System, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const AGENTS: &str = "agents.agent";
const TEXTS: &str = "agents.text";

/// What changed, as far as agents may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// The entry at this path.
    Entry(&'a str),
    /// The policy, or the role of an auth method, of this name.
    Rights(&'a str),
    /// What runs of workflow agents need beside Vault.
    Runs,
    /// Anything: Vault itself, or the way there.
    Anything,
}

impl<'a> Change<'a> {
    /// A change of this object.
    pub(crate) fn of(address: &'a Address) -> Option<Self> {
        match (address.system(), address.kind()) {
            (System::Vault, Kind::Kv) => Some(Change::Entry(address.key())),
            (System::Vault, Kind::Policy | Kind::AuthRole) => Some(Change::Rights(address.key())),
            (System::Vault, _) => Some(Change::Anything),
            _ => None,
        }
    }
}

/// What an agent looks like to its kubelet, after something happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) run: PodRun,
    pub(crate) cluster: Text,
    /// Why it is not ready, if it is not.
    pub(crate) lacks: Option<String>,
    /// Whether it was asked to go and has not gone.
    pub(crate) draining: bool,
    /// When its next round is to be gone through, whatever else happens.
    pub(crate) next: Option<Timestamp>,
}

/// All agents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fleet {
    /// By `CLUSTER/NAMESPACE/POD`.
    agents: Store<Text, Hosted>,
    /// Texts in agents' directories.
    kept: Store<Text, String>,
    texts: Texts,
    /// Agents by the path that they read.
    by_path: BTreeMap<Text, BTreeSet<Text>>,
    /// What agents do by themselves, and what need not be gone through at its instant.
    due: BTreeSet<(Timestamp, Text)>,
    due_of: BTreeMap<Text, Timestamp>,
    /// Whether every round is gone through.
    eager: bool,
    /// Whether gateway agents take any configuration that HAProxy takes.
    credulous: bool,
}

impl Fleet {
    /// Go through every round from now on.
    pub(crate) fn pass_over_nothing(&mut self) {
        self.eager = true;
    }

    /// Let gateway agents take any configuration that HAProxy takes from now on.
    pub(crate) fn believe_anything(&mut self) {
        self.credulous = true;
        self.each(|_| true, Hosted::believe_anything);
    }

    /// One agent.
    pub(crate) fn get(&self, key: &str) -> Option<&Hosted> {
        self.agents.get(key)
    }

    /// Agents whose keys begin with `prefix`.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a Text, &'a Hosted)> {
        let from = (std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded);
        self.agents.range::<str>(from).take_while(move |(key, _)| key.starts_with(prefix))
    }

    /// What HAProxy makes of what a gateway agent has loaded.
    pub(crate) fn text(&self, agent: &Hosted) -> Option<&Checked> {
        agent.text(&self.texts)
    }

    /// Know of the pod of an agent whose process is up, and whether its way to Vault loses requests.
    pub(crate) fn meet(&mut self, key: &Text, cluster: &str, run: &PodRun, pod: &AgentPod, is_unsteady: impl Fn(&Spot) -> bool) {
        if self.agents.get(key).is_some_and(|agent| agent.run.uid == run.uid) {
            return;
        }
        let mut agent = Hosted::new(cluster, run.clone(), pod);
        agent.unsteady = is_unsteady(&agent.spot());
        if self.credulous {
            agent.believe_anything();
        }
        self.agents.insert(key.clone(), agent);
        self.index(key);
    }

    fn index(&mut self, key: &Text) {
        let Some(agent) = self.agents.get(key) else { return };
        for path in agent.paths() {
            self.by_path.entry(path.clone()).or_default().insert(key.clone());
        }
    }

    /// A process of an agent is up.
    pub(crate) fn begin(&mut self, key: &Text, run: PodRun, now: Timestamp, stores: &mut Stores, reach: &Reach) -> Option<Told> {
        self.act(key, stores, reach, |agent, around| agent.begin(run, now, around))
    }

    /// A process of an agent has ended.
    pub(crate) fn end(&mut self, key: &Text) {
        if let Some(agent) = self.agents.get_mut(key) {
            agent.end();
        }
        self.reckon(key);
    }

    /// The pod of an agent is gone.
    pub(crate) fn remove(&mut self, key: &Text) {
        let Some(agent) = self.agents.remove(key) else { return };
        for path in agent.paths() {
            if let Some(keys) = self.by_path.get_mut(path) {
                keys.remove(key);
            }
        }
        self.reckon(key);
    }

    /// The event at which an agent is woken next.
    pub(crate) fn scheduled(&self, key: &str) -> Option<EventId> {
        self.agents.get(key)?.scheduled
    }

    /// Remember the event at which an agent is woken next.
    pub(crate) fn set_scheduled(&mut self, key: &str, id: Option<EventId>) {
        if let Some(agent) = self.agents.get_mut(key) {
            agent.scheduled = id;
        }
    }

    /// Wake an agent.
    pub(crate) fn wake(&mut self, key: &Text, now: Timestamp, stores: &mut Stores, reach: &Reach) -> Option<Told> {
        self.act(key, stores, reach, |agent, around| {
            if let Some(process) = agent.process.as_mut().filter(|_| !agent.stalled) {
                process.pass_over(now);
            }
            agent.wake(now, around);
        })
    }

    /// Ask an agent to end in whose buffer so many documents wait.
    pub(crate) fn terminate(
        &mut self,
        key: &Text,
        documents: u64,
        now: Timestamp,
        stores: &mut Stores,
        reach: &Reach,
    ) -> Option<Told> {
        self.act(key, stores, reach, |agent, around| {
            if let Some(process) = agent.process.as_mut().filter(|_| !agent.stalled) {
                process.pass_over(now);
            }
            agent.terminate(documents, now, around);
        })
    }

    /// Let HAProxy of a gateway agent end.
    pub(crate) fn end_haproxy(&mut self, key: &Text, now: Timestamp, stores: &mut Stores, reach: &Reach) -> Option<Told> {
        self.act(key, stores, reach, |agent, around| {
            if let Some(process) = &mut agent.process {
                process.pass_over(now);
            }
            agent.haproxy_ended(now, around);
        })
    }

    /// Let the process of an agent stand still, in a container that lives on. Whether there is one.
    pub(crate) fn stall(&mut self, key: &Text, now: Timestamp) -> Option<PodRun> {
        let agent = self.agents.get_mut(key)?;
        agent.process.as_mut()?.pass_over(now);
        agent.stalled = true;
        let run = agent.run.clone();
        self.reckon(key);
        Some(run)
    }

    fn act(
        &mut self,
        key: &Text,
        stores: &mut Stores,
        reach: &Reach,
        act: impl FnOnce(&mut Hosted, &mut Around<'_>),
    ) -> Option<Told> {
        let Fleet { agents, texts, kept, .. } = self;
        let agent = agents.get_mut(key)?;
        let before = agent.loaded.clone();
        act(agent, &mut Around { stores, texts, reach });
        let met = agent.gateways != reach.gateways;
        agent.gateways.clone_from(&reach.gateways);
        if let Some(loaded) = agent.loaded.as_ref().filter(|loaded| Some(*loaded) != before.as_ref())
            && !kept.contains(&loaded.digest)
            && let Some(checked) = texts.get(&loaded.digest)
        {
            kept.insert(loaded.digest.clone(), checked.text.to_string());
        }
        if met {
            self.index(key);
        }
        self.reckon(key);
        self.told(key)
    }

    /// Work out anew when this agent does anything by itself.
    fn reckon(&mut self, key: &Text) {
        let turning = self.agents.get(key).filter(|agent| !agent.stalled);
        let due = turning.and_then(|agent| agent.process.as_ref()?.quiet_until());
        let before = match due {
            Some(at) => self.due_of.insert(key.clone(), at),
            None => self.due_of.remove(key),
        };
        if before == due {
            return;
        }
        if let Some(before) = before {
            self.due.remove(&(before, key.clone()));
        }
        if let Some(at) = due {
            self.due.insert((at, key.clone()));
        }
    }

    /// What the kubelet and the queue of events need to know of an agent now.
    pub(crate) fn told(&self, key: &Text) -> Option<Told> {
        let agent = self.agents.get(key)?;
        let process = agent.process.as_ref()?;
        let next = match (self.eager || agent.unsteady, agent.watched) {
            (true, _) => process.next_at(),
            (false, true) => process.quiet_until(),
            (false, false) => process.shows_at(),
        };
        let next = [next, agent.looks_at].into_iter().flatten().min().filter(|_| !agent.stalled);
        let (run, cluster) = (agent.run.clone(), agent.cluster.clone());
        Some(Told { run, cluster, lacks: process.lacks(), draining: process.is_draining(), next })
    }

    /// Make up for what agents did by themselves before `now` and nobody could see. It goes before every change of what they ask.
    pub(crate) fn catch_up(&mut self, now: Timestamp, stores: &mut Stores, reach: impl Fn(&Hosted, &Stores, Timestamp) -> Reach) {
        while let Some((at, key)) = self.due.first().filter(|(at, _)| *at < now).cloned() {
            let reach = self.agents.get(&key).map(|agent| reach(agent, stores, at)).unwrap_or_default();
            self.wake(&key, at, stores, &reach);
            if self.due_of.get(&key).is_some_and(|due| *due <= at) {
                // It asks for the same instant again: nothing came of it, and nothing will.
                self.due.remove(&(at, key.clone()));
                self.due_of.remove(&key);
            }
        }
    }

    /// Agents that may see a change, each with its first round from `now` on.
    pub(crate) fn concerned(&mut self, change: Change<'_>, now: Timestamp) -> Vec<(Text, Timestamp)> {
        let those = |concerned: &dyn Fn(&Hosted) -> bool| -> Vec<Text> {
            self.agents.iter().filter(|(_, agent)| concerned(agent)).map(|(key, _)| key.clone()).collect()
        };
        let keys: Vec<Text> = match change {
            Change::Entry(path) => self.by_path.get(path).into_iter().flatten().cloned().collect(),
            Change::Rights(name) => those(&|agent| agent.hangs_on(name)),
            Change::Runs => those(&|agent| agent.workflow().is_some()),
            Change::Anything => those(&|_| true),
        };
        if matches!(change, Change::Rights(_)) {
            for key in &keys {
                if let Some(agent) = self.agents.get_mut(key) {
                    agent.watched = agent.process.is_some();
                }
            }
        }
        let mut rounds = Vec::with_capacity(keys.len());
        for key in keys {
            let Some(agent) = self.agents.get(&key).filter(|agent| !agent.stalled) else { continue };
            let Some(process) = &agent.process else { continue };
            let (at, known) = (process.round_from(now), agent.looks_at);
            if known.is_none_or(|known| at < known)
                && let Some(agent) = self.agents.get_mut(&key)
            {
                agent.looks_at = Some(at);
            }
            rounds.push((key, at));
        }
        rounds
    }

    /// Tokens of the agents that read this path mean nothing any more.
    pub(crate) fn revoke(&mut self, path: &str) {
        for key in self.by_path.get(path).into_iter().flatten() {
            if let Some(agent) = self.agents.get_mut(key) {
                agent.revoke();
            }
        }
    }

    /// Something changed by which any token may end sooner than its agent knows.
    pub(crate) fn watch_all(&mut self) {
        self.each(|agent| agent.watched != agent.process.is_some(), |agent| agent.watched = agent.process.is_some());
    }

    /// Say from where the way to Vault loses requests.
    pub(crate) fn set_unsteady(&mut self, is_unsteady: impl Fn(&Spot) -> bool) {
        self.each(|agent| agent.unsteady != is_unsteady(&agent.spot()), |agent| agent.unsteady = !agent.unsteady);
    }

    /// Change those of which this is true, and no other: whatever is changed is written again.
    fn each(&mut self, is_meant: impl Fn(&Hosted) -> bool, change: impl Fn(&mut Hosted)) {
        let meant: Vec<Text> = self.agents.iter().filter(|(_, agent)| is_meant(agent)).map(|(key, _)| key.clone()).collect();
        for key in meant {
            if let Some(agent) = self.agents.get_mut(&key) {
                change(agent);
            }
        }
    }

    /// Append what changed since the last call.
    pub(crate) fn drain_changes(&mut self, records: &mut Vec<Record>) {
        self.agents.drain_changes(AGENTS, "", records);
        self.kept.drain_changes(TEXTS, "", records);
    }

    /// Put one kept record back. Whether it was one of its own.
    pub(crate) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            AGENTS => self.agents.restore(table, key, value)?,
            TEXTS => self.kept.restore(table, key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// All records are back: build what follows from them.
    pub(crate) fn restored(&mut self) {
        for (digest, text) in self.kept.iter() {
            self.texts.insert(digest.clone(), Arc::new(Checked::of(&text.as_str().into())));
        }
        let keys: Vec<Text> = self.agents.keys().cloned().collect();
        for key in keys {
            self.index(&key);
            self.reckon(&key);
        }
    }
}
