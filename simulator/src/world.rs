//! The world: clusters and stores on one clock. Requests are carried out at its present instant; what follows from them happens
//! as virtual time passes ([`World::step`], [`World::advance`]).

mod agents;
mod audit;
mod cells;
mod clusters;
pub mod edit;
mod event;
mod fault;
mod furnish;
mod keep;
mod show;
mod stores;
mod surroundings;
mod traffic;

pub use cells::{Agent, Cell, WorkflowAgent};
pub use edit::{Edit, EditError};
pub use event::{Event, Next};
pub use fault::{Active, FaultError};
pub use stores::{Host, Hosting, Stores};

use crate::agents::{Change, Fleet};
use crate::kernel::{EventId, Kernel, Priority, RollingHash, Trace};
use crate::kubernetes::Cluster;
use crate::traffic::Ledger;
use model::login::signer;
use model::observation::{Condition, Gap, Listing, Node, Observed};
use model::operation::{Operation, OperationError, Receipt};
use model::preview::Proposal;
use model::value::Text;
use model::{Address, Duration, Kind, System, Timestamp, Value};
use port::Until;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Clusters and stores in virtual time.
#[derive(Clone, Debug)]
pub struct World {
    kernel: Kernel<Event>,
    clusters: BTreeMap<Text, Cluster>,
    stores: Stores,
    fleet: Fleet,
    faults: fault::Faults,
    ledger: Ledger,
    touched: BTreeSet<Address>,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64) -> Self {
        World {
            kernel: Kernel::new(seed),
            clusters: BTreeMap::new(),
            stores: Stores::default(),
            fleet: Fleet::default(),
            faults: fault::Faults::default(),
            ledger: Ledger::default(),
            touched: BTreeSet::new(),
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.kernel.now()
    }

    /// The hash over all that happened.
    pub fn hash(&self) -> RollingHash {
        self.kernel.hash()
    }

    /// The seed of all randomness.
    pub fn seed(&self) -> u64 {
        self.kernel.seed()
    }

    /// Whether nothing was ever kept of it.
    pub fn is_new(&self) -> bool {
        self.kernel.is_new()
    }

    /// The nodes of a cluster, if `system` is one that answers, with its name.
    pub fn nodes(&self, system: &System) -> Option<(Text, Vec<Node>)> {
        let System::Cluster(name) = system else { return None };
        if self.no_way_to(system).is_some() || self.failed_read(name, "nodes").is_some() {
            return None;
        }
        Some((name.clone(), self.cluster_read(name)?.nodes().ok()?))
    }

    /// One cluster.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.get(name)
    }

    /// All clusters, by name.
    pub fn clusters(&self) -> impl Iterator<Item = (&Text, &Cluster)> {
        self.clusters.iter()
    }

    /// The stores.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Carry out one operation now.
    ///
    /// # Errors
    /// What the system would answer.
    pub fn execute(&mut self, operation: &Operation) -> Result<Receipt, OperationError> {
        self.carry(operation, |world| {
            let system = operation.address().system();
            match (world.no_way_to(&system), &system) {
                (Some(gap), _) => Err(OperationError::Unreachable(gap.to_string())),
                (None, System::Cluster(name)) => world.execute_disturbed(name, operation),
                (None, _) => match world.silent_issuer(operation) {
                    None => world.execute_in_store(operation),
                    Some(silent) => world.try_in_store(operation, silent),
                },
            }
        })
    }

    /// Let `act` carry out one operation of the engine, in whatever way; what follows from every one of them follows.
    ///
    /// # Errors
    /// What `act` says.
    pub fn carry(
        &mut self,
        operation: &Operation,
        act: impl FnOnce(&mut World) -> Result<Receipt, OperationError>,
    ) -> Result<Receipt, OperationError> {
        self.catch_up();
        let scope = self.scope_of(operation);
        let result = act(self);
        self.kernel.note(&match &result {
            Ok(receipt) => format!("{} {:?} {}", operation.address(), receipt.version, receipt.changed),
            Err(error) => format!("{} {error}", operation.address()),
        });
        if let Some(scope) = scope.filter(|_| result.as_ref().is_ok_and(|receipt| receipt.changed)) {
            self.record_audit(&scope);
        }
        self.settle_traffic();
        result
    }

    /// What would become of an object of a cluster if a document were applied to it; nothing changes.
    ///
    /// # Errors
    /// What the API server would answer.
    pub fn preview(&self, proposal: &Proposal) -> Result<Arc<Value>, OperationError> {
        let system = proposal.address.system();
        if let Some(gap) = self.no_way_to(&system) {
            return Err(OperationError::Unreachable(gap.to_string()));
        }
        let System::Cluster(name) = &system else {
            return Err(OperationError::Refused(format!("{system} has no dry run")));
        };
        let cluster = self.clusters.get(name).ok_or_else(|| OperationError::Unreachable(format!("{system} is not there")))?;
        cluster.preview(proposal, self.kernel.now())
    }

    fn execute_in_store(&mut self, operation: &Operation) -> Result<Receipt, OperationError> {
        let receipt = self.stores.execute(operation, self.kernel.now())?;
        if receipt.changed {
            if let Operation::Move { from, .. } = operation {
                self.touched.insert(from.clone());
                self.stores_changed(Change::of(from));
            }
            self.touched.insert(operation.address().clone());
            self.stores_changed(Change::of(operation.address()));
        }
        Ok(receipt)
    }

    /// Why nobody can tell the engine the keys that an auth method of Vault is to hold, if `operation` writes one: they are asked for when it is
    /// carried out, and the cluster does not answer.
    fn silent_issuer(&self, operation: &Operation) -> Option<OperationError> {
        let (Operation::Apply { document, .. } | Operation::Move { document, .. }) = operation else { return None };
        let system = signer(operation.address(), document)?;
        let System::Cluster(name) = &system else { return None };
        let silent =
            || (!self.clusters.get(name).is_some_and(Cluster::is_reachable)).then(|| format!("{system} does not answer"));
        self.no_way_to(&system).map(|gap| gap.to_string()).or_else(silent).map(OperationError::NotYet)
    }

    /// What comes of an operation for which somebody silent would have to be asked: one that finds all done gets by without.
    fn try_in_store(&self, operation: &Operation, silent: OperationError) -> Result<Receipt, OperationError> {
        let mut trial = self.stores.clone();
        match trial.execute(operation, self.kernel.now()) {
            Ok(receipt) if receipt.changed => Err(silent),
            other => other,
        }
    }

    /// Everything of one kind in one system, or why nobody can look who stands where the engine does.
    pub fn list(&self, system: &System, kind: Kind) -> Listing {
        if let Some(gap) = self.no_way_to(system) {
            return Listing::Unknown(gap);
        }
        match system {
            System::Cluster(name) => match self.failed_read(name, kind.word()) {
                Some(gap) => Listing::Unknown(gap),
                None => self.list_cluster(name, kind),
            },
            _ => self.stores.list(system, kind),
        }
    }

    /// One object, if it is there.
    ///
    /// # Errors
    /// The gap, if nobody can look who stands where the engine does.
    pub fn find(&self, address: &Address) -> Result<Option<Observed>, Gap> {
        let system = address.system();
        if let Some(gap) = self.no_way_to(&system) {
            return Err(gap);
        }
        match system {
            System::Cluster(name) => self.find_in_cluster(&name, address),
            _ => self.stores.find(address),
        }
    }

    /// The document of one object, if it is there and can be looked at.
    pub fn document(&self, address: &Address) -> Option<Arc<Value>> {
        self.find(address).ok().flatten().map(|seen| seen.document)
    }

    /// Whether one object does its work.
    pub fn condition(&self, address: &Address) -> Condition {
        match self.condition_seen(address) {
            Ok(Some(condition)) => condition,
            Ok(None) => Condition::NotReady("it is not there".to_owned()),
            Err(gap) => Condition::NotReady(gap.to_string()),
        }
    }

    /// How one object stands to what is awaited of it: [`Condition::Ready`] says that it has come.
    pub fn awaited(&self, address: &Address, until: Until) -> Condition {
        match (until, self.condition_seen(address)) {
            (Until::Ready, _) => self.condition(address),
            (Until::Gone, Ok(None)) => Condition::Ready,
            (Until::Gone, Ok(Some(Condition::NotReady(why)))) => Condition::NotReady(why),
            (Until::Gone, Ok(Some(_))) => Condition::NotReady("is still there".to_owned()),
            (Until::Gone, Err(gap)) => Condition::NotReady(gap.to_string()),
        }
    }

    fn condition_seen(&self, address: &Address) -> Result<Option<Condition>, Gap> {
        let system = address.system();
        if let Some(gap) = self.no_way_to(&system) {
            return Err(gap);
        }
        match system {
            System::Cluster(name) => self.condition_in_cluster(&name, address),
            _ => Ok(self.find(address)?.map(|seen| seen.condition)),
        }
    }

    /// Objects that changed, or whose condition may have, since the last call, as far as watches tell.
    pub fn touched(&mut self) -> BTreeSet<Address> {
        let touched = std::mem::take(&mut self.touched);
        self.told_by_watches(touched)
    }

    /// When something happens next by itself.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.kernel.next_at()
    }

    /// Let the next event happen; whether there was one.
    pub fn step(&mut self) -> bool {
        self.proceed().is_some()
    }

    /// Let the next event happen, or say for whom it is; nothing if there is none.
    pub fn proceed(&mut self) -> Option<Next> {
        let (_, event) = self.kernel.pop()?;
        if let Event::Outside { whose, call } = event {
            return Some(Next::Outside { whose, call });
        }
        self.happen(event);
        Some(Next::Inside)
    }

    /// Let something come to pass for somebody outside.
    pub fn call(&mut self, after: Duration, priority: Priority, whose: u32, call: u64) -> EventId {
        self.kernel.schedule(after, priority, Event::Outside { whose, call })
    }

    /// Let `event` not happen. Whether it was still to come.
    pub fn cancel(&mut self, event: EventId) -> bool {
        self.kernel.cancel(event)
    }

    /// Take something into the hash that somebody outside did.
    pub fn note(&mut self, what: &str) {
        self.kernel.note(what);
    }

    /// Let all randomness from now on be that of `seed`.
    pub fn reseed(&mut self, seed: u64) {
        self.kernel.reseed(seed);
    }

    /// From now on remember what happens, and what let it happen.
    pub fn begin_trace(&mut self) {
        self.kernel.begin_trace();
    }

    /// What was remembered.
    pub fn trace(&self) -> Option<&Trace> {
        self.kernel.trace()
    }

    /// The event that happens now, or happened last, if it is remembered.
    pub fn current_event(&self) -> Option<u64> {
        self.kernel.current()
    }

    /// Let time pass up to `at`, with everything that happens until then.
    pub fn advance_to(&mut self, at: Timestamp) {
        while self.next_event_at().is_some_and(|next| next <= at) {
            self.step();
        }
        self.kernel.advance_clock(at);
    }

    /// Let time pass, with everything that happens meanwhile.
    pub fn advance(&mut self, length: Duration) {
        self.advance_to(self.now() + length);
    }
}

#[cfg(test)]
mod tests;
