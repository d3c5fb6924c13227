//! What carries the requests of an operator to the systems of the world. The fast way meets the world directly ([`Direct`]); whoever wants
//! to know that real clients do the same hands in another one, which makes real requests of them and asks the world's servers.
//!
//! A request is carried out at the instant at which it arrives: how long it travels, and whether it does, is decided before.

use super::desired::Desired;
use crate::watch::Watches;
use crate::world::World;
use model::observation::{Listing, Node};
use model::operation::{Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Kind, System};
use port::Event;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asker {
    /// Which operator.
    pub operator: u32,
    /// The number of its latest look. Whatever it does before the next one is one run of `vamp`.
    pub look: u64,
}

/// All lists of one system, and its nodes if it is a cluster.
#[derive(Clone, Debug)]
pub struct Lists {
    /// By kind.
    pub kinds: Vec<(Kind, Listing)>,
    /// The cluster, with its nodes.
    pub nodes: Option<(Text, Vec<Node>)>,
}

/// One operation on its way.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// As the driver asked for it, with references to secrets.
    pub asked: &'a Operation,
    /// The same with digests in their place: what reaches the world.
    pub resolved: &'a Operation,
    /// The secrets that were made up for it, in the order in which they stand in it.
    pub made: &'a [String],
}

/// Carries requests to the systems of the world, and says what came of them at the same instant.
pub trait Carrier {
    /// Everything in one system, as far as somebody can look who wants `desired`.
    fn list(&mut self, world: &mut World, asker: Asker, desired: &Arc<Desired>, system: &System) -> Lists;

    /// Carry out one operation.
    ///
    /// # Errors
    /// What the system answers.
    fn execute(&mut self, world: &mut World, asker: Asker, order: Order<'_>) -> Result<Receipt, OperationError>;

    /// What those who watch hear: those who are new, and those whose objects were `touched`.
    fn hear(&mut self, world: &mut World, asker: Asker, watches: &mut Watches, touched: &BTreeSet<Address>) -> Vec<Event>;
}

/// The fast way: operations and observations meet the world as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Carrier for Direct {
    fn list(&mut self, world: &mut World, _: Asker, _: &Arc<Desired>, system: &System) -> Lists {
        let kinds = Kind::of(system.family()).map(|kind| (kind, world.list(system, kind))).collect();
        Lists { kinds, nodes: world.nodes(system) }
    }

    fn execute(&mut self, world: &mut World, _: Asker, order: Order<'_>) -> Result<Receipt, OperationError> {
        world.execute(order.resolved)
    }

    fn hear(&mut self, world: &mut World, _: Asker, watches: &mut Watches, touched: &BTreeSet<Address>) -> Vec<Event> {
        let mut events = Vec::new();
        watches.first_looks(world, &mut events);
        watches.look_again(world, touched, &mut events);
        events
    }
}
