//! What strangers do to entries and policies of a cell, and how it is taken back: only if it is still as they left it.

use super::World;
use crate::agents::Account;
use crate::fault::{Fault, Kind, Target};
use crate::kubernetes::Program;
use crate::vault::policy;
use crate::world::Edit;
use model::value::Text;
use model::{Address, Kind as Object, System, Value};
use serde::{Deserialize, Serialize};

/// A section that HAProxy refuses.
const BROKEN: &str = "\nglobal\n    this is no configuration\n";

/// How what was done is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Undo {
    /// There is nothing to take back.
    #[default]
    Nothing,
    /// In these objects, at this path of keys, stood the first text, where now the second one does.
    Texts { objects: Vec<(Address, String, String)>, path: Vec<String> },
    /// The latest version of this entry was deleted; it can be had back.
    Undelete { path: Text },
    /// This target of a route was gone.
    Backend { cluster: Text, namespace: Text, backend: Text },
}

impl World {
    /// Who the agents of a cell are in Vault, as long as there is one.
    pub(super) fn account_of(&self, cluster: &str, namespace: &str) -> Option<Account> {
        let known = self.clusters.get(cluster)?;
        let workload = known.agent_workload_in(namespace, Program::GatewayAgent)?;
        let pod = workload.pods.iter().find_map(|pod| known.agent_pod(&pod.key))?;
        Account::new(cluster, &pod)
    }

    /// A stranger changes something of a cell.
    pub(super) fn tamper(&mut self, fault: &Fault) -> Option<Undo> {
        let Target::Cell { cluster, namespace } = &fault.target else { return None };
        let account = self.account_of(cluster, namespace)?;
        match fault.kind {
            Kind::EntryDeleted => self.delete_entry(&account),
            Kind::PolicyLost => {
                let policies = account.policies(&self.stores);
                let reads =
                    |name: &&Text| self.stores.vault.policy(name).is_some_and(|text| policy::may_read(text, &account.path));
                let names: Vec<Text> = policies.iter().filter(reads).cloned().collect();
                let addresses = names.iter().map(|name| Address::new(&System::Vault, Object::Policy, name)).collect();
                self.overwrite(addresses, &["policy"], |_| String::new())
            }
            kind => {
                let address = Address::new(&System::Vault, Object::Kv, &account.path);
                let nested = self.stores.vault.entry(&account.path)?.live()?.data.value().get("data").is_some();
                let path: &[&str] = if nested { &["data", "configuration"] } else { &["configuration"] };
                let blank = kind == Kind::EntryBlanked;
                self.overwrite(vec![address], path, |before| if blank { String::new() } else { format!("{before}{BROKEN}") })
            }
        }
    }

    fn overwrite(&mut self, addresses: Vec<Address>, path: &[&str], left: impl Fn(&str) -> String) -> Option<Undo> {
        let mut objects = Vec::new();
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        for address in addresses {
            let before = self.text_at(&address, &path)?;
            let left = left(&before);
            if self.edit(&address, &Edit::Set { path: path.clone(), value: left.as_str().into() }).is_ok() {
                objects.push((address, before, left));
            }
        }
        Some(Undo::Texts { objects, path })
    }

    fn text_at(&self, address: &Address, path: &[String]) -> Option<String> {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let found = self.stores.find(address).ok().flatten()?;
        found.document.at(&keys).and_then(Value::as_str).map(str::to_owned)
    }

    fn delete_entry(&mut self, account: &Account) -> Option<Undo> {
        let now = self.now();
        self.stores.vault.delete_latest(&account.path, now).ok()?;
        self.entry_changed(&account.path);
        Some(Undo::Undelete { path: account.path.clone() })
    }

    fn entry_changed(&mut self, path: &str) {
        let address = Address::new(&System::Vault, Object::Kv, path);
        self.touched.insert(address.clone());
        self.stores_changed(crate::agents::Change::of(&address));
        self.ledger.touch_all();
    }

    /// Take back what a fault did, as far as nobody else has mended it.
    pub(super) fn undo(&mut self, undo: &Undo) {
        match undo {
            Undo::Nothing => {}
            Undo::Texts { objects, path } => {
                for (address, before, left) in objects {
                    if self.text_at(address, path).as_ref() == Some(left) {
                        drop(self.edit(address, &Edit::Set { path: path.clone(), value: before.as_str().into() }));
                    }
                }
            }
            Undo::Undelete { path } => {
                if self.stores.vault.entry(path).is_some_and(|entry| entry.deleted.is_some())
                    && self.stores.vault.write_metadata(path, |entry| entry.deleted = None).is_ok()
                {
                    self.entry_changed(path);
                }
            }
            Undo::Backend { cluster, namespace, backend } => drop(self.set_target(cluster, namespace, backend, true)),
        }
    }
}
