//! Carrying requests out: the journal at once, everything else when its instant has come.
//!
//! An instant is committed as a whole: what operations did then, and what the journal says of them. So a process that is killed
//! leaves both or neither. The journal is still written ahead: a step acts only once its start is durable, and nothing that
//! happened at one instant waits for a commit until another. Whoever watches a run has seen nothing that is not in the file.

use super::{Arriving, BUDGET, EmbeddedPlatform};
use crate::database::Transaction;
use crate::error::EmbeddedError;
use model::Timestamp;
use model::operation::{Operation, OperationError, Receipt};
use model::{Address, Value};
use port::{Event, PlatformError, Ticket};
use simulator::digest::resolve;
use std::sync::Arc;

impl EmbeddedPlatform {
    /// Commit the journal entries that wait, together with whatever of the world has changed since the last commit.
    pub(super) async fn write_journal(&mut self, events: &mut Vec<Event>) -> Result<(), PlatformError> {
        if self.records.is_empty() {
            return Ok(());
        }
        let waiting = self.commit_instant().await?;
        events.extend(waiting.into_iter().map(|ticket| Event::Recorded { ticket }));
        Ok(())
    }

    /// Commit what happened at this instant. Gives back the tickets of the journal entries among it.
    async fn commit_instant(&mut self) -> Result<Vec<Ticket>, PlatformError> {
        let waiting = std::mem::take(&mut self.records);
        self.crash.boundary()?;
        let mut transaction = Transaction::new();
        for (_, entries) in &waiting {
            if let Some(first) = entries.first() {
                let appended = transaction.append(first.run, entries);
                appended.map_err(|source| EmbeddedError::damaged(self.database.path(), source))?;
            }
        }
        self.commit(transaction).await?;
        self.crash.boundary()?;
        Ok(waiting.into_iter().map(|(ticket, _)| ticket).collect())
    }

    /// Commit what of the world has changed.
    pub(crate) async fn commit_world(&mut self) -> Result<(), EmbeddedError> {
        self.commit(Transaction::new()).await
    }

    /// Commit what of the world has changed, together with what is in `transaction`.
    pub(crate) async fn commit(&mut self, mut transaction: Transaction) -> Result<(), EmbeddedError> {
        transaction.keep(self.world.drain_changes());
        self.database.commit(transaction).await?;
        self.uncommitted = false;
        Ok(())
    }

    /// Let time pass until the next instant at which something happens.
    pub(super) async fn pass_time(&mut self, begun: Timestamp, events: &mut Vec<Event>) -> Result<(), PlatformError> {
        if self.uncommitted {
            self.commit_instant().await?;
        }
        let instants =
            [self.arriving.first_key_value().map(|((at, _), _)| *at), self.wakes.first().copied(), self.world.next_event_at()];
        let next = instants.into_iter().flatten().min().map(|at| at.max(self.world.now()));
        let at = next.filter(|at| at.since(begun) <= BUDGET).ok_or_else(|| self.stuck())?;
        self.witness.watch(&mut self.world, at);
        self.world.advance_to(at);
        self.carry_out_arrived(events);
        let touched = self.world.touched();
        self.watches.look_again(&self.world, &touched, events);
        let later = self.wakes.split_off(&Timestamp(at.0.saturating_add(1)));
        events.extend(std::mem::replace(&mut self.wakes, later).into_iter().map(|_| Event::Woken));
        Ok(())
    }

    /// Carry out every request that has arrived, in the order in which they were asked for.
    fn carry_out_arrived(&mut self, events: &mut Vec<Event>) {
        let later = self.arriving.split_off(&(Timestamp(self.world.now().0.saturating_add(1)), 0));
        for request in std::mem::replace(&mut self.arriving, later).into_values() {
            events.push(match request {
                Arriving::Operation(ticket, operation) => Event::Executed { ticket, result: self.carry_out(operation) },
                Arriving::Documents(ticket, chain, documents) => {
                    Event::Appended { ticket, result: self.world.append(&chain, &documents) }
                }
            });
            self.uncommitted = true;
        }
    }

    fn carry_out(&mut self, mut operation: Operation) -> Result<Receipt, OperationError> {
        match &mut operation {
            Operation::Apply { address, document, .. } => *document = self.resolve(address, document)?,
            Operation::Move { from, document, .. } => *document = self.resolve(from, document)?,
            Operation::Delete { .. } => {}
        }
        let result = self.world.execute(&operation);
        self.witness.see(&self.world);
        result
    }

    pub(crate) fn resolve(&mut self, address: &Address, document: &Arc<Value>) -> Result<Arc<Value>, OperationError> {
        resolve(&self.world, &mut self.digester, address, document)
    }

    fn stuck(&self) -> PlatformError {
        PlatformError {
            message: format!("the embedded platform has nothing to wait for: {}", self.watches.describe(self.world.now())),
            help: Some(
                "look at the world with `vamp world show`; what was broken on purpose is mended with `vamp world heal`"
                    .to_owned(),
            ),
            source: None,
        }
    }
}
