//! Audit events of what is changed through the engine, and the audit chains in which it writes down itself what it did.

use super::World;
use crate::network::Spot;
use crate::traffic::AuditLog;
use model::Value;
use model::audit::{Chain, Stored};
use model::observation::Gap;
use model::operation::{Operation, OperationError};
use model::resource::Scope;
use model::value::Text;

impl World {
    /// Audit events by the Elasticsearch that is to hold them, with the times in which it took none. Only where a load is declared.
    pub fn audit(&self) -> impl Iterator<Item = (&Text, &AuditLog)> {
        self.ledger.audit()
    }

    /// Put documents into an audit chain.
    ///
    /// # Errors
    /// What its store would answer, or that it cannot be reached.
    pub fn append(&mut self, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        let result = match self.no_way_to(&chain.store) {
            Some(gap) => Err(OperationError::Unreachable(gap.to_string())),
            None => self.stores.append(chain, documents),
        };
        let last = documents.last().and_then(|document| document.str_at(&["digest"])).unwrap_or_default();
        self.kernel.note(&match &result {
            Ok(()) => format!("{chain} {last}"),
            Err(error) => format!("{chain} {error}"),
        });
        result
    }

    /// All documents of an audit chain.
    ///
    /// # Errors
    /// The gap, if nobody can look who stands where the engine does.
    pub fn audit_chain(&self, chain: &Chain) -> Result<Vec<Stored>, Gap> {
        self.no_way_to(&chain.store).map_or_else(|| self.stores.audit(chain), Err)
    }

    /// Put a document into an index by hand, or take it away (`None`), past the engine.
    pub fn put_document(&mut self, store: &str, index: &str, id: &str, document: Option<Value>) {
        if let Some(server) = self.stores.elasticsearch.get_mut(store) {
            server.put_document(index, id, document);
        }
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
