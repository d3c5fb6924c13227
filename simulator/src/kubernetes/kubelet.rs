//! The kubelet: starts containers, probes them, pauses after crashes, and ends them.

use super::cluster::Cluster;
use super::event::{Context, Event, Notice, PodRun};
use super::node::Node;
use super::pod::{Phase, Pod};
use super::pods::namespace_of;
use super::program::Starting;
use super::template::Template;
use super::timing;
use crate::kernel::Priority;
use model::value::Text;
use model::{Duration, Kind, Timestamp};

impl Cluster {
    fn run_of(&self, key: &Text) -> Option<PodRun> {
        let pod = self.pods.get(key)?;
        Some(PodRun { key: key.clone(), uid: pod.uid, start: pod.starts })
    }

    /// The pod, if `run` is the one that runs now.
    pub(super) fn running(&self, run: &PodRun) -> Option<(&Pod, &Template)> {
        let pod = self.pods.get(&run.key).filter(|pod| pod.uid == run.uid && pod.starts == run.start)?;
        Some((pod, self.template_of(pod)?))
    }

    pub(super) fn node_of(&self, pod: &Pod) -> Option<&Node> {
        self.nodes.get(pod.node.as_ref()?)
    }

    /// Let the container of a pod start `after` from now, for the next time.
    pub(super) fn start_container(&mut self, key: &Text, phase: Phase, after: Duration, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get_mut(key) else { return };
        pod.phase = phase;
        pod.starts += 1;
        pod.started = context.agenda.now() + after;
        pod.serving = false;
        self.lacking.remove(key);
        if let Some(run) = self.run_of(key) {
            context.agenda.schedule(after, Priority::SYSTEM, Event::Start { pod: run });
        }
    }

    /// The time that a container needs to start; the first one on a node pulls the image.
    pub(super) fn start_latency(&self, key: &Text, pull: bool, context: &Context<'_>) -> Duration {
        let n = self.pods.get(key).map_or(0, |pod| u64::from(pod.starts));
        let start = self.draw(context, key, "container start", n, self.container_times().start);
        let pulled = if pull { self.draw(context, key, "image pull", 0, self.container_times().pull) } else { Duration::ZERO };
        (start + pulled).times(self.slowness(key))
    }

    /// The process is up: it does its work if it finds what it needs; else it waits for that, or exits.
    pub(super) fn try_start(&mut self, run: &PodRun, context: &mut Context<'_>) {
        let Some((pod, template)) = self.running(run) else { return };
        if !matches!(pod.phase, Phase::Creating | Phase::BackOff | Phase::Waiting) {
            return;
        }
        let (program, probe, started) = (template.program, template.probe, pod.started);
        if context.world.runs(program) {
            return self.begin_agent(run, context);
        }
        let starting = Starting {
            cluster: &self.name,
            namespace: namespace_of(&run.key),
            service_account: &template.service_account,
            program,
            path: template.path.as_deref(),
        };
        let found = if program.asks() { context.world.can_start(&starting) } else { Ok(()) };
        match found {
            Err(reason) if program.exits() => self.crash(&run.key, &reason, context),
            Err(reason) => self.wait(&run.key, &reason),
            Ok(()) => {
                self.set_phase(&run.key, Phase::Running, "");
                if self.owner_kind(&run.key) == Some(Kind::Job) {
                    let length = self.draw(context, &run.key, "job", 0, timing::JOB);
                    context.agenda.schedule(length, Priority::SYSTEM, Event::Finish { pod: run.clone() });
                    return;
                }
                let at = first_success(context.agenda.now(), started, probe);
                context.agenda.schedule_at(at, Priority::SYSTEM, Event::Probe { pod: run.clone() });
            }
        }
    }

    fn owner_kind(&self, key: &str) -> Option<Kind> {
        self.owner_of(self.pods.get(key)?).map(|owner| owner.kind)
    }

    pub(super) fn set_phase(&mut self, key: &Text, phase: Phase, reason: &str) {
        self.lacking.remove(key);
        if let Some(pod) = self.pods.get_mut(key) {
            pod.phase = phase;
            pod.polling = false;
            pod.reason = reason.into();
        }
        self.mark_owner_changed(key);
    }

    fn wait(&mut self, key: &Text, reason: &str) {
        self.set_phase(key, Phase::Waiting, reason);
        self.lacking.insert(key.clone());
    }

    pub(super) fn mark_owner_changed(&mut self, key: &str) {
        if let Some(owner) = self.pods.get(key).and_then(|pod| self.owner_of(pod)).cloned() {
            self.changed.insert(owner);
        }
    }

    /// Something changed in the world: what lacked something tries again on its next round of five seconds, and pods that found no
    /// node look at the nodes that were added. Nothing is polled while nothing changes.
    pub fn surroundings_changed(&mut self, context: &mut Context<'_>) {
        if self.meta.retry_all {
            self.request_schedule(true, context);
        }
        let now = context.agenda.now();
        for key in self.lacking.clone() {
            let Some(pod) = self.pods.get_mut(&key) else { continue };
            if !std::mem::replace(&mut pod.polling, true) {
                let at = next_round(now, pod.started, timing::PROGRAM_POLL);
                let run = PodRun { key: key.clone(), uid: pod.uid, start: pod.starts };
                context.agenda.schedule_at(at, Priority::SYSTEM, Event::Start { pod: run });
            }
        }
    }

    /// The readiness probe succeeds: the pod serves, and the API server hears of it if it can.
    pub(super) fn probed(&mut self, run: &PodRun, context: &mut Context<'_>) {
        if self.running(run).is_none_or(|(pod, template)| !Self::answers_probe(pod, template.probe)) {
            return;
        }
        if let Some(pod) = self.pods.get_mut(&run.key) {
            pod.serving = true;
        }
        self.report_ready(&run.key, context);
        self.recount_store(&run.key);
    }

    /// Tell the API server whether the pod is ready, if its kubelet can.
    pub(super) fn report_ready(&mut self, key: &Text, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key) else { return };
        let (ready, node) = (pod.serving, self.node_of(pod));
        if self.meta.api_down || !node.is_some_and(Node::is_connected) {
            return;
        }
        self.set_ready(key, ready, context);
    }

    /// Set the condition Ready; its controllers answer.
    pub(super) fn set_ready(&mut self, key: &Text, ready: bool, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get_mut(key) else { return };
        if pod.ready == ready {
            return;
        }
        pod.set_ready(ready, context.agenda.now());
        let owner = self.pods.get(key).and_then(|pod| self.owner_of(pod)).cloned();
        if let Some(owner) = owner {
            self.request_sync(&owner, context);
        }
        self.retry_drains(context);
    }

    /// The program ended with a failure: its next start comes after a pause that doubles.
    pub(super) fn crash(&mut self, key: &Text, reason: &str, context: &mut Context<'_>) {
        let now = context.agenda.now();
        let Some(pod) = self.pods.get_mut(key) else { return };
        let ran_well = pod.phase == Phase::Running && now.since(pod.started) >= timing::BACK_OFF_RESET;
        pod.failures = if ran_well { 1 } else { pod.failures + 1 };
        let pause = back_off(pod.failures);
        pod.serving = false;
        self.agent_ended(key);
        let owner = self.owner_kind(key);
        self.report_ready(key, context);
        self.recount_store(key);
        if owner == Some(Kind::Job) {
            return self.job_pod_failed(key, pause, context);
        }
        let latency = self.start_latency(key, false, context);
        self.set_phase(key, Phase::BackOff, &format!("CrashLoopBackOff: {reason}"));
        self.start_container(key, Phase::BackOff, pause + latency, context);
    }

    fn job_pod_failed(&mut self, key: &Text, pause: Duration, context: &mut Context<'_>) {
        let Some(owner) = self.pods.get(key).and_then(|pod| self.owner_of(pod)).cloned() else { return };
        self.remove_pod(key, context);
        if let Some(workload) = self.workloads.get_mut(&owner) {
            workload.failures += 1;
            workload.sync_pending = true;
        }
        context.agenda.schedule(pause, Priority::SYSTEM, Event::Sync { object: owner });
    }

    /// A Job's program ended well.
    pub(super) fn finished(&mut self, run: &PodRun, context: &mut Context<'_>) {
        if self.running(run).is_none_or(|(pod, _)| pod.phase != Phase::Running) {
            return;
        }
        self.set_phase(&run.key, Phase::Succeeded, "");
        if let Some(owner) = self.pods.get(&run.key).and_then(|pod| self.owner_of(pod)).cloned() {
            self.request_sync(&owner, context);
        }
    }

    /// Ask a pod to go (graceful delete). Without a node it is gone at once; on a node that cannot be reached it stays.
    pub(super) fn delete_pod(&mut self, key: &Text, context: &mut Context<'_>) {
        let now = context.agenda.now();
        let Some((grace, pod)) = self.pods.get(key).and_then(|pod| Some((self.template_of(pod)?.grace, pod))) else { return };
        if pod.is_terminating() {
            return;
        }
        let bound = pod.node.is_some() && pod.phase != Phase::Succeeded;
        if !bound {
            return self.remove_pod(key, context);
        }
        if let Some(pod) = self.pods.get_mut(key) {
            pod.deleted = Some(now + grace);
        }
        self.end_process(key, context);
        if let Some(owner) = self.pods.get(key).and_then(|pod| self.owner_of(pod)).cloned() {
            self.request_sync(&owner, context);
        }
        self.retry_drains(context);
    }

    /// The kubelet ends the process of a terminating pod: what runs before the signal, then the program's own time, within grace.
    pub(super) fn end_process(&mut self, key: &Text, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key) else { return };
        let Some(template) = self.template_of(pod) else { return };
        if !self.node_of(pod).is_some_and(Node::is_connected) {
            return;
        }
        let stop = self.draw(context, key, "stop", 0, self.container_times().stop);
        let takes = match pod.phase {
            Phase::Running => template.pre_stop + stop,
            // It went with its machine.
            Phase::Stopped => Duration::ZERO,
            _ => stop,
        };
        self.schedule_signal(key, context);
        let run = PodRun { key: key.clone(), uid: pod.uid, start: 0 };
        context.agenda.schedule(takes.min(template.grace), Priority::SYSTEM, Event::Stopped { pod: run });
    }

    /// A pod that was asked to go has stopped.
    pub(super) fn stopped(&mut self, run: &PodRun, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(&run.key).filter(|pod| pod.uid == run.uid && pod.is_terminating()) else { return };
        if let Some(killed) = pod.deleted.filter(|at| pod.draining && context.agenda.now() < *at) {
            // It is waited for, as long as its grace period goes.
            context.agenda.schedule_at(killed, Priority::SYSTEM, Event::Stopped { pod: run.clone() });
            return;
        }
        if !self.meta.api_down && self.node_of(pod).is_none_or(Node::is_connected) {
            self.remove_pod(&run.key, context);
        }
    }

    /// The pod is gone.
    pub(super) fn remove_pod(&mut self, key: &Text, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key) else { return };
        let Some((template, owner)) =
            self.revisions.get(&pod.revision).map(|known| (known.template.clone(), known.owner.clone()))
        else {
            return;
        };
        self.lacking.remove(key);
        self.pods.remove(key, &template);
        if template.program.is_agent() {
            self.notices.push(Notice::Gone { pod: key.clone() });
        }
        self.recount(&owner, &template);
        self.request_sync(&owner, context);
        self.request_schedule(true, context);
        self.pod_is_gone(key, &owner, &template, context);
    }

    /// End the process of a container by hand (a fault): it starts again after its pause.
    pub fn kill_container(&mut self, pod: &str, context: &mut Context<'_>) -> bool {
        let alive = self.pods.get(pod).is_some_and(|pod| matches!(pod.phase, Phase::Running | Phase::Waiting));
        if alive {
            self.crash(&pod.into(), "killed", context);
        }
        alive
    }
}

/// When a probe that is made every period from the container's start (after its delay) has succeeded often enough.
pub(super) fn first_success(now: Timestamp, started: Timestamp, probe: super::template::Probe) -> Timestamp {
    let from = started + probe.delay;
    if !probe.probed {
        return now.max(from);
    }
    next_round(now, from, probe.period) + probe.period.times(probe.successes - 1)
}

/// The first instant from `now` on that lies whole periods after `from`.
pub(super) fn next_round(now: Timestamp, from: Timestamp, period: Duration) -> Timestamp {
    if now <= from {
        return from;
    }
    from + period.times(now.since(from).0.div_ceil(period.0.max(1)))
}

/// 10, 20, 40 … 300 seconds.
fn back_off(failures: u32) -> Duration {
    let factor = 1_u64 << failures.saturating_sub(1).min(10);
    timing::BACK_OFF.times(factor).min(timing::BACK_OFF_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_after_a_crash_doubles_up_to_five_minutes() {
        let pauses: Vec<u64> = (1..=7).map(|failures| back_off(failures).0 / 1000).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn rounds_are_counted_from_their_start() {
        let round = |now| next_round(Timestamp(now), Timestamp(1_000), Duration(5_000)).0;
        assert_eq!([round(0), round(1_000), round(1_001), round(6_000), round(6_001)], [1_000, 1_000, 6_000, 6_000, 11_000]);
    }
}
