//! The lock, the journal and what runs left behind, as operators share it. The lock expires unless its holder is heard of; each run's
//! number is its fencing token, and a run whose lock somebody else has taken writes no further line.

use model::connection::Connection;
use model::outcome::{JournalEntry, JournalEvent, StepResult};
use model::plan::Action;
use model::{Address, Duration, System, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which operator.
    pub operator: u32,
    /// The number of its run.
    pub run: u64,
    /// Until when, if it is not heard of again.
    pub expires: Timestamp,
}

/// The ledger says no: somebody else has, or has taken, the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub Option<Held>);

/// The ledger of one platform.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    holder: Option<Held>,
    runs: u64,
    /// Lines that are durable.
    lines: u64,
    /// Steps that began and whose end was not recorded, by run.
    begun: BTreeMap<u64, BTreeMap<Address, Action>>,
    /// Every object of which a line says that a step about it begins.
    announced: Arc<BTreeSet<Address>>,
    /// What runs made and did not take away again.
    made: Arc<BTreeSet<Address>>,
    /// Systems that runs acted on, and where they are.
    systems: BTreeMap<System, Connection>,
    /// It holds nobody off: the guard `lock` is taken away.
    unlocked: bool,
}

impl Ledger {
    /// Take the lock and open a run; its number.
    ///
    /// # Errors
    /// [`Refused`] names the holder.
    pub fn begin(&mut self, operator: u32, now: Timestamp, lock: Duration) -> Result<u64, Refused> {
        if let Some(held) = self.holder(now).filter(|_| !self.unlocked) {
            return Err(Refused(Some(held)));
        }
        self.runs += 1;
        self.holder = Some(Held { operator, run: self.runs, expires: now + lock });
        Ok(self.runs)
    }

    /// From now on every run has the lock, and none loses it to another.
    pub(crate) fn unlock(&mut self) {
        self.unlocked = true;
    }

    /// Whether `run` still holds the lock; if nobody else took it, being late is forgiven.
    fn check(&self, run: u64) -> Result<(), Refused> {
        match self.holder {
            Some(held) if held.run == run => Ok(()),
            _ if self.unlocked => Ok(()),
            other => Err(Refused(other)),
        }
    }

    /// Hold the lock for longer.
    ///
    /// # Errors
    /// [`Refused`] if somebody else has taken it.
    pub fn renew(&mut self, run: u64, now: Timestamp, lock: Duration) -> Result<(), Refused> {
        self.check(run)?;
        self.holder = self.holder.map(|held| if held.run == run { Held { expires: now + lock, ..held } } else { held });
        Ok(())
    }

    /// Write lines of a run.
    ///
    /// # Errors
    /// [`Refused`] if somebody else has taken the lock.
    pub fn record(&mut self, run: u64, entries: &[JournalEntry]) -> Result<(), Refused> {
        self.check(run)?;
        for entry in entries {
            self.lines += 1;
            self.remember(entry);
        }
        Ok(())
    }

    fn remember(&mut self, entry: &JournalEntry) {
        match &entry.event {
            JournalEvent::StepStarted { address, action, .. } => {
                self.begun.entry(entry.run).or_default().insert(address.clone(), *action);
                if !self.announced.contains(address) {
                    Arc::make_mut(&mut self.announced).insert(address.clone());
                }
            }
            JournalEvent::StepEnded { address, result } => {
                let action = self.begun.get_mut(&entry.run).and_then(|begun| begun.remove(address));
                if matches!(result, StepResult::Done { .. }) {
                    let made = Arc::make_mut(&mut self.made);
                    let _ = if action == Some(Action::Delete) { made.remove(address) } else { made.insert(address.clone()) };
                }
            }
            JournalEvent::RunEnded { .. } => drop(self.begun.remove(&entry.run)),
            JournalEvent::RunStarted { .. }
            | JournalEvent::StepRetried { .. }
            | JournalEvent::AuditGap { .. }
            | JournalEvent::AuditResumed { .. }
            | JournalEvent::Audited { .. } => {}
        }
    }

    /// Whether a line says that a step about this object begins.
    pub fn is_announced(&self, address: &Address) -> bool {
        self.announced.contains(address)
    }

    /// Give the lock back, if `run` has it.
    pub fn end(&mut self, run: u64) {
        self.holder = self.holder.filter(|held| held.run != run);
    }

    /// Who holds the lock at `now`.
    pub fn holder(&self, now: Timestamp) -> Option<Held> {
        self.holder.filter(|held| held.expires > now)
    }

    /// A run acts on these systems.
    pub fn acts_on(&mut self, connections: &[Connection]) {
        for connection in connections {
            self.systems.entry(connection.system.clone()).or_insert_with(|| connection.clone());
        }
    }

    /// Systems that runs acted on, and where they are.
    pub fn systems(&self) -> impl Iterator<Item = &Connection> {
        self.systems.values()
    }

    /// What runs made and did not take away again.
    pub fn made(&self) -> &Arc<BTreeSet<Address>> {
        &self.made
    }

    /// Number of durable lines.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Number of runs so far.
    pub fn runs(&self) -> u64 {
        self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: Duration = Duration::minutes(2);

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn a_lock_is_held_until_it_is_given_back_or_expires() {
        let mut ledger = Ledger::default();
        let first = ledger.begin(0, at(0), LOCK).unwrap();
        assert!(matches!(ledger.begin(1, at(119), LOCK), Err(Refused(Some(held))) if held.operator == 0));
        ledger.renew(first, at(100), LOCK).unwrap();
        assert!(ledger.begin(1, at(219), LOCK).is_err());
        ledger.end(first);
        assert_eq!(ledger.begin(1, at(219), LOCK), Ok(2));
    }

    #[test]
    fn a_run_whose_lock_was_taken_over_writes_no_further_line() {
        let mut ledger = Ledger::default();
        let old = ledger.begin(0, at(0), LOCK).unwrap();
        let new = ledger.begin(1, at(121), LOCK).unwrap();
        let line = |run| {
            [JournalEntry { at: at(130), run, event: JournalEvent::RunStarted { steps: 1, plan: "x".into(), audit: Vec::new() } }]
        };
        assert!(ledger.record(old, &line(old)).is_err() && ledger.renew(old, at(130), LOCK).is_err());
        ledger.end(old);
        assert!(ledger.record(new, &line(new)).is_ok());
        assert_eq!(ledger.lines(), 1);
    }
}
