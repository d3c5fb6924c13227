//! Faults in the world: planned, begun, gone on, ended. What is wrong with a part of the world at an instant follows from all faults that
//! go on at it ([`settle`]); what happens once, when one begins, stands in [`begin`].

mod api;
mod begin;
mod by_hand;
mod engine;
mod settle;
mod undo;

pub(super) use api::Disturbance;
pub use by_hand::FaultError;

use super::{Event, World};
use crate::fault::{Fault, Injection, Kind, Known, KnownCluster, Lasting, Schedule};
use crate::kernel::{Damaged, Priority, Record, Store, random};
use crate::kubernetes::Cluster;
use crate::mysql::Mysql;
use crate::vault::Vault;
use model::value::Text;
use model::{Address, System, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use undo::Undo;

const PLANNED: &str = "fault.planned";
const ACTIVE: &str = "fault.active";
const CLOCKS: &str = "fault.clock";
/// Faults by hand have numbers from here on, so that they are never those of a schedule.
const BY_HAND: u32 = 1 << 31;

/// A fault that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Active {
    /// What, and how long.
    pub injection: Injection,
    /// When it began.
    pub began: Timestamp,
    /// How often it has turned: a way that flaps is gone at even numbers, what is away at first is there again after the first.
    #[serde(default)]
    pub turns: u64,
    /// How what it did is taken back.
    #[serde(default)]
    undo: Undo,
}

impl Active {
    /// What goes wrong.
    pub fn fault(&self) -> &Fault {
        &self.injection.fault
    }
}

/// All faults of a world.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    planned: Store<u32, Injection>,
    active: Store<u32, Active>,
    /// By how much clocks were set ahead for good, by the target's name.
    clocks: Store<Text, i64>,
    /// What reads of a cluster are answered from, while they are stale.
    stale: BTreeMap<Text, Cluster>,
    /// What MySQL, and a Vault that stores in it, held when the schedule was installed.
    backup: Option<Box<(Mysql, Vault)>>,
    /// Objects that changed and that the engine's watches have not told it of, because they are cut.
    pub(super) withheld: BTreeSet<Address>,
}

impl Faults {
    pub(super) fn drain_changes(&mut self, records: &mut Vec<Record>) {
        self.planned.drain_changes(PLANNED, "", records);
        self.active.drain_changes(ACTIVE, "", records);
        self.clocks.drain_changes(CLOCKS, "", records);
    }

    pub(super) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            PLANNED => self.planned.restore(table, key, value)?,
            ACTIVE => self.active.restore(table, key, value)?,
            CLOCKS => self.clocks.restore(table, key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Those that go on, of these kinds.
    fn of(&self, kinds: &'static [Kind]) -> impl Iterator<Item = &Fault> {
        self.active.values().map(Active::fault).filter(|fault| kinds.contains(&fault.kind))
    }

    /// By how much a clock is ahead of all others, in milliseconds.
    fn clock_of(&self, target: &crate::fault::Target) -> i64 {
        let for_good = self.clocks.get(target.to_string().as_str()).copied().unwrap_or(0);
        let ahead = self.of(&[Kind::ClockAhead]).filter(|fault| fault.target == *target).map(|fault| fault.parameter("by"));
        ahead.fold(for_good, i64::saturating_add)
    }
}

/// Kinds that are away for a while after they began, as their number `back` says, and then come back by themselves.
const COMES_BACK: &[Kind] = &[Kind::NodeRebooted, Kind::VaultRestarted, Kind::VaultLeaderLost, Kind::MysqlFailover];

impl World {
    /// Let what `schedule` says happen, counted from now. Every beginning and every end is an event before all others of its instant.
    pub fn install(&mut self, schedule: &Schedule) {
        let now = self.now();
        for injection in schedule.injections() {
            self.prepare_fault(injection);
            let id = injection.id;
            self.faults.planned.insert(id, injection.clone());
            self.kernel.schedule_at(now + injection.at, Priority::FAULT, Event::FaultBegins { injection: id });
            if let Some(ends) = injection.ends() {
                self.kernel.schedule_at(now + ends, Priority::FAULT, Event::FaultEnds { injection: id });
            }
        }
    }

    /// What has to be done for a fault before it begins: of what a store is to be brought back to, a copy is kept.
    pub fn prepare_fault(&mut self, injection: &Injection) {
        if injection.fault.kind == Kind::MysqlRestored && self.faults.backup.is_none() {
            self.faults.backup = Some(Box::new((self.stores.mysql.clone(), self.stores.vault.clone())));
        }
    }

    /// The faults that go on now, by number.
    pub fn faults(&self) -> impl Iterator<Item = &Active> {
        self.faults.active.values()
    }

    /// What there is in this world that something can happen to.
    pub fn known(&self) -> Known {
        let cluster = |(name, cluster): (&Text, &Cluster)| {
            (name.clone(), KnownCluster { nodes: cluster.node_names(), zones: cluster.zone_names() })
        };
        Known {
            clusters: self.clusters.iter().map(cluster).collect(),
            regions: self.stores.network.geography().regions().cloned().collect(),
            vault: self.stores.host(&System::Vault).is_some(),
            mysql: self.stores.host(&System::Mysql).is_some(),
            elasticsearch: self.stores.elasticsearch.keys().cloned().collect(),
            engines: None,
        }
    }

    /// Let the fault of `injection` begin now. Whoever says so also says when it ends ([`World::stop_fault`]). Whether there is anything
    /// that it could happen to.
    pub fn start_fault(&mut self, injection: &Injection) -> bool {
        self.catch_up();
        self.faults.planned.insert(injection.id, injection.clone());
        self.fault_begins(injection.id)
    }

    /// Let a fault be over now, if it still goes on.
    pub fn stop_fault(&mut self, id: u32) {
        self.catch_up();
        self.fault_ends(id);
    }

    pub(super) fn fault_begins(&mut self, id: u32) -> bool {
        let Some(injection) = self.faults.planned.remove(&id) else { return false };
        let fault = injection.fault.clone();
        self.kernel.note(&format!("fault {id} begins: {fault}"));
        let began = self.now();
        let Some(undo) = self.begin(&fault) else { return false };
        if fault.kind.info().lasting == Lasting::AsSaid || COMES_BACK.contains(&fault.kind) {
            self.faults.active.insert(id, Active { injection, began, turns: 0, undo });
            self.schedule_turn(id);
        }
        self.settle_faults();
        true
    }

    pub(super) fn fault_ends(&mut self, id: u32) {
        let Some(active) = self.faults.active.remove(&id) else { return };
        self.kernel.note(&format!("fault {id} ends: {}", active.fault()));
        self.end(&active);
        self.settle_faults();
    }

    /// What flaps changes its mind; what was away for a while is there again.
    pub(super) fn fault_turns(&mut self, id: u32, turn: u64) {
        let Some(active) = self.faults.active.get_mut(&id).filter(|active| active.turns == turn) else { return };
        active.turns += 1;
        let over = active.fault().kind.info().lasting == Lasting::Instant;
        if over {
            return self.fault_ends(id);
        }
        self.schedule_turn(id);
        self.settle_faults();
    }

    fn schedule_turn(&mut self, id: u32) {
        let Some(active) = self.faults.active.get(&id) else { return };
        let (fault, turns) = (active.fault(), active.turns);
        let after = match fault.kind {
            Kind::NetworkFlapping => {
                let usual = fault.count(if turns % 2 == 0 { "down" } else { "up" });
                random::between(self.seed(), &format!("fault {id}"), "flap", turns, usual / 2, usual + usual / 2)
            }
            kind if COMES_BACK.contains(&kind) && turns == 0 => fault.count("back"),
            _ => return,
        };
        let event = Event::FaultTurns { injection: id, turn: turns };
        self.kernel.schedule(model::Duration(after), Priority::FAULT, event);
    }
}
