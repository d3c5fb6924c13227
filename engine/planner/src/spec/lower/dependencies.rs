//! MySQL, Vault and the Elasticsearches: where each runs and stores.

use super::{Lower, each, entries, only};
use crate::spec::code;
use crate::spec::reader::{Given, quote};
use crate::spec::types::{
    Dependencies, Elasticsearch, KubernetesConnection, Layout, Mysql, Named, Placement, Storage, Vault, VaultStorage,
};
use crate::spec::written::{self, Placed};
use model::Diagnostic;
use model::source::{Located, Place};

/// What is written about where a dependency runs.
struct Whereabouts<'d> {
    what: &'d str,
    key: Place,
    placement: &'d Given<Placed>,
    address: &'d Given<Option<String>>,
    cluster: &'d Given<String>,
}

/// The whereabouts of any of the three records.
macro_rules! whereabouts {
    ($what:expr, $record:expr) => {
        Whereabouts {
            what: $what,
            key: $record.place,
            placement: &$record.placement,
            address: &$record.address,
            cluster: &$record.cluster,
        }
    };
}

impl Lower<'_> {
    pub(super) fn dependencies(&mut self) -> Option<Dependencies> {
        let written = self.document.dependencies.yes()?;
        let mysql = written.mysql.yes().and_then(|mysql| self.mysql(mysql));
        let vault = written.vault.yes().and_then(|vault| self.vault(vault));
        let elasticsearch = self.elasticsearches(written);
        Some(Dependencies { mysql: mysql?, vault: vault?, elasticsearch: elasticsearch? })
    }

    fn mysql(&mut self, mysql: &Located<written::Mysql>) -> Option<Located<Mysql>> {
        let placement = self.placement(&whereabouts!("MySQL", mysql))?;
        self.needs_credentials("MySQL", &placement, mysql.credentials.is_no());
        let value = Mysql {
            placement,
            storage: mysql.storage.or(Storage::Durable),
            layout: mysql.layout.or(Layout::TablePerNamespace),
            version: mysql.version.yes().copied(),
            backup: mysql.backup.yes().cloned(),
            credentials: mysql.credentials.yes().cloned(),
            certificate_authority: mysql.certificate_authority.yes().cloned(),
        };
        Some(Located::at(value, mysql.place))
    }

    fn vault(&mut self, vault: &Located<written::Vault>) -> Option<Located<Vault>> {
        let placement = self.placement(&whereabouts!("Vault", vault))?;
        let storage = vault.storage.or(VaultStorage::Raft);
        let none_given = vault.credentials.is_no() && vault.log_in.is_no();
        self.needs_credentials("Vault", &placement, none_given);
        if none_given && storage.value != VaultStorage::Memory {
            self.needs_first_token(&placement);
        }
        if let (Some(log_in), false) = (vault.log_in.yes(), vault.credentials.is_no()) {
            let help = "keep `credentials` if it is a token, and `logIn` otherwise";
            self.error(code::KEYS_CLASH, log_in.place, "vamp logs in to Vault in two ways", help);
        }
        if storage.value == VaultStorage::Memory && matches!(placement.value, Placement::External { .. }) {
            let help = "a Vault in memory is started by vamp itself: use `placement: in-cluster`, or another `storage`";
            self.error(code::KEYS_CLASH, storage.place, "an external Vault cannot be declared to store in memory", help);
        }
        if let (VaultStorage::Memory, Some(log_in)) = (storage.value, vault.log_in.yes()) {
            let help = "remove `logIn`, or use another `storage`";
            self.error(code::KEYS_CLASH, log_in.place, "a Vault in memory is opened with the token that vamp gives it", help);
        }
        let value = Vault {
            placement,
            storage,
            version: vault.version.yes().copied(),
            backup: vault.backup.yes().cloned(),
            credentials: vault.credentials.yes().cloned(),
            certificate_authority: vault.certificate_authority.yes().cloned(),
            log_in: vault.log_in.yes().map(|log_in| log_in.value.clone()),
        };
        Some(Located::at(value, vault.place))
    }

    fn elasticsearches(&mut self, written: &written::Dependencies) -> Option<Named<Elasticsearch>> {
        each(entries(&written.elasticsearch)?, |name, entry| {
            let what = format!("Elasticsearch {}", quote(name));
            let placement = self.placement(&whereabouts!(&what, entry));
            let region = self.data_region(&what, entry, placement.as_ref().map(|placement| &placement.value));
            Some(Elasticsearch {
                placement: placement?,
                region: region?,
                storage: entry.storage.or(Storage::Durable),
                nodes: entry.nodes.or(1),
                version: entry.version.yes().copied(),
                credentials: entry.credentials.yes().cloned(),
                certificate_authority: entry.certificate_authority.yes().cloned(),
            })
        })
    }

    /// Where a dependency runs, from what of `placement`, `address` and `cluster` is given.
    fn placement(&mut self, written: &Whereabouts<'_>) -> Option<Located<Placement>> {
        let placed = match (written.placement, written.address, written.cluster) {
            (Given::Bad, _, _) | (_, Given::Bad, _) | (_, _, Given::Bad) => return None,
            (Given::Yes(placed), _, _) => placed.value,
            (Given::No, Given::No, Given::Yes(_)) => Placed::InCluster,
            (Given::No, Given::Yes(_), _) => Placed::External,
            (Given::No, Given::No, Given::No) => {
                let message = format!("where does {} run?", written.what);
                let help = "add `placement: in-cluster`, or `address:` if it runs outside of the clusters";
                self.error(code::MISSING_KEY, written.key, message, help);
                return None;
            }
        };
        match placed {
            Placed::External => self.external(written),
            Placed::InCluster => self.in_cluster(written),
        }
    }

    fn external(&mut self, written: &Whereabouts<'_>) -> Option<Located<Placement>> {
        if let Some(cluster) = written.cluster.yes() {
            let message = format!("{} runs outside, so it has no `cluster`", written.what);
            self.error(code::KEYS_CLASH, cluster.place, message, "keep `address` or `cluster`, not both");
        }
        let Some(address) = written.address.yes() else {
            let message = format!("{} runs outside, and its `address` is missing", written.what);
            self.error(code::MISSING_KEY, written.key, message, "add `address:`; `embedded` leads into the embedded platform");
            return None;
        };
        if address.value.as_deref().is_some_and(|address| address.starts_with("http://")) {
            let message = format!("the connection to {} is not encrypted", written.what);
            self.reader.complain(Diagnostic::warning(code::PLAIN_HTTP, address.place, message).help("use `https://`"));
        }
        Some(address.clone().map(|address| Placement::External { address }))
    }

    fn in_cluster(&mut self, written: &Whereabouts<'_>) -> Option<Located<Placement>> {
        if let Some(address) = written.address.yes() {
            let message = format!("{} runs in a cluster, so its address is known", written.what);
            self.error(code::KEYS_CLASH, address.place, message, "remove `address`, or write `placement: external`");
        }
        if let Some(cluster) = written.cluster.yes() {
            self.refer(cluster, entries(&self.document.clusters), "cluster", code::UNKNOWN_CLUSTER);
            return Some(cluster.clone().map(Placement::InCluster));
        }
        let place = written.placement.yes().map_or(written.key, |placement| placement.place);
        self.management_cluster().map(|cluster| Located::at(Placement::InCluster(cluster.to_owned()), place))
    }

    fn needs_credentials(&mut self, what: &str, placement: &Located<Placement>, none_given: bool) {
        if none_given && matches!(placement.value, Placement::External { address: Some(_) }) {
            let message = format!("vamp has nothing to log in to {what} with");
            let help = "add `credentials: { env: NAME }`, the name of an environment variable that holds them";
            self.error(code::NO_CREDENTIALS, placement.place, message, help);
        }
    }

    /// A Vault that outlives its pod is initialised by a person, once, who is told the token: it is made by nobody here.
    fn needs_first_token(&mut self, placement: &Located<Placement>) {
        let Placement::InCluster(cluster) = &placement.value else { return };
        let cluster = entries(&self.document.clusters).and_then(|clusters| clusters.get(cluster.as_str()));
        let is_real = |cluster: &Located<written::Cluster>| {
            cluster.kubernetes.yes().is_some_and(|kubernetes| kubernetes.value != KubernetesConnection::Embedded)
        };
        if cluster.is_some_and(is_real) {
            let message = "vamp has nothing to log in to Vault with once it runs";
            let help = "add `credentials: { file: PATH }`, a file that will hold the token which `vault operator init` tells";
            self.error(code::NO_CREDENTIALS, placement.place, message, help);
        }
    }

    /// The region that an Elasticsearch keeps its data in.
    fn data_region(
        &mut self,
        what: &str,
        entry: &Located<written::Elasticsearch>,
        placement: Option<&Placement>,
    ) -> Option<Located<String>> {
        let (regions, document) = (entries(&self.document.regions), self.document);
        let of_cluster = match placement {
            Some(Placement::InCluster(cluster)) => entries(&document.clusters)
                .and_then(|clusters| clusters.get(cluster.as_str()))
                .and_then(|cluster| cluster.region.yes()),
            _ => None,
        };
        if let Some(region) = entry.region.yes() {
            self.refer(region, regions, "region", code::UNKNOWN_REGION);
            if let Some(other) = of_cluster.filter(|other| other.value != region.value) {
                let message = format!("{what} runs in a cluster of the region {}", quote(other));
                self.reader.complain(
                    Diagnostic::error(code::REGIONS_DIFFER, region.place, message)
                        .help("remove `region`, or place it in a cluster of this region")
                        .related(other.place, "the region of its cluster"),
                );
            }
            return Some(region.clone());
        }
        if let Some(region) = of_cluster {
            return Some(region.clone());
        }
        if let Some(region) = only(regions?) {
            return Some(Located::default_value(region.to_owned()));
        }
        if entry.region.is_no() && matches!(placement, Some(Placement::External { .. })) {
            let message = format!("in which region does {what} keep its data?");
            self.error(code::MUST_BE_SAID, entry.place, message, "add `region:`; there is more than one");
        }
        None
    }
}
