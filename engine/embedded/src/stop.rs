//! Asking a run to stop: signals come in at any time, and reach the driver between two batches of events.

use port::Stop;
use tokio::sync::mpsc;

/// Asks a run to stop, from a signal handler's task.
#[derive(Clone, Debug)]
pub struct StopHandle(mpsc::UnboundedSender<Stop>);

impl StopHandle {
    /// Ask the run to stop. Nothing happens if it has ended already.
    pub fn stop(&self, how: Stop) {
        // A receiver that is gone belongs to a run that has ended.
        let _ = self.0.send(how);
    }
}

/// The other end, in the platform.
#[derive(Debug)]
pub(crate) struct Stops {
    handle: StopHandle,
    requests: mpsc::UnboundedReceiver<Stop>,
}

impl Stops {
    pub(crate) fn new() -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        Stops { handle: StopHandle(sender), requests }
    }

    pub(crate) fn handle(&self) -> StopHandle {
        self.handle.clone()
    }

    /// What was asked since the last call.
    pub(crate) fn take(&mut self) -> Vec<Stop> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}
