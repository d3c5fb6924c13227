//! Who wants to know when an object is ready.

use crate::world::World;
use model::observation::Condition;
use model::{Address, Timestamp};
use port::{Event, Ticket, Until};
use std::collections::{BTreeMap, BTreeSet};

/// The watches that are open.
#[derive(Clone, Debug, Default)]
pub struct Watches {
    fresh: Vec<(Ticket, Address, Until)>,
    open: BTreeMap<Address, Vec<Open>>,
}

/// A watch that has been answered, and not for the last time.
#[derive(Clone, Debug)]
struct Open {
    ticket: Ticket,
    until: Until,
    last: Condition,
}

impl Watches {
    /// Watch `address`.
    pub fn add(&mut self, ticket: Ticket, address: Address, until: Until) {
        self.fresh.push((ticket, address, until));
    }

    /// The watches that were added since, for somebody who answers them himself.
    pub fn take_fresh(&mut self) -> Vec<(Ticket, Address, Until)> {
        std::mem::take(&mut self.fresh)
    }

    /// Answer the watches that have had no answer yet.
    pub fn first_looks(&mut self, world: &World, events: &mut Vec<Event>) {
        for (ticket, address, until) in std::mem::take(&mut self.fresh) {
            let condition = world.awaited(&address, until);
            if matches!(condition, Condition::NotReady(_)) {
                self.open.entry(address).or_default().push(Open { ticket, until, last: condition.clone() });
            }
            events.push(Event::Readiness { ticket, condition });
        }
    }

    /// Tell those who watch one of `touched` whose condition changed. What is ready or has failed is watched no longer.
    pub fn look_again(&mut self, world: &World, touched: &BTreeSet<Address>, events: &mut Vec<Event>) {
        for address in touched {
            let Some(watches) = self.open.get_mut(address) else { continue };
            for watch in watches.iter_mut() {
                let now = world.awaited(address, watch.until);
                if watch.last != now {
                    watch.last = now.clone();
                    events.push(Event::Readiness { ticket: watch.ticket, condition: now });
                }
            }
            watches.retain(|watch| matches!(watch.last, Condition::NotReady(_)));
            if watches.is_empty() {
                self.open.remove(address);
            }
        }
    }

    /// What is still waited for, in words.
    pub fn describe(&self, now: Timestamp) -> String {
        let waiting: Vec<String> = self.open.keys().map(ToString::to_string).collect();
        let at = model::time::rfc3339(now);
        if waiting.is_empty() {
            format!("nothing is under way at {at}")
        } else {
            format!("at {at} {} cannot become ready", waiting.join(", "))
        }
    }
}
