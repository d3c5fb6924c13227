//! The Deployment controller: rolls from one revision to the next without taking away more than it may
//! (`pkg/controller/deployment/rolling.go`, `recreate.go`, `progress.go`).

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::key::Key;
use super::quantity::scaled;
use super::timing;
use crate::kernel::Priority;
use model::value::Text;
use model::{Duration, Value};

/// How many pods more and fewer a roll-out may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slack {
    surge: i64,
    unavailable: i64,
}

impl Slack {
    /// The surge is rounded up, the unavailable down; both nothing would stand still, so one may go (`ResolveFenceposts`).
    fn of(live: &Value, replicas: i64) -> Self {
        let rolling = live.at(&["spec", "strategy", "rollingUpdate"]).unwrap_or(&Value::Null);
        let number = |key, up| rolling.get(key).and_then(|value| scaled(value, replicas, up)).unwrap_or(0);
        let (surge, unavailable) = (number("maxSurge", true), number("maxUnavailable", false));
        Slack { surge, unavailable: if surge == 0 && unavailable == 0 { 1 } else { unavailable } }
    }
}

impl Cluster {
    pub(super) fn sync_deployment(&mut self, object: &Key, context: &mut Context<'_>) {
        let Some(found) = self.objects.get(object) else { return };
        let (live, generation) = (found.live(object.kind), found.generation);
        let replicas = live.integer_at(&["spec", "replicas"]).unwrap_or(1);
        let newest = self.current_revision(object, &live, generation);
        let old: Vec<Text> = self.revisions_of(object).into_iter().filter(|key| *key != newest).collect();
        let recreate = live.str_at(&["spec", "strategy", "type"]) == Some("Recreate");
        let scaled = match live.at(&["spec", "paused"]).and_then(Value::as_bool) {
            Some(true) => self.scale_paused(&newest, &old, replicas),
            _ if recreate => self.recreate(&newest, &old, replicas),
            _ => self.roll(&newest, &old, replicas, Slack::of(&live, replicas)),
        };
        for revision in old.iter().chain([&newest]) {
            self.fill(revision, context);
        }
        let history = live.integer_at(&["spec", "revisionHistoryLimit"]).unwrap_or(timing::REVISION_HISTORY);
        self.prune_revisions(object, usize::try_from(history).unwrap_or(0) + usize::from(replicas == 0));
        self.note_progress(object, generation, (&newest, &old), replicas, context);
        if scaled {
            self.request_sync(object, context);
        }
    }

    /// A paused roll-out scales what is there, the newest first, and starts nothing new.
    fn scale_paused(&mut self, newest: &Text, old: &[Text], replicas: i64) -> bool {
        let elsewhere: i64 = old.iter().map(|key| self.desired(key)).sum();
        elsewhere == 0 && self.set_desired(newest, replicas)
    }

    /// All old pods go, and are gone, before the first new one comes.
    fn recreate(&mut self, newest: &Text, old: &[Text], replicas: i64) -> bool {
        let mut scaled = false;
        for revision in old {
            scaled |= self.set_desired(revision, 0);
        }
        let gone = |cluster: &Cluster, key: &Text| cluster.pods.of_revision(key).next().is_none();
        scaled || (old.iter().all(|key| gone(self, key)) && self.set_desired(newest, replicas))
    }

    /// One step of a rolling update: up if there is room, else down if enough are available.
    fn roll(&mut self, newest: &Text, old: &[Text], replicas: i64, slack: Slack) -> bool {
        let current = self.desired(newest);
        if current > replicas {
            return self.set_desired(newest, replicas);
        }
        let elsewhere: i64 = old.iter().map(|key| self.desired(key)).sum();
        let room = replicas + slack.surge - (current + elsewhere);
        if current < replicas && room > 0 {
            return self.set_desired(newest, current + room.min(replicas - current));
        }
        elsewhere > 0 && self.scale_down_old(newest, old, replicas - slack.unavailable)
    }

    /// First the old pods that do nothing, then old ones that do, as long as `least` stay available.
    fn scale_down_old(&mut self, newest: &Text, old: &[Text], least: i64) -> bool {
        let all: i64 = old.iter().chain([newest]).map(|key| self.desired(key)).sum();
        let new_unavailable = self.desired(newest) - self.counts(newest).available;
        let mut may_go = all - least - new_unavailable;
        if may_go <= 0 {
            return false;
        }
        let mut scaled = false;
        for revision in old {
            let desired = self.desired(revision);
            let useless = (desired - self.counts(revision).available).clamp(0, may_go);
            scaled |= self.set_desired(revision, desired - useless);
            may_go -= useless;
        }
        let available: i64 = old.iter().chain([newest]).map(|key| self.counts(key).available).sum();
        let mut spare = available - least;
        for revision in old {
            let desired = self.desired(revision);
            let step = desired.min(spare).max(0);
            scaled |= self.set_desired(revision, desired - step);
            spare -= step;
        }
        scaled
    }

    /// Keep account of the roll-out, and of the time that it may take.
    fn note_progress(
        &mut self,
        object: &Key,
        generation: u64,
        (newest, old): (&Text, &[Text]),
        replicas: i64,
        context: &mut Context<'_>,
    ) {
        let new = self.counts(newest);
        let complete = new.pods == replicas && new.available == replicas && old.iter().all(|key| self.counts(key).pods == 0);
        let Some(workload) = self.workloads.get_mut(object) else { return };
        let progress = (u32::try_from(new.pods).unwrap_or(0), u32::try_from(new.available).unwrap_or(0));
        let fresh = workload.observed != generation || (workload.complete && !complete);
        if fresh || complete || progress.0 > workload.progress.0 || progress.1 > workload.progress.1 {
            workload.progress_at = context.agenda.now();
            workload.failed = None;
        }
        workload.progress = progress;
        workload.observed = generation;
        workload.complete = complete;
        if !complete && workload.failed.is_none() && !std::mem::replace(&mut workload.deadline_pending, true) {
            self.schedule_deadline(object, context);
        }
    }

    fn schedule_deadline(&self, object: &Key, context: &mut Context<'_>) {
        let Some(workload) = self.workloads.get(object) else { return };
        let at = workload.progress_at + self.progress_deadline(object);
        context.agenda.schedule_at(at, Priority::SYSTEM, Event::Deadline { object: object.clone() });
    }

    fn progress_deadline(&self, object: &Key) -> Duration {
        let written = self.objects.get(object).map(|object| object.document.value());
        let seconds = written.and_then(|document| document.integer_at(&["spec", "progressDeadlineSeconds"]));
        Duration::seconds(u64::try_from(seconds.unwrap_or(timing::PROGRESS_DEADLINE_SECONDS)).unwrap_or(0))
    }

    /// No progress for as long as the Deployment allows: condition Progressing is False from now on. It goes on trying.
    pub(super) fn deadline(&mut self, object: &Key, context: &mut Context<'_>) {
        let (allowed, stopped) = (self.progress_deadline(object), !self.controllers_work());
        let Some(workload) = self.workloads.get_mut(object) else { return };
        workload.deadline_pending = false;
        if stopped || workload.complete || workload.failed.is_some() {
            return;
        }
        if workload.progress_at + allowed > context.agenda.now() {
            workload.deadline_pending = true;
            return self.schedule_deadline(object, context);
        }
        workload.failed = Some(format!("made no progress for {allowed}").into());
        self.write_status(object);
        self.changed.insert(object.clone());
    }
}
