//! An embedded platform with a bad line to it: chosen operations are lost on their way there, on their way back, or arrive twice.

use embedded::EmbeddedPlatform;
use model::operation::{Operation, OperationError};
use model::{Address, Timestamp};
use port::{Event, Platform, PlatformError, Request, Ticket};
use std::collections::BTreeSet;

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Before,
    /// It arrives and has its effect, and its answer is lost.
    After,
    /// It arrives twice, and the second answer is the one that is heard.
    Twice,
}

pub(crate) struct Faulty<'a> {
    platform: &'a mut EmbeddedPlatform,
    fault: Option<Fault>,
    /// The steps whose first operation is yet to meet the fault.
    chosen: BTreeSet<Address>,
    met: usize,
    /// Answers to operations that did not arrive.
    lost: Vec<Event>,
    /// Operations whose answers do not arrive.
    unheard: BTreeSet<Ticket>,
    /// Operations that nobody asked for.
    second: BTreeSet<Ticket>,
}

impl<'a> Faulty<'a> {
    pub(crate) fn new(platform: &'a mut EmbeddedPlatform, fault: Option<Fault>, chosen: BTreeSet<Address>) -> Self {
        let (unheard, second) = (BTreeSet::new(), BTreeSet::new());
        Faulty { platform, fault, chosen, met: 0, lost: Vec::new(), unheard, second }
    }

    /// How many operations met the fault.
    pub(crate) fn met(&self) -> usize {
        self.met
    }

    fn execute(&mut self, ticket: Ticket, operation: Operation) {
        let subject = match &operation {
            Operation::Apply { address, .. } | Operation::Delete { address, .. } => address,
            Operation::Move { to, .. } => to,
        };
        let fault = if self.chosen.remove(subject) { self.fault } else { None };
        self.met += usize::from(fault.is_some());
        match fault {
            Some(Fault::Before) => return self.lost.push(Event::Executed { ticket, result: Err(reset()) }),
            Some(Fault::After) => drop(self.unheard.insert(ticket)),
            Some(Fault::Twice) => {
                // The driver counts its tickets from below.
                let first = Ticket(u64::MAX - ticket.0);
                self.second.insert(first);
                self.platform.submit(Request::Execute { ticket: first, operation: operation.clone() });
            }
            None => {}
        }
        self.platform.submit(Request::Execute { ticket, operation });
    }

    /// The event as it arrives, if it does.
    fn on_the_line(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Executed { ticket, .. } if self.second.remove(&ticket) => None,
            Event::Executed { ticket, result: Ok(_) } if self.unheard.remove(&ticket) => {
                Some(Event::Executed { ticket, result: Err(reset()) })
            }
            other => Some(other),
        }
    }
}

fn reset() -> OperationError {
    OperationError::Unreachable("connection reset by peer".to_owned())
}

impl Platform for Faulty<'_> {
    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn submit(&mut self, request: Request) {
        match request {
            Request::Execute { ticket, operation } => self.execute(ticket, operation),
            other => self.platform.submit(other),
        }
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        if !self.lost.is_empty() {
            return Ok(std::mem::take(&mut self.lost));
        }
        loop {
            let events = self.platform.next().await?;
            let events: Vec<Event> = events.into_iter().filter_map(|event| self.on_the_line(event)).collect();
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }
}
