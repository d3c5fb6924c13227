//! The Job controller: pods until one has ended well, or too many have failed (`pkg/controller/job`).

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::pod::Phase;
use super::timing;

impl Cluster {
    pub(super) fn sync_job(&mut self, object: &Key, context: &mut Context<'_>) {
        let Some(found) = self.objects.get(object) else { return };
        let (live, generation) = (found.live(object.kind), found.generation);
        let revision = self.current_revision(object, &live, generation);
        let limit = live.integer_at(&["spec", "backoffLimit"]).unwrap_or(timing::BACKOFF_LIMIT);
        let done = self.pods.of_revision(&revision).any(|(_, pod)| pod.phase == Phase::Succeeded);
        let active = self.pods.of_revision(&revision).any(|(_, pod)| !pod.is_terminating());
        let Some(workload) = self.workloads.get_mut(object) else { return };
        workload.observed = generation;
        workload.complete |= done;
        if i64::from(workload.failures) > limit {
            workload.failed = Some("reached the specified backoff limit".into());
        }
        let over = workload.complete || workload.failed.is_some();
        self.set_desired(&revision, i64::from(!over || done));
        if !over && !active {
            self.fill(&revision, context);
        }
    }
}
