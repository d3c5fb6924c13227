//! Requests in, events out: the one seam between the driver and whatever it drives.

use model::audit::Chain;
use model::observation::Condition;
use model::operation::{Operation, OperationError, Receipt};
use model::outcome::JournalEntry;
use model::{Address, Timestamp, Value};

/// Ties an event to the request that caused it. Given out by the driver, never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What the driver asks for. A comparable value, so that tests compare lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Write these entries to the journal, durably, in this order. Answered by [`Event::Recorded`].
    Record {
        /// Ties the answer to this request.
        ticket: Ticket,
        /// The entries.
        entries: Vec<JournalEntry>,
    },
    /// Carry out one operation. Answered by [`Event::Executed`].
    Execute {
        /// Ties the answer to this request.
        ticket: Ticket,
        /// What to do.
        operation: Operation,
    },
    /// Say when the object is as awaited, or when it has failed. Answered by [`Event::Readiness`], at once if it is so already,
    /// and again on every change until it is so or has failed.
    Watch {
        /// Ties the answers to this request.
        ticket: Ticket,
        /// Which object.
        address: Address,
        /// What is awaited; [`Condition::Ready`] in an answer says that it has come.
        until: Until,
    },
    /// Put these documents at the end of an audit chain, each under its position ([`model::audit::id`]). One that stands there already and
    /// is the same is written; another one is never written over. Answered by [`Event::Appended`].
    Append {
        /// Ties the answer to this request.
        ticket: Ticket,
        /// Which chain.
        chain: Chain,
        /// The documents, in order.
        documents: Vec<Value>,
    },
    /// Answer with [`Event::Woken`] when the platform's clock has reached this instant.
    Wake {
        /// When.
        at: Timestamp,
    },
}

/// What a watch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Until {
    /// The object does its work.
    Ready,
    /// The object is gone: a system may take its time to delete (finalizers, the content of a namespace).
    Gone,
}

/// What happened. Events come in batches: what happened at one instant comes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The entries are durable.
    Recorded {
        /// The request.
        ticket: Ticket,
    },
    /// An operation was answered.
    Executed {
        /// The request.
        ticket: Ticket,
        /// The answer.
        result: Result<Receipt, OperationError>,
    },
    /// Documents were put into an audit chain: all of them, durably, or nobody knows which.
    Appended {
        /// The request.
        ticket: Ticket,
        /// [`OperationError::Stale`] if another document stands in the place of one.
        result: Result<(), OperationError>,
    },
    /// What is known of the readiness of an object.
    Readiness {
        /// The request.
        ticket: Ticket,
        /// Its condition now.
        condition: Condition,
    },
    /// The instant asked for has come.
    Woken,
    /// Somebody asks the run to stop.
    Stop(Stop),
}

/// How a run is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Begin nothing new; let what runs come to its end (first signal).
    Cleanly,
    /// Wait for nothing any more (second signal).
    Now,
}

/// The platform itself failed: its journal cannot be written, its world file is damaged.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PlatformError {
    /// What failed, in one sentence.
    pub message: String,
    /// What a person can do about it.
    pub help: Option<String>,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Whatever the driver drives: the world in virtual time, or real systems.
///
/// A request is only begun; what comes of it arrives through [`Platform::next`].
#[allow(async_fn_in_trait, reason = "the engine runs on one thread; no future leaves it")]
pub trait Platform {
    /// The platform's clock.
    fn now(&self) -> Timestamp;

    /// Begin to carry out a request.
    fn submit(&mut self, request: Request);

    /// Wait for the outside, until [`Platform::next`] has something to tell. Here a platform may wait for long, and here a stop is heard
    /// meanwhile: this future is dropped then, so dropping it loses nothing. In virtual time there is nothing to wait for.
    async fn ready(&mut self) {}

    /// What happens next: at least one event. Never dropped half-way, because it may be writing the journal; so what takes long belongs
    /// into [`Platform::ready`].
    ///
    /// # Errors
    /// [`PlatformError`] when the platform itself cannot go on; what was recorded stays recorded.
    async fn next(&mut self) -> Result<Vec<Event>, PlatformError>;
}

/// Somebody who may ask a run to stop: a person at a terminal, a hosted CI.
#[allow(async_fn_in_trait, reason = "the engine runs on one thread; no future leaves it")]
pub trait Stops {
    /// Wait until somebody asks. Dropping this future loses no request.
    async fn asked(&mut self) -> Stop;
}

/// Nobody asks a run to stop.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Stops for Nobody {
    async fn asked(&mut self) -> Stop {
        std::future::pending().await
    }
}
