//! What changes about a step while the plan is carried out.

use model::Timestamp;
use model::outcome::StepResult;
use port::Ticket;

/// Where a step stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Steps before it are not done.
    Waiting,
    /// It waits for a free place in its system, for the first time or for another try.
    Queued,
    /// Its start, or that it is tried once more, is on the way to the journal. Holds a place.
    Announced,
    /// An operation is under way. Holds a place.
    Executing(Ticket),
    /// Until then it waits to be tried again.
    Pausing(Timestamp),
    /// The object is watched until it is ready, or until the deadline.
    Watching(Watch),
    /// Over.
    Ended(StepResult),
}

#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) ticket: Ticket,
    pub(super) deadline: Timestamp,
    /// Why it was not ready when last heard of.
    pub(super) reason: Option<String>,
}

/// What changes about a step.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) state: State,
    /// Steps before it that are not done.
    pub(super) waits_for: u32,
    /// Operations of it that are done.
    pub(super) operations_done: u8,
    /// Tries of the present operation that failed.
    pub(super) failures: u32,
    /// Tries of any operation that failed.
    pub(super) failed_tries: u32,
    /// Whether an operation may have taken effect: one did, or its answer was lost.
    pub(super) acted: bool,
    /// Whether an operation changed anything.
    pub(super) changed: bool,
    /// When the first operation was asked for.
    pub(super) started: Option<Timestamp>,
    /// When the first try of the present operation was made.
    pub(super) first_try: Timestamp,
    pub(super) ended: Timestamp,
}

impl Course {
    pub(super) fn new(waits_for: u32) -> Self {
        Course {
            state: State::Waiting,
            waits_for,
            operations_done: 0,
            failures: 0,
            failed_tries: 0,
            acted: false,
            changed: false,
            started: None,
            first_try: Timestamp(0),
            ended: Timestamp(0),
        }
    }
}
