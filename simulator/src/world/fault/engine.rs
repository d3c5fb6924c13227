//! How requests of those who run the engine fare. They stand outside of the world, and what happens to themselves whoever runs them
//! carries out; the ways to the systems are in the world.

use super::World;
use crate::fault::{Kind, Target};
use crate::network::{Spot, Way};
use model::{Duration, System};

impl World {
    /// How a request of the engine to `system` fares now: the way there, and how long the system itself takes to answer.
    pub fn engine_way(&self, system: &System) -> Way {
        let way =
            if self.stores.network.is_clear() { Way::CLEAR } else { self.stores.network.way(&Spot::Engine, &Spot::of(system)) };
        let own = match system {
            System::Cluster(name) => self.api_delay(name),
            _ => self.stores.delay(system),
        };
        Way { delay: way.delay + own, ..way }
    }

    /// Whether the engine can write into MySQL now.
    pub fn takes_ledger(&self) -> bool {
        let (mysql, stores) = (System::Mysql, &self.stores);
        stores.gap(&mysql).is_none() && !stores.mysql.state().read_only && !self.engine_way(&mysql).cut
    }

    /// Whether the request that `who` sends to `system` at this instant is lost, or its answer.
    pub fn engine_loses(&self, system: &System, who: &str) -> bool {
        let way = self.engine_way(system);
        self.stores.network.loses(&way, who, self.now())
    }

    fn api_delay(&self, cluster: &str) -> Duration {
        let concerns = |target: &Target| matches!(target, Target::Cluster(name) if name == cluster);
        let slow = self.faults.of(&[Kind::ApiSlow]).filter(|fault| concerns(&fault.target));
        Duration(slow.map(|fault| fault.count("delay")).sum())
    }
}
