//! Requests are lost only when no agent is ready or no target lives: while the load balancer has a ready agent of a cell, it never has
//! nobody to send a request to, and leads to every gateway that was ever reached and is still meant to be served.

use super::moment::name;
use super::{Breach, Moment, Promise};
use crate::world::Cell;
use model::value::Text;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    told: BTreeSet<(Text, Text)>,
}

impl Requests {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for (was, cell) in moment.changed_cells() {
            let Some(was) = was else { continue };
            let lost = cell.requests.lost.saturating_sub(was.requests.lost);
            let key = (cell.cluster.clone(), cell.namespace.clone());
            if lost > 0 && serves(was) && self.told.insert(key) {
                let ready = was.ready().filter(|agent| agent.balanced).count();
                let message =
                    format!("{lost} requests were lost while {ready} ready gateway agents were behind the load balancer");
                breaches.push(moment.breach(Promise::Requests, name(cell), message));
            }
        }
    }
}

/// Whether an agent is ready and the load balancer knows it, all the time up to now.
fn serves(was: &Cell) -> bool {
    was.ready().any(|agent| agent.balanced)
}
