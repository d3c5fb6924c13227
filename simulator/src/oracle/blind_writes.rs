//! Nothing is written over that was not seen, or is no longer as it was seen: what an operator changes, it saw in the look before, in a
//! complete list, as the platform's own; and its request holds only for that. What was not there is made only where it still is not. Behind
//! a system that nobody could look at nothing is written, unless that has never served yet: then there is nothing to lose.

use super::{Breach, Moment, Promise};
use crate::operator::Fact;
use model::observation::{Gap, Listing, Observation, Observed, Owner, Snapshot};
use model::operation::{Expectation, Operation, Receipt};
use model::{Address, Kind, System};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(super) struct BlindWrites {
    /// What each operator saw last, and the systems that had served by then.
    seen: BTreeMap<u32, (Arc<Snapshot>, BTreeSet<System>)>,
    /// Systems that anybody has ever seen serving.
    served: BTreeSet<System>,
}

impl BlindWrites {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for fact in moment.facts {
            match fact {
                Fact::Planned { operator, snapshot, plan } => {
                    let systems = plan.connections.iter().map(|connection| &connection.system);
                    let served = systems.filter(|system| serves(snapshot, system)).cloned().collect::<Vec<_>>();
                    if !plan.is_empty() {
                        self.seen.insert(*operator, (snapshot.clone(), self.served.clone()));
                    }
                    self.served.extend(served);
                }
                // A late request of a run that has ended is judged by nothing any more.
                Fact::Ended { operator, .. } => drop(self.seen.remove(operator)),
                Fact::Carried { operator, operation, result: Ok(Receipt { changed: true, .. }), .. } => {
                    if let Some((snapshot, served)) = self.seen.get(operator)
                        && let Some(how) = judge(moment, snapshot, served, operation)
                    {
                        breaches.push(moment.breach(Promise::NoBlindWrite, operation.address().as_str(), how));
                    }
                }
                _ => {}
            }
        }
    }
}

fn serves(snapshot: &Snapshot, system: &System) -> bool {
    Kind::of(system.family()).all(|kind| matches!(snapshot.listing(system, kind), Some(Listing::Complete(_))))
}

/// What an operation writes over, and what it expects there. Deletes are judged in `deletes`.
fn written_over(operation: &Operation) -> Option<(&Address, &Expectation)> {
    match operation {
        Operation::Apply { address, expected, .. } => Some((address, expected)),
        Operation::Move { from, expected, .. } => Some((from, expected)),
        Operation::Delete { .. } => None,
    }
}

fn judge(moment: &Moment<'_>, snapshot: &Snapshot, served: &BTreeSet<System>, operation: &Operation) -> Option<String> {
    let (address, expected) = written_over(operation)?;
    match (snapshot.observe(address), expected) {
        // It is made only where nothing is by then.
        (Observation::Absent | Observation::Present(_), Expectation::Absent) => None,
        (Observation::Absent, _) => Some("written over, though nothing was seen there".to_owned()),
        (Observation::Present(seen), _) => over_what_was_seen(moment, address, seen, expected),
        (Observation::Unknown(Gap::NotYet { .. }), _) => None,
        (Observation::Unknown(Gap::Starting { .. }), _) if !served.contains(&address.system()) => None,
        (Observation::Unknown(gap), _) => Some(format!("written, though nobody could look: {gap}")),
    }
}

fn over_what_was_seen(moment: &Moment<'_>, address: &Address, seen: &Observed, expected: &Expectation) -> Option<String> {
    let wanted = moment.wanted.last()?;
    let is_ours = matches!(&seen.owner, Owner::Platform(owner) if *owner == wanted.spec.platform.value.as_str());
    if !is_ours && !wanted.options.adopt.contains(address) {
        return Some("written over, though it is not the platform's own".to_owned());
    }
    let is_pinned = *expected == Expectation::Version(seen.pin(address.kind().family()));
    (!is_pinned).then(|| "written over, whatever it has become since it was seen".to_owned())
}
