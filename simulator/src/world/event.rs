//! What can happen in the world by itself: the events of its parts, under one roof.

use super::World;
use crate::kubernetes;
use model::value::Text;
use serde::{Deserialize, Serialize};

/// Something that happens at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// Something happens in a cluster.
    Cluster {
        /// Its name.
        cluster: Text,
        /// What.
        event: kubernetes::Event,
    },
    /// Something changed in the stores that programs in clusters may have waited for.
    StoresChanged,
    /// A round of an agent is gone through.
    Round {
        /// `CLUSTER/NAMESPACE/POD`.
        agent: Text,
    },
    /// The load balancer of a cell notices something.
    Balance {
        /// Its cluster.
        cluster: Text,
        /// Its namespace.
        namespace: Text,
    },
    /// A fault begins.
    FaultBegins {
        /// Its number.
        injection: u32,
    },
    /// A fault is over.
    FaultEnds {
        /// Its number.
        injection: u32,
    },
    /// A fault that comes and goes does so.
    FaultTurns {
        /// Its number.
        injection: u32,
        /// How often it did so before.
        turn: u64,
    },
    /// Something comes to pass for somebody who stands outside of the world and shares its clock: a request of an operator arrives, or
    /// an answer.
    Outside {
        /// For whom.
        whose: u32,
        /// Which of what they have under way.
        call: u64,
    },
}

/// What came of the next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It happened in the world.
    Inside,
    /// It is for somebody outside.
    Outside {
        /// For whom.
        whose: u32,
        /// Which of what they have under way.
        call: u64,
    },
}

impl World {
    /// Let `event` happen now. A fault whose target is not there any more does nothing.
    pub(super) fn happen(&mut self, event: Event) {
        self.catch_up();
        match event {
            Event::Balance { cluster, namespace } => self.balance(&cluster, &namespace),
            Event::Round { agent } => self.go_through_round(&agent),
            Event::Cluster { cluster, event } => {
                self.in_cluster(&cluster, |cluster, context| cluster.handle(event, context));
            }
            Event::StoresChanged => {
                for name in self.clusters.keys().cloned().collect::<Vec<_>>() {
                    self.in_cluster(&name, |cluster, context| cluster.surroundings_changed(context));
                }
            }
            Event::FaultBegins { injection } => drop(self.fault_begins(injection)),
            Event::FaultEnds { injection } => self.fault_ends(injection),
            Event::FaultTurns { injection, turn } => self.fault_turns(injection, turn),
            // Whoever lets time pass for somebody outside takes their events with [`World::proceed`].
            Event::Outside { .. } => {}
        }
        self.settle_traffic();
    }
}
