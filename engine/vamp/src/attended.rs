//! A platform with somebody at the terminal: signals become requests to stop, and a display hears the time pass.

use crate::progress::Display;
use model::Timestamp;
use port::{Event, Platform, PlatformError, Request, Stop};
use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often a display hears that time passes.
const TICK: Duration = Duration::from_millis(200);

/// SIGINT and SIGTERM, from the moment at which this was made.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    first: Option<Caught>,
}

/// The signal that came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caught {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signals {
    /// From now on signals no longer end the process.
    pub(crate) fn catch() -> io::Result<Self> {
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Signals { interrupt, terminate, first: None })
    }

    /// The signal that asked the run to stop, if one did.
    pub(crate) fn first(&self) -> Option<Caught> {
        self.first
    }

    /// Wait for the next signal, and say what it asks for: the first to stop cleanly, any later one to stop now.
    async fn next(&mut self) -> Stop {
        let caught = tokio::select! {
            _ = self.interrupt.recv() => Caught::Interrupt,
            _ = self.terminate.recv() => Caught::Terminate,
        };
        let stop = if self.first.is_none() { Stop::Cleanly } else { Stop::Now };
        self.first.get_or_insert(caught);
        stop
    }
}

/// A platform with somebody at the terminal.
pub(crate) struct Attended<'a, P> {
    platform: &'a mut P,
    signals: &'a mut Signals,
    display: &'a RefCell<Display>,
    ticks: Interval,
}

impl<'a, P> Attended<'a, P> {
    pub(crate) fn new(platform: &'a mut P, signals: &'a mut Signals, display: &'a RefCell<Display>) -> Self {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Attended { platform, signals, display, ticks }
    }
}

impl<P: Platform> Platform for Attended<'_, P> {
    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn submit(&mut self, request: Request) {
        self.platform.submit(request);
    }

    /// What happens on the platform, and what was asked by signals meanwhile. The platform's own future is always waited
    /// for and never dropped half-way: it may be writing its journal.
    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        let mut stops = Vec::new();
        let mut events = {
            let mut next = pin!(self.platform.next());
            loop {
                tokio::select! {
                    biased;
                    stop = self.signals.next() => stops.push(Event::Stop(stop)),
                    events = &mut next => break events?,
                    _ = self.ticks.tick() => self.display.borrow_mut().tick(),
                }
            }
        };
        events.splice(0..0, stops);
        Ok(events)
    }
}
