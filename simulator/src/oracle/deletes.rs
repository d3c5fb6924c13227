//! Nothing is deleted that was not seen: of every object that the engine takes away, the look before saw that it was there and the
//! platform's own, in a complete list; and the request holds only for what was seen, not for what was made since under the same name.

use super::{Breach, Moment, Promise};
use crate::operator::Fact;
use model::Address;
use model::observation::{Observation, Owner, Snapshot};
use model::operation::{Expectation, Operation, Receipt};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(super) struct Deletes {
    /// What each operator saw last.
    seen: BTreeMap<u32, Arc<Snapshot>>,
}

impl Deletes {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for fact in moment.facts {
            match fact {
                // Only what is carried out is judged: a plan without steps leaves nothing to remember.
                Fact::Planned { operator, snapshot, plan } if !plan.is_empty() => {
                    self.seen.insert(*operator, snapshot.clone());
                }
                Fact::Ended { operator, .. } => drop(self.seen.remove(operator)),
                Fact::Carried { operator, operation, result: Ok(Receipt { changed: true, .. }), .. } => {
                    if let Operation::Delete { address, expected, .. } = &**operation {
                        breaches.extend(self.judge(*operator, address, expected, moment));
                    }
                }
                _ => {}
            }
        }
    }

    fn judge(&self, operator: u32, address: &Address, expected: &Expectation, moment: &Moment<'_>) -> Option<Breach> {
        let platform = moment.wanted.last().map(|wanted| wanted.spec.platform.value.as_str());
        // A late request of a run that has ended is judged by nothing any more; its own run was, when it sent it.
        let how = match self.seen.get(&operator)?.observe(address) {
            Observation::Unknown(gap) => format!("deleted, though nobody could look: {gap}"),
            Observation::Absent => "deleted, though it was not seen".to_owned(),
            Observation::Present(seen) => match &seen.owner {
                Owner::Platform(owner) if Some(owner.as_str()) == platform => {
                    let pinned = *expected == Expectation::Version(seen.pin(address.kind().family()));
                    return (!pinned).then(|| {
                        let how = "deleted, whatever it has become since it was seen";
                        moment.breach(Promise::NoBlindDelete, address.as_str(), how)
                    });
                }
                _ => "deleted, though it is not the platform's own".to_owned(),
            },
        };
        Some(moment.breach(Promise::NoBlindDelete, address.as_str(), how))
    }
}
