//! Somebody who watches the world without a pause, for tests of what must hold at every moment and not only at the end.

use model::Timestamp;
use simulator::world::World;

/// Is shown the world.
pub type Watcher = Box<dyn FnMut(&World)>;

/// A watcher, if there is one.
#[derive(Default)]
pub(crate) struct Witness(pub(crate) Option<Watcher>);

impl Witness {
    /// Let pass what happens up to `at`, event by event, under the eyes of the watcher.
    pub(crate) fn watch(&mut self, world: &mut World, at: Timestamp) {
        let Some(watcher) = &mut self.0 else { return };
        while world.next_event_at().is_some_and(|next| next <= at) {
            world.step();
            watcher(world);
        }
    }

    /// Show the world as it is now.
    pub(crate) fn see(&mut self, world: &World) {
        if let Some(watcher) = &mut self.0 {
            watcher(world);
        }
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Witness(…)")
    }
}
