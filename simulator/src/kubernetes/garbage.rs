//! What goes with an object that goes: its pods, its dependents, the content of a namespace; and what keeps it: finalizers, claims
//! in use (`pkg/controller/garbagecollector`, `namespace`, `pvcprotection`).

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::pod::Phase;
use super::pods::namespace_of;
use super::revision::Workload;
use super::template::Template;
use model::Kind;
use model::value::Text;

impl Cluster {
    /// Delete an object in the foreground: its pods go first, and it when the last of them has gone.
    pub(super) fn begin_foreground_deletion(&mut self, key: &Key, context: &mut Context<'_>) {
        if let Some(object) = self.objects.get_mut(key).filter(|object| object.deleted.is_none()) {
            object.foreground = key.kind.runs_pods();
        }
        self.begin_deletion(key, context);
    }

    /// Delete an object in the background: it goes now unless something keeps it, and what it owns goes after it.
    pub(super) fn begin_deletion(&mut self, key: &Key, context: &mut Context<'_>) {
        let now = context.agenda.now();
        let version = self.next_version();
        let Some(object) = self.objects.get_mut(key).filter(|object| object.deleted.is_none()) else { return };
        object.deleted = Some(now);
        object.resource_version = version;
        let empties = object.foreground;
        self.changed.insert(key.clone());
        if empties {
            self.end_pods(key, context);
        }
        if key.kind == Kind::Namespace {
            self.empty_namespace(&key.name, context);
        }
        self.finish_deletion(key, context);
    }

    fn empty_namespace(&mut self, namespace: &str, context: &mut Context<'_>) {
        for key in self.objects_in(namespace) {
            self.begin_deletion(&key, context);
        }
    }

    /// Take the object away if it was asked to go and nothing keeps it any more.
    pub(super) fn finish_deletion(&mut self, key: &Key, context: &mut Context<'_>) {
        let Some(object) = self.objects.get(key).filter(|object| object.deleted.is_some()) else { return };
        if self.what_keeps(key).is_some() {
            return;
        }
        let uid = object.uid_text();
        self.unindex_owners(key);
        self.objects.remove(key);
        self.changed.insert(key.clone());
        if key.kind.runs_pods() {
            self.abandon_workload(key, context);
        }
        for dependent in self.dependents.get(&uid).cloned().unwrap_or_default() {
            // What another owner still has is kept.
            if !self.has_owner(&dependent) {
                self.begin_deletion(&dependent, context);
            }
        }
        if let Some(namespace) = key.namespace() {
            self.finish_deletion(&Key::new(Kind::Namespace, namespace), context);
        }
    }

    /// Why an object that was asked to go is still there.
    pub(super) fn what_keeps(&self, key: &Key) -> Option<String> {
        let object = self.objects.get(key)?;
        if let Some(finalizer) = object.finalizers().first() {
            return Some(format!("finalizer {} keeps it", finalizer.as_str().unwrap_or_default()));
        }
        match key.kind {
            _ if object.foreground => {
                let pods = self.revisions_of(key).iter().map(|revision| self.pods.of_revision(revision).count()).sum::<usize>();
                let left = if pods == 1 { "1 pod is left".to_owned() } else { format!("{pods} pods are left") };
                (pods > 0).then(|| format!("finalizer foregroundDeletion keeps it: {left}"))
            }
            Kind::Namespace => {
                let left = self.objects_in(&key.name).len() + self.pods.in_namespace(&key.name).count();
                (left > 0).then(|| format!("{left} object(s) are left in it"))
            }
            Kind::PersistentVolumeClaim => {
                self.user_of(key).map(|pod| format!("finalizer kubernetes.io/pvc-protection keeps it: pod {pod} uses it"))
            }
            _ => None,
        }
    }

    /// A pod that uses a claim: by its template, or as the member of a StatefulSet that the claim is named after.
    fn user_of(&self, claim: &Key) -> Option<&Text> {
        let own = claim.own_name();
        let uses = |(key, pod): &(&Text, &super::pod::Pod)| {
            let name = key.rsplit('/').next().unwrap_or_default();
            let member = pod.ordinal.is_some() && own.strip_suffix(name).is_some_and(|rest| rest.ends_with('-'));
            let named = self.template_of(pod).is_some_and(|template| template.claims.iter().any(|claim| claim == own));
            pod.phase != Phase::Succeeded && (member || named)
        };
        self.pods.in_namespace(namespace_of(&claim.name)).find(uses).map(|(key, _)| key)
    }

    /// The pods of a workload go, gracefully.
    fn end_pods(&mut self, key: &Key, context: &mut Context<'_>) {
        for revision in self.revisions_of(key) {
            self.set_desired(&revision, 0);
            let pods: Vec<Text> = self.pods.of_revision(&revision).map(|(pod, _)| pod.clone()).collect();
            for pod in pods {
                self.delete_pod(&pod, context);
            }
        }
    }

    /// The pods of a workload that has gone go too.
    fn abandon_workload(&mut self, key: &Key, context: &mut Context<'_>) {
        self.end_pods(key, context);
        // One of the same name that is made before the last pod has gone begins anew.
        if let Some(workload) = self.workloads.get_mut(key) {
            let (sync_pending, deadline_pending) = (workload.sync_pending, workload.deadline_pending);
            let revisions = workload.revisions;
            *workload = Workload { sync_pending, deadline_pending, revisions, ..Workload::new(context.agenda.now()) };
        }
        self.forget_workload(key);
    }

    /// Forget a workload when its object and its last pod have gone.
    fn forget_workload(&mut self, key: &Key) {
        if self.objects.contains(key) {
            return;
        }
        self.prune_revisions(key, 0);
        if !self.revisions_of.contains_key(key) {
            self.workloads.remove(key);
        }
    }

    /// What follows from a pod's end.
    pub(super) fn pod_is_gone(&mut self, pod: &Text, owner: &Key, template: &Template, context: &mut Context<'_>) {
        self.finish_deletion(owner, context);
        self.forget_workload(owner);
        self.retry_drains(context);
        let namespace = namespace_of(pod);
        let named = template.claims.iter().map(|claim| claim.to_string());
        let claimed = self.objects.get(owner).is_none_or(|_| owner.kind == Kind::StatefulSet);
        let member = pod.rsplit('/').next().unwrap_or_default();
        let suffix = format!("-{member}");
        let mut claims: Vec<Key> =
            named.map(|claim| Key::new(Kind::PersistentVolumeClaim, &format!("{namespace}/{claim}"))).collect();
        if claimed {
            let inside = self.objects_in(namespace).into_iter();
            claims.extend(inside.filter(|key| key.kind == Kind::PersistentVolumeClaim && key.name.ends_with(&suffix)));
        }
        for claim in claims {
            self.finish_deletion(&claim, context);
        }
        self.finish_deletion(&Key::new(Kind::Namespace, namespace), context);
    }

    /// Whether any of the owners that an object names is there.
    fn has_owner(&self, key: &Key) -> bool {
        let owners: Vec<&str> = self.objects.get(key).map(|object| object.owners().collect()).unwrap_or_default();
        self.objects.values().any(|object| owners.contains(&object.uid_text().as_str()))
    }

    /// What an object owns is to stay when it goes (`propagationPolicy: Orphan`).
    pub(super) fn orphan_dependents(&mut self, key: &Key) {
        let Some(uid) = self.objects.get(key).map(super::object::Object::uid_text) else { return };
        for dependent in self.dependents.get(&uid).cloned().unwrap_or_default() {
            let version = self.next_version();
            let Some(object) = self.objects.get_mut(&dependent) else { continue };
            object.disown(&uid);
            object.resource_version = version;
            self.changed.insert(dependent.clone());
            self.index_owners(&dependent);
        }
    }

    pub(super) fn index_owners(&mut self, key: &Key) {
        self.unindex_owners(key);
        let Some(object) = self.objects.get(key) else { return };
        for owner in object.owners() {
            self.dependents.entry(owner.to_owned()).or_default().insert(key.clone());
        }
    }

    fn unindex_owners(&mut self, key: &Key) {
        if self.dependents.is_empty() {
            return;
        }
        self.dependents.retain(|_, keys| {
            keys.remove(key);
            !keys.is_empty()
        });
    }
}
