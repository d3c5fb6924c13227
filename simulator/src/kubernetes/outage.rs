//! The API server goes away and comes back. Kubelets tell it at once how things are; controllers and the scheduler hear of it when their
//! watches next try (client-go, `tools/cache/reflector.go`).

use super::cluster::Cluster;
use super::event::{Context, Event, Watcher};
use super::timing;
use crate::kernel::Priority;
use model::{Duration, Timestamp};

impl Cluster {
    /// The API server, and with it every controller, stops answering. What runs on the nodes runs on. Whether it answered before.
    pub fn fail_api(&mut self, context: &mut Context<'_>) -> bool {
        self.changed.extend(self.workloads.keys().cloned());
        let meta = self.meta_mut();
        if std::mem::replace(&mut meta.api_down, true) {
            return false;
        }
        (meta.api_down_since, meta.controllers_watch, meta.scheduler_watches) = (Some(context.agenda.now()), None, None);
        true
    }

    /// The API server answers again. Whether it did not before.
    pub fn heal_api(&mut self, context: &mut Context<'_>) -> bool {
        let meta = self.meta_mut();
        if !std::mem::replace(&mut meta.api_down, false) {
            return false;
        }
        let since = meta.api_down_since.take().unwrap_or(context.agenda.now());
        let (controllers, scheduler) = (self.next_try("controllers", since, context), self.next_try("scheduler", since, context));
        let meta = self.meta_mut();
        (meta.controllers_watch, meta.scheduler_watches) = (Some(controllers), Some(scheduler));
        for (who, at) in [(Watcher::Controllers, controllers), (Watcher::Scheduler, scheduler)] {
            context.agenda.schedule_at(at, Priority::SYSTEM, Event::WatchesAgain { who, at });
        }
        let connected = self.nodes.iter().filter(|(_, node)| node.is_connected());
        let connected: Vec<_> = connected.map(|(name, node)| (name.clone(), node.epoch)).collect();
        for (name, epoch) in connected {
            self.back(&name, epoch, context);
        }
        true
    }

    /// The first try from now on of watches that lost the API server at `since`.
    fn next_try(&self, who: &str, since: Timestamp, context: &Context<'_>) -> Timestamp {
        let now = context.agenda.now();
        // Beyond that the pauses have long been the longest.
        let mut at = since.max(Timestamp(now.0.saturating_sub(timing::WATCH_BACK_OFF_LIMIT.times(10).0)));
        let mut pause = timing::WATCH_BACK_OFF;
        while at < now {
            let more = context.agenda.between(&self.entity(who), "watch back-off", at.0, 0, pause.0);
            at = at + pause + Duration(more);
            pause = pause.times(2).min(timing::WATCH_BACK_OFF_LIMIT);
        }
        at
    }

    /// A part of the control plane hears what happened meanwhile.
    pub(super) fn watches_again(&mut self, who: Watcher, at: Timestamp, context: &mut Context<'_>) {
        let meta = self.meta_mut();
        let awaited = match who {
            Watcher::Controllers => &mut meta.controllers_watch,
            Watcher::Scheduler => &mut meta.scheduler_watches,
        };
        if *awaited != Some(at) {
            return;
        }
        *awaited = None;
        match who {
            Watcher::Controllers => self.controllers_begin_anew(context),
            Watcher::Scheduler => self.request_schedule(true, context),
        }
    }
}
