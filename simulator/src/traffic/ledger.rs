//! The accounts of all cells, and what the world needs to know to keep them.

use super::account::{Account, CellKey};
use super::audit::AuditLog;
use crate::kernel::{Damaged, EventId, Record, Store};
use model::Timestamp;
use model::load::{CellLoad, Load};
use model::resource::Scope;
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};
use workflow_agent::History;

const ACCOUNTS: &str = "traffic.account";
const SINKS: &str = "traffic.sink";
const GONE: &str = "traffic.gone";
const AUDIT: &str = "traffic.audit";

/// The accounts of all cells whose load is declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    accounts: Store<CellKey, Account>,
    /// Names of Elasticsearches by URL, of each cluster.
    sinks: Store<Text, BTreeMap<Text, Text>>,
    /// Targets that are gone, of each cell.
    gone: Store<CellKey, BTreeSet<Text>>,
    /// Audit events, by sink.
    audit: Store<Text, AuditLog>,
    /// Cells in which something changed.
    changed: BTreeSet<CellKey>,
}

impl Ledger {
    /// Let requests arrive as declared from now on.
    pub(crate) fn declare(&mut self, load: &Load, now: Timestamp) {
        for sink in &load.sinks {
            let mut known = self.sinks.get(&sink.cluster).cloned().unwrap_or_default();
            known.insert(sink.url.clone(), sink.name.clone());
            self.sinks.insert(sink.cluster.clone(), known);
        }
        for cell in &load.cells {
            if !self.audit.contains(&cell.audit_sink) {
                self.audit.insert(cell.audit_sink.clone(), AuditLog::default());
            }
        }
        let wanted: BTreeMap<CellKey, &CellLoad> =
            load.cells.iter().map(|cell| (key(&cell.cluster, &cell.namespace), cell)).collect();
        for (key, cell) in &wanted {
            match self.accounts.get_mut(key) {
                Some(account) if account.load != **cell => account.reload((*cell).clone(), now),
                Some(_) => {}
                None => drop(self.accounts.insert(key.clone(), Account::new((*cell).clone(), now))),
            }
        }
        // A cell that is no longer declared has no requests; what became of those that it had stays known.
        for key in self.accounts.keys().filter(|key| !wanted.contains_key(key)).cloned().collect::<Vec<_>>() {
            if let Some(account) = self.accounts.get_mut(&key) {
                let load = CellLoad { millirequests_per_second: 0, ..account.load.clone() };
                account.reload(load, now);
            }
        }
        self.changed.extend(self.accounts.keys().cloned());
    }

    /// Whether no load is declared.
    pub(crate) fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Something changed in a cell.
    pub(crate) fn touch(&mut self, cluster: &str, namespace: &str) {
        if !self.is_empty() {
            self.changed.insert(key(cluster, namespace));
        }
    }

    /// Something changed that concerns all cells.
    pub(crate) fn touch_all(&mut self) {
        self.changed.extend(self.accounts.keys().cloned());
    }

    /// Cells in which something changed since the last call, of those whose load is declared.
    pub(crate) fn take_changed(&mut self) -> Vec<CellKey> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter(|key| self.accounts.contains(key)).collect()
    }

    /// Take an account out, to change it.
    pub(crate) fn take(&mut self, key: &CellKey) -> Option<Account> {
        self.accounts.remove(key)
    }

    /// Put an account back.
    pub(crate) fn put_back(&mut self, key: CellKey, account: Account) {
        self.accounts.insert(key, account);
    }

    /// Remember the event at which a cell's load balancer notices more.
    pub(crate) fn set_scheduled(&mut self, key: &CellKey, id: Option<EventId>) {
        if let Some(account) = self.accounts.get_mut(key) {
            account.scheduled = id;
        }
    }

    /// The account of a cell, as it is at `now`.
    pub(crate) fn account(&self, cluster: &str, namespace: &str, now: Timestamp) -> Option<Account> {
        let mut account = self.accounts.get(&key(cluster, namespace))?.clone();
        account.settle(now);
        Some(account)
    }

    /// How many documents wait in the buffer of an agent (`CLUSTER/NAMESPACE/POD`) at `now`.
    pub(crate) fn waiting(&self, agent: &str, now: Timestamp) -> u64 {
        let mut parts = agent.splitn(3, '/');
        let (Some(cluster), Some(namespace)) = (parts.next(), parts.next()) else { return 0 };
        self.account(cluster, namespace, now).map_or(0, |account| account.waiting(agent))
    }

    /// What a workflow agent of a cell wrote until its process ended.
    pub(crate) fn add_results(&mut self, cluster: &str, namespace: &str, sink: &Text, history: &History) {
        if let Some(account) = self.accounts.get_mut(&key(cluster, namespace)) {
            account.results.add(sink, history);
        }
    }

    /// Name of the Elasticsearch behind a URL, as seen from a cluster.
    pub(crate) fn sink(&self, cluster: &str, url: &str) -> Option<&Text> {
        self.sinks.get(cluster)?.get(url)
    }

    /// Targets of a cell that are gone.
    pub(crate) fn gone(&self, key: &CellKey) -> BTreeSet<Text> {
        self.gone.get(key).cloned().unwrap_or_default()
    }

    /// Let a target of a cell live, or be gone. Whether that is a change.
    pub(crate) fn set_gone(&mut self, cluster: &str, namespace: &str, target: &str, gone: bool) -> bool {
        let key = key(cluster, namespace);
        let mut known = self.gone(&key);
        let changed = if gone { known.insert(target.into()) } else { known.remove(target) };
        if changed {
            self.gone.insert(key.clone(), known);
            self.changed.insert(key);
        }
        changed
    }

    /// Audit events, by sink.
    pub(crate) fn audit(&self) -> impl Iterator<Item = (&Text, &AuditLog)> {
        self.audit.iter()
    }

    /// The sink of events about `scope`: an environment's own, a tenant's that of its first environment. Nothing for the platform's.
    pub(crate) fn audit_sink(&self, scope: &Scope) -> Option<Text> {
        let tenant = scope.tenant.as_ref()?;
        let is_its = |load: &&CellLoad| {
            load.tenant == *tenant && scope.environment.as_ref().is_none_or(|environment| load.environment == *environment)
        };
        self.accounts.values().map(|account| &account.load).find(is_its).map(|load| load.audit_sink.clone())
    }

    /// An event about `scope` was sent to its sink.
    pub(crate) fn record_audit(&mut self, sink: &str, scope: &Scope, taken: bool) {
        let tenant = scope.tenant.as_deref().unwrap_or_default();
        let name = scope.environment.as_ref().map_or_else(|| tenant.to_owned(), |environment| format!("{tenant}/{environment}"));
        if let Some(log) = self.audit.get_mut(sink) {
            log.record(&name, taken);
        }
    }

    /// Look whether audit sinks take events now.
    pub(crate) fn look_at_audit_sinks(&mut self, now: Timestamp, takes: impl Fn(&str) -> bool) {
        for sink in self.audit.keys().cloned().collect::<Vec<_>>() {
            let Some(mut log) = self.audit.get(&sink).cloned() else { continue };
            if log.look(now, takes(&sink)) {
                self.audit.insert(sink, log);
            }
        }
    }

    /// Append what changed since the last call.
    pub(crate) fn drain_changes(&mut self, records: &mut Vec<Record>) {
        self.accounts.drain_changes(ACCOUNTS, "", records);
        self.sinks.drain_changes(SINKS, "", records);
        self.gone.drain_changes(GONE, "", records);
        self.audit.drain_changes(AUDIT, "", records);
    }

    /// Put one kept record back. Whether it was one of its own.
    pub(crate) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            ACCOUNTS => self.accounts.restore(table, key, value)?,
            SINKS => self.sinks.restore(table, key, value)?,
            GONE => self.gone.restore(table, key, value)?,
            AUDIT => self.audit.restore(table, key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn key(cluster: &str, namespace: &str) -> CellKey {
    CellKey { cluster: cluster.into(), namespace: namespace.into() }
}
