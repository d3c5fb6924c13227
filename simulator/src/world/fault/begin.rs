//! What happens once, at the instant at which a fault begins, and what is taken back when it ends. All else follows from the faults that go
//! on; see [`super::settle`].

use super::{Active, Undo, World};
use crate::agents::Change;
use crate::fault::{Fault, Kind, Target};
use crate::vault::Storage;
use model::value::Text;

impl World {
    /// What happens at once, with how it is taken back; nothing if there is nothing that it could happen to.
    pub(super) fn begin(&mut self, fault: &Fault) -> Option<Undo> {
        if self.known().has(&fault.target).is_err() {
            return None;
        }
        match (&fault.target, fault.kind) {
            (Target::Pod { cluster, namespace, workload, nth }, kind) => {
                let pod = self.clusters.get(cluster)?.nth_pod(namespace, workload, *nth)?;
                return self.harm_pod(cluster, &pod, kind);
            }
            (Target::Cell { cluster, namespace }, Kind::TokensRevoked) => {
                let path = self.account_of(cluster, namespace)?.path;
                self.fleet.revoke(&path);
                self.agents_look_again(Change::Entry(&path));
            }
            (Target::Cell { .. }, _) => return self.tamper(fault),
            (Target::Backend { cluster, namespace, backend }, _) => {
                self.set_target(cluster, namespace, backend, false);
                return Some(Undo::Backend { cluster: cluster.clone(), namespace: namespace.clone(), backend: backend.clone() });
            }
            (Target::Node { cluster, node }, Kind::NodeRemoved) => {
                self.in_cluster(cluster, |cluster, context| cluster.remove_node(node, context));
            }
            (Target::Cluster(name), Kind::ApiStale) => {
                let copy = self.clusters.get(name)?.clone();
                self.faults.stale.insert(name.clone(), copy);
            }
            (Target::Vault, Kind::VaultRestarted) => {
                self.stores.vault.change(|state| state.auto_unseal &= fault.count("sealed") == 0);
                self.stores.vault.restart();
            }
            (Target::Vault, Kind::VaultEmptied) => self.lose_vault(),
            (Target::Mysql, Kind::MysqlEmptied) => self.lose_mysql(),
            (Target::Mysql, Kind::MysqlRestored) => self.restore_mysql(),
            (target, Kind::ClockStepped) => {
                let key = Text::from(target.to_string());
                let set = self.faults.clocks.get(&key).copied().unwrap_or(0).saturating_add(fault.parameter("by"));
                self.faults.clocks.insert(key, set);
            }
            _ => {}
        }
        Some(Undo::Nothing)
    }

    fn harm_pod(&mut self, cluster: &Text, pod: &Text, kind: Kind) -> Option<Undo> {
        let done = match kind {
            Kind::PodKilled => self.in_cluster(cluster, |cluster, context| cluster.kill_pod(pod, context))?,
            Kind::ContainerKilled => self.in_cluster(cluster, |cluster, context| cluster.kill_container(pod, context))?,
            Kind::HaproxyKilled => self.crash_haproxy(cluster, pod),
            Kind::AgentHung => self.stall_agent(cluster, pod),
            _ => false,
        };
        done.then_some(Undo::Nothing)
    }

    /// Whoever watches what the stores hold hears that it is another now.
    fn touch_stores(&mut self) {
        self.touched.extend(self.stores.vault.addresses());
        self.touched.extend(self.stores.mysql.addresses());
    }

    fn lose_vault(&mut self) {
        self.touch_stores();
        self.stores.vault.wipe();
        self.everything_looks_again();
    }

    fn lose_mysql(&mut self) {
        self.touch_stores();
        self.stores.mysql.wipe();
        if self.stores.vault.state().storage == Storage::Mysql {
            self.stores.vault.wipe();
        }
        self.everything_looks_again();
    }

    fn restore_mysql(&mut self) {
        self.touch_stores();
        let Some(backup) = &self.faults.backup else { return };
        let (mysql, vault) = (&backup.0, &backup.1);
        self.stores.mysql.take_content_of(mysql);
        if self.stores.vault.state().storage == Storage::Mysql {
            self.stores.vault.take_content_of(vault);
        }
        self.touch_stores();
        self.everything_looks_again();
    }

    /// A fault is over.
    pub(super) fn end(&mut self, active: &Active) {
        self.undo(&active.undo);
        match (&active.fault().target, active.fault().kind) {
            (Target::Cluster(name), Kind::ApiStale) => drop(self.faults.stale.remove(name)),
            (Target::Vault, Kind::VaultRestarted) => self.unseal_vault(active.fault()),
            _ => {}
        }
    }

    /// Somebody opens a Vault that stayed sealed after it restarted, unless something else seals it.
    fn unseal_vault(&mut self, restarted: &Fault) {
        self.stores.vault.change(|state| {
            state.auto_unseal |= restarted.count("sealed") > 0;
            state.sealed = state.sealed_by_fault;
        });
        self.everything_looks_again();
    }
}
