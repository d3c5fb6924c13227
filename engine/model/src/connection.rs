//! Where each system of a platform is, as the spec says it. It holds no secret: credentials are a reference to one.

use crate::address::Address;
use crate::secret::SecretReference;
use crate::source::Place;
use crate::system::System;
use serde::{Deserialize, Serialize};

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Endpoint {
    /// Into the embedded platform.
    Embedded,
    /// A Kubernetes cluster, by a context of a kubeconfig file.
    KubeconfigContext {
        /// Name of the context.
        context: String,
        /// Path of the kubeconfig file; the usual one if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kubeconfig: Option<String>,
    },
    /// A server, by its address.
    Server(String),
    /// A server that this very platform runs in one of its clusters: it is where that cluster is.
    InCluster {
        /// The workload that runs it. While that is absent, the system does not exist yet.
        workload: Address,
    },
}

impl Endpoint {
    /// Whether it is a real server.
    pub fn is_real(&self) -> bool {
        matches!(self, Endpoint::KubeconfigContext { .. } | Endpoint::Server(_))
    }
}

/// One system and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connection {
    /// Which system.
    pub system: System,
    /// Where it leads.
    pub endpoint: Endpoint,
    /// Credentials of the person or job that runs `vamp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<SecretReference>,
    /// File with the certificates of the authority that signed the server's own; those that the machine trusts if not given. (A
    /// kubeconfig names its own.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_authority: Option<String>,
    /// How whoever runs `vamp` logs in to Vault, where that is not with a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_in: Option<LogIn>,
    /// Where the spec says so; not kept where the connection is.
    #[serde(skip)]
    pub place: Place,
    /// What a cluster, or a server outside, has to offer on the embedded platform.
    pub capacity: Capacity,
}

/// An auth method of Vault by which whoever runs `vamp` comes by a token. The secrets are fetched anew for each log-in: a file may hold
/// another one by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum LogIn {
    /// AppRole.
    AppRole {
        /// Path of the auth method.
        mount: String,
        /// The role's id.
        role_id: SecretReference,
        /// A secret id of the role.
        secret_id: SecretReference,
    },
    /// A ServiceAccount of the cluster that `vamp` runs in.
    Kubernetes {
        /// Path of the auth method.
        mount: String,
        /// Name of the role.
        role: String,
        /// The account's token.
        token: SecretReference,
    },
}

impl LogIn {
    /// The secrets that it needs.
    pub fn secrets(&self) -> Vec<&SecretReference> {
        match self {
            LogIn::AppRole { role_id, secret_id, .. } => vec![role_id, secret_id],
            LogIn::Kubernetes { token, .. } => vec![token],
        }
    }
}

impl Connection {
    /// A connection that nothing but its end is known of.
    pub fn new(system: System, endpoint: Endpoint) -> Self {
        let (place, capacity) = (Place::NOWHERE, Capacity::default());
        Connection { system, endpoint, credentials: None, certificate_authority: None, log_in: None, place, capacity }
    }

    /// The same system, on the embedded platform.
    #[must_use]
    pub fn into_world(self) -> Self {
        let endpoint = if self.endpoint.is_real() { Endpoint::Embedded } else { self.endpoint };
        Connection { endpoint, ..self }
    }
}

/// What the spec declares of the machines behind a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Capacity {
    /// Number of nodes.
    pub nodes: u32,
    /// Thousandths of a CPU, each node.
    pub milli_cpu: u64,
    /// Bytes of memory, each node.
    pub memory_bytes: u64,
    /// Number of zones that the nodes are spread over.
    pub zones: u32,
    /// Whether what it stores outlives a restart.
    pub durable: bool,
    /// Whether it stores in the platform's MySQL, and so shares its fate (a Vault on MySQL, M2).
    pub in_mysql: bool,
}
