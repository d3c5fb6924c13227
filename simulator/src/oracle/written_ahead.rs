//! The journal comes first: nothing is changed that no line had announced. Whoever finds a killed run looks there for what may have been
//! done and is not known to be.

use super::{Breach, Moment, Promise};
use crate::operator::Fact;

#[derive(Clone, Debug, Default)]
pub(super) struct WrittenAhead {
    told: bool,
}

impl WrittenAhead {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for fact in moment.facts {
            let Fact::Carried { operator, operation, announced: false, result: Ok(receipt) } = fact else { continue };
            if !receipt.changed || std::mem::replace(&mut self.told, true) {
                continue;
            }
            let how = format!("changed by engine {operator} before its journal said so");
            breaches.push(moment.breach(Promise::WrittenAhead, operation.address().to_string(), how));
        }
    }
}
