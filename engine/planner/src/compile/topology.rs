//! Where Vault, MySQL, each Elasticsearch and Vamp are, and how each is reached from each cluster.

use super::diagnostics::unknown;
use crate::spec::types::{ClusterRole, Placement, Spec};
use model::address::Address;
use model::index::IndexMap;
use model::source::Located;
use model::{Diagnostic, Kind, System};

pub(crate) use model::system::{ELASTICSEARCH_PORT, MYSQL_PORT, VAULT_PORT};

/// Port of Vamp's API and UI (its own default).
pub(crate) const VAMP_PORT: u16 = 8080;

/// One server, wherever it is.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) location: Location,
    /// Value of the label that tells its pods apart.
    pub(crate) component: &'static str,
    /// Name of its Service and its workload, where it runs in a cluster.
    pub(crate) service: String,
    pub(crate) port: u16,
    /// The workload that runs it, where it runs in a cluster.
    pub(crate) workload: Option<Address>,
}

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    /// Outside of every cluster, at this address; without one in the embedded platform.
    Outside(Option<String>),
    /// In a cluster of the platform, in the platform's namespace.
    Inside { cluster: String, namespace: String },
}

impl Site {
    fn inside(platform: &str, cluster: &str, component: &'static str, service: String, port: u16, kind: Kind) -> Self {
        let workload = Address::new(&System::Cluster(cluster.into()), kind, &format!("{platform}/{service}"));
        let location = Location::Inside { cluster: cluster.to_owned(), namespace: platform.to_owned() };
        Site { location, component, service, port, workload: Some(workload) }
    }

    fn placed(platform: &str, placement: &Placement, component: &'static str, service: String, port: u16) -> Self {
        match placement {
            Placement::InCluster(cluster) => Site::inside(platform, cluster, component, service, port, Kind::StatefulSet),
            Placement::External { address } => {
                Site { location: Location::Outside(address.clone()), component, service, port, workload: None }
            }
        }
    }

    /// Host and port, as seen from a pod in the cluster `from`.
    ///
    /// In another cluster of the platform a Service is known by its name in the cluster set (Kubernetes Multi-Cluster Services
    /// API, KEP-1645), which is the same from every cluster.
    pub(crate) fn authority(&self, from: &str) -> String {
        match &self.location {
            Location::Outside(Some(address)) => authority(address, self.port),
            Location::Outside(None) => format!("{}.embedded:{}", self.service, self.port),
            Location::Inside { cluster, namespace } => {
                let domain = if cluster == from { "cluster.local" } else { "clusterset.local" };
                format!("{}.{namespace}.svc.{domain}:{}", self.service, self.port)
            }
        }
    }

    /// URL, as seen from a pod in the cluster `from`.
    pub(crate) fn url(&self, from: &str) -> String {
        match &self.location {
            Location::Outside(Some(address)) if address.contains("://") => address.trim_end_matches('/').to_owned(),
            _ => format!("http://{}", self.authority(from)),
        }
    }

    /// Host, and port, as seen from `from`.
    pub(crate) fn host_and_port(&self, from: &str) -> (String, u16) {
        let authority = self.authority(from);
        match authority.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
            Some((host, Ok(port))) => (host.trim_matches(['[', ']']).to_owned(), port),
            _ => (authority, self.port),
        }
    }

    /// Whether it runs in the cluster `cluster`.
    pub(crate) fn is_in(&self, cluster: &str) -> bool {
        matches!(&self.location, Location::Inside { cluster: own, .. } if own == cluster)
    }
}

/// `HOST:PORT` of an address that may have a scheme, a path, a port.
fn authority(address: &str, default_port: u16) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    let after_brackets = host.rsplit(']').next().unwrap_or(host);
    if after_brackets.contains(':') {
        return host.to_owned();
    }
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => default_port,
    };
    format!("{host}:{port}")
}

/// Every server of the platform.
#[derive(Clone, Debug)]
pub(crate) struct Topology<'s> {
    /// The cluster that Vamp and Lifter run in.
    pub(crate) management: &'s str,
    pub(crate) vault: Site,
    pub(crate) mysql: Site,
    pub(crate) elasticsearch: IndexMap<&'s str, Site>,
    pub(crate) vamp: Site,
}

impl<'s> Topology<'s> {
    /// Where everything is.
    ///
    /// # Errors
    /// A diagnostic for each name that leads nowhere.
    pub(crate) fn of(spec: &'s Spec) -> Result<Self, Vec<Diagnostic>> {
        let complaints = dangling(spec);
        let manages = |role: ClusterRole| matches!(role, ClusterRole::Management | ClusterRole::AllInOne);
        let management = spec.clusters.iter().find(|(_, cluster)| manages(cluster.role.value)).map(|(name, _)| name.as_str());
        let Some(management) = management.filter(|_| complaints.is_empty()) else {
            let nobody = unknown("a cluster that manages the platform, with role", "management", spec.platform.place);
            return Err(if complaints.is_empty() { vec![nobody] } else { complaints });
        };
        let platform = spec.platform.as_str();
        let dependencies = &spec.dependencies;
        let site = |placement: &Placement, component, port| Site::placed(platform, placement, component, component.into(), port);
        let elasticsearch = dependencies.elasticsearch.iter().map(|(name, one)| {
            let service = format!("elasticsearch-{name}");
            (name.as_str(), Site::placed(platform, &one.placement, "elasticsearch", service, ELASTICSEARCH_PORT))
        });
        Ok(Topology {
            management,
            vault: site(&dependencies.vault.placement, "vault", VAULT_PORT),
            mysql: site(&dependencies.mysql.placement, "mysql", MYSQL_PORT),
            elasticsearch: elasticsearch.collect(),
            vamp: Site::inside(platform, management, "vamp", "vamp".into(), VAMP_PORT, Kind::Deployment),
        })
    }

    /// Clusters that have a namespace of the platform's own: those with Vamp or a store in them.
    pub(crate) fn homes(&self, spec: &'s Spec) -> Vec<&'s str> {
        let hosts = |name: &str| {
            let mut sites = [&self.vamp, &self.vault, &self.mysql].into_iter().chain(self.elasticsearch.values());
            sites.any(|site| site.is_in(name))
        };
        spec.clusters.keys().map(String::as_str).filter(|name| hosts(name)).collect()
    }
}

/// Names of clusters and Elasticsearches that are not declared.
fn dangling(spec: &Spec) -> Vec<Diagnostic> {
    let dependencies = &spec.dependencies;
    let placements = [&dependencies.vault.placement, &dependencies.mysql.placement];
    let placements = placements.into_iter().chain(dependencies.elasticsearch.values().map(|one| &one.placement));
    let in_clusters = placements.filter_map(|placement| match &placement.value {
        Placement::InCluster(cluster) => Some((cluster.as_str(), placement.place)),
        Placement::External { .. } => None,
    });
    let environments = spec.tenants.values().flat_map(|tenant| tenant.environments.values());
    let cells = environments.clone().flat_map(|environment| &environment.clusters).map(|name| (name.as_str(), name.place));
    let clusters = in_clusters.chain(cells).filter(|(name, _)| !spec.clusters.contains_key(*name));
    let mut complaints: Vec<Diagnostic> = clusters.map(|(name, place)| unknown("cluster", name, place)).collect();
    let sinks = environments.flat_map(|environment| [&environment.audit_sink, &environment.traffic_sink]);
    let missing = sinks.filter(|sink: &&Located<String>| !dependencies.elasticsearch.contains_key(sink.as_str()));
    complaints.extend(missing.map(|sink| unknown("Elasticsearch", sink, sink.place)));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_or_without_scheme_port_and_path() {
        let cases = [
            ("mysql.acme.example:3306", "mysql.acme.example:3306"),
            ("mysql.acme.example", "mysql.acme.example:1"),
            ("https://vault.acme.example/", "vault.acme.example:443"),
            ("http://[::1]:8200", "[::1]:8200"),
            ("[::1]", "[::1]:1"),
        ];
        for (address, expected) in cases {
            assert_eq!(authority(address, 1), expected);
        }
    }

    #[test]
    fn a_server_in_a_cluster_has_another_name_from_another_cluster() {
        let site = Site::inside("acme", "management", "vault", "vault".into(), VAULT_PORT, Kind::StatefulSet);
        assert_eq!(site.url("management"), "http://vault.acme.svc.cluster.local:8200");
        assert_eq!(site.url("eu-1"), "http://vault.acme.svc.clusterset.local:8200");
        assert_eq!(site.host_and_port("eu-1"), ("vault.acme.svc.clusterset.local".to_owned(), 8200));
    }
}
