//! Fields that somebody else may own, as they are written.

use crate::spec::form::{FieldForm, Title};
use crate::spec::shape::{record, words};
use crate::spec::types;
use model::Kind;

record! {
    /// What is done about a field of Kubernetes objects that somebody else owns. The first rule that fits a field decides; a field that no rule fits is taken back, and shown as drift.
    FieldRule {
        /// Kind of the objects, as Kubernetes calls it: `Deployment`.
        kind: KubernetesKind = required "kind",
        /// The field, and all inside of it: `spec.replicas`, `spec.template.spec.containers[name=web].image`, `metadata.annotations["a.example/b"]`; `[*]` stands for every item of a list.
        path: FieldForm = required "path",
        /// Only if this manager owns it, as `metadata.managedFields` calls it; whoever does if not given.
        manager: Title = optional "manager",
        /// `yield` leaves the field to its owner, `take` takes it back, `fail` leaves the object as it is and says so.
        conflict: ConflictWord = required "conflict",
    }
}

words! {
    /// What is done about a field that somebody else owns.
    ConflictWord: types::Conflict {
        "yield" => types::Conflict::Yield,
        "take" => types::Conflict::Take,
        "fail" => types::Conflict::Fail,
    }
}

words! {
    /// A kind of Kubernetes objects.
    KubernetesKind: Kind {
        "ConfigMap" => Kind::ConfigMap,
        "Deployment" => Kind::Deployment,
        "Job" => Kind::Job,
        "Namespace" => Kind::Namespace,
        "NetworkPolicy" => Kind::NetworkPolicy,
        "PersistentVolumeClaim" => Kind::PersistentVolumeClaim,
        "PodDisruptionBudget" => Kind::PodDisruptionBudget,
        "Role" => Kind::Role,
        "RoleBinding" => Kind::RoleBinding,
        "Secret" => Kind::Secret,
        "Service" => Kind::Service,
        "ServiceAccount" => Kind::ServiceAccount,
        "StatefulSet" => Kind::StatefulSet,
    }
}
