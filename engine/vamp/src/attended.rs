//! Somebody at the terminal: signals are requests to stop, and a display hears the time pass.

use crate::progress::Display;
use model::Timestamp;
use port::{Event, Platform, PlatformError, Request, Stop, Stops};
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
}

impl Stops for Signals {
    /// The next signal, and what it asks for: the first to stop cleanly, any later one to stop now.
    async fn asked(&mut self) -> Stop {
        let caught = tokio::select! {
            _ = self.interrupt.recv() => Caught::Interrupt,
            _ = self.terminate.recv() => Caught::Terminate,
        };
        let stop = if self.first.is_none() { Stop::Cleanly } else { Stop::Now };
        self.first.get_or_insert(caught);
        stop
    }
}

/// A platform with a display, which hears that time passes while the platform waits or works.
pub(crate) struct Attended<'a, P> {
    platform: &'a mut P,
    display: &'a RefCell<Display>,
    ticks: Interval,
}

impl<'a, P> Attended<'a, P> {
    pub(crate) fn new(platform: &'a mut P, display: &'a RefCell<Display>) -> Self {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Attended { platform, display, ticks }
    }
}

/// Wait for `future` to its end while `display` hears the time pass.
async fn with_ticks<T>(future: impl Future<Output = T>, ticks: &mut Interval, display: &RefCell<Display>) -> T {
    let mut future = pin!(future);
    loop {
        tokio::select! {
            biased;
            value = &mut future => return value,
            _ = ticks.tick() => display.borrow_mut().tick(),
        }
    }
}

impl<P: Platform> Platform for Attended<'_, P> {
    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn submit(&mut self, request: Request) {
        self.platform.submit(request);
    }

    async fn ready(&mut self) {
        self.display.borrow_mut().flush();
        with_ticks(self.platform.ready(), &mut self.ticks, self.display).await;
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        with_ticks(self.platform.next(), &mut self.ticks, self.display).await
    }
}
