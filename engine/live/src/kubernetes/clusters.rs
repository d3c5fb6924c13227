//! The clusters of a platform by name, for whoever has to ask one on the way to another system: for the keys by which Vault knows its pods,
//! or for a secret that logs in to a store.

use super::cluster::Cluster;
use model::observation::Gap;
use model::operation::OperationError;
use model::value::Text;
use model::{SecretReference, System};
use port::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Each by its name, or why it cannot be asked.
type Known = BTreeMap<Text, Result<Rc<Cluster>, Gap>>;

/// All clusters that somebody connected or tried to. Copies are one.
#[derive(Clone, Default)]
pub(crate) struct Clusters(Rc<RefCell<Known>>);

impl Clusters {
    /// Keep the cluster of this name, or why it cannot be asked.
    pub(crate) fn keep(&self, name: &str, cluster: Result<Rc<Cluster>, Gap>) {
        self.0.borrow_mut().insert(name.into(), cluster);
    }

    /// The cluster called `name`.
    ///
    /// # Errors
    /// The gap, if it cannot be asked.
    pub(crate) fn named(&self, name: &str) -> Result<Rc<Cluster>, Gap> {
        let nobody = || Gap::Unreachable(format!("nobody said where {} is", System::Cluster(name.into())));
        self.0.borrow().get(name).cloned().unwrap_or_else(|| Err(nobody()))
    }

    /// The secret behind a reference to one that a cluster keeps.
    ///
    /// # Errors
    /// `NotYet` if it is not there, or its cluster cannot be asked; as the API server says otherwise.
    pub(crate) async fn secret(&self, reference: &SecretReference) -> Result<Secret, OperationError> {
        let SecretReference::Kubernetes { cluster, namespace, name, field } = reference else {
            return Err(OperationError::Secret(format!("{reference}: no cluster keeps it")));
        };
        let cluster = self.named(cluster).map_err(|gap| OperationError::NotYet(format!("{reference}: {gap}")))?;
        cluster.secret_entry(namespace, name, field).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::secrets;
    use crate::wanted::Wanted;
    use crate::wire::fake::{Answer, block_on, wire};
    use serde_json::json;

    fn reference(cluster: &str) -> SecretReference {
        let text = |text: &str| text.to_owned();
        SecretReference::Kubernetes { cluster: text(cluster), namespace: text("acme"), name: text("vault"), field: text("token") }
    }

    #[test]
    fn a_secret_comes_from_its_cluster_and_why_that_cannot_be_asked_is_told() {
        let wire = wire("cluster.main", |request| match request.uri().path() {
            "/api/v1/namespaces/acme/secrets/vault" => Answer::json(json!({"metadata": {"name": "vault", "namespace": "acme",
                "uid": "u", "resourceVersion": "1"}, "data": {"token": "aHVudGVyMg=="}})),
            other => panic!("{other}"),
        });
        let clusters = Clusters::default();
        clusters.clone().keep("main", Ok(Rc::new(Cluster::new(wire, Rc::new(secrets()), Wanted::default()))));
        clusters.keep("eu", Err(Gap::Unreachable("cluster.eu: the kubeconfig is not there".to_owned())));
        let secret = |reference: SecretReference| block_on(clusters.secret(&reference));
        assert_eq!(secret(reference("main")).unwrap().expose(), b"hunter2");
        let why = |reference: SecretReference| secret(reference).unwrap_err();
        let begins = |cluster: &str| format!("Secret acme/vault of cluster {cluster}, field token: ");
        let away = begins("eu") + "cluster.eu: the kubeconfig is not there";
        assert_eq!(why(reference("eu")), OperationError::NotYet(away));
        assert_eq!(why(reference("us")), OperationError::NotYet(begins("us") + "nobody said where cluster.us is"));
        assert!(matches!(why(SecretReference::Env("TOKEN".to_owned())), OperationError::Secret(_)));
    }
}
