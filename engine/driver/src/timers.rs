//! What the machine waits for by the clock. It asks to be woken for the earliest only.

use model::Timestamp;
use std::collections::BTreeSet;

/// What is due at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A system that asked for patience takes operations again.
    Lane(u32),
    /// A step is tried again, or has waited long enough to become ready.
    Task(u32),
}

/// All that is due some time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    due: BTreeSet<(Timestamp, Timer)>,
    asked: Option<Timestamp>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Timestamp, timer: Timer) {
        self.due.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, at: Timestamp, timer: Timer) {
        self.due.remove(&(at, timer));
    }

    /// Take the next timer that is due.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<Timer> {
        let (at, timer) = *self.due.first()?;
        if at > now {
            return None;
        }
        self.due.pop_first();
        Some(timer)
    }

    /// The machine was woken: nobody will wake it again for what it asked for. It is not always time: a clock may have been set back since.
    pub(crate) fn woken(&mut self) {
        self.asked = None;
    }

    /// The instant to ask for, if nobody will wake the machine in time otherwise.
    pub(crate) fn wake(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.asked = self.asked.filter(|asked| *asked > now);
        let (at, _) = *self.due.first()?;
        if self.asked.is_some_and(|asked| asked <= at) {
            return None;
        }
        self.asked = Some(at);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_earliest_is_asked_for_and_only_once() {
        let mut timers = Timers::default();
        timers.set(Timestamp(50), Timer::Task(1));
        assert_eq!([timers.wake(Timestamp(0)), timers.wake(Timestamp(0))], [Some(Timestamp(50)), None]);
        timers.set(Timestamp(80), Timer::Task(2));
        assert_eq!(timers.wake(Timestamp(0)), None);
        timers.set(Timestamp(20), Timer::Lane(0));
        assert_eq!(timers.wake(Timestamp(0)), Some(Timestamp(20)));
        assert_eq!([timers.pop(Timestamp(20)), timers.pop(Timestamp(20))], [Some(Timer::Lane(0)), None]);
        assert_eq!(timers.wake(Timestamp(20)), Some(Timestamp(50)));
        timers.cancel(Timestamp(50), Timer::Task(1));
        assert_eq!(timers.pop(Timestamp(60)), None);
        assert_eq!(timers.wake(Timestamp(60)), Some(Timestamp(80)));
        timers.woken();
        assert_eq!(timers.wake(Timestamp(10)), Some(Timestamp(80)), "the clock was set back");
    }
}
