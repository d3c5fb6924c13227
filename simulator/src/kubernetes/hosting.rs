//! Stores that run in the cluster: the world is told when one begins to serve, and when the last process of it has gone.

use super::cluster::Cluster;
use super::event::Notice;
use super::key::Key;
use super::program::Program;
use super::template::Template;

impl Cluster {
    pub(super) fn recount_store(&mut self, key: &str) {
        let Some(pod) = self.pods.get(key) else { return };
        let Some(revision) = self.revisions.get(&pod.revision) else { return };
        let (owner, template) = (revision.owner.clone(), revision.template.clone());
        self.recount(&owner, &template);
    }

    /// Tell the world when the first process of a store serves, and when the last one has gone.
    pub(super) fn recount(&mut self, workload: &Key, template: &Template) {
        if !template.program.is_heard_of() {
            return;
        }
        let revisions = self.revisions_of.get(workload).into_iter().flatten();
        let serves = revisions.flat_map(|revision| self.pods.of_revision(revision)).any(|(_, pod)| pod.serving);
        let (workload, program) = (workload.clone(), template.program);
        if serves && !self.meta.serving_stores.contains(&workload) {
            self.meta_mut().serving_stores.insert(workload.clone());
            let on_volume = self.is_on_volume(&workload, template);
            self.notices.push(Notice::StoreUp { workload, program, on_volume });
        } else if !serves && self.meta.serving_stores.contains(&workload) {
            self.meta_mut().serving_stores.remove(&workload);
            self.notices.push(Notice::StoreDown { workload, program });
        }
    }

    fn is_on_volume(&self, workload: &Key, template: &Template) -> bool {
        let claims = self
            .objects
            .get(workload)
            .is_some_and(|object| object.document.value().at(&["spec", "volumeClaimTemplates"]).is_some());
        claims || !template.claims.is_empty()
    }

    /// Workloads of this program of which a pod serves now.
    pub fn serving_stores(&self, program: Program) -> Vec<&Key> {
        let runs = |workload: &&Key| {
            let revision = self.revisions_of.get(*workload).and_then(|keys| keys.first());
            revision.and_then(|key| self.revisions.get(key)).is_some_and(|known| known.template.program == program)
        };
        self.meta.serving_stores.iter().filter(runs).collect()
    }
}
