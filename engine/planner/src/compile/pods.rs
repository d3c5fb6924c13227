//! Parts of pods that several workloads share: probes, variables, limits, hardening, the token for Vault.

use super::amounts;
use super::kubernetes::{Home, select};
use super::labels;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, EnvVarSource, HTTPGetAction, LocalObjectReference,
    PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ProjectedVolumeSource, ResourceRequirements, SeccompProfile,
    SecretKeySelector, SecurityContext, Service, ServiceAccount, ServiceAccountTokenProjection, ServicePort, ServiceSpec, Volume,
    VolumeMount, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// Audience of the tokens with which pods log in to Vault.
pub(crate) const VAULT_AUDIENCE: &str = "vault";
/// Where a pod finds its token for Vault.
pub(crate) const VAULT_TOKEN_FILE: &str = "/var/run/secrets/vault/token";
/// Lifetime of that token; the kubelet renews it after four fifths (Kubernetes, "Service account token volume projection").
const VAULT_TOKEN_SECONDS: i64 = 3600;
/// Name of the Secret with the credentials of all registries.
pub(crate) const REGISTRIES: &str = "registries";

pub(crate) fn variable(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar { name: name.to_owned(), value: Some(value.into()), value_from: None }
}

/// A variable with the entry `key` of the Secret `secret`.
pub(crate) fn secret_variable(name: &str, secret: &str, key: &str) -> EnvVar {
    let selector = SecretKeySelector { key: key.to_owned(), name: secret.to_owned(), optional: None };
    let source = EnvVarSource { secret_key_ref: Some(selector), ..EnvVarSource::default() };
    EnvVar { name: name.to_owned(), value: None, value_from: Some(source) }
}

pub(crate) fn port(name: &str, number: u16) -> ContainerPort {
    ContainerPort {
        container_port: number.into(),
        name: Some(name.to_owned()),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

/// A probe over HTTP.
pub(crate) fn http_probe(path: &str, number: u16, period: i32, failures: i32) -> Probe {
    let action = HTTPGetAction { path: Some(path.to_owned()), port: IntOrString::Int(number.into()), ..HTTPGetAction::default() };
    Probe {
        http_get: Some(action),
        period_seconds: Some(period),
        timeout_seconds: Some(5),
        failure_threshold: Some(failures),
        ..Probe::default()
    }
}

/// CPU and memory that a pod is given, memory as its limit too: what is over the limit is killed and not its neighbours.
pub(crate) fn resources(milli_cpu: u64, memory_bytes: u64) -> ResourceRequirements {
    let memory = ("memory".to_owned(), amounts::bytes(memory_bytes));
    let requests = BTreeMap::from([("cpu".to_owned(), amounts::cpu(milli_cpu)), memory.clone()]);
    ResourceRequirements { requests: Some(requests), limits: Some(BTreeMap::from([memory])), claims: None }
}

/// A container that may do nothing that it was not given.
pub(crate) fn hardened() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

/// A pod that does not run as root.
pub(crate) fn unprivileged() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    }
}

/// The volume with the pod's token for Vault, and where it is mounted.
pub(crate) fn vault_token() -> (Volume, VolumeMount) {
    let token = ServiceAccountTokenProjection {
        audience: Some(VAULT_AUDIENCE.to_owned()),
        expiration_seconds: Some(VAULT_TOKEN_SECONDS),
        path: "token".to_owned(),
    };
    let source = VolumeProjection { service_account_token: Some(token), ..VolumeProjection::default() };
    let projected = ProjectedVolumeSource { default_mode: None, sources: Some(vec![source]) };
    let volume = Volume { name: "vault-token".to_owned(), projected: Some(projected), ..Volume::default() };
    let directory = VAULT_TOKEN_FILE.trim_end_matches("/token");
    (volume, VolumeMount { read_only: Some(true), ..mount("vault-token", directory) })
}

/// A directory that lives as long as the pod.
pub(crate) fn scratch(name: &str) -> Volume {
    Volume { name: name.to_owned(), empty_dir: Some(EmptyDirVolumeSource::default()), ..Volume::default() }
}

pub(crate) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount { name: name.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}

/// Where a pod logs in to Vault, and as what.
pub(crate) fn vault_login(url: &str, auth_method: &str, role: &str) -> Vec<EnvVar> {
    vec![
        variable("VAMP_KEY_VALUE_STORE_TYPE", "vault"),
        variable("VAMP_KEY_VALUE_STORE_CONNECTION", url),
        variable("VAMP_VAULT_AUTH_METHOD", auth_method),
        variable("VAMP_VAULT_ROLE", role),
        variable("VAMP_VAULT_TOKEN_FILE", VAULT_TOKEN_FILE),
    ]
}

/// A pod template for the pods of `component`.
pub(crate) fn template(home: &Home, component: &str, annotations: BTreeMap<String, String>, pod: PodSpec) -> PodTemplateSpec {
    let metadata = ObjectMeta {
        labels: Some(home.labels(Some(component))),
        annotations: (!annotations.is_empty()).then_some(annotations),
        ..ObjectMeta::default()
    };
    PodTemplateSpec { metadata: Some(metadata), spec: Some(pod) }
}

/// A pod of one container that runs as the ServiceAccount named like its component.
pub(crate) fn pod(component: &str, container: Container, volumes: Vec<Volume>) -> PodSpec {
    PodSpec {
        service_account_name: Some(component.to_owned()),
        security_context: Some(unprivileged()),
        containers: vec![container],
        volumes: (!volumes.is_empty()).then_some(volumes),
        ..PodSpec::default()
    }
}

/// A Deployment of the pods of `component`.
pub(crate) fn deployment(
    home: &Home,
    component: &str,
    replicas: u32,
    strategy: DeploymentStrategy,
    template: PodTemplateSpec,
) -> Deployment {
    let spec = DeploymentSpec {
        replicas: Some(i32::try_from(replicas).unwrap_or(i32::MAX)),
        selector: select(labels::selector(component)),
        strategy: Some(strategy),
        template,
        ..DeploymentSpec::default()
    };
    Deployment { metadata: home.metadata(component, Some(component)), spec: Some(spec), status: None }
}

/// Stop the old pod before the new one starts: two must never overlap.
pub(crate) fn recreate() -> DeploymentStrategy {
    DeploymentStrategy { rolling_update: None, type_: Some("Recreate".to_owned()) }
}

/// A ServiceAccount; `token` says whether its pods are given a token for the Kubernetes API.
pub(crate) fn service_account(home: &Home, name: &str, token: bool, pull_secret: bool) -> ServiceAccount {
    let registries = LocalObjectReference { name: REGISTRIES.to_owned() };
    ServiceAccount {
        metadata: home.metadata(name, Some(name)),
        automount_service_account_token: Some(token),
        image_pull_secrets: pull_secret.then(|| vec![registries]),
        secrets: None,
    }
}

/// A Service inside the cluster for the pods of `component`.
pub(crate) fn service(home: &Home, name: &str, component: &str, pods: labels::Labels, ports: &[(&str, u16)]) -> Service {
    let ports = ports.iter().map(|(name, number)| service_port(name, *number)).collect();
    let spec =
        ServiceSpec { type_: Some("ClusterIP".to_owned()), selector: Some(pods), ports: Some(ports), ..ServiceSpec::default() };
    Service { metadata: home.metadata(name, Some(component)), spec: Some(spec), status: None }
}

pub(crate) fn service_port(name: &str, number: u16) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: number.into(),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::Int(number.into())),
        ..ServicePort::default()
    }
}
