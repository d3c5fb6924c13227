//! The write-ahead journal as the machine sees it: one write at a time, and all that gathers meanwhile goes into the next.

use model::Timestamp;
use model::outcome::{JournalEntry, JournalEvent};
use port::{Request, Ticket};

/// Entries on their way to the disk.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    run: u64,
    gathered: Vec<JournalEntry>,
    /// Steps whose start is among the gathered entries.
    starting: Vec<u32>,
    written: Option<(Ticket, Vec<u32>)>,
}

impl Journal {
    pub(crate) fn new(run: u64) -> Self {
        Journal { run, gathered: Vec::new(), starting: Vec::new(), written: None }
    }

    pub(crate) fn write(&mut self, at: Timestamp, event: JournalEvent) {
        self.gathered.push(JournalEntry { at, run: self.run, event });
    }

    /// Write the start of a step; [`Journal::recorded`] gives the step back when it may act.
    pub(crate) fn start(&mut self, at: Timestamp, task: u32, event: JournalEvent) {
        self.write(at, event);
        self.starting.push(task);
    }

    /// The next write, if there is something to write and none is under way.
    pub(crate) fn flush(&mut self, ticket: impl FnOnce() -> Ticket) -> Option<Request> {
        if self.gathered.is_empty() || self.written.is_some() {
            return None;
        }
        let ticket = ticket();
        self.written = Some((ticket, std::mem::take(&mut self.starting)));
        Some(Request::Record { ticket, entries: std::mem::take(&mut self.gathered) })
    }

    /// A write is durable: the steps that may act now.
    pub(crate) fn recorded(&mut self, ticket: Ticket) -> Vec<u32> {
        match self.written.take_if(|(written, _)| *written == ticket) {
            Some((_, starting)) => starting,
            None => Vec::new(),
        }
    }

    /// Whether everything is durable.
    pub(crate) fn is_settled(&self) -> bool {
        self.gathered.is_empty() && self.written.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::outcome::Verdict;

    const ENDED: JournalEvent = JournalEvent::RunEnded { verdict: Verdict::Converged };

    #[test]
    fn one_write_at_a_time_and_the_rest_follows_together() {
        let mut journal = Journal::new(3);
        journal.start(Timestamp(1), 7, ENDED);
        assert!(matches!(journal.flush(|| Ticket(1)), Some(Request::Record { entries, .. }) if entries.len() == 1));
        journal.start(Timestamp(2), 8, ENDED);
        journal.start(Timestamp(2), 9, ENDED);
        assert_eq!(journal.flush(|| Ticket(2)), None);
        assert_eq!((journal.recorded(Ticket(9)), journal.recorded(Ticket(1))), (vec![], vec![7]));
        assert!(matches!(journal.flush(|| Ticket(2)), Some(Request::Record { entries, .. }) if entries.len() == 2));
        assert!(!journal.is_settled());
        assert_eq!(journal.recorded(Ticket(2)), [8, 9]);
        assert!(journal.is_settled());
    }
}
