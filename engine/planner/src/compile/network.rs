//! NetworkPolicies: who may talk to whom. What is not said here is refused.

use super::kubernetes::{Home, select};
use super::labels::{self, Labels};
use super::topology::{Location, Site};
use core::net::IpAddr;
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Namespace of the cluster's DNS server (Kubernetes, "Debugging DNS Resolution").
const DNS_NAMESPACE: &str = "kube-system";
/// Label of the cluster's DNS server (Kubernetes, "Debugging DNS Resolution").
const DNS_LABEL: (&str, &str) = ("k8s-app", "kube-dns");
const DNS_PORT: u16 = 53;

/// The policy of the pods of `component`: only these rules.
pub(crate) fn policy(
    home: &Home,
    name: &str,
    pods: Labels,
    ingress: Vec<NetworkPolicyIngressRule>,
    egress: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    let component = pods.get(labels::NAME).cloned();
    let spec = NetworkPolicySpec {
        pod_selector: Some(select(pods)),
        policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
        ingress: (!ingress.is_empty()).then_some(ingress),
        egress: (!egress.is_empty()).then_some(egress),
    };
    NetworkPolicy { metadata: home.metadata(name, component.as_deref()), spec: Some(spec) }
}

/// From anywhere to these ports.
pub(crate) fn from_anywhere(ports: impl IntoIterator<Item = u16>) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule { from: None, ports: Some(ports.into_iter().map(tcp).collect()) }
}

/// From pods of the platform in the same cluster to these ports.
pub(crate) fn from_platform(platform: &str, ports: impl IntoIterator<Item = u16>) -> NetworkPolicyIngressRule {
    let peer = NetworkPolicyPeer {
        namespace_selector: Some(select(labels::labels(platform, None, &model::resource::Scope::PLATFORM))),
        ..NetworkPolicyPeer::default()
    };
    NetworkPolicyIngressRule { from: Some(vec![peer]), ports: Some(ports.into_iter().map(tcp).collect()) }
}

/// From pods of one component in the same namespace to these ports.
pub(crate) fn from_component(pods: Labels, ports: impl IntoIterator<Item = u16>) -> NetworkPolicyIngressRule {
    let peer = NetworkPolicyPeer { pod_selector: Some(select(pods)), ..NetworkPolicyPeer::default() };
    NetworkPolicyIngressRule { from: Some(vec![peer]), ports: Some(ports.into_iter().map(tcp).collect()) }
}

/// To the cluster's DNS server.
pub(crate) fn to_dns() -> NetworkPolicyEgressRule {
    let namespace = Labels::from([(labels::NAMESPACE_NAME.to_owned(), DNS_NAMESPACE.to_owned())]);
    let pods = Labels::from([(DNS_LABEL.0.to_owned(), DNS_LABEL.1.to_owned())]);
    let peer = NetworkPolicyPeer {
        namespace_selector: Some(select(namespace)),
        pod_selector: Some(select(pods)),
        ..NetworkPolicyPeer::default()
    };
    NetworkPolicyEgressRule { to: Some(vec![peer]), ports: Some(vec![port(DNS_PORT, "UDP"), tcp(DNS_PORT)]) }
}

/// To every pod of the own namespace: a Service's port is not its pods', so that no port can be named here.
pub(crate) fn to_own_namespace() -> NetworkPolicyEgressRule {
    let peer = NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..NetworkPolicyPeer::default() };
    NetworkPolicyEgressRule { to: Some(vec![peer]), ports: None }
}

/// To one component of the own namespace.
pub(crate) fn to_component(pods: Labels, ports: impl IntoIterator<Item = u16>) -> NetworkPolicyEgressRule {
    let peer = NetworkPolicyPeer { pod_selector: Some(select(pods)), ..NetworkPolicyPeer::default() };
    NetworkPolicyEgressRule { to: Some(vec![peer]), ports: Some(ports.into_iter().map(tcp).collect()) }
}

/// To a server of the platform, from a pod in the cluster `from`.
pub(crate) fn to_site(site: &Site, from: &str) -> NetworkPolicyEgressRule {
    match &site.location {
        Location::Inside { cluster, namespace } if cluster == from => {
            let home = Labels::from([(labels::NAMESPACE_NAME.to_owned(), namespace.clone())]);
            let peer = NetworkPolicyPeer {
                namespace_selector: Some(select(home)),
                pod_selector: Some(select(labels::selector(site.component))),
                ..NetworkPolicyPeer::default()
            };
            NetworkPolicyEgressRule { to: Some(vec![peer]), ports: Some(vec![tcp(site.port)]) }
        }
        _ => {
            let (host, port) = site.host_and_port(from);
            to_host(&host, port)
        }
    }
}

/// To the API servers of clusters, whose addresses no policy can name: a Service's port, and the usual port behind it (Kubernetes,
/// "Ports and Protocols").
pub(crate) fn to_kubernetes() -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule { to: None, ports: Some(vec![tcp(443), tcp(6443)]) }
}

/// To a host outside. A policy knows addresses and no names, so a name opens its port to all addresses.
pub(crate) fn to_host(host: &str, port: u16) -> NetworkPolicyEgressRule {
    let block =
        |address: IpAddr| IPBlock { cidr: format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 }), except: None };
    let peer = |address| NetworkPolicyPeer { ip_block: Some(block(address)), ..NetworkPolicyPeer::default() };
    NetworkPolicyEgressRule { to: host.parse().ok().map(|address| vec![peer(address)]), ports: Some(vec![tcp(port)]) }
}

fn tcp(number: u16) -> NetworkPolicyPort {
    port(number, "TCP")
}

fn port(number: u16, protocol: &str) -> NetworkPolicyPort {
    NetworkPolicyPort { end_port: None, port: Some(IntOrString::Int(number.into())), protocol: Some(protocol.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_named_and_a_host_name_opens_only_its_port() {
        let address = to_host("10.1.2.3", 5432);
        assert_eq!(address.to.unwrap()[0].ip_block.as_ref().unwrap().cidr, "10.1.2.3/32");
        let name = to_host("vault.example", 8200);
        assert_eq!((name.to, name.ports.unwrap().len()), (None, 1));
    }
}
