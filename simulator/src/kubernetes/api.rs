//! The API server: what it lets in, and how it answers.

use super::cluster::{Cluster, NamespaceState};
use super::event::Context;
use super::key::Key;
use super::managers::{self, Managers, Written};
use super::object::{Object, with_mark};
use super::revision::Workload;
use super::validation::validate;
use model::kind::Family;
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::preview::Proposal;
use model::value::Text;
use model::{Address, Kind, Timestamp, Value, mark};
use std::sync::Arc;

/// The field manager of the engine.
pub const FIELD_MANAGER: &str = "vamp";
/// The field manager of a person who edits an object.
pub const EDITOR: &str = "kubectl-edit";

/// One request to bring an object to a document, by the engine.
struct Wanted<'a> {
    key: Key,
    document: &'a Arc<Value>,
    mark: &'a Mark,
    expected: &'a Expectation,
    force: bool,
}

impl Cluster {
    /// Carry out one operation of the engine.
    ///
    /// # Errors
    /// As the API server would answer, in the engine's words.
    pub fn execute(&mut self, operation: &Operation, context: &mut Context<'_>) -> Result<Receipt, OperationError> {
        self.answers()?;
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                self.apply(&Wanted { key: key_of(address), document, mark, expected, force: *force }, context)
            }
            Operation::Delete { address, expected, .. } => self.delete(&key_of(address), expected, context),
            Operation::Move { from, to, .. } => {
                Err(OperationError::Refused(format!("Kubernetes cannot rename {from} to {to}; it has to be made anew")))
            }
        }
    }

    fn apply(&mut self, wanted: &Wanted<'_>, context: &mut Context<'_>) -> Result<Receipt, OperationError> {
        let key = &wanted.key;
        self.in_namespace(key)?;
        let live = self.objects.get(key).map(Object::written);
        let conflict = |conflict: managers::Conflict| {
            let fields = conflict.0.into_iter().map(|(manager, path)| (manager.to_string(), path.to_string()));
            OperationError::Conflict(fields.collect())
        };
        let mut document = Arc::clone(wanted.document);
        if mark::is_marked(&document) {
            mark::take(Arc::make_mut(&mut document));
        }
        let next = managers::apply(live.as_ref(), FIELD_MANAGER, &document, wanted.force).map_err(conflict);
        if let Some(present) = self.objects.get(key) {
            let version = self.version_of(key, present);
            if present.deleted.is_some() {
                return Err(OperationError::NotYet(format!("{key} is being deleted")));
            }
            // A request whose effect is there already has succeeded: its first answer was lost.
            if present.mark.as_ref() == Some(wanted.mark) && next.as_ref().is_ok_and(|next| Some(next) == live.as_ref()) {
                return Ok(receipt(Some(version), false));
            }
            let ours = present.mark.as_ref().is_some_and(|mark| mark.platform == wanted.mark.platform);
            if !ours && !wanted.force {
                return Err(OperationError::Refused(self.not_owned(key, present.mark.as_ref(), &wanted.mark.platform)));
            }
        }
        self.expect(key, wanted.expected)?;
        let version = self.write(key, next?, Some(wanted.mark.clone()), context)?;
        Ok(receipt(Some(version), true))
    }

    /// What would become of an object if a document were applied to it (`dryRun=All`); nothing is written.
    ///
    /// # Errors
    /// As the API server would answer, in the engine's words.
    pub fn preview(&self, proposal: &Proposal, now: Timestamp) -> Result<Arc<Value>, OperationError> {
        self.answers()?;
        let key = key_of(&proposal.address);
        let present = self.objects.get(&key).filter(|present| present.uid_text() == proposal.incarnation.as_str());
        let present = present.ok_or_else(|| OperationError::Refused(format!("{key} is no longer the one that was seen")))?;
        let mut document = Arc::clone(&proposal.document);
        if mark::is_marked(&document) {
            mark::take(Arc::make_mut(&mut document));
        }
        let next = managers::apply(Some(&present.written()), FIELD_MANAGER, &document, true);
        let next = next.map_err(|_| OperationError::Refused(format!("{key} has fields of others")))?;
        let draft = self.draft(&key, next, Some(proposal.mark.clone()), now).map_err(OperationError::Refused)?;
        Ok(draft.live(key.kind))
    }

    /// Whether the object is as it was when the step was planned (`Observed::pin`). On a real server the adapter reads it, compares, and
    /// writes with the `resourceVersion` that it read.
    fn expect(&self, key: &Key, expected: &Expectation) -> Result<(), OperationError> {
        let pin = || self.objects.get(key).map(|object| self.observed(key, object).pin(Family::Kubernetes));
        let (wanted, found) = match expected {
            Expectation::Unseen => return Ok(()),
            Expectation::Absent if !self.objects.contains(key) => return Ok(()),
            Expectation::Absent => ("nothing".to_owned(), pin()),
            Expectation::Version(version) => match pin() {
                Some(pin) if pin == *version => return Ok(()),
                found => (format!("content {version}"), found),
            },
        };
        Err(OperationError::Stale {
            expected: wanted,
            found: found.map_or_else(|| "nothing".to_owned(), |pin| format!("content {pin}")),
        })
    }

    fn not_owned(&self, key: &Key, mark: Option<&Mark>, platform: &str) -> String {
        let whose = mark.map(|mark| format!("; platform {} owns it", mark.platform)).unwrap_or_default();
        format!("{key} in cluster {} is not owned by platform {platform}{whose}", self.name)
    }

    fn in_namespace(&self, key: &Key) -> Result<(), OperationError> {
        let Some(namespace) = key.namespace() else { return Ok(()) };
        match self.namespace_state(namespace) {
            NamespaceState::Active => Ok(()),
            NamespaceState::Absent => Err(OperationError::NotYet(format!("namespaces {namespace:?} not found"))),
            NamespaceState::Terminating if self.objects.contains(key) => Ok(()),
            NamespaceState::Terminating => {
                let reason = format!("unable to create new content in namespace {namespace} because it is being terminated");
                Err(OperationError::NotYet(reason))
            }
        }
    }

    /// Put what is written in place, after all rules of its kind. The version that it gets.
    pub(super) fn write(
        &mut self,
        key: &Key,
        next: Written,
        mark: Option<Mark>,
        context: &mut Context<'_>,
    ) -> Result<u64, OperationError> {
        // A write that changes nothing is none: the version stays.
        if let Some(present) = self.objects.get(key).filter(|present| present.mark == mark && present.written() == next) {
            return Ok(self.version_of(key, present));
        }
        let spec_changed = self.checked(key, &next).map_err(OperationError::Refused)?;
        self.is_uncontested(key)?;
        let version = self.next_version();
        match self.objects.get_mut(key) {
            Some(object) => {
                object.document = next.document.into();
                object.managers = next.managers;
                object.mark = mark;
                object.resource_version = version;
                object.generation += u64::from(spec_changed);
            }
            None => {
                let uid = self.next_uid();
                let object = Object {
                    document: next.document.into(),
                    managers: next.managers,
                    mark,
                    resource_version: version,
                    uid,
                    generation: 1,
                    created: context.agenda.now(),
                    deleted: None,
                    foreground: false,
                };
                self.objects.insert(key.clone(), object);
            }
        }
        self.index_owners(key);
        self.written(key, spec_changed, context);
        Ok(version)
    }

    /// Whether `next` may stand under `key`, and then whether its spec is another one.
    ///
    /// # Errors
    /// What the API server says against it.
    fn checked(&self, key: &Key, next: &Written) -> Result<bool, String> {
        let live = super::defaulting::with_defaults(key.kind, &next.document);
        let before = self.objects.get(key).map(|object| object.live(key.kind));
        validate(key, &live, before.as_deref())?;
        Ok(before.is_none_or(|before| before.get("spec") != live.get("spec")))
    }

    /// The object that a write would leave; nothing is written.
    ///
    /// # Errors
    /// What the API server would say against it.
    pub(super) fn draft(&self, key: &Key, next: Written, mark: Option<Mark>, now: Timestamp) -> Result<Object, String> {
        let spec_changed = self.checked(key, &next)?;
        let present = self.objects.get(key);
        Ok(Object {
            resource_version: present.map_or(0, |present| present.resource_version),
            uid: present.map_or(self.meta.uid + 1, |present| present.uid),
            generation: present.map_or(1, |present| present.generation + u64::from(spec_changed)),
            created: present.map_or(now, |present| present.created),
            deleted: present.and_then(|present| present.deleted),
            foreground: present.is_some_and(|present| present.foreground),
            document: next.document.into(),
            managers: next.managers,
            mark,
        })
    }

    /// From now on somebody else writes between any two requests of the engine, or does not.
    pub fn contest(&mut self, contested: bool) {
        self.contested = contested;
    }

    /// Whoever reads an object and writes it as it was read is never quick enough while others write: he gives up for now.
    fn is_uncontested(&self, key: &Key) -> Result<(), OperationError> {
        let message = || format!("{key} is written to all the time");
        if self.contested { Err(OperationError::Busy { message: message(), retry_after: None }) } else { Ok(()) }
    }

    /// What follows from a write.
    fn written(&mut self, key: &Key, spec_changed: bool, context: &mut Context<'_>) {
        self.changed.insert(key.clone());
        match key.kind {
            kind if kind.runs_pods() && spec_changed => {
                if !self.workloads.contains(key) {
                    self.workloads.insert(key.clone(), Workload::new(context.agenda.now()));
                }
                self.request_sync(key, context);
            }
            // Pods that could not be made without it are made now.
            Kind::ServiceAccount => self.sync_blocked(key, context),
            Kind::PersistentVolumeClaim => self.request_schedule(true, context),
            Kind::PodDisruptionBudget => self.retry_drains(context),
            _ => {}
        }
        self.finish_deletion(key, context);
    }

    fn sync_blocked(&mut self, account: &Key, context: &mut Context<'_>) {
        let blocked = |(key, workload): (&Key, &Workload)| {
            (key.namespace() == account.namespace() && workload.blocked.is_some()).then(|| key.clone())
        };
        for workload in self.workloads.iter().filter_map(blocked).collect::<Vec<_>>() {
            self.request_sync(&workload, context);
        }
    }

    pub(super) fn next_version(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.resource_version += 1;
        meta.resource_version
    }

    fn delete(&mut self, key: &Key, expected: &Expectation, context: &mut Context<'_>) -> Result<Receipt, OperationError> {
        let Some(present) = self.objects.get(key) else { return Ok(receipt(None, false)) };
        if present.deleted.is_some() {
            return Ok(receipt(None, false));
        }
        if present.mark.is_none() {
            return Err(OperationError::Refused(format!("{key} in cluster {} is not owned by any platform", self.name)));
        }
        self.expect(key, expected)?;
        self.is_uncontested(key)?;
        self.begin_foreground_deletion(key, context);
        Ok(receipt(None, true))
    }

    /// Change an object as another manager would (`kubectl edit`); what is absent is made, as somebody else's.
    ///
    /// # Errors
    /// As the API server would answer.
    pub fn edit(
        &mut self,
        key: &Key,
        manager: &str,
        change: impl FnOnce(&mut Value),
        context: &mut Context<'_>,
    ) -> Result<(), OperationError> {
        self.answers()?;
        self.in_namespace(key)?;
        let present = self.objects.get(key);
        let none = || Written { document: Arc::new(Value::EMPTY_MAP), managers: Managers::Several(Vec::new()) };
        let written = present.map_or_else(none, Object::written);
        let before = present.map_or_else(|| written.document.clone(), |object| object.live(key.kind));
        let mut after = with_mark(&before, present.and_then(|object| object.mark.as_ref()));
        change(&mut after);
        let mark = mark::take(&mut after);
        let next = managers::update(&written, manager, &before, &after);
        self.write(key, next, mark, context).map(drop)
    }

    /// Take an object away as another person would (`kubectl delete`).
    ///
    /// # Errors
    /// `Unreachable`, or `Refused` if there is no such object.
    pub fn remove(&mut self, key: &Key, context: &mut Context<'_>) -> Result<(), OperationError> {
        self.answers()?;
        if !self.objects.contains(key) {
            return Err(OperationError::Refused(format!("{key} is not there")));
        }
        self.begin_deletion(key, context);
        Ok(())
    }
}

pub(super) fn key_of(address: &Address) -> Key {
    Key::new(address.kind(), address.key())
}

fn receipt(version: Option<u64>, changed: bool) -> Receipt {
    Receipt { version: version.map(|version| Text::from(version.to_string())), changed }
}
