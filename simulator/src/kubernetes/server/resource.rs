//! The kinds of objects by their names in the API.

use model::Kind;

/// A kind as the API names it.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    /// `v1`, `apps/v1`.
    pub(super) version: &'static str,
    /// `Deployment`.
    pub(super) name: &'static str,
    /// `deployments`.
    pub(super) plural: &'static str,
    /// Whether its spec has a generation.
    pub(super) counts: bool,
}

const fn resource(kind: Kind, version: &'static str, name: &'static str, plural: &'static str, counts: bool) -> Resource {
    Resource { kind, version, name, plural, counts }
}

const ALL: &[Resource] = &[
    resource(Kind::Namespace, "v1", "Namespace", "namespaces", false),
    resource(Kind::ServiceAccount, "v1", "ServiceAccount", "serviceaccounts", false),
    resource(Kind::Role, "rbac.authorization.k8s.io/v1", "Role", "roles", false),
    resource(Kind::RoleBinding, "rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", false),
    resource(Kind::Secret, "v1", "Secret", "secrets", false),
    resource(Kind::ConfigMap, "v1", "ConfigMap", "configmaps", false),
    resource(Kind::PersistentVolumeClaim, "v1", "PersistentVolumeClaim", "persistentvolumeclaims", false),
    resource(Kind::NetworkPolicy, "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    resource(Kind::Service, "v1", "Service", "services", false),
    resource(Kind::PodDisruptionBudget, "policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
    resource(Kind::Deployment, "apps/v1", "Deployment", "deployments", true),
    resource(Kind::StatefulSet, "apps/v1", "StatefulSet", "statefulsets", true),
    resource(Kind::Job, "batch/v1", "Job", "jobs", true),
];

impl Resource {
    pub(super) fn is_namespaced(&self) -> bool {
        self.kind != Kind::Namespace
    }

    /// Empty for the core group.
    pub(super) fn group(&self) -> &'static str {
        self.version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `configmaps`, `deployments.apps`: how refusals name it.
    pub(super) fn plural_with_group(&self) -> String {
        with_group(self.plural, self.group())
    }

    /// `ConfigMap`, `Deployment.apps`.
    pub(super) fn name_with_group(&self) -> String {
        with_group(self.name, self.group())
    }
}

fn with_group(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// The kind with this plural in `version`.
pub(super) fn find(version: &str, plural: &str) -> Option<&'static Resource> {
    ALL.iter().find(|resource| resource.version == version && resource.plural == plural)
}

/// A kind by what it is; every kind of a cluster has one.
pub(super) fn of(kind: Kind) -> Option<&'static Resource> {
    ALL.iter().find(|resource| resource.kind == kind)
}
