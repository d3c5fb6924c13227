//! Vault, MySQL and Elasticsearch of one world: where each runs, and through which state of its host it is seen.

use crate::elasticsearch::{DOCUMENT_PATIENCE, Elasticsearch};
use crate::kernel::{Damaged, Record, Store};
use crate::mysql::Mysql;
use crate::network::{Geography, Network, Spot, Way};
use crate::vault::{Storage, Vault};
use model::audit::{Chain, Stored};
use model::observation::{Gap, Listing, Objects, Observed};
use model::operation::{Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Duration, Kind, System, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const HOSTS: &str = "world.store";
const GEOGRAPHY: &str = "network.geography";
const ALL: &str = "all";

/// Whether the workload that runs a store can be talked to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// It is ready, or the store runs outside of every cluster.
    #[default]
    Serving,
    /// Its cluster was looked at, and it is not there.
    Absent,
    /// It is there and not ready yet.
    Starting(String),
    /// It is there and does not serve, or its cluster does not answer.
    Away(String),
}

/// Where a store runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Host {
    /// The workload that runs it; nothing if it runs outside of every cluster.
    pub workload: Option<Address>,
    /// Whether that can be talked to.
    pub hosting: Hosting,
}

/// The stores of a world.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// Vault.
    pub vault: Vault,
    /// MySQL.
    pub mysql: Mysql,
    /// Elasticsearch, by name.
    pub elasticsearch: BTreeMap<Text, Elasticsearch>,
    /// The ways to them, and between everything else.
    pub network: Network,
    hosts: Store<String, Host>,
    geography_changed: bool,
}

impl Stores {
    /// Where `system` runs; nothing if this world has no such store.
    pub fn host(&self, system: &System) -> Option<&Host> {
        self.hosts.get(system.to_string().as_str())
    }

    /// The stores that this world has, with where they run.
    pub fn hosts(&self) -> impl Iterator<Item = (System, &Host)> {
        self.hosts.iter().filter_map(|(system, host)| Some((system.parse().ok()?, host)))
    }

    /// Whether `workload` runs one of them.
    pub(super) fn is_host(&self, workload: &Address) -> bool {
        self.hosts.values().any(|host| host.workload.as_ref() == Some(workload))
    }

    /// Let this world have `system`, run by `workload` if it runs in a cluster. What is known of it already is kept.
    pub(super) fn add(&mut self, system: &System, workload: Option<Address>) -> bool {
        if let System::Elasticsearch(name) = system {
            self.elasticsearch.entry(name.clone()).or_insert_with(|| Elasticsearch::new(name));
        }
        let (key, known) = (system.to_string(), self.host(system));
        if known.is_some_and(|host| host.workload == workload) {
            return false;
        }
        let fresh = known.is_none();
        let hosting = if workload.is_some() { Hosting::Absent } else { Hosting::Serving };
        self.hosts.insert(key, Host { workload, hosting });
        fresh
    }

    /// Say how the host of `system` does now. Whether that is another answer than before.
    pub(super) fn set_hosting(&mut self, system: &System, hosting: Hosting) -> bool {
        let Some(host) = self.host(system).filter(|host| host.hosting != hosting) else { return false };
        let host = Host { workload: host.workload.clone(), hosting };
        self.hosts.insert(system.to_string(), host);
        self.settle();
        true
    }

    /// The processes of a store are new. What it stored is still there only if it lies on a volume, or in MySQL.
    pub(super) fn restart(&mut self, system: &System, on_volume: bool) {
        match system {
            System::Vault => {
                let durable = on_volume || self.vault.state().storage == Storage::Mysql;
                self.vault.change(|state| state.durable = durable);
                self.vault.restart();
            }
            System::Mysql if !on_volume => {
                self.mysql.wipe();
                if self.vault.state().storage == Storage::Mysql {
                    self.vault.wipe();
                }
            }
            System::Elasticsearch(name) if !on_volume => {
                if let Some(server) = self.elasticsearch.get_mut(name) {
                    server.wipe();
                }
            }
            _ => {}
        }
    }

    /// Let what hangs on another store follow it: Vault on MySQL shares its fate.
    pub(super) fn settle(&mut self) {
        let on_mysql = self.vault.state().storage == Storage::Mysql;
        let cut = !self.network.is_clear() && self.network.way(&Spot::Vault, &Spot::Mysql).cut;
        let away = on_mysql && (cut || self.gap(&System::Mysql).is_some());
        let read_only = on_mysql && self.mysql.state().read_only;
        let state = self.vault.state();
        if (state.storage_away, state.storage_read_only) != (away, read_only) {
            self.vault.change(|state| (state.storage_away, state.storage_read_only) = (away, read_only));
        }
    }

    /// Say what lies where.
    pub(super) fn settle_geography(&mut self, geography: Geography) -> bool {
        let changed = *self.network.geography() != geography;
        if changed {
            self.network.settle(geography);
            self.geography_changed = true;
        }
        changed
    }

    /// How much longer a store takes to answer than it should.
    pub(super) fn delay(&self, system: &System) -> Duration {
        match system {
            System::Vault => {
                let stores = self.vault.state().storage == Storage::Mysql && !self.network.is_clear();
                let behind = if stores { self.network.way(&Spot::Vault, &Spot::Mysql).delay } else { Duration::ZERO };
                self.vault.state().delay + behind
            }
            System::Elasticsearch(name) => self.elasticsearch.get(name).map(|server| server.state().delay).unwrap_or_default(),
            System::Mysql | System::Cluster(_) => Duration::ZERO,
        }
    }

    /// How a request from `from` to a store fares now: the way there, and how long the store itself takes.
    pub(crate) fn way(&self, from: &Spot, system: &System) -> Way {
        let way = if self.network.is_clear() { Way::CLEAR } else { self.network.way(from, &Spot::of(system)) };
        Way { delay: way.delay + self.delay(system), ..way }
    }

    /// Why nobody can talk to `system` now, if nobody can.
    pub fn gap(&self, system: &System) -> Option<Gap> {
        let Some(host) = self.host(system) else {
            return Some(Gap::Unreachable(format!("{system} is not in this world")));
        };
        match (&host.hosting, &host.workload) {
            (Hosting::Absent, Some(workload)) => return Some(Gap::NotYet { workload: workload.clone() }),
            (Hosting::Starting(why), Some(workload)) => {
                let why = format!("{system} does not answer: {workload}: {why}");
                return Some(Gap::Starting { workload: workload.clone(), why });
            }
            (Hosting::Away(why), _) => return Some(Gap::Unreachable(format!("{system} does not answer: {why}"))),
            _ => {}
        }
        match system {
            System::Vault => self.vault.gap(),
            System::Mysql => self.mysql.gap(),
            System::Elasticsearch(name) => self.elasticsearch.get(name)?.gap(),
            System::Cluster(_) => None,
        }
    }

    /// Whether a program's request reaches `system` at all.
    ///
    /// # Errors
    /// Why it does not.
    pub fn reaches(&self, system: &System) -> Result<(), String> {
        match self.host(system).map(|host| &host.hosting) {
            Some(Hosting::Serving) => Ok(()),
            _ => Err(self.gap(system).map(|gap| gap.to_string()).unwrap_or_default()),
        }
    }

    /// Whether an Elasticsearch takes documents from there now.
    pub(crate) fn takes_documents(&self, from: &Spot, name: &str) -> bool {
        self.answering_elasticsearch(from, name).is_some_and(Elasticsearch::takes_documents)
    }

    /// Whether an Elasticsearch answers searches from there now.
    pub(crate) fn answers_searches(&self, from: &Spot, name: &str) -> bool {
        self.answering_elasticsearch(from, name).is_some_and(Elasticsearch::answers_searches)
    }

    /// An Elasticsearch that is reached from there in the time that an agent has.
    fn answering_elasticsearch(&self, from: &Spot, name: &str) -> Option<&Elasticsearch> {
        let system = System::Elasticsearch(name.into());
        let reached = self.reaches(&system).is_ok() && self.way(from, &system).answers_within(DOCUMENT_PATIENCE);
        self.elasticsearch.get(name).filter(|_| reached)
    }

    /// Whether a request reaches `system` at all.
    fn reached(&self, system: &System) -> Result<(), OperationError> {
        match self.host(system).map(|host| &host.hosting) {
            Some(Hosting::Serving) => Ok(()),
            Some(Hosting::Absent) => {
                Err(OperationError::NotYet(self.gap(system).map(|gap| format!("{system} {gap}")).unwrap_or_default()))
            }
            _ => Err(OperationError::Unreachable(self.gap(system).map(|gap| gap.to_string()).unwrap_or_default())),
        }
    }

    /// Carry out one operation on a store.
    ///
    /// # Errors
    /// What the store would answer, or that it cannot be reached.
    pub fn execute(&mut self, operation: &Operation, now: Timestamp) -> Result<Receipt, OperationError> {
        let system = operation.address().system();
        self.reached(&system)?;
        match &system {
            System::Vault => self.vault.execute(operation, now),
            System::Mysql => self.mysql.execute(operation),
            System::Elasticsearch(name) => self.elasticsearch_mut(name)?.execute(operation),
            System::Cluster(name) => Err(OperationError::Refused(format!("cluster {name} is no store"))),
        }
    }

    /// Put documents into an audit chain.
    ///
    /// # Errors
    /// What its store would answer, or that it cannot be reached.
    pub fn append(&mut self, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        self.reached(&chain.store)?;
        match &chain.store {
            System::Elasticsearch(name) => self.elasticsearch_mut(name)?.append(chain, documents),
            other => Err(OperationError::Refused(format!("{other} keeps no documents"))),
        }
    }

    /// All documents of an audit chain.
    ///
    /// # Errors
    /// The gap, if nobody can look.
    pub fn audit(&self, chain: &Chain) -> Result<Vec<Stored>, Gap> {
        match (self.gap(&chain.store), &chain.store) {
            (Some(gap), _) => Err(gap),
            (None, System::Elasticsearch(name)) => {
                Ok(self.elasticsearch.get(name).map(|server| server.documents(&chain.index)).unwrap_or_default())
            }
            (None, _) => Ok(Vec::new()),
        }
    }

    fn elasticsearch_mut(&mut self, name: &str) -> Result<&mut Elasticsearch, OperationError> {
        self.elasticsearch
            .get_mut(name)
            .ok_or_else(|| OperationError::Unreachable(format!("elasticsearch.{name} is not in this world")))
    }

    /// One object, if it is there.
    ///
    /// # Errors
    /// The gap, if nobody can look.
    pub fn find(&self, address: &Address) -> Result<Option<Observed>, Gap> {
        let (system, kind, key) = (address.system(), address.kind(), address.key());
        if let Some(gap) = self.gap(&system) {
            return Err(gap);
        }
        Ok(match &system {
            System::Vault => self.vault.find(kind, key),
            System::Mysql => self.mysql.find(kind, key),
            System::Elasticsearch(name) => self.elasticsearch.get(name).and_then(|server| server.find(kind, key)),
            System::Cluster(_) => None,
        })
    }

    /// Everything of one kind in one store.
    pub fn list(&self, system: &System, kind: Kind) -> Listing {
        if let Some(gap) = self.gap(system) {
            return Listing::Unknown(gap);
        }
        let listed = match system {
            System::Vault => self.vault.list(kind),
            System::Mysql => self.mysql.list(kind),
            System::Elasticsearch(name) => {
                self.elasticsearch.get(name).map_or(Ok(Objects::default()), |server| server.list(kind))
            }
            System::Cluster(_) => Ok(Objects::default()),
        };
        listed.map_or_else(Listing::Unknown, Listing::Complete)
    }

    /// Change an object by hand, or take it away (`None`).
    ///
    /// # Errors
    /// What the store would answer, or that it cannot be reached.
    pub fn edit(
        &mut self,
        address: &Address,
        change: Option<&mut dyn FnMut(&mut Value)>,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        self.reached(&address.system())?;
        match address.system() {
            System::Vault => self.vault.edit(address, change, now),
            System::Mysql => self.mysql.edit(address.kind(), address.key(), change),
            System::Elasticsearch(name) => self.elasticsearch_mut(&name)?.edit(address.kind(), address.key(), change),
            System::Cluster(name) => Err(OperationError::Refused(format!("cluster {name} is no store"))),
        }
    }

    /// Append what changed since the last call.
    pub(super) fn drain_changes(&mut self, records: &mut Vec<Record>) {
        self.hosts.drain_changes(HOSTS, "", records);
        if std::mem::take(&mut self.geography_changed) {
            let value = serde_json::to_string(self.network.geography()).ok();
            records.push(Record { table: GEOGRAPHY, key: ALL.to_owned(), value });
        }
        self.vault.drain_changes("", records);
        self.mysql.drain_changes("", records);
        for (name, server) in &mut self.elasticsearch {
            server.drain_changes(&format!("{name}/"), records);
        }
    }

    /// Put one kept record back. Whether it was one of theirs.
    pub(super) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        if table == HOSTS {
            self.hosts.restore(table, key, value)?;
            return Ok(true);
        }
        if table == GEOGRAPHY {
            let damaged = |source| Damaged { table: table.to_owned(), key: key.to_owned(), source: Some(source) };
            self.network.settle(serde_json::from_str(value).map_err(damaged)?);
            return Ok(true);
        }
        if table.starts_with("elasticsearch.") {
            let (name, rest) = key.split_once('/').ok_or_else(|| Damaged::unknown(table, key))?;
            let server = self.elasticsearch.entry(name.into()).or_insert_with(|| Elasticsearch::new(name));
            return server.restore(table, rest, value);
        }
        Ok(self.vault.restore(table, key, value)? || self.mysql.restore(table, key, value)?)
    }
}
