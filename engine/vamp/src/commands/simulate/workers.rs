//! Work on several threads: each takes the next piece, and what comes of it is put together by its number, whoever did it. The only
//! threads of the engine; what runs on them is pure.

use super::display::Display;
use crate::attended::{Caught, Signals};
use crate::commands::runtime;
use crate::error::CommandError;
use port::Stops;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::interval;

/// How often a display hears that time passes.
const TICK: Duration = Duration::from_millis(200);

/// What came of the work, by the number of the piece; and the signal that ended it before its end, if one did.
pub(in crate::commands) struct Done<T> {
    pub(in crate::commands) results: BTreeMap<u64, T>,
    pub(in crate::commands) caught: Option<Caught>,
}

/// Let `work` be done for each of `pieces`, on so many threads. A signal ends it: what is begun comes to its end, and what is done is kept.
pub(in crate::commands) fn work<T: Send + 'static>(
    pieces: Vec<u64>,
    threads: usize,
    display: &mut Display,
    work: Arc<dyn Fn(u64) -> T + Send + Sync>,
) -> Result<Done<T>, CommandError> {
    let (next, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (sender, mut receiver) = unbounded_channel();
    let pieces = Arc::new(pieces);
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut signals = Signals::catch().map_err(|error| CommandError::new("cannot listen for signals").because(error))?;
        let worker = Worker { pieces, next, stop: stop.clone(), sender, work };
        let handles: Vec<JoinHandle<()>> = (0..threads).map(|_| worker.clone().begin()).collect();
        drop(worker);
        let mut results = BTreeMap::new();
        let mut ticks = interval(TICK);
        loop {
            tokio::select! {
                biased;
                _ = signals.asked() => {
                    stop.store(true, Ordering::Relaxed);
                    display.stopping();
                }
                received = receiver.recv() => match received {
                    None => break,
                    Some((piece, result)) => {
                        display.done();
                        results.insert(piece, result);
                    }
                },
                _ = ticks.tick() => display.tick(),
            }
        }
        let died = handles.into_iter().filter_map(|handle| handle.join().err()).count();
        display.close();
        if died > 0 {
            return Err(CommandError::new("a run came to no end: the simulator itself failed")
                .hint("this is a fault of vamp; the words above say where"));
        }
        Ok(Done { results, caught: signals.first() })
    })
}

/// One thread's share of the work.
struct Worker<T> {
    pieces: Arc<Vec<u64>>,
    next: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    sender: UnboundedSender<(u64, T)>,
    work: Arc<dyn Fn(u64) -> T + Send + Sync>,
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Worker {
            pieces: self.pieces.clone(),
            next: self.next.clone(),
            stop: self.stop.clone(),
            sender: self.sender.clone(),
            work: self.work.clone(),
        }
    }
}

impl<T: Send + 'static> Worker<T> {
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

/// How many runs there are at a time.
pub(in crate::commands) fn threads(wanted: Option<u16>) -> usize {
    wanted.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}
