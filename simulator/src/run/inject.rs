//! Faults of a schedule, carried out on the world.

use crate::fault::{Fault, Kind, Target};
use crate::world::{self, World};

/// Let `fault` begin, or end. Whether there is anything that it could happen to.
pub(super) fn set(world: &mut World, fault: &Fault, broken: bool) -> bool {
    let target = match (&fault.target, fault.kind) {
        (Target::Node { cluster, node }, Kind::NodeDead) => world::Target::Node { cluster: cluster.clone(), node: node.clone() },
        (Target::Zone { cluster, zone }, Kind::ZoneDead) => world::Target::Zone { cluster: cluster.clone(), zone: zone.clone() },
        (Target::Cluster(name), Kind::ClusterLost) => world::Target::Cluster(name.clone()),
        (Target::Cluster(name), Kind::ApiDown) => world::Target::Api(name.clone()),
        (Target::Vault, Kind::VaultDown) => world::Target::Vault,
        (Target::Mysql, Kind::MysqlDown) => world::Target::Mysql,
        (Target::Elasticsearch(name), Kind::ElasticsearchDown) => world::Target::Elasticsearch(name.clone()),
        (Target::Vault, Kind::VaultSealed) => {
            return if broken { world.seal().is_ok() } else { world.unseal().is_ok() };
        }
        _ => return false,
    };
    if broken { world.fail(&target).is_ok() } else { world.heal(&target).is_ok() }
}

/// Kinds that can be carried out so far.
pub const CARRIED_OUT: &[Kind] = &[
    Kind::NodeDead,
    Kind::ZoneDead,
    Kind::ClusterLost,
    Kind::ApiDown,
    Kind::VaultDown,
    Kind::VaultSealed,
    Kind::MysqlDown,
    Kind::ElasticsearchDown,
    Kind::EngineKilled,
    Kind::EnginePaused,
    Kind::EngineDoubled,
    Kind::RequestsLost,
    Kind::AnswersLost,
    Kind::AnswersFailed,
    Kind::RequestsDoubled,
    Kind::ClockAhead,
    Kind::ClockStepped,
];
