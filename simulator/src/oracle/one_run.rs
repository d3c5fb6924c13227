//! One run at a time changes the platform: nobody begins a run while another goes on whose lock cannot have ended yet, and a run that was
//! overtaken writes nothing any more, but for what was on its way by then.

use super::{Breach, Moment, Promise};
use crate::operator::settings::PATIENCE;
use crate::operator::{Fact, Settings};
use model::{Duration, Timestamp};
use std::collections::BTreeMap;

/// How long after it was overtaken a run may still be heard of: a message of it was under way, and it asks for its lock at every third
/// part of the time that this holds.
fn in_flight() -> Duration {
    PATIENCE + PATIENCE
}

#[derive(Clone, Debug, Default)]
pub(super) struct OneRun {
    /// Who began a run last, and when; nobody if that has ended.
    holder: Option<(u32, Timestamp)>,
    /// Operators whose run goes on although another has begun since then.
    overtaken: BTreeMap<u32, Timestamp>,
    told: bool,
}

impl OneRun {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for fact in moment.facts {
            let broken = match fact {
                Fact::Began { operator, .. } => self.began(moment.now, *operator),
                Fact::Ended { operator, .. } | Fact::Killed { operator } => {
                    self.ended(*operator);
                    None
                }
                Fact::Carried { operator, result: Ok(receipt), .. } if receipt.changed => self.wrote(moment.now, *operator),
                _ => None,
            };
            if let Some((who, how)) = broken.filter(|_| !std::mem::replace(&mut self.told, true)) {
                breaches.push(moment.breach(Promise::OneRun, format!("engine {who}"), how));
            }
        }
    }

    fn began(&mut self, now: Timestamp, operator: u32) -> Option<(u32, String)> {
        let (other, since) = self.holder.replace((operator, now)).filter(|(other, _)| *other != operator)?;
        self.overtaken.insert(other, now);
        let held = now.since(since) < Settings::default().lock;
        held.then(|| (operator, format!("begins a run although engine {other} has the lock")))
    }

    fn ended(&mut self, operator: u32) {
        self.holder = self.holder.filter(|(holder, _)| *holder != operator);
        self.overtaken.remove(&operator);
    }

    fn wrote(&self, now: Timestamp, operator: u32) -> Option<(u32, String)> {
        let since = *self.overtaken.get(&operator)?;
        (now > since + in_flight()).then(|| (operator, format!("still writes {} after another run took over", now.since(since))))
    }
}
