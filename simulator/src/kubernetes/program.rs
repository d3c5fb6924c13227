//! What a pod's container does. It is told by the label `app.kubernetes.io/name`, and by nothing else.

use super::selector::Labels;
use serde::{Deserialize, Serialize};

/// What a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// HAProxy with its configuration from Vault. Needs Vault to start, and serves on without it.
    GatewayAgent,
    /// The quantification workflow. Needs Vault to start.
    WorkflowAgent,
    /// Vamp itself. Started only when MySQL and Vault answer (VMP-2).
    Vamp,
    /// Lifter. Needs Vault.
    Lifter,
    /// A Vault in the cluster. One that stores in MySQL exits when MySQL does not answer.
    Vault,
    /// A MySQL in the cluster.
    Mysql,
    /// An Elasticsearch in the cluster.
    Elasticsearch,
    /// Anything else: it runs.
    Other,
}

impl Program {
    pub(super) fn of(labels: &Labels) -> Self {
        match labels.get("app.kubernetes.io/name").map_or("", |name| name.as_str()) {
            "gateway-agent" => Program::GatewayAgent,
            "workflow-agent" => Program::WorkflowAgent,
            "vamp" => Program::Vamp,
            "lifter" => Program::Lifter,
            "vault" => Program::Vault,
            "mysql" => Program::Mysql,
            "elasticsearch" => Program::Elasticsearch,
            _ => Program::Other,
        }
    }

    /// Whether other systems of the world are served by it.
    pub fn is_store(self) -> bool {
        matches!(self, Program::Vault | Program::Mysql | Program::Elasticsearch)
    }

    /// Whether the world is told when it begins and ceases to serve: stores, and Vamp, whom workflow agents ask.
    pub(super) fn is_heard_of(self) -> bool {
        self.is_store() || self == Program::Vamp
    }

    /// Whether its start depends on the world around the cluster.
    pub(super) fn asks(self) -> bool {
        !matches!(self, Program::Mysql | Program::Elasticsearch | Program::Other)
    }

    /// Whether it is one of the platform's own agents, which the world around the cluster may run.
    pub fn is_agent(self) -> bool {
        matches!(self, Program::GatewayAgent | Program::WorkflowAgent)
    }

    /// Whether it exits when it cannot start, instead of trying again: Vault without its MySQL does.
    pub(super) fn exits(self) -> bool {
        self == Program::Vault
    }
}

/// A program that is about to start, as the world around the cluster needs to know it.
#[derive(Clone, Copy, Debug)]
pub struct Starting<'a> {
    /// Name of the cluster.
    pub cluster: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The ServiceAccount that it logs in with.
    pub service_account: &'a str,
    /// What it is.
    pub program: Program,
    /// Path of its entry in Vault, the mount first, where it reads one.
    pub path: Option<&'a str>,
}

/// What a cluster asks of the world around it.
pub trait Surroundings {
    /// Whether the program finds all that it needs to start.
    ///
    /// # Errors
    /// What it is missing, as its log would say.
    fn can_start(&self, starting: &Starting<'_>) -> Result<(), String>;

    /// Whether the world itself runs the processes of this program. It then hears of them ([`super::Notice::Begun`] and what
    /// follows), and says how they do ([`super::Cluster::program_works`]).
    fn runs(&self, _program: Program) -> bool {
        false
    }
}
