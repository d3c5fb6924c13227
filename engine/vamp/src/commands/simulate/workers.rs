//! Work on several threads: each takes the next piece, and what comes of it is put together by its number, whoever did it. The only
//! threads of the engine; what runs on them is pure. So whoever asks the command to stop waits for none of them: what is under way has
//! changed nothing, and is left where it is.

use super::display::Display;
use crate::attended::{Caught, Signals};
use crate::commands::runtime;
use crate::error::CommandError;
use crate::exit::Exit;
use port::Stops;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::interval;

/// How often a display hears that time passes.
const TICK: Duration = Duration::from_millis(200);

/// Threads that work for one command, and the signals to it. From the first signal on nothing further is done.
pub(in crate::commands) struct Workers {
    threads: usize,
    runtime: Runtime,
    signals: Signals,
}

impl Workers {
    /// So many threads, or one a processor. From now on a signal no longer ends the process.
    pub(in crate::commands) fn gather(threads: Option<u16>) -> Result<Self, CommandError> {
        let runtime = runtime()?;
        let signals = {
            let _inside = runtime.enter();
            Signals::catch().map_err(|error| CommandError::new("cannot listen for signals").because(error))?
        };
        let threads = threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
        Ok(Workers { threads, runtime, signals })
    }

    /// How the command ends if a signal decides it.
    pub(in crate::commands) fn stopped(&self) -> Option<Exit> {
        self.signals.first().map(|caught| match caught {
            Caught::Interrupt => Exit::Interrupted,
            Caught::Terminate => Exit::Terminated,
        })
    }

    /// Let `work` be done for each of `pieces`: what came of it, by the number of the piece. After a signal, of those that were done.
    pub(in crate::commands) fn work<T: Send + 'static>(
        &mut self,
        pieces: Vec<u64>,
        display: &mut Display,
        work: Arc<dyn Fn(u64) -> T + Send + Sync>,
    ) -> Result<BTreeMap<u64, T>, CommandError> {
        let (sender, receiver) = unbounded_channel();
        let share = Share { pieces: Arc::new(pieces), next: Arc::default(), stop: Arc::default(), sender, work };
        let handles = (0..self.threads).map(|_| share.clone().begin()).collect();
        let stop = share.stop.clone();
        drop(share);
        let results = self.gather_results(receiver, handles, Some(display));
        stop.store(true, Ordering::Relaxed);
        results
    }

    /// Let `work` be done, however long it takes; nothing comes of it after a signal.
    pub(in crate::commands) fn alone<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, CommandError> {
        let (sender, receiver) = unbounded_channel();
        let handles = if self.stopped().is_some() {
            Vec::new()
        } else {
            // Nobody listens any more once the command has ended.
            vec![thread::spawn(move || drop(sender.send((0, work()))))]
        };
        Ok(self.gather_results(receiver, handles, None)?.into_values().next())
    }

    /// Receive until all have done their work, or a signal comes.
    fn gather_results<T>(
        &mut self,
        mut receiver: UnboundedReceiver<(u64, T)>,
        handles: Vec<JoinHandle<()>>,
        mut display: Option<&mut Display>,
    ) -> Result<BTreeMap<u64, T>, CommandError> {
        let Workers { runtime, signals, .. } = self;
        let mut results = BTreeMap::new();
        runtime.block_on(async {
            let mut ticks = interval(TICK);
            while signals.first().is_none() {
                tokio::select! {
                    biased;
                    _ = signals.asked() => {}
                    received = receiver.recv() => match received {
                        None => break,
                        Some((piece, result)) => {
                            results.insert(piece, result);
                            display.iter_mut().for_each(|display| display.done());
                        }
                    },
                    _ = ticks.tick() => display.iter_mut().for_each(|display| display.tick()),
                }
            }
        });
        let stopped = signals.first().is_some();
        display.iter_mut().for_each(|display| display.close(stopped));
        if !stopped && handles.into_iter().filter_map(|handle| handle.join().err()).count() > 0 {
            return Err(CommandError::new("a run came to no end: the simulator itself failed")
                .hint("this is a fault of vamp; the words above say where"));
        }
        Ok(results)
    }
}

/// One thread's share of the work.
struct Share<T> {
    pieces: Arc<Vec<u64>>,
    next: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    sender: UnboundedSender<(u64, T)>,
    work: Arc<dyn Fn(u64) -> T + Send + Sync>,
}

impl<T> Clone for Share<T> {
    fn clone(&self) -> Self {
        Share {
            pieces: self.pieces.clone(),
            next: self.next.clone(),
            stop: self.stop.clone(),
            sender: self.sender.clone(),
            work: self.work.clone(),
        }
    }
}

impl<T: Send + 'static> Share<T> {
    fn begin(self) -> JoinHandle<()> {
        thread::spawn(move || {
            while !self.stop.load(Ordering::Relaxed) {
                let Some(piece) = self.pieces.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return };
                // Nobody listens any more once the command has ended.
                let _ = self.sender.send((*piece, (self.work)(*piece)));
            }
        })
    }
}
