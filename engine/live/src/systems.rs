//! Every system of a platform: the adapter that speaks to it, or why none does.

use crate::inputs::Inputs;
use crate::kubernetes::apply::Wanted as WantedInCluster;
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::connect;
use crate::secret::Secrets;
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::{Limits, Wire};
use model::connection::{Connection, Endpoint};
use model::observation::Gap;
use model::operation::{Operation, OperationError, Receipt};
use model::{SecretReference, System, Value};
use port::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// What speaks to one system.
#[derive(Clone)]
pub(crate) enum Adapter {
    /// A Kubernetes cluster.
    Cluster(Rc<Cluster>),
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
                let (client, server) = connect::connect(system, context, files).await.map_err(|error| error.0)?;
                let wire = Wire::new(client, server, self.traffic.clone(), self.limits);
                Ok(Adapter::Cluster(Rc::new(Cluster::new(wire, self.secrets.clone(), self.wanted.clone()))))
            }
            _ => Err(format!("{system} is nothing that this version of vamp can reach")),
        }
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
            Adapter::Nothing(gap) => Err(OperationError::Unreachable(gap.to_string())),
        }
    }

    async fn execute_in(&self, cluster: &Cluster, operation: &Operation) -> Result<Receipt, OperationError> {
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let secrets = self.fetch(document).await?;
                cluster.apply(WantedInCluster { address, document, mark, expected, force: *force }, secrets).await
            }
            Operation::Delete { address, expected } => cluster.remove(address, expected).await,
            Operation::Move { from, to, .. } => {
                Err(OperationError::Refused(format!("Kubernetes cannot rename {from} to {to}; it has to be made anew")))
            }
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
                }
            }
            SecretReference::Vault { .. } => match self.adapter_of(&System::Vault) {
                Adapter::Cluster(_) => Err(OperationError::Secret(format!("{reference}: Vault is no cluster"))),
                Adapter::Nothing(gap) => Err(OperationError::NotYet(format!("{reference}: {gap}"))),
            },
        }
    }
}
