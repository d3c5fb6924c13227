//! Audit events of what is changed through the engine.

use super::World;
use crate::network::Spot;
use crate::traffic::AuditLog;
use model::operation::Operation;
use model::resource::Scope;
use model::value::Text;

impl World {
    /// Audit events by the Elasticsearch that is to hold them, with the times in which it took none. Only where a load is declared.
    pub fn audit(&self) -> impl Iterator<Item = (&Text, &AuditLog)> {
        self.ledger.audit()
    }

    /// Whom an operation is about, before it is carried out: what is deleted says so itself.
    pub(super) fn scope_of(&self, operation: &Operation) -> Option<Scope> {
        if self.ledger.is_empty() {
            return None;
        }
        match operation {
            Operation::Apply { mark, .. } | Operation::Move { mark, .. } => Some(mark.scope.clone()),
            Operation::Delete { address, .. } => self.find(address).ok().flatten().map(|seen| seen.scope),
        }
    }

    /// Something was changed that is about `scope`: an event about it is sent.
    pub(super) fn record_audit(&mut self, scope: &Scope) {
        let Some(sink) = self.ledger.audit_sink(scope) else { return };
        let taken = self.stores.takes_documents(&Spot::Engine, &sink);
        self.ledger.record_audit(&sink, scope, taken);
    }

    /// Audit sinks that take events again, or no more.
    pub(super) fn look_at_audit_sinks(&mut self) {
        let World { ledger, stores, kernel, .. } = self;
        ledger.look_at_audit_sinks(kernel.now(), |name| stores.takes_documents(&Spot::Engine, name));
    }
}
