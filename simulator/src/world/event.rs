//! What can happen in the world by itself: the events of its parts, under one roof.

use super::{Target, World};
use serde::{Deserialize, Serialize};

/// Something that happens at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// Something breaks.
    Fail(Target),
    /// Something is whole again.
    Heal(Target),
}

impl World {
    /// Let `event` happen now. A fault whose target is not there any more does nothing.
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Fail(target) => drop(self.fail(&target)),
            Event::Heal(target) => drop(self.heal(&target)),
        }
    }
}
