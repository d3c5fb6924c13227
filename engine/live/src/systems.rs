//! Every system of a platform: the adapter that speaks to it, or why none does.

use crate::elasticsearch::client::{Elasticsearch, authorization};
use crate::inputs::{Inputs, Way};
use crate::kubernetes::apply::Wanted as WantedInCluster;
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::connect;
use crate::mysql::connect::MysqlServer;
use crate::mysql::observe::Passwords;
use crate::mysql::server::Mysql;
use crate::secret::Secrets;
use crate::server::Server;
use crate::traffic::Traffic;
use crate::vault::client::{Clusters, Setting, Vault};
use crate::vault::login::Login;
use crate::wanted::Wanted;
use crate::wire::{Limits, Wire, innermost};
use model::audit::{Chain, Stored};
use model::connection::{Connection, Endpoint};
use model::observation::Gap;
use model::operation::{Operation, OperationError, Receipt};
use model::preview::{Preview, Proposal};
use model::value::Text;
use model::{Kind, SecretReference, System, Value};
use port::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What speaks to one system.
#[derive(Clone)]
pub(crate) enum Adapter {
    /// A Kubernetes cluster.
    Cluster(Rc<Cluster>),
    /// Vault.
    Vault(Rc<Vault>),
    /// MySQL or MariaDB.
    Mysql(Rc<Mysql>),
    /// Elasticsearch or OpenSearch.
    Elasticsearch(Rc<Elasticsearch>),
    /// Nothing does.
    Nothing(Gap),
}

/// All systems.
pub(crate) struct Systems {
    pub(crate) secrets: Rc<Secrets>,
    pub(crate) traffic: Traffic,
    wanted: Wanted,
    limits: Limits,
    kubeconfig: Vec<PathBuf>,
    vault_namespace: Option<String>,
    platform: Text,
    way: Option<Way>,
    /// The clusters, for whoever has to ask them something on the way to another system.
    clusters: Clusters,
    adapters: RefCell<BTreeMap<System, Adapter>>,
}

impl Systems {
    pub(crate) fn new(inputs: Inputs) -> Self {
        Systems {
            secrets: Rc::new(Secrets::new(inputs.secrets, inputs.entropy)),
            traffic: Traffic::new(inputs.clock, inputs.trace),
            wanted: inputs.wanted,
            limits: inputs.limits,
            kubeconfig: inputs.kubeconfig,
            vault_namespace: inputs.vault_namespace,
            platform: inputs.platform,
            way: inputs.way,
            clusters: Clusters::default(),
            adapters: RefCell::default(),
        }
    }

    /// What speaks to the system of `connection`; made when it is first asked for.
    pub(crate) async fn connect(&self, connection: &Connection) -> Adapter {
        let known = self.adapters.borrow().get(&connection.system).cloned();
        if let Some(known) = known.filter(|known| !matches!(known, Adapter::Nothing(_))) {
            return known;
        }
        let made = match self.adapter(connection).await {
            Ok(adapter) => adapter,
            Err(why) => Adapter::Nothing(Gap::Unreachable(why)),
        };
        self.adapters.borrow_mut().insert(connection.system.clone(), made.clone());
        made
    }

    async fn adapter(&self, connection: &Connection) -> Result<Adapter, String> {
        let system = &connection.system;
        match (system, &connection.endpoint) {
            (System::Cluster(_), Endpoint::KubeconfigContext { context, kubeconfig }) => {
                let named = kubeconfig.iter().map(PathBuf::from).collect::<Vec<_>>();
                let files = if named.is_empty() { &self.kubeconfig } else { &named };
                let (client, server) = match self.inside(system) {
                    Some(inside) => inside,
                    None => connect::connect(system, context, files).await.map_err(|error| error.0)?,
                };
                let wire = Wire::new(client, server, self.traffic.clone(), self.limits);
                let cluster = Rc::new(Cluster::new(wire, self.secrets.clone(), self.wanted.clone()));
                if let System::Cluster(name) = system {
                    self.clusters.borrow_mut().insert(name.clone(), cluster.clone());
                }
                Ok(Adapter::Cluster(cluster))
            }
            (System::Vault, Endpoint::Server(address)) => self.vault(system, address, connection).map(Adapter::Vault),
            (System::Mysql, Endpoint::Server(address)) => self.mysql(system, address, connection).await.map(Adapter::Mysql),
            (System::Elasticsearch(_), Endpoint::Server(address)) => {
                let wire = self.wire(address, connection)?;
                let told = |why: &dyn std::fmt::Display| format!("{system} ({address}): {why}");
                let authorization = match &connection.credentials {
                    None => None,
                    Some(reference) => {
                        let secret = self.secret(reference).await.map_err(|error| told(&error))?;
                        Some(authorization(&secret).map_err(|why| told(&why))?)
                    }
                };
                Ok(Adapter::Elasticsearch(Rc::new(Elasticsearch::new(wire, authorization, self.wanted.clone()))))
            }
            _ => Err(format!("{system} is nothing that this version of vamp can reach")),
        }
    }

    fn vault(&self, system: &System, address: &str, connection: &Connection) -> Result<Rc<Vault>, String> {
        let method = connection.log_in.clone().map(Login::Method);
        let Some(login) = method.or_else(|| connection.credentials.clone().map(Login::Token)) else {
            return Err(format!("{system} ({address}): the spec names no credentials for it"));
        };
        let wire = self.wire(address, connection)?;
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

    async fn mysql(&self, system: &System, address: &str, connection: &Connection) -> Result<Rc<Mysql>, String> {
        // The credentials are fetched here, so nobody is asked for them again.
        let nobody = Box::new(|| Err(String::new()));
        let located = MysqlServer::new(address, nobody, authority(connection)?).map_err(|error| error.to_string())?;
        let server = Server { system: system.clone(), address: address.to_owned() };
        let credentials =
            connection.credentials.as_ref().ok_or_else(|| format!("{server}: the spec names no credentials for it"))?;
        let secret = self.secret(credentials).await.map_err(|error| format!("{server}: {error}"))?;
        let options = located.options(&secret);
        let (traffic, secrets, wanted) = (self.traffic.clone(), self.secrets.clone(), self.wanted.clone());
        Ok(Rc::new(Mysql::new(options, server, traffic, self.limits, secrets, wanted)))
    }

    /// The passwords that users of MySQL are to have, as far as they can be fetched.
    pub(crate) async fn passwords(&self) -> Passwords {
        let mut passwords = Passwords::new();
        for (address, document) in self.wanted.iter().filter(|(address, _)| address.kind() == Kind::User) {
            if let Some(Value::Secret(reference)) = document.get("password")
                && let Ok(password) = self.secret(reference).await
            {
                passwords.insert(address.clone(), password);
            }
        }
        passwords
    }

    /// The client of a server that runs in this process.
    fn inside(&self, system: &System) -> Option<(kube::Client, Server)> {
        let client = self.way.as_ref()?(system)?;
        Some((client, Server { system: system.clone(), address: format!("https://{system}.inside") }))
    }

    /// A wire to an HTTP server that is no cluster.
    fn wire(&self, address: &str, connection: &Connection) -> Result<Wire, String> {
        let (client, server) = match self.inside(&connection.system) {
            Some(inside) => inside,
            None => plain_client(&connection.system, address, authority(connection)?.as_deref())?,
        };
        Ok(Wire::new(client, server, self.traffic.clone(), self.limits))
    }

    pub(crate) fn adapter_of(&self, system: &System) -> Adapter {
        let known = self.adapters.borrow().get(system).cloned();
        known.unwrap_or_else(|| Adapter::Nothing(Gap::Unreachable(format!("nobody said where {system} is"))))
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn execute(&self, operation: &Operation) -> Result<Receipt, OperationError> {
        match self.adapter_of(&operation.address().system()) {
            Adapter::Cluster(cluster) => self.execute_in(&cluster, operation).await,
            Adapter::Vault(vault) => vault.execute(operation, self.secrets_of(operation).await?).await,
            Adapter::Elasticsearch(elasticsearch) => elasticsearch.execute(operation).await,
            Adapter::Mysql(mysql) => mysql.execute(operation, self.secrets_of(operation).await?).await,
            Adapter::Nothing(gap) => Err(OperationError::Unreachable(gap.to_string())),
        }
    }

    /// Put documents into an audit chain.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn append(&self, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        match self.adapter_of(&chain.store) {
            Adapter::Elasticsearch(elasticsearch) => elasticsearch.append(chain, documents).await,
            Adapter::Nothing(gap) => Err(OperationError::Unreachable(gap.to_string())),
            _ => Err(OperationError::Refused(format!("{} keeps no documents", chain.store))),
        }
    }

    /// All documents of an audit chain.
    ///
    /// # Errors
    /// The gap, if nobody can look.
    pub(crate) async fn audit(&self, chain: &Chain) -> Result<Vec<Stored>, Gap> {
        match self.adapter_of(&chain.store) {
            Adapter::Elasticsearch(elasticsearch) => elasticsearch.audit(chain).await,
            Adapter::Nothing(gap) => Err(gap),
            _ => Ok(Vec::new()),
        }
    }

    /// What a cluster would make of a document.
    pub(crate) async fn preview(&self, proposal: &Proposal) -> Preview {
        let system = proposal.address.system();
        let cluster = match self.adapter_of(&system) {
            Adapter::Cluster(cluster) => cluster,
            Adapter::Nothing(gap) => return Preview::Unsaid(gap.to_string()),
            _ => return Preview::Unsaid(format!("{system} has no dry run")),
        };
        match self.fetch(&proposal.document).await {
            Ok(secrets) => cluster.preview(proposal, secrets).await,
            Err(error) => Preview::Unsaid(error.to_string()),
        }
    }

    async fn execute_in(&self, cluster: &Cluster, operation: &Operation) -> Result<Receipt, OperationError> {
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let secrets = self.fetch(document).await?;
                cluster.apply(WantedInCluster { address, document, mark, expected, force: *force }, secrets).await
            }
            Operation::Delete { address, expected, .. } => cluster.remove(address, expected).await,
            Operation::Move { from, to, .. } => {
                Err(OperationError::Refused(format!("Kubernetes cannot rename {from} to {to}; it has to be made anew")))
            }
        }
    }

    async fn secrets_of(&self, operation: &Operation) -> Result<BTreeMap<SecretReference, Secret>, OperationError> {
        match operation {
            Operation::Apply { document, .. } | Operation::Move { document, .. } => self.fetch(document).await,
            Operation::Delete { .. } => Ok(BTreeMap::new()),
        }
    }

    /// Every secret that `document` refers to; what is generated is nowhere yet.
    ///
    /// # Errors
    /// `NotYet` for what is not there yet, `Secret` for what cannot be fetched.
    async fn fetch(&self, document: &Value) -> Result<BTreeMap<SecretReference, Secret>, OperationError> {
        let mut references = std::collections::BTreeSet::new();
        document.for_each_secret(&mut |reference| {
            references.insert(reference.clone());
        });
        let mut fetched = BTreeMap::new();
        for reference in references {
            if !matches!(reference, SecretReference::Generated { .. }) {
                let secret = self.secret(&reference).await?;
                fetched.insert(reference, secret);
            }
        }
        Ok(fetched)
    }

    /// The secret behind a reference.
    ///
    /// # Errors
    /// As [`Systems::fetch`].
    pub(crate) async fn secret(&self, reference: &SecretReference) -> Result<Secret, OperationError> {
        match reference {
            SecretReference::Env(_) | SecretReference::File(_) => self.secrets.outside(reference),
            SecretReference::Generated { .. } => Err(OperationError::NotYet(format!("{reference}: not made yet"))),
            SecretReference::Kubernetes { cluster, namespace, name, field } => {
                match self.adapter_of(&System::Cluster(cluster.as_str().into())) {
                    Adapter::Cluster(cluster) => cluster.secret_entry(namespace, name, field).await,
                    Adapter::Nothing(gap) => Err(OperationError::NotYet(format!("{reference}: {gap}"))),
                    _ => Err(OperationError::Secret(format!("{reference}: that is no cluster"))),
                }
            }
            SecretReference::Vault { path, field } => match self.adapter_of(&System::Vault) {
                Adapter::Vault(vault) => vault.secret_field(path, field).await,
                Adapter::Nothing(gap) => Err(OperationError::NotYet(format!("{reference}: {gap}"))),
                _ => Err(OperationError::Secret(format!("{reference}: that is no Vault"))),
            },
        }
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
