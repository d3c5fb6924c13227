//! The kinds of Kubernetes objects that the platform writes, as the API names them: group, version and plural from the typed structs.

use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use model::{Address, Kind};

/// One kind, as the API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Api {
    /// Empty for the core group.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
}

const fn of<T: Resource>() -> Api {
    Api { group: T::GROUP, version: T::VERSION, kind: T::KIND, plural: T::URL_PATH_SEGMENT }
}

impl Api {
    /// The API of a kind; nothing for what no cluster holds.
    pub(crate) fn of(kind: Kind) -> Option<Api> {
        Some(match kind {
            Kind::Namespace => of::<Namespace>(),
            Kind::ServiceAccount => of::<ServiceAccount>(),
            Kind::Role => of::<Role>(),
            Kind::RoleBinding => of::<RoleBinding>(),
            Kind::Secret => of::<Secret>(),
            Kind::ConfigMap => of::<ConfigMap>(),
            Kind::PersistentVolumeClaim => of::<PersistentVolumeClaim>(),
            Kind::NetworkPolicy => of::<NetworkPolicy>(),
            Kind::Service => of::<Service>(),
            Kind::PodDisruptionBudget => of::<PodDisruptionBudget>(),
            Kind::Deployment => of::<Deployment>(),
            Kind::StatefulSet => of::<StatefulSet>(),
            Kind::Job => of::<Job>(),
            _ => return None,
        })
    }

    /// `v1`, `apps/v1`.
    pub(crate) fn api_version(self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    fn root(self) -> String {
        if self.group.is_empty() { format!("/api/{}", self.version) } else { format!("/apis/{}/{}", self.group, self.version) }
    }

    /// The path of all objects of the kind.
    pub(crate) fn everywhere(self) -> String {
        format!("{}/{}", self.root(), self.plural)
    }

    /// The path of the objects beside `address`: those of its namespace, or all where the kind has none.
    pub(crate) fn beside(self, address: &Address) -> String {
        match address.namespace() {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", self.root(), self.plural),
            None => self.everywhere(),
        }
    }
}

/// Whether the address can stand in a path: what a plan's file holds may have been written by anybody.
pub(crate) fn is_plain(address: &Address) -> bool {
    let plain = |segment: &str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_');
        !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(letter)
    };
    let parts: Vec<&str> = address.key().split('/').collect();
    let expected = if address.kind() == Kind::Namespace { 1 } else { 2 };
    parts.len() == expected && parts.into_iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::kind::Family;

    #[test]
    fn every_kind_of_a_cluster_has_an_api_and_no_other_has() {
        for kind in Kind::ALL {
            assert_eq!(Api::of(*kind).is_some(), kind.family() == Family::Kubernetes, "{kind}");
        }
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let path = |address: &str| {
            let address: Address = address.parse().unwrap();
            Api::of(address.kind()).unwrap().beside(&address)
        };
        assert_eq!(path("cluster.a/namespace/shop"), "/api/v1/namespaces");
        assert_eq!(path("cluster.a/config-map/shop/c"), "/api/v1/namespaces/shop/configmaps");
        assert_eq!(path("cluster.a/deployment/shop/web"), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!(Api::of(Kind::NetworkPolicy).unwrap().everywhere(), "/apis/networking.k8s.io/v1/networkpolicies");
    }

    #[test]
    fn what_would_lead_out_of_its_path_is_no_plain_address() {
        for (address, plain) in [
            ("cluster.a/config-map/shop/c", true),
            ("cluster.a/role/shop/system:reader", true),
            ("cluster.a/config-map/shop/..", false),
            ("cluster.a/config-map/shop/a/b", false),
            ("cluster.a/config-map/shop/a?dryRun=All", false),
            ("cluster.a/namespace/a/b", false),
            ("cluster.a/config-map/shop/ä", false),
        ] {
            assert_eq!(is_plain(&address.parse().unwrap()), plain, "{address}");
        }
    }
}
