//! The look of an operator at the platform: every system is asked for all its lists; each answer takes its time, and one that never
//! comes is "unknown" after a while, never "nothing".

use super::call::Call;
use super::carrier::Lists;
use super::settings::PATIENCE;
use super::trip::{Fate, Trip};
use super::{Operator, State, Surroundings};
use crate::guard::Guard;
use crate::world::World;
use model::observation::{Gap, Listing, Snapshot};
use model::{Kind, System};
use planner::plan::former::is_named;
use std::sync::Arc;

/// A look under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    snapshot: Snapshot,
    /// Systems that have not answered.
    open: usize,
}

impl Operator {
    pub(super) fn begin_look(&mut self, around: &mut Surroundings<'_>) {
        (self.dirty, self.looks) = (false, self.looks + 1);
        if let Some(asked) = self.asked.take() {
            self.desired = asked;
        }
        let former = around.ledger.systems().filter(|known| !is_named(&self.desired.spec, &known.system));
        self.connections = self.desired.connections.iter().chain(former).cloned().collect();
        let world = &mut *around.world;
        let systems: Vec<System> = self.connections.iter().map(|connection| connection.system.clone()).collect();
        self.state = State::Looking(Look { snapshot: Snapshot::default(), open: systems.len() });
        let process = self.process;
        for system in systems {
            let trip = self.trip_of_look(&system, world);
            let lost = match trip.fate {
                Fate::RequestLost | Fate::AnswerLost | Fate::Late | Fate::Failed => true,
                Fate::Arrives | Fate::Doubled | Fate::Conflict | Fate::Busy => false,
            };
            if lost {
                let lists = unknown(&system, &format!("{system} gave no answer within {PATIENCE}"));
                self.call(PATIENCE, Call::Listed { process, system, lists }, world);
            } else {
                self.call(trip.there, Call::List { process, system }, world);
            }
        }
    }

    fn trip_of_look(&self, system: &System, world: &World) -> Trip {
        let entity = format!("operator {} looks at {system}", self.id);
        Trip::draw(world.seed(), &self.settings, &entity, self.looks).through(world, system, &entity)
    }

    /// A request to list everything reaches `system`.
    pub(super) fn list(&mut self, process: u32, system: System, around: &mut Surroundings<'_>) {
        if process != self.process {
            return;
        }
        let lists = around.carrier.list(around.world, self.asker(), &self.desired, &system);
        let back = self.trip_of_look(&system, around.world).back;
        self.call(back, Call::Listed { process, system, lists }, around.world);
    }

    pub(super) fn listed(&mut self, process: u32, system: &System, lists: Lists, around: &mut Surroundings<'_>) {
        let State::Looking(look) = &mut self.state else { return };
        if process != self.process {
            return;
        }
        let credulous = self.without.contains(&Guard::Unknown);
        for (kind, listing) in lists.kinds {
            let listing = if credulous { believed(listing) } else { listing };
            look.snapshot.record(system.clone(), kind, listing);
        }
        look.snapshot.nodes.extend(lists.nodes);
        look.open -= 1;
        if look.open == 0 {
            let snapshot = Arc::new(std::mem::take(&mut look.snapshot));
            self.think(snapshot, around.world);
        }
    }
}

/// What somebody sees who takes silence for emptiness.
fn believed(listing: Listing) -> Listing {
    match listing {
        Listing::Unknown(_) => Listing::Complete(Default::default()),
        complete @ Listing::Complete(_) => complete,
    }
}

fn unknown(system: &System, why: &str) -> Lists {
    let gap = || Listing::Unknown(Gap::Unreachable(why.to_owned()));
    Lists { kinds: Kind::of(system.family()).map(|kind| (kind, gap())).collect(), nodes: None }
}
