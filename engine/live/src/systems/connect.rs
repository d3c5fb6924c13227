//! From a connection of the spec to what speaks to its system.
//!
//! A server outside is reached at its address. One that the platform runs in a cluster is reached through that cluster, once its workload
//! and its credentials are there: until then nothing speaks to it, and whoever needs it asks again.

use super::{Adapter, Systems};
use crate::elasticsearch::client::{Elasticsearch, authorization, authorization_of};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::connect;
use crate::kubernetes::kinds::Api;
use crate::kubernetes::tunnel::Tunnel;
use crate::mysql::connect::{MysqlServer, Way, options_inside};
use crate::mysql::server::{Access, Mysql};
use crate::server::Server;
use crate::vault::client::{Setting, Vault};
use crate::vault::login::Login;
use crate::wire::{Wire, innermost};
use model::connection::{Connection, Endpoint};
use model::observation::{Condition, Gap};
use model::{Address, SecretReference, System};
use port::Secret;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The user of an Elasticsearch that is there from its first start (Elasticsearch reference, "Built-in users").
const SUPERUSER: &str = "elastic";

/// How a store is come to.
enum Reach<'a> {
    /// At this address.
    At(&'a str),
    /// To a pod that the platform runs.
    Through(Tunnel),
}

impl Reach<'_> {
    /// The server, as errors name it.
    fn server(&self, system: &System) -> Server {
        match self {
            Reach::At(address) => Server { system: system.clone(), address: (*address).to_owned() },
            Reach::Through(tunnel) => tunnel.server(),
        }
    }
}

/// How a store stands that the platform runs itself.
pub(crate) enum Hosting {
    /// It is to be asked; this workload, if any, is not ready, for this reason.
    There(Option<(Address, String)>),
    /// Nobody can ask it.
    Gone(Gap),
}

impl Systems {
    /// What speaks to the system of `connection`; made when it is first asked for.
    pub(crate) async fn connect(&self, connection: &Connection) -> Adapter {
        let system = &connection.system;
        if let Some(known) = self.known(system) {
            return known;
        }
        self.remember(connection);
        let made = match self.adapter(connection).await {
            Ok(adapter) => adapter,
            Err(why) => Adapter::Nothing(Gap::Unreachable(why)),
        };
        // Somebody else may have made one meanwhile.
        let made = self.known(system).unwrap_or(made);
        match (system, &made) {
            (System::Cluster(name), Adapter::Cluster(cluster)) => self.clusters.keep(name, Ok(cluster.clone())),
            (System::Cluster(name), Adapter::Nothing(gap)) => self.clusters.keep(name, Err(gap.clone())),
            _ => {}
        }
        self.adapters.borrow_mut().insert(system.clone(), made.clone());
        made
    }

    /// Know where a system is: it is connected when it is first needed.
    pub(crate) fn remember(&self, connection: &Connection) {
        self.connections.borrow_mut().insert(connection.system.clone(), connection.clone());
    }

    /// What speaks to a system that was connected or remembered; it is tried again if nothing did.
    pub(super) async fn reach(&self, system: &System) -> Adapter {
        let connection = self.connections.borrow().get(system).cloned();
        match (self.adapter_of(system), connection) {
            // Credentials may be kept in another system, which is reached in the same way.
            (Adapter::Nothing(_), Some(connection)) => Box::pin(self.connect(&connection)).await,
            (adapter, _) => adapter,
        }
    }

    fn known(&self, system: &System) -> Option<Adapter> {
        self.adapters.borrow().get(system).filter(|known| !matches!(known, Adapter::Nothing(_))).cloned()
    }

    async fn adapter(&self, connection: &Connection) -> Result<Adapter, String> {
        let system = &connection.system;
        match (system, &connection.endpoint) {
            (System::Cluster(_), Endpoint::KubeconfigContext { context, kubeconfig }) => {
                self.cluster(system, context, kubeconfig.as_deref()).await
            }
            (System::Vault | System::Mysql | System::Elasticsearch(_), Endpoint::Server(address)) => {
                self.store(connection, Reach::At(address)).await
            }
            (System::Vault | System::Mysql | System::Elasticsearch(_), Endpoint::InCluster { workload }) => {
                let cluster = self.host(workload).map_err(|gap| format!("{system}: {gap}"))?;
                let tunnel = Tunnel::new(&cluster, system, workload).ok_or_else(|| format!("{system} runs in no cluster"))?;
                self.store(connection, Reach::Through(tunnel)).await
            }
            _ => Err(format!("{system} is nothing that this version of vamp can reach")),
        }
    }

    async fn cluster(&self, system: &System, context: &str, kubeconfig: Option<&str>) -> Result<Adapter, String> {
        let named = kubeconfig.map(PathBuf::from).into_iter().collect::<Vec<_>>();
        let files = if named.is_empty() { &self.kubeconfig } else { &named };
        let (client, server) = match self.inside(system) {
            Some(inside) => inside,
            None => connect::connect(system, context, files).await.map_err(|error| error.0)?,
        };
        let wire = Wire::new(client, server, self.traffic.clone(), self.limits);
        Ok(Adapter::Cluster(Rc::new(Cluster::new(wire, self.secrets.clone(), self.wanted.clone()))))
    }

    async fn store(&self, connection: &Connection, reach: Reach<'_>) -> Result<Adapter, String> {
        match &connection.system {
            System::Vault => self.vault(connection, &reach).map(Adapter::Vault),
            System::Mysql => self.mysql(connection, reach).await.map(Adapter::Mysql),
            _ => self.elasticsearch(connection, &reach).await.map(Adapter::Elasticsearch),
        }
    }

    /// The connection to the store that `workload` runs, if it runs one.
    pub(crate) fn hosted_by(&self, workload: &Address) -> Option<Connection> {
        let runs = |one: &&Connection| matches!(&one.endpoint, Endpoint::InCluster { workload: host } if host == workload);
        self.connections.borrow().values().find(runs).cloned()
    }

    /// The cluster that runs `workload`.
    pub(super) fn host(&self, workload: &Address) -> Result<Rc<Cluster>, Gap> {
        match self.adapter_of(&workload.system()) {
            Adapter::Cluster(cluster) => Ok(cluster),
            Adapter::Nothing(gap) => Err(gap),
            _ => Err(Gap::Unreachable(format!("{workload} is in no cluster"))),
        }
    }

    /// How the store of `connection` stands, if the platform runs it itself.
    pub(crate) async fn hosting(&self, connection: &Connection) -> Hosting {
        let Endpoint::InCluster { workload } = &connection.endpoint else { return Hosting::There(None) };
        let (cluster, api) = match (self.host(workload), Api::of(workload.kind())) {
            (Err(gap), _) => return Hosting::Gone(gap),
            (Ok(_), None) => return Hosting::Gone(Gap::Unreachable(format!("{workload} runs nothing"))),
            (Ok(cluster), Some(api)) => (cluster, api),
        };
        match cluster.get(workload, api).await {
            Err(trouble) => Hosting::Gone(trouble.into_gap(cluster.server())),
            Ok(None) => Hosting::Gone(Gap::NotYet { workload: workload.clone() }),
            Ok(Some(found)) => Hosting::There(match found.observed.condition {
                Condition::Ready => None,
                Condition::NotReady(why) | Condition::Failed(why) => Some((workload.clone(), why)),
            }),
        }
    }

    async fn elasticsearch(&self, connection: &Connection, reach: &Reach<'_>) -> Result<Rc<Elasticsearch>, String> {
        let server = reach.server(&connection.system);
        let authorization = match &connection.credentials {
            None => None,
            Some(reference) => {
                let secret = self.fetched(&server, reference).await?;
                let header = match reach {
                    Reach::At(_) => authorization(&secret),
                    Reach::Through(_) => authorization_of(SUPERUSER, &secret),
                };
                Some(header.map_err(|why| format!("{server}: {why}"))?)
            }
        };
        Ok(Rc::new(Elasticsearch::new(self.wire(connection, reach)?, authorization, self.wanted.clone())))
    }

    fn vault(&self, connection: &Connection, reach: &Reach<'_>) -> Result<Rc<Vault>, String> {
        let method = connection.log_in.clone().map(Login::Method);
        let Some(login) = method.or_else(|| connection.credentials.clone().map(Login::Token)) else {
            return Err(format!("{}: the spec names no credentials for it", reach.server(&connection.system)));
        };
        let wire = self.wire(connection, reach)?;
        let setting = Setting {
            login,
            namespace: self.vault_namespace.clone(),
            secrets: self.secrets.clone(),
            wanted: self.wanted.clone(),
            clusters: self.clusters.clone(),
            platform: self.platform.clone(),
        };
        Vault::new(wire, setting).map(Rc::new)
    }

    async fn mysql(&self, connection: &Connection, reach: Reach<'_>) -> Result<Rc<Mysql>, String> {
        let server = reach.server(&connection.system);
        let credentials =
            connection.credentials.as_ref().ok_or_else(|| format!("{server}: the spec names no credentials for it"))?;
        let access = match reach {
            Reach::At(address) => {
                // The credentials are fetched here, so nobody is asked for them again.
                let nobody = Box::new(|| Err(String::new()));
                let located = MysqlServer::new(address, nobody, authority(connection)?).map_err(|error| error.to_string())?;
                Access { way: located.way(), options: located.options(&self.fetched(&server, credentials).await?) }
            }
            Reach::Through(tunnel) => {
                Access { way: Way::Through(tunnel), options: options_inside(&self.fetched(&server, credentials).await?) }
            }
        };
        let (traffic, secrets, wanted) = (self.traffic.clone(), self.secrets.clone(), self.wanted.clone());
        Ok(Rc::new(Mysql::new(access, server, traffic, self.limits, secrets, wanted)))
    }

    async fn fetched(&self, server: &Server, reference: &SecretReference) -> Result<Secret, String> {
        self.secret(reference).await.map_err(|error| format!("{server}: {error}"))
    }

    /// The client of a server that runs in this process.
    pub(super) fn inside(&self, system: &System) -> Option<(kube::Client, Server)> {
        let client = self.way.as_ref()?(system)?;
        Some((client, Server { system: system.clone(), address: format!("https://{system}.inside") }))
    }

    /// A wire to an HTTP server that is no cluster.
    fn wire(&self, connection: &Connection, reach: &Reach<'_>) -> Result<Wire, String> {
        let (client, server) = match (self.inside(&connection.system), reach) {
            (Some(inside), _) => inside,
            (None, Reach::At(address)) => plain_client(&connection.system, address, authority(connection)?.as_deref())?,
            (None, Reach::Through(tunnel)) => (tunnel.client(), tunnel.server()),
        };
        Ok(Wire::new(client, server, self.traffic.clone(), self.limits))
    }
}

/// The file with the certificates of the authority of a server, if the spec names one.
///
/// # Errors
/// If it cannot be read: the libraries below would say so in words of their own, or trust nobody.
pub(crate) fn authority(connection: &Connection) -> Result<Option<PathBuf>, String> {
    let Some(file) = &connection.certificate_authority else { return Ok(None) };
    match std::fs::read(file) {
        Ok(text) if text.windows(BEGIN.len()).any(|part| part == BEGIN) => Ok(Some(file.into())),
        Ok(_) => Err(format!("{}: the file {file} of its authority holds no certificate (PEM)", connection.system)),
        Err(error) => Err(format!("{}: the file {file} of its authority cannot be read: {error}", connection.system)),
    }
}

/// How a certificate begins (RFC 7468).
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// A client of an HTTP server that asks nobody who we are: its own requests say so.
pub(crate) fn plain_client(system: &System, address: &str, authority: Option<&Path>) -> Result<(kube::Client, Server), String> {
    let address = address.trim_end_matches('/');
    let fail = |why: &str| format!("{system} ({address}): {why}");
    let uri: http::Uri = address.parse().map_err(|_| fail("this is no address"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(fail("an address begins with https:// (or http://) and names a host"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(format!("{system}: its address holds credentials, which belong into an environment variable or a file"));
    }
    let mut config = kube::Config::new(uri);
    config.root_cert_file = authority.map(Path::to_owned);
    config.default_retry = false;
    config.read_timeout = None;
    let client = kube::Client::try_from(config).map_err(|error| fail(&innermost(&error)))?;
    Ok((client, Server { system: system.clone(), address: address.to_owned() }))
}
