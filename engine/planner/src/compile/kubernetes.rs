//! Typed Kubernetes objects into resources: the address is read off the object, so that the two cannot disagree.

use super::draft::Draft;
use super::labels::Labels;
use k8s_openapi::Metadata;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use model::Kind;
use model::address::Address;
use model::graph::EdgeReason;
use model::resource::Scope;
use model::source::Place;
use model::system::System;
use model::value::{Value, to_value};
use serde::Serialize;

/// A typed Kubernetes object that is a resource of ours.
pub(crate) trait Object: Serialize + Metadata<Ty = ObjectMeta> {
    /// What it is in an address.
    const ADDRESS_KIND: Kind;
}

macro_rules! objects {
    ($($object:ident),*) => {$(
        impl Object for $object {
            const ADDRESS_KIND: Kind = Kind::$object;
        }
    )*};
}
objects!(
    Namespace,
    ServiceAccount,
    Role,
    RoleBinding,
    Secret,
    ConfigMap,
    PersistentVolumeClaim,
    NetworkPolicy,
    Service,
    PodDisruptionBudget,
    Deployment,
    StatefulSet
);

/// Where objects are put: a namespace of a cluster, and what they belong to.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) cluster: System,
    pub(crate) namespace: String,
    /// Address of the namespace itself.
    pub(crate) address: Address,
    pub(crate) scope: Scope,
    pub(crate) place: Place,
    pub(crate) platform: String,
}

impl Home {
    /// The namespace `namespace` of `cluster`.
    pub(crate) fn new(platform: &str, cluster: &str, namespace: &str, scope: Scope, place: Place) -> Self {
        let cluster = System::Cluster(cluster.into());
        let address = Address::new(&cluster, Kind::Namespace, namespace);
        Home { cluster, namespace: namespace.to_owned(), address, scope, place, platform: platform.to_owned() }
    }

    /// Address of an object in the namespace.
    pub(crate) fn address_of(&self, kind: Kind, name: &str) -> Address {
        Address::new(&self.cluster, kind, &[&self.namespace, "/", name].concat())
    }

    /// Metadata of an object in the namespace.
    pub(crate) fn metadata(&self, name: &str, component: Option<&str>) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(self.namespace.clone()),
            labels: Some(self.labels(component)),
            ..ObjectMeta::default()
        }
    }

    /// Labels of an object in the namespace.
    pub(crate) fn labels(&self, component: Option<&str>) -> Labels {
        super::labels::labels(&self.platform, component, &self.scope)
    }

    /// The draft of an object in the namespace, after the namespace.
    pub(crate) fn draft<O: Object>(&self, object: &O) -> Draft {
        let name = object.metadata().name.as_deref().unwrap_or_default();
        let address = self.address_of(O::ADDRESS_KIND, name);
        Draft::new(address, manifest(object), &self.scope, self.place).after(&self.address, EdgeReason::LivesIn)
    }
}

/// The manifest of an object, as kubectl would apply it.
pub(crate) fn manifest<O: Object>(object: &O) -> Value {
    match to_value(object) {
        Ok(document) => document,
        Err(fault) => unreachable!("a Kubernetes struct has text keys and no raw bytes, yet it {fault}"),
    }
}

/// The selector of these labels.
pub(crate) fn select(labels: Labels) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}
