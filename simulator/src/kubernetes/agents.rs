//! The platform's own agents, whose processes the world around the cluster runs: the cluster says when a process begins and ends, and
//! probes what the world says of it.

use super::cluster::Cluster;
use super::event::{Context, Event, Notice, PodRun};
use super::key::Key;
use super::kubelet::{first_success, next_round};
use super::node::Node;
use super::pod::{Phase, Pod};
use super::pods::namespace_of;
use super::program::Program;
use super::selector::Selector;
use super::template::Probe;
use crate::kernel::Priority;
use model::value::Text;
use model::{Duration, Kind, Timestamp, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// What the world needs to know of an agent's pod to run its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPod {
    /// Which agent.
    pub program: Program,
    /// Its namespace.
    pub namespace: Text,
    /// Its node.
    pub node: Text,
    /// The zone of that.
    pub zone: Text,
    /// The ServiceAccount that it logs in with.
    pub service_account: Text,
    /// Path of its entry in Vault, the mount first.
    pub path: Option<Text>,
    /// Its plain variables that begin with `VAMP_`.
    pub variables: BTreeMap<Text, Text>,
    /// Whether it has a directory that outlives its container.
    pub keeps: bool,
}

/// A pod of an agent, as those who watch over it see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPodState {
    /// `NAMESPACE/NAME`.
    pub key: Text,
    /// Its node, and the zone of that.
    pub place: Option<(Text, Text)>,
    /// Condition Ready, as the API server knows it, of a pod that is not asked to go.
    pub available: bool,
    /// Whether it is asked to go.
    pub terminating: bool,
    /// Whether its node runs.
    pub alive: bool,
}

/// All agents of one kind in a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentWorkload {
    /// The Deployment.
    pub key: Key,
    /// Labels of its pods, as it makes them now.
    pub labels: BTreeMap<Text, Text>,
    /// Path of the entry that they read in Vault, the mount first.
    pub path: Option<Text>,
    /// Pods that it is to have: none once it is asked to go, and its pods before it.
    pub desired: u32,
    /// Those that it has, terminating ones included.
    pub pods: Vec<AgentPodState>,
}

impl Cluster {
    /// The process of an agent is up: it is probed from now on, whatever it does.
    pub(super) fn begin_agent(&mut self, run: &PodRun, context: &mut Context<'_>) {
        self.set_phase(&run.key, Phase::Waiting, "starting");
        if let Some(pod) = self.pods.get_mut(&run.key) {
            pod.runs_in_world = true;
        }
        self.notices.push(Notice::Begun { pod: run.clone() });
        self.schedule_probe(run, context);
    }

    fn schedule_probe(&self, run: &PodRun, context: &mut Context<'_>) {
        let Some((pod, template)) = self.running(run) else { return };
        let at = first_success(context.agenda.now(), pod.started, template.probe);
        context.agenda.schedule_at(at, Priority::SYSTEM, Event::Probe { pod: run.clone() });
    }

    pub(super) fn agent_ended(&mut self, key: &Text) {
        let Some(pod) = self.pods.get_mut(key) else { return };
        (pod.healthy, pod.draining) = (false, false);
        let Some(pod) = self.pods.get(key) else { return };
        if self.template_of(pod).is_some_and(|template| template.program.is_agent()) {
            self.notices.push(Notice::Ended { pod: key.clone() });
        }
    }

    /// An agent is told to end when what runs before the signal has.
    pub(super) fn schedule_signal(&self, key: &Text, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key) else { return };
        let Some(template) = self.template_of(pod).filter(|template| template.program.is_agent()) else { return };
        let run = PodRun { key: key.clone(), uid: pod.uid, start: pod.starts };
        context.agenda.schedule(template.pre_stop.min(template.grace), Priority::SYSTEM, Event::Signal { pod: run });
    }

    pub(super) fn signalled(&mut self, run: &PodRun) {
        if self.running(run).is_some_and(|(pod, _)| pod.is_terminating()) {
            self.notices.push(Notice::Signalled { pod: run.clone() });
        }
    }

    /// Whether a readiness probe of this pod succeeds now. Without one a container is ready once it runs, whatever it does
    /// (`pkg/kubelet/prober`: the result of a container without a probe is success).
    pub(super) fn answers_probe(pod: &Pod, probe: Probe) -> bool {
        let runs = matches!(pod.phase, Phase::Running | Phase::Waiting);
        runs && (!probe.probed || pod.healthy || !pod.runs_in_world)
    }

    /// The agent of `run` does its work: its next readiness probe succeeds.
    pub fn program_works(&mut self, run: &PodRun, context: &mut Context<'_>) {
        let Some((pod, _)) = self.running(run) else { return };
        if pod.healthy {
            return;
        }
        self.set_phase(&run.key, Phase::Running, "");
        if let Some(pod) = self.pods.get_mut(&run.key) {
            (pod.healthy, pod.unhealthy) = (true, None);
        }
        self.schedule_probe(run, context);
    }

    /// The agent of `run` does not do its work: it becomes not ready once its readiness probe has failed often enough.
    pub fn program_lacks(&mut self, run: &PodRun, reason: &str, context: &mut Context<'_>) {
        let Some((pod, _)) = self.running(run) else { return };
        let was_healthy = pod.healthy;
        if !was_healthy && pod.reason == reason {
            return;
        }
        self.set_phase(&run.key, Phase::Waiting, reason);
        if !was_healthy {
            return;
        }
        if let Some(pod) = self.pods.get_mut(&run.key) {
            (pod.healthy, pod.unhealthy) = (false, Some(context.agenda.now()));
        }
        if let Some(at) = self.unready_at(run) {
            context.agenda.schedule_at(at, Priority::SYSTEM, Event::Unready { pod: run.clone() });
        }
    }

    /// The agent of `run` was told to end and is not done yet.
    pub fn program_drains(&mut self, run: &PodRun) {
        if self.running(run).is_some_and(|(pod, _)| !pod.draining)
            && let Some(pod) = self.pods.get_mut(&run.key)
        {
            pod.draining = true;
        }
    }

    /// The agent of `run` has ended by itself: nobody waits for it any longer.
    pub fn program_ended(&mut self, run: &PodRun, context: &mut Context<'_>) {
        if self.running(run).is_none_or(|(pod, _)| !pod.draining) {
            return;
        }
        if let Some(pod) = self.pods.get_mut(&run.key) {
            pod.draining = false;
        }
        let run = PodRun { start: 0, ..run.clone() };
        context.agenda.schedule(Duration::ZERO, Priority::SYSTEM, Event::Stopped { pod: run });
    }

    /// The process of `run` stands still: it becomes not ready, and its container is started anew, once its probes have failed often
    /// enough. Without a liveness probe it stands still for good.
    pub fn program_stalls(&mut self, run: &PodRun, context: &mut Context<'_>) {
        let Some((pod, template)) = self.running(run) else { return };
        let (probed, liveness, started) = (template.probe.probed, template.liveness, pod.started);
        if probed {
            self.program_lacks(run, "does not answer", context);
        }
        if let Some(liveness) = liveness {
            let first = next_round(context.agenda.now(), started + liveness.delay, liveness.period);
            let at = first + liveness.period.times(liveness.failures.saturating_sub(1));
            context.agenda.schedule_at(at, Priority::SYSTEM, Event::Dead { pod: run.clone() });
        }
    }

    /// The liveness probe has failed often enough.
    pub(super) fn found_dead(&mut self, run: &PodRun, context: &mut Context<'_>) {
        if self.running(run).is_some() {
            self.crash(&run.key, "liveness probe failed", context);
        }
    }

    /// When the readiness probe of a pod that does not do its work has failed often enough; never where there is none.
    fn unready_at(&self, run: &PodRun) -> Option<Timestamp> {
        let (pod, template) = self.running(run)?;
        let probe = Some(template.probe).filter(|probe| probe.probed)?;
        let first = next_round(pod.unhealthy?, pod.started + probe.delay, probe.period);
        Some(first + probe.period.times(probe.failures.saturating_sub(1)))
    }

    /// The readiness probe has failed often enough, unless the agent did its work again meanwhile.
    pub(super) fn probe_failed(&mut self, run: &PodRun, context: &mut Context<'_>) {
        if self.unready_at(run).is_none_or(|at| context.agenda.now() < at) {
            return;
        }
        if let Some(pod) = self.pods.get_mut(&run.key) {
            pod.serving = false;
        }
        self.report_ready(&run.key, context);
    }

    /// What the world needs to know to run the agent of a pod.
    pub fn agent_pod(&self, key: &str) -> Option<AgentPod> {
        let pod = self.pods.get(key)?;
        let template = self.template_of(pod).filter(|template| template.program.is_agent())?;
        Some(AgentPod {
            program: template.program,
            namespace: namespace_of(key).into(),
            node: pod.node.clone()?,
            zone: self.node_of(pod).map(|node| node.zone.clone()).unwrap_or_default(),
            service_account: template.service_account.clone(),
            path: template.path.clone(),
            variables: template.variables.clone(),
            keeps: template.keeps,
        })
    }

    /// Deployments of agents of this kind, with their pods.
    pub fn agent_workloads(&self, program: Program) -> Vec<AgentWorkload> {
        let revisions = self.revisions.values().filter(|revision| revision.template.program == program);
        let mut owners: Vec<&Key> = revisions.map(|revision| &revision.owner).collect();
        owners.dedup();
        owners.sort();
        owners.dedup();
        owners.into_iter().filter(|key| self.objects.contains(key)).filter_map(|key| self.agent_workload(key)).collect()
    }

    /// The Deployment of agents of this kind in a namespace, with its pods; the first of several.
    pub fn agent_workload_in(&self, namespace: &str, program: Program) -> Option<AgentWorkload> {
        self.agent_workload(&self.agent_owner(namespace, program)?)
    }

    fn agent_owner(&self, namespace: &str, program: Program) -> Option<Key> {
        let prefix = format!("{namespace}/");
        let revisions = self.revisions.range::<str>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        let mut inside = revisions.take_while(|(key, _)| key.starts_with(prefix.as_str()));
        inside.find(|(_, revision)| revision.template.program == program).map(|(_, revision)| revision.owner.clone())
    }

    /// Ports by which a Service of the namespace leads to pods with these labels.
    pub fn ports_to(&self, namespace: &str, labels: &BTreeMap<Text, Text>) -> BTreeSet<u16> {
        let prefix = format!("{namespace}/");
        let services = self.objects.range(Key::new(Kind::Service, &prefix)..);
        let services = services.take_while(|(key, _)| key.kind == Kind::Service && key.name.starts_with(&prefix));
        let spec = services.filter_map(|(_, service)| service.document.value().get("spec"));
        let leads = |spec: &&Value| Selector::of_labels(spec.get("selector")).is_some_and(|selector| selector.selects(labels));
        let ports = spec.filter(leads).filter_map(|spec| spec.get("ports")?.as_list()).flatten();
        ports.filter_map(|port| u16::try_from(port.integer_at(&["port"])?).ok()).collect()
    }

    /// Path of the entry that the agents of this kind in a namespace read.
    pub fn agent_path(&self, namespace: &str, program: Program) -> Option<Text> {
        let newest = self.revisions_of(&self.agent_owner(namespace, program)?).pop()?;
        self.revisions.get(&newest)?.template.path.clone()
    }

    fn agent_workload(&self, key: &Key) -> Option<AgentWorkload> {
        let newest = self.revisions_of(key).pop()?;
        let template = &self.revisions.get(&newest)?.template;
        let is_leaving = self.objects.get(key).is_some_and(|object| object.foreground);
        Some(AgentWorkload {
            key: key.clone(),
            labels: template.labels.clone(),
            path: template.path.clone(),
            desired: if is_leaving { 0 } else { u32::try_from(self.replicas(key)).unwrap_or_default() },
            pods: self.agent_pods(key),
        })
    }

    /// Pods of a Deployment of agents.
    pub fn agent_pods(&self, workload: &Key) -> Vec<AgentPodState> {
        let revisions = self.revisions_of.get(workload).into_iter().flatten();
        let pods = revisions.flat_map(|revision| self.pods.of_revision(revision));
        let mut states: Vec<AgentPodState> = pods.map(|(key, pod)| self.agent_pod_state(key, pod)).collect();
        states.sort_by(|left, right| left.key.cmp(&right.key));
        states
    }

    fn agent_pod_state(&self, key: &Text, pod: &Pod) -> AgentPodState {
        let place = pod.node.as_ref().map(|node| {
            let zone = self.nodes.get(node).map(|node| node.zone.clone()).unwrap_or_default();
            (node.clone(), zone)
        });
        AgentPodState {
            key: key.clone(),
            place,
            available: pod.is_available(),
            terminating: pod.is_terminating(),
            alive: pod.phase != Phase::Stopped && self.node_of(pod).is_some_and(Node::is_running),
        }
    }
}
