//! Elasticsearch as the engine sees it: lifecycle policies, index templates, roles, and the health of the cluster.

mod documents;
mod server;
mod streams;

use crate::kept::{Kept, Objects, Wanted};
use crate::kernel::{Damaged, Record, Store};
use documents::Documents;
use model::audit::{Chain, Stored};
use model::observation::{self, Gap, Observed};
use model::operation::{Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Duration, Kind, System, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use streams::Streams;

/// The health of an Elasticsearch cluster, as `GET _cluster/health` says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Every shard is there.
    #[default]
    Green,
    /// Every primary is there, some replicas are not.
    Yellow,
    /// There is no elected master, or primaries are missing: nothing can be changed.
    Red,
}

/// What is kept of the server beside its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ElasticsearchState {
    /// Counts the changes.
    pub revision: u64,
    /// Whether what it holds outlives a restart.
    pub durable: bool,
    /// It does not answer.
    pub unavailable: bool,
    /// Its health while it answers.
    pub health: Health,
    /// `cluster.blocks.read_only` is set.
    pub read_only: bool,
    /// Its disks are past the flood stage (`cluster.routing.allocation.disk.watermark.flood_stage`, 95 %): its indices take no documents.
    pub flooded: bool,
    /// How much longer every answer takes.
    pub delay: Duration,
}

/// One Elasticsearch.
#[derive(Clone, Debug)]
pub struct Elasticsearch {
    system: System,
    state: Store<String, ElasticsearchState>,
    lifecycle_policies: Objects,
    index_templates: Objects,
    roles: Objects,
    documents: Documents,
    streams: Streams,
    /// What requests to its HTTP API changed since somebody asked.
    touched: Vec<Address>,
}

/// How long an agent waits for the answer to its documents (the client's usual request timeout).
pub const DOCUMENT_PATIENCE: Duration = Duration::seconds(30);

const STATE: &str = "elasticsearch.state";
const SERVER: &str = "server";

impl Elasticsearch {
    /// An empty one that answers.
    pub fn new(name: &str) -> Self {
        let mut state = Store::new();
        state.insert(SERVER.to_owned(), ElasticsearchState::default());
        Elasticsearch {
            system: System::Elasticsearch(name.into()),
            state,
            lifecycle_policies: Objects::new("elasticsearch.lifecycle-policy"),
            index_templates: Objects::new("elasticsearch.index-template"),
            roles: Objects::new("elasticsearch.search-role"),
            documents: Documents::default(),
            streams: Streams::new(),
            touched: Vec::new(),
        }
    }

    /// What is kept of it beside its objects.
    pub fn state(&self) -> ElasticsearchState {
        self.state.get(SERVER).cloned().unwrap_or_default()
    }

    /// Change what is kept of it beside its objects.
    pub fn change(&mut self, change: impl FnOnce(&mut ElasticsearchState)) {
        let mut state = self.state();
        change(&mut state);
        self.state.insert(SERVER.to_owned(), state);
    }

    /// Why nobody can look at it now, if nobody can.
    pub fn gap(&self) -> Option<Gap> {
        self.state().unavailable.then(|| Gap::Unreachable(format!("{} does not answer: connection refused", self.system)))
    }

    /// Whether documents that are sent to it are taken.
    pub fn takes_documents(&self) -> bool {
        let state = self.state();
        self.writable().is_ok() && !state.flooded && state.delay < DOCUMENT_PATIENCE
    }

    /// Whether what is looked for in its indices is found. Blocks of its disks and of its operator forbid writes only
    /// (`index.blocks.read_only_allow_delete`, `cluster.blocks.read_only`); without its primaries it cannot say what there is.
    pub fn answers_searches(&self) -> bool {
        let state = self.state();
        self.readable().is_ok() && state.health != Health::Red && state.delay < DOCUMENT_PATIENCE
    }

    fn readable(&self) -> Result<(), OperationError> {
        self.gap().map_or(Ok(()), |gap| Err(OperationError::Unreachable(gap.to_string())))
    }

    fn writable(&self) -> Result<(), OperationError> {
        self.readable()?;
        let state = self.state();
        if state.health == Health::Red {
            let message = format!("{} answers 503: master_not_discovered_exception", self.system);
            return Err(OperationError::Busy { message, retry_after: None });
        }
        if state.read_only {
            let message = "blocked by: [FORBIDDEN/6/cluster read-only (api)]";
            return Err(OperationError::Refused(format!("{} answers 403: {message}", self.system)));
        }
        Ok(())
    }

    /// Put documents into an audit chain.
    ///
    /// # Errors
    /// What Elasticsearch would answer.
    pub fn append(&mut self, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        self.writable()?;
        let state = self.state();
        if state.flooded {
            let message = "cluster_block_exception: disk usage exceeded flood-stage watermark";
            return Err(OperationError::Busy { message: format!("{} answers 429: {message}", self.system), retry_after: None });
        }
        if state.delay >= DOCUMENT_PATIENCE {
            return Err(OperationError::Unreachable(format!("{} does not answer in time", self.system)));
        }
        self.documents.create(&self.system, chain, documents)
    }

    /// All documents of one index, whether or not anybody can look.
    pub fn documents(&self, index: &str) -> Vec<Stored> {
        self.documents.of(index)
    }

    /// Put a document there by hand, or take it away (`None`).
    pub fn put_document(&mut self, index: &str, id: &str, document: Option<Value>) {
        self.documents.put(index, id, document);
    }

    fn shelf(&mut self, kind: Kind) -> Result<&mut Objects, OperationError> {
        match kind {
            Kind::LifecyclePolicy => Ok(&mut self.lifecycle_policies),
            Kind::IndexTemplate => Ok(&mut self.index_templates),
            Kind::SearchRole => Ok(&mut self.roles),
            other => Err(OperationError::Refused(format!("{} keeps no {other}", self.system))),
        }
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// What Elasticsearch would answer.
    pub fn execute(&mut self, operation: &Operation) -> Result<Receipt, OperationError> {
        // Whoever finds that there is nothing to write does not write.
        self.readable()?;
        if self.shelf(operation.address().kind())?.writes(operation)? {
            self.writable()?;
            self.take_streams(operation);
        }
        self.lets_go(operation)?;
        let mut revision = self.state().revision;
        let before = revision;
        let shelf = self.shelf(operation.address().kind())?;
        let receipt = match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                shelf.apply(&Wanted { address, document, mark, expected, force: *force }, &mut revision)?
            }
            Operation::Delete { address, expected, .. } => shelf.delete(address, expected)?,
            Operation::Move { from, to, document, mark, expected } => {
                shelf.rename(from, &Wanted { address: to, document, mark, expected, force: false }, &mut revision)?
            }
        };
        if revision != before {
            self.change(|state| state.revision = revision);
        }
        Ok(receipt)
    }

    /// Data streams go before the template that they stand on, where somebody has consented to that.
    fn take_streams(&mut self, operation: &Operation) {
        let Operation::Delete { address, with_data: true, .. } = operation else { return };
        if address.kind() == Kind::IndexTemplate {
            for stream in self.streams_on(address.key()) {
                self.drop_stream(&stream);
            }
        }
    }

    /// A template that a data stream stands on does not go.
    fn lets_go(&self, operation: &Operation) -> Result<(), OperationError> {
        let Operation::Delete { address, .. } = operation else { return Ok(()) };
        let why = (address.kind() == Kind::IndexTemplate).then(|| self.in_use(address.key())).flatten();
        why.map_or(Ok(()), |why| Err(OperationError::Refused(format!("{} answers 400: {why}", self.system))))
    }

    fn objects(&self, kind: Kind) -> Option<&Objects> {
        match kind {
            Kind::LifecyclePolicy => Some(&self.lifecycle_policies),
            Kind::IndexTemplate => Some(&self.index_templates),
            Kind::SearchRole => Some(&self.roles),
            _ => None,
        }
    }

    /// One object, if it is there; whether anybody can look is another question ([`Self::gap`]).
    pub fn find(&self, kind: Kind, key: &str) -> Option<Observed> {
        let seen = self.objects(kind)?.get(key)?.observed();
        let streams = if kind == Kind::IndexTemplate { self.streams_on(key) } else { Vec::new() };
        Some(Observed { streams, ..seen })
    }

    /// Every object of one kind.
    ///
    /// # Errors
    /// The gap, if nobody can look.
    pub fn list(&self, kind: Kind) -> Result<observation::Objects, Gap> {
        if let Some(gap) = self.gap() {
            return Err(gap);
        }
        let Some(objects) = self.objects(kind) else { return Ok(observation::Objects::default()) };
        let mut streams = if kind == Kind::IndexTemplate { self.streams_by_template() } else { BTreeMap::new() };
        let mut seen = |(key, kept): (&Text, &Kept)| {
            let streams = streams.remove(key.as_str()).unwrap_or_default();
            (Address::new(&self.system, kind, key), Observed { streams, ..kept.observed() })
        };
        Ok(objects.iter().map(&mut seen).collect())
    }

    /// Change an object by hand, or take it away (`None`).
    ///
    /// # Errors
    /// `Refused` for a kind that it does not keep, and what it answers to anybody while it takes no writes.
    pub fn edit(&mut self, kind: Kind, key: &str, change: Option<&mut dyn FnMut(&mut Value)>) -> Result<(), OperationError> {
        self.writable()?;
        let mut revision = self.state().revision;
        let shelf = self.shelf(kind)?;
        match change {
            Some(change) => shelf.edit(key, &mut revision, change),
            None => drop(shelf.remove(key)),
        }
        self.change(|state| state.revision = revision);
        Ok(())
    }

    /// Everything is gone: it restarted on storage that does not outlive it.
    pub fn wipe(&mut self) {
        for shelf in [&mut self.lifecycle_policies, &mut self.index_templates, &mut self.roles] {
            for key in shelf.keys_under("") {
                shelf.remove(&key);
            }
        }
        self.documents.wipe();
        while self.streams.pop_first().is_some() {}
    }

    /// Append what changed since the last call.
    pub fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.state.drain_changes(STATE, prefix, records);
        for shelf in [&mut self.lifecycle_policies, &mut self.index_templates, &mut self.roles] {
            shelf.drain_changes(prefix, records);
        }
        self.documents.drain_changes(prefix, records);
        self.streams.drain_changes(streams::TABLE, prefix, records);
    }

    /// Put one kept record back. Whether it was one of its own.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        if table == STATE {
            self.state.restore(table, key, value)?;
            return Ok(true);
        }
        if table == streams::TABLE {
            self.streams.restore(table, key, value)?;
            return Ok(true);
        }
        for shelf in [&mut self.lifecycle_policies, &mut self.index_templates, &mut self.roles] {
            if shelf.restore(table, key, value)? {
                return Ok(true);
            }
        }
        self.documents.restore(table, key, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::tests::{document, mark};
    use model::operation::Expectation;

    fn apply(server: &mut Elasticsearch) -> Result<Receipt, OperationError> {
        let document = document("x");
        server.execute(&Operation::Apply {
            address: "elasticsearch.central/index-template/a".parse().unwrap(),
            mark: mark(&document),
            document,
            expected: Expectation::Unseen,
            force: false,
        })
    }

    #[test]
    fn a_template_is_kept_and_listed() {
        let mut server = Elasticsearch::new("central");
        assert!(apply(&mut server).unwrap().changed);
        assert!(!apply(&mut server).unwrap().changed);
        assert_eq!(server.list(Kind::IndexTemplate).unwrap().len(), 1);
        assert_eq!(server.list(Kind::LifecyclePolicy).unwrap().len(), 0);
    }

    #[test]
    fn blocks_forbid_writes_and_let_searches_through() {
        let answers = |change: fn(&mut ElasticsearchState)| {
            let mut server = Elasticsearch::new("central");
            server.change(change);
            (server.answers_searches(), server.takes_documents())
        };
        assert_eq!(answers(|state| state.flooded = true), (true, false));
        assert_eq!(answers(|state| state.read_only = true), (true, false));
        assert_eq!(answers(|state| state.health = Health::Yellow), (true, true));
        assert_eq!(answers(|state| state.health = Health::Red), (false, false));
        assert_eq!(answers(|state| state.unavailable = true), (false, false));
    }

    #[test]
    fn each_state_of_the_server_has_its_answer() {
        let mut server = Elasticsearch::new("central");
        server.change(|state| state.health = Health::Red);
        assert!(matches!(apply(&mut server), Err(OperationError::Busy { .. })));
        server.change(|state| (state.health, state.read_only) = (Health::Green, true));
        assert!(matches!(apply(&mut server), Err(OperationError::Refused(why)) if why.contains("read-only")));
        server.change(|state| state.unavailable = true);
        assert!(matches!(apply(&mut server), Err(OperationError::Unreachable(_))));
        assert!(matches!(server.list(Kind::IndexTemplate), Err(Gap::Unreachable(_))));
    }
}
