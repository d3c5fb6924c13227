//! Where the API of a cluster is, and how `vamp` logs in to Vault: one of a few things each.

use crate::spec::code;
use crate::spec::form::{ContextName, FilePath, Secret, VaultText};
use crate::spec::node::{Node, Tree};
use crate::spec::reader::{Given, Reader, quote};
use crate::spec::shape::{Definitions, Shape, read_record, record, record_schema};
use crate::spec::types::KubernetesConnection;
use model::connection::LogIn;
use model::{Diagnostic, SecretReference};
use serde_json::{Value as Json, json};

record! {
    /// A context of a kubeconfig file.
    KubernetesContext {
        /// Name of the context.
        context: ContextName = required "context",
        /// Path of the file; the usual one if not given.
        kubeconfig: FilePath = optional "kubeconfig",
    }
}

/// `embedded`, or a context of a kubeconfig file.
pub(in crate::spec) struct Kubernetes;

impl Shape for Kubernetes {
    type Value = KubernetesConnection;

    fn read(node: &Node, reader: &mut Reader) -> Option<KubernetesConnection> {
        if !matches!(node.tree, Tree::Text(_)) {
            let context = KubernetesContext::read(node, reader)?;
            let kubeconfig = context.kubeconfig.yes().map(|path| path.value.clone());
            return Some(KubernetesConnection::Context { context: context.context.yes()?.value.clone(), kubeconfig });
        }
        let text = reader.text(node, "a connection (text)")?;
        if text == "embedded" {
            return Some(KubernetesConnection::Embedded);
        }
        let message = format!("{} may not be {}", reader.owner(), quote(text));
        let help =
            format!("write `embedded`, or `{{ context: {} }}` for a context of a kubeconfig file", quote(text).trim_matches('`'));
        reader.complain(Diagnostic::error(code::UNKNOWN_WORD, node.place, message).help(help));
        None
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [{ "const": "embedded" }, record_schema::<KubernetesContext>(definitions)] })
    }
}

record! {
    /// How `vamp` logs in to Vault without a token: one of the two.
    LogInMethod {
        /// With a role and a secret of it (auth method AppRole).
        app_role: AppRole = optional "appRole",
        /// As the ServiceAccount of the pod that `vamp` runs in (auth method Kubernetes).
        kubernetes: AccountLogIn = optional "kubernetes",
    }
}

record! {
    /// Log-in with a role and a secret of it.
    AppRole {
        /// The role's id.
        role_id: Secret = required "roleId",
        /// A secret id of the role.
        secret_id: Secret = required "secretId",
        /// Path of the auth method; `approle` if not given.
        mount: VaultText = optional "mount",
    }
}

record! {
    /// Log-in with the token of a ServiceAccount.
    AccountLogIn {
        /// Name of the role that Vault knows `vamp` by.
        role: VaultText = required "role",
        /// The account's token; where Kubernetes puts it into a pod, if not given.
        token: Secret = optional "token",
        /// Path of the auth method; `kubernetes` if not given.
        mount: VaultText = optional "mount",
    }
}

/// Where Kubernetes puts the token of a pod's ServiceAccount (Kubernetes, "Configure Service Accounts for Pods").
const ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A way to log in to Vault.
pub(in crate::spec) struct VaultLogIn;

impl Shape for VaultLogIn {
    type Value = LogIn;

    fn read(node: &Node, reader: &mut Reader) -> Option<LogIn> {
        let method: LogInMethod = read_record(node, reader)?;
        match (&method.app_role, &method.kubernetes) {
            (Given::Yes(role), Given::No) => role.value.log_in(),
            (Given::No, Given::Yes(account)) => account.value.log_in(),
            (Given::No, Given::No) | (Given::Yes(_), Given::Yes(_)) => {
                let message = format!("{} must have exactly one of `appRole` and `kubernetes`", reader.owner());
                reader.error(code::KEYS_CLASH, reader.key_place(), message, "keep the one by which Vault knows `vamp`");
                None
            }
            // The complaint has been made.
            (Given::Bad, _) | (_, Given::Bad) => None,
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        record_schema::<LogInMethod>(definitions)
    }
}

impl AppRole {
    fn log_in(&self) -> Option<LogIn> {
        let mount = self.mount.or("approle".to_owned()).value;
        Some(LogIn::AppRole { mount, role_id: self.role_id.yes()?.value.clone(), secret_id: self.secret_id.yes()?.value.clone() })
    }
}

impl AccountLogIn {
    fn log_in(&self) -> Option<LogIn> {
        let mount = self.mount.or("kubernetes".to_owned()).value;
        let token = self.token.or(SecretReference::File(ACCOUNT_TOKEN.to_owned())).value;
        Some(LogIn::Kubernetes { mount, role: self.role.yes()?.value.clone(), token })
    }
}
