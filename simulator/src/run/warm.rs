//! A platform that was brought up once without any fault, for many runs to begin with.

use crate::network::Geography;
use crate::operator::{Carrier, Desired, Direct, Ledger, Operator, Settings, Surroundings};
use crate::oracle::convergence::unmet;
use crate::world::{Next, World};
use model::Duration;
use std::sync::Arc;

/// Longest that a platform takes to come up.
const PATIENCE: Duration = Duration::minutes(12 * 60);

/// A world in which a spec has become true.
#[derive(Clone, Debug)]
pub struct Warm {
    /// The world.
    pub world: World,
    /// What the engine remembers of it.
    pub ledger: Ledger,
}

/// A spec that cannot become true even where nothing goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform does not come up even where nothing fails: {}", .0.first().map(String::as_str).unwrap_or("the engine finds no end"))]
pub struct Stuck(pub Vec<String>);

impl Warm {
    /// Bring `desired` up in an empty world.
    ///
    /// # Errors
    /// [`Stuck`] with what did not come up.
    pub fn up(desired: &Arc<Desired>) -> Result<Self, Stuck> {
        Self::up_over(desired, &mut Direct)
    }

    /// The same, with requests that are carried by `carrier`.
    ///
    /// # Errors
    /// As [`Warm::up`].
    pub fn up_over(desired: &Arc<Desired>, carrier: &mut dyn Carrier) -> Result<Self, Stuck> {
        let mut world = empty(desired, 0);
        let mut ledger = Ledger::default();
        let mut operator = Operator::new(0, Settings::default(), desired.clone(), 0);
        operator.begin(&mut world);
        let end = world.now() + PATIENCE;
        let mut facts = Vec::new();
        while world.next_event_at().is_some_and(|at| at <= end) {
            let next = world.proceed();
            if let Some(Next::Outside { call, .. }) = next {
                operator.happen(call, &mut Surroundings { world: &mut world, ledger: &mut ledger, facts: &mut facts, carrier });
                facts.clear();
            }
            let touched = world.touched();
            operator.touched(&touched, &mut world, carrier);
            if operator.is_settled() {
                break;
            }
        }
        let left = unmet(&world, desired);
        if operator.is_settled() && left.is_empty() {
            Ok(Warm { world, ledger })
        } else {
            Err(Stuck(left.iter().map(ToString::to_string).collect()))
        }
    }
}

/// A world with the machines and the outside stores of a spec, whose cells have their declared load.
pub(super) fn empty(desired: &Desired, seed: u64) -> World {
    let mut world = World::new(seed);
    world.locate(Geography::of(&desired.spec));
    world.furnish(&desired.connections);
    world.declare(&desired.load);
    world
}
