//! Who wants to know when an object is ready.

use model::observation::Condition;
use model::{Address, Timestamp};
use port::{Event, Ticket};
use simulator::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// The watches that are open.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    fresh: Vec<(Ticket, Address)>,
    open: BTreeMap<Address, Vec<(Ticket, Condition)>>,
}

impl Watches {
    /// Watch `address`.
    pub(crate) fn add(&mut self, ticket: Ticket, address: Address) {
        self.fresh.push((ticket, address));
    }

    /// Answer the watches that have had no answer yet.
    pub(crate) fn first_looks(&mut self, world: &World, events: &mut Vec<Event>) {
        for (ticket, address) in std::mem::take(&mut self.fresh) {
            let condition = world.condition(&address);
            if matches!(condition, Condition::NotReady(_)) {
                self.open.entry(address).or_default().push((ticket, condition.clone()));
            }
            events.push(Event::Readiness { ticket, condition });
        }
    }

    /// Tell those who watch one of `touched` whose condition changed. What is ready or has failed is watched no longer.
    pub(crate) fn look_again(&mut self, world: &World, touched: &BTreeSet<Address>, events: &mut Vec<Event>) {
        for address in touched {
            let Some(watches) = self.open.get_mut(address) else { continue };
            let now = world.condition(address);
            for (ticket, last) in watches.iter_mut().filter(|(_, last)| *last != now) {
                *last = now.clone();
                events.push(Event::Readiness { ticket: *ticket, condition: now.clone() });
            }
            if !matches!(now, Condition::NotReady(_)) {
                self.open.remove(address);
            }
        }
    }

    /// What is still waited for, in words.
    pub(crate) fn describe(&self, now: Timestamp) -> String {
        let waiting: Vec<String> = self.open.keys().map(ToString::to_string).collect();
        let at = model::time::rfc3339(now);
        if waiting.is_empty() {
            format!("nothing is under way at {at}")
        } else {
            format!("at {at} {} cannot become ready", waiting.join(", "))
        }
    }
}
