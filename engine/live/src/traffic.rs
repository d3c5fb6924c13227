//! Every request is counted, and can be shown as it is answered: method, path, status, size and time, and never a header or a body,
//! because secrets travel in those alone.

use crate::server::Server;
use model::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The wall clock, handed in.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Takes one line a request.
pub type Trace = Box<dyn Fn(&str) + Send + Sync>;

/// Counts requests, and shows them if somebody looks.
#[derive(Clone)]
pub struct Traffic(Arc<Inner>);

struct Inner {
    clock: Clock,
    trace: Option<Trace>,
    counts: Mutex<BTreeMap<(String, String), u64>>,
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Traffic").field(&self.counts()).finish()
    }
}

impl Traffic {
    /// Nothing sent yet.
    pub fn new(clock: Clock, trace: Option<Trace>) -> Self {
        Traffic(Arc::new(Inner { clock, trace, counts: Mutex::new(BTreeMap::new()) }))
    }

    /// Number of requests by system and method (`WATCH` for one that goes on, `DRY-RUN` for one of which nothing stays).
    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Now, on the wall clock.
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// A request is sent.
    pub(crate) fn sent(&self, server: &Server, method: &str) -> Timestamp {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((server.system.to_string(), method.to_owned())).or_default() += 1;
        self.now()
    }

    /// What came of the request that was sent at `since`.
    pub(crate) fn answered(&self, server: &Server, method: &str, path: &str, since: Timestamp, came: &str) {
        if let Some(trace) = &self.0.trace {
            trace(&format!("{} {method} {path} {came} {}", server.system, self.now().since(since)));
        }
    }
}
