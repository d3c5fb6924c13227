//! Stores that the platform runs in its own clusters (models M0 to M4): what MySQL, Vault and Elasticsearch have in common there.

pub(crate) mod elasticsearch;
pub(crate) mod mysql;
pub(crate) mod vault;

use super::amounts;
use super::compiler::Compiler;
use super::draft::{Draft, container_path, origin_of};
use super::kubernetes::{Home, manifest, select};
use super::labels::Labels;
use super::pods;
use super::registries;
use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PodAffinityTerm, PodAntiAffinity, PodTemplateSpec, Secret,
    VolumeResourceRequirements, WeightedPodAffinityTerm,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use model::address::Address;
use model::graph::EdgeReason::References;
use model::path::FieldPath;
use model::resource::{Origin, Role};
use model::secret::SecretReference;
use model::source::Located;
use model::system::System;
use std::collections::BTreeMap;

/// Name of the volume that a store keeps its data on.
pub(crate) const DATA: &str = "data";
/// Length of a generated password, in characters.
pub(crate) const PASSWORD_LENGTH: u16 = 32;
/// Node label that tells nodes apart (Kubernetes, "Well-Known Labels").
pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";

/// A store in a cluster, as far as all stores are alike.
pub(crate) struct Store {
    pub(crate) home: Home,
    /// Name of its objects.
    pub(crate) name: String,
    /// Value of the label that tells its kind apart.
    pub(crate) component: &'static str,
    pub(crate) pods: Labels,
    pub(crate) replicas: u32,
    pub(crate) replicas_origin: Origin,
    /// Size of the volume of each pod; none where nothing outlives the pod.
    pub(crate) volume_bytes: Option<u64>,
    /// Service that gives each pod a name.
    pub(crate) governing_service: String,
    /// Whether its pods are given a token for the Kubernetes API.
    pub(crate) asks_kubernetes: bool,
}

impl Store {
    /// The Secret of a store with one entry that is generated unless the spec gives it.
    pub(crate) fn secret(&self, entry: &str, given: Option<&Located<SecretReference>>) -> Draft {
        let object = Secret {
            metadata: self.home.metadata(&self.name, Some(self.component)),
            type_: Some("Opaque".to_owned()),
            ..Secret::default()
        };
        let value = given.map_or(SecretReference::Generated { length: PASSWORD_LENGTH }, |reference| reference.value.clone());
        let origin =
            given.map_or(Origin::Default("generated once and kept"), |given| origin_of(given, "generated once and kept"));
        let draft = self.home.draft(&object);
        let mut document = draft.resource.document.as_ref().clone();
        document.set(&["stringData", entry], value);
        Draft { resource: model::Resource { document: document.into(), ..draft.resource }, ..draft }
            .origin(FieldPath::keys(&["stringData", entry]), origin)
    }

    /// Where that entry is, for those who use it.
    pub(crate) fn secret_reference(home: &Home, name: &str, entry: &str) -> SecretReference {
        let cluster = match &home.cluster {
            System::Cluster(cluster) => cluster.to_string(),
            other => other.to_string(),
        };
        SecretReference::Kubernetes { cluster, namespace: home.namespace.clone(), name: name.to_owned(), field: entry.to_owned() }
    }

    /// What all stores have: a ServiceAccount, and the claims of their pods. Gives back what the workload comes after.
    pub(crate) fn compile_base(&self, compiler: &mut Compiler) -> Vec<Address> {
        let account = pods::service_account(&self.home, &self.name, self.asks_kubernetes, registries::wanted(compiler));
        let account = self.home.draft(&account).after_all(&registries::address(compiler, &self.home), References);
        let mut before = vec![compiler.add(account)];
        for ordinal in 0..self.volume_bytes.map_or(0, |_| self.replicas) {
            // A StatefulSet takes over a claim of this name; as a resource of its own it is found, kept and deleted by name.
            let claim = self.claim(&format!("{DATA}-{}-{ordinal}", self.name));
            let size = FieldPath::keys(&["spec", "resources"]);
            before.push(compiler.add(self.home.draft(&claim).origin(size, Origin::Default("size of a store's volume"))));
        }
        before
    }

    fn claim(&self, name: &str) -> PersistentVolumeClaim {
        let size = amounts::bytes(self.volume_bytes.unwrap_or_default());
        let resources =
            VolumeResourceRequirements { requests: Some(BTreeMap::from([("storage".to_owned(), size)])), limits: None };
        let spec = PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(resources),
            ..PersistentVolumeClaimSpec::default()
        };
        let metadata = self.home.metadata(name, Some(self.component));
        PersistentVolumeClaim { metadata, spec: Some(spec), status: None }
    }

    /// A budget that lets nodes be drained one by one, where there is more than one pod.
    pub(crate) fn budget(&self) -> Option<Draft> {
        let spec = PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(select(self.pods.clone())),
            ..PodDisruptionBudgetSpec::default()
        };
        let metadata = self.home.metadata(&self.name, Some(self.component));
        let budget = PodDisruptionBudget { metadata, spec: Some(spec), status: None };
        (self.replicas > 1).then(|| self.home.draft(&budget))
    }

    /// The StatefulSet itself.
    pub(crate) fn workload(&self, mut template: PodTemplateSpec, image: &Located<String>) -> Draft {
        if let Some(metadata) = &mut template.metadata {
            metadata.labels.get_or_insert_default().extend(self.pods.clone());
        }
        let keep = StatefulSetPersistentVolumeClaimRetentionPolicy {
            when_deleted: Some("Retain".to_owned()),
            when_scaled: Some("Retain".to_owned()),
        };
        let template_of_claims = || {
            let mut claim = self.claim(DATA);
            claim.metadata = ObjectMeta { name: Some(DATA.to_owned()), ..ObjectMeta::default() };
            vec![claim]
        };
        let durable = self.volume_bytes.is_some();
        let spec = StatefulSetSpec {
            replicas: Some(i32::try_from(self.replicas).unwrap_or(i32::MAX)),
            service_name: Some(self.governing_service.clone()),
            selector: select(self.pods.clone()),
            pod_management_policy: Some("Parallel".to_owned()),
            update_strategy: Some(StatefulSetUpdateStrategy { type_: Some("RollingUpdate".to_owned()), rolling_update: None }),
            persistent_volume_claim_retention_policy: durable.then_some(keep),
            volume_claim_templates: durable.then(template_of_claims),
            template,
            ..StatefulSetSpec::default()
        };
        let object =
            StatefulSet { metadata: self.home.metadata(&self.name, Some(self.component)), spec: Some(spec), status: None };
        self.home
            .draft(&object)
            .role(Role::Store)
            .origin(FieldPath::keys(&["spec", "replicas"]), self.replicas_origin.clone())
            .origin(container_path(self.component, &["image"]), origin_of(image, "image of this release of vamp"))
            .origin(container_path(self.component, &["resources"]), Origin::Default("size of a store in a cluster"))
    }

    /// Pods of the store on different nodes, as long as there are enough.
    pub(crate) fn spread(&self) -> PodAntiAffinity {
        let term = PodAffinityTerm {
            label_selector: Some(select(self.pods.clone())),
            topology_key: HOSTNAME.to_owned(),
            ..PodAffinityTerm::default()
        };
        PodAntiAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![WeightedPodAffinityTerm {
                pod_affinity_term: term,
                weight: 100,
            }]),
            ..PodAntiAffinity::default()
        }
    }
}

/// An annotation that changes with a configuration that pods read only when they start, so that they are started again.
pub(crate) fn configuration_digest<O: super::kubernetes::Object>(configuration: &O) -> BTreeMap<String, String> {
    BTreeMap::from([(super::vamp::CONFIGURATION_DIGEST.to_owned(), manifest(configuration).digest().to_string())])
}

/// A value that nobody writes.
pub(crate) fn default_secret(given: Option<&Located<SecretReference>>, kept: SecretReference) -> SecretReference {
    given.map_or(kept, |reference| reference.value.clone())
}
