//! What a case can ask of either arm.

use super::case::{Edit, Names, Subject};
use model::observation::{Observed, Snapshot};
use model::operation::{Operation, OperationError, Receipt};
use model::{Address, Kind};
use port::Until;
use std::collections::BTreeMap;

/// A request to a server itself.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) subject: Subject,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) content: String,
    pub(crate) body: Option<serde_json::Value>,
    pub(crate) token: Option<String>,
}

/// What it answers: a status (0 if nobody answers) and a body.
pub(crate) type Answer = (u16, serde_json::Value);

/// One of the two.
#[allow(async_fn_in_trait, reason = "a test runs on one thread")]
pub(crate) trait Arm {
    /// Ask a server.
    async fn ask(&mut self, question: &Question) -> Answer;

    /// Carry out a step of the engine.
    async fn execute(&mut self, operation: Operation) -> Result<Receipt, OperationError>;

    /// Look at all of a kind.
    async fn look(&mut self, kind: Kind) -> Snapshot;

    /// Wait for an object; whether it came to be so.
    async fn wait(&mut self, address: &Address, until: Until) -> Result<(), String>;

    /// Change something by hand.
    async fn edit(&mut self, names: &Names, sql: Option<&str>, edit: Option<&Edit>) -> Result<(), String>;

    /// Break or mend something.
    async fn fault(&mut self, what: &str) -> Result<(), String>;

    /// Do something with the platform's own lock: what came of it, in a word, and the rest.
    async fn lock(&mut self, what: &str, who: &str) -> Result<(&'static str, serde_json::Value), String>;

    /// Let time pass.
    async fn pass(&mut self, length: std::time::Duration);
}

/// One object, out of a look.
pub(crate) fn seen(snapshot: &Snapshot, address: &Address) -> Result<Option<Observed>, String> {
    match snapshot.listing(&address.system(), address.kind()) {
        Some(model::observation::Listing::Complete(objects)) => Ok(objects.get(address).cloned()),
        Some(model::observation::Listing::Unknown(gap)) => Err(gap.to_string()),
        None => Err("nobody looked".to_owned()),
    }
}
