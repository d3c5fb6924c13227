//! Where the ledger of a platform is kept, as its connections say it: in MySQL, unless the platform runs that itself. Then there is none
//! before the first run, so the cluster keeps the ledger in which MySQL runs.

use crate::journal::Journal;
use crate::kubernetes::connect::NotConnected;
use crate::kubernetes::ledger::{ClusterLedger, Tell};
use crate::mysql::MysqlLedger;
use crate::traffic::Traffic;
use crate::wire::Limits;
use model::System;
use model::connection::{Connection, Endpoint};
use model::outcome::JournalEntry;
use port::{Account, Holder, Ledger, LedgerError, PlatformError, RunSummary, SecretSource};
use std::fmt;
use std::path::PathBuf;

/// What a ledger is driven with from outside.
pub struct LedgerInputs {
    /// Fetches what logs in to MySQL.
    pub secrets: SecretSource,
    /// The usual kubeconfig files, in the order of `KUBECONFIG`.
    pub kubeconfig: Vec<PathBuf>,
    /// Counts the requests to MySQL or to a cluster, and shows them if somebody looks.
    pub traffic: Traffic,
    /// How long a request to a cluster may take, and how large its answer may be.
    pub limits: Limits,
    /// Says what is waited for, where it takes its time to see whether the holder of the lock still lives.
    pub tell: Tell,
}

impl fmt::Debug for LedgerInputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerInputs").field("kubeconfig", &self.kubeconfig).finish_non_exhaustive()
    }
}

/// The ledger of one platform, wherever it is kept.
#[derive(Debug)]
pub enum PlatformLedger {
    /// In its MySQL.
    Mysql(Box<MysqlLedger>),
    /// In the cluster that runs its MySQL.
    Cluster(Box<ClusterLedger>),
}

impl PlatformLedger {
    /// The ledger of `platform`, whose systems are where `connections` lead. Nothing is connected yet.
    ///
    /// # Errors
    /// [`NotConnected`] if nobody said where MySQL is, or if what keeps the ledger cannot be reached from here.
    pub fn of(connections: &[Connection], platform: &str, inputs: LedgerInputs) -> Result<Self, NotConnected> {
        let to = |system: &System| {
            let found = connections.iter().find(|connection| connection.system == *system);
            found.ok_or_else(|| NotConnected(format!("nobody said where {system} is")))
        };
        let mysql = to(&System::Mysql)?;
        let Endpoint::InCluster { workload } = &mysql.endpoint else {
            return Ok(PlatformLedger::Mysql(Box::new(MysqlLedger::of(mysql, platform, inputs.secrets, inputs.traffic)?)));
        };
        let cluster = to(&workload.system())?;
        let ledger = ClusterLedger::of(cluster, platform, &inputs.kubeconfig, inputs.traffic, inputs.limits)?;
        Ok(PlatformLedger::Cluster(Box::new(ledger.telling(inputs.tell))))
    }
}

/// The same call, wherever it is kept.
macro_rules! wherever {
    ($self:expr, $ledger:ident => $call:expr) => {
        match $self {
            PlatformLedger::Mysql($ledger) => $call,
            PlatformLedger::Cluster($ledger) => $call,
        }
    };
}

impl Journal for PlatformLedger {
    async fn record(&mut self, entries: &[JournalEntry]) -> Result<(), PlatformError> {
        wherever!(self, ledger => ledger.record(entries).await)
    }
}

impl Ledger for PlatformLedger {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        wherever!(self, ledger => ledger.begin(holder).await)
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        wherever!(self, ledger => ledger.end().await)
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        wherever!(self, ledger => ledger.runs(limit).await)
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        wherever!(self, ledger => ledger.runs_after(run).await)
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        wherever!(self, ledger => ledger.account().await)
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        wherever!(self, ledger => ledger.keep_account(account).await)
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        wherever!(self, ledger => ledger.journal(run).await)
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        wherever!(self, ledger => ledger.connections(platform).await)
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        wherever!(self, ledger => ledger.remember(platform, connections).await)
    }

    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        wherever!(self, ledger => ledger.closed().await)
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        wherever!(self, ledger => ledger.set_closed(why).await)
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        wherever!(self, ledger => ledger.forget(holder, platform, system).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{SecretReference, Timestamp};
    use std::sync::Arc;

    fn ledger(connections: &[Connection]) -> Result<PlatformLedger, String> {
        let inputs = LedgerInputs {
            secrets: Box::new(|_| Err(String::new())),
            kubeconfig: Vec::new(),
            traffic: Traffic::new(Arc::new(|| Timestamp(0)), None),
            limits: Limits::default(),
            tell: Box::new(|_| {}),
        };
        PlatformLedger::of(connections, "acme", inputs).map_err(|error| error.to_string())
    }

    fn connection(system: &str, endpoint: Endpoint) -> Connection {
        let credentials = Some(SecretReference::Env("LOGIN".into()));
        Connection { credentials, ..Connection::new(system.parse().unwrap(), endpoint) }
    }

    #[test]
    fn a_platform_that_runs_its_own_mysql_has_its_ledger_in_the_cluster_that_does() {
        let cluster = |name: &str| {
            let context = name.trim_start_matches("cluster.").to_owned();
            connection(name, Endpoint::KubeconfigContext { context, kubeconfig: None })
        };
        let inside = connection(
            "mysql",
            Endpoint::InCluster { workload: "cluster.main/stateful-set/acme-management/mysql".parse().unwrap() },
        );
        let outside = connection("mysql", Endpoint::Server("db.acme.example".to_owned()));
        assert!(matches!(ledger(&[cluster("cluster.main"), outside]), Ok(PlatformLedger::Mysql(_))));
        assert!(matches!(ledger(&[cluster("cluster.main"), inside.clone()]), Ok(PlatformLedger::Cluster(_))));
        assert_eq!(ledger(&[cluster("cluster.eu"), inside.clone()]).unwrap_err(), "nobody said where cluster.main is");
        assert_eq!(ledger(&[]).unwrap_err(), "nobody said where mysql is");
        let nowhere = ledger(&[connection("cluster.main", Endpoint::Embedded), inside]).unwrap_err();
        assert_eq!(nowhere, "cluster.main is no cluster that vamp can reach");
    }
}
