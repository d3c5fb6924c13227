//! Every system of a platform: the adapter that speaks to it, or why none does.

mod coming;
pub(crate) mod connect;

pub(crate) use connect::{Hosting, authority};

use crate::elasticsearch::client::Elasticsearch;
use crate::inputs::{Inputs, Way};
use crate::kubernetes::apply::Wanted as WantedInCluster;
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::clusters::Clusters;
use crate::mysql::observe::Passwords;
use crate::mysql::server::Mysql;
use crate::secret::Secrets;
use crate::traffic::Traffic;
use crate::vault::client::Vault;
use crate::wanted::Wanted;
use crate::wire::Limits;
use model::audit::{Chain, Stored};
use model::connection::Connection;
use model::observation::Gap;
use model::operation::{Operation, OperationError, Receipt};
use model::preview::{Preview, Proposal};
use model::value::Text;
use model::{Kind, SecretReference, System, Value};
use port::Secret;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
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

impl Adapter {
    /// What tells the system from every other.
    ///
    /// # Errors
    /// The gap, if it does not serve.
    pub(crate) async fn identity(&self) -> Result<String, Gap> {
        match self {
            Adapter::Cluster(cluster) => cluster.identity().await,
            Adapter::Vault(vault) => vault.identity().await,
            Adapter::Mysql(mysql) => mysql.identity().await,
            Adapter::Elasticsearch(elasticsearch) => elasticsearch.identity().await,
            Adapter::Nothing(gap) => Err(gap.clone()),
        }
    }
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
    /// Where each leads, for those that nothing speaks to yet.
    connections: RefCell<BTreeMap<System, Connection>>,
    /// Stores that were not there yet at the last look.
    absent: RefCell<BTreeSet<System>>,
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
            connections: RefCell::default(),
            absent: RefCell::default(),
        }
    }

    /// These stores were not there yet at the last look.
    pub(crate) fn know_absent(&self, stores: BTreeSet<System>) {
        self.absent.replace(stores);
    }

    /// Whether `store` was not there yet at the last look.
    pub(crate) fn is_absent(&self, store: &System) -> bool {
        self.absent.borrow().contains(store)
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

    pub(crate) fn adapter_of(&self, system: &System) -> Adapter {
        let known = self.adapters.borrow().get(system).cloned();
        known.unwrap_or_else(|| Adapter::Nothing(Gap::Unreachable(format!("nobody said where {system} is"))))
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn execute(&self, operation: &Operation) -> Result<Receipt, OperationError> {
        match self.reach(&operation.address().system()).await {
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
        match self.reach(&chain.store).await {
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
        match self.reach(&chain.store).await {
            Adapter::Elasticsearch(elasticsearch) => elasticsearch.audit(chain).await,
            Adapter::Nothing(gap) => Err(gap),
            _ => Ok(Vec::new()),
        }
    }

    /// What a cluster would make of a document.
    pub(crate) async fn preview(&self, proposal: &Proposal) -> Preview {
        let system = proposal.address.system();
        let cluster = match self.reach(&system).await {
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
        let mut references = BTreeSet::new();
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
            SecretReference::Kubernetes { .. } => self.clusters.secret(reference).await,
            SecretReference::Vault { path, field } => match self.reach(&System::Vault).await {
                Adapter::Vault(vault) => vault.secret_field(path, field).await,
                Adapter::Nothing(gap) => Err(OperationError::NotYet(format!("{reference}: {gap}"))),
                _ => Err(OperationError::Secret(format!("{reference}: that is no Vault"))),
            },
        }
    }
}

#[cfg(test)]
mod tests;
