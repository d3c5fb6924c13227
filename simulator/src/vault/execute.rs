//! Steps carried out on Vault: what an adapter does with several requests, done in one, with the answers turned into what a step
//! needs to know.

use super::{Entry, Refusal, Vault};
use crate::kept::{Decision, Kept, Objects, Wanted, judge_apply, judge_delete, judge_move, receipt};
use crate::kernel::Document;
use model::observation::{self, Gap, Observed};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Kind, System, Timestamp, Value, mark_in_vault};

fn equal(left: &Value, right: &Value) -> bool {
    left == right
}

/// The entry as the rules of all stores see it: only a version that can be read is there.
fn kept(entry: &Entry) -> Option<Kept> {
    let reading = entry.live()?;
    Some(Kept { mark: entry.mark.clone(), version: reading.version, document: reading.data.clone() })
}

impl Vault {
    fn shelf(&mut self, kind: Kind) -> Result<&mut Objects, OperationError> {
        match kind {
            Kind::Mount => Ok(&mut self.mounts),
            Kind::Policy => Ok(&mut self.policies),
            Kind::AuthMethod => Ok(&mut self.auth_methods),
            Kind::AuthRole => Ok(&mut self.auth_roles),
            other => Err(OperationError::Refused(format!("Vault keeps no {other}"))),
        }
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// What Vault would answer.
    pub fn execute(&mut self, operation: &Operation, now: Timestamp) -> Result<Receipt, OperationError> {
        self.stored(true).map_err(Refusal::into_operation_error)?;
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let wanted = Wanted { address, document, mark, expected, force: *force };
                match address.kind() {
                    Kind::Kv => self.apply_entry(&wanted, now),
                    kind => {
                        self.needs(address, mark)?;
                        self.revised(kind, |shelf, revision| shelf.apply(&wanted, revision))
                    }
                }
            }
            Operation::Delete { address, expected, .. } if address.kind() == Kind::Kv => self.delete_entry(address, expected),
            Operation::Delete { address, expected, .. } => {
                let receipt = self.revised(address.kind(), |shelf, _| shelf.delete(address, expected))?;
                self.delete_with(address.kind(), address.key());
                Ok(receipt)
            }
            Operation::Move { from, to, document, mark, expected } => {
                let wanted = Wanted { address: to, document, mark, expected, force: false };
                if to.kind() == Kind::Kv {
                    return self.move_entry(from, &wanted, now);
                }
                self.needs(to, mark)?;
                let receipt = self.revised(to.kind(), |shelf, revision| shelf.rename(from, &wanted, revision))?;
                self.move_with(to.kind(), from.key(), to.key());
                Ok(receipt)
            }
        }
    }

    fn revised(
        &mut self,
        kind: Kind,
        change: impl FnOnce(&mut Objects, &mut u64) -> Result<Receipt, OperationError>,
    ) -> Result<Receipt, OperationError> {
        let before = self.state().revision;
        let mut revision = before;
        let receipt = change(self.shelf(kind)?, &mut revision)?;
        if revision != before {
            self.change(|state| state.revision = revision);
        }
        Ok(receipt)
    }

    /// A role of an auth method that is not mounted has no route, and no mark without the mount of its platform.
    fn needs(&self, address: &Address, mark: &Mark) -> Result<(), OperationError> {
        let Some((method, role)) = address.key().rsplit_once('/').filter(|_| address.kind() == Kind::AuthRole) else {
            return Ok(());
        };
        let missing = if self.mounts.get(&mark.platform).is_none() {
            format!("{}/metadata/{}", mark.platform, mark_in_vault::path_of_role(address.key()))
        } else if self.auth_methods.get(method).is_none() {
            format!("auth/{method}/role/{role}")
        } else {
            return Ok(());
        };
        Err(Refusal::NoMount(missing).into_operation_error())
    }

    fn apply_entry(&mut self, wanted: &Wanted<'_>, now: Timestamp) -> Result<Receipt, OperationError> {
        let path = wanted.address.key();
        let present = self.entry(path).and_then(kept);
        if let Decision::Done(version) = judge_apply(wanted, present.as_ref(), equal)? {
            return Ok(receipt(Some(version), false));
        }
        // A deleted version still counts: the next check-and-set names it, not 0.
        let latest = self.entry(path).map_or(0, |entry| entry.version);
        let version = self.put(path, wanted, latest, now)?;
        Ok(receipt(Some(version), true))
    }

    fn put(&mut self, path: &str, wanted: &Wanted<'_>, cas: u64, now: Timestamp) -> Result<u64, OperationError> {
        let data = Document::from(wanted.document.clone());
        let version = self.write(path, data, Some(cas), now).map_err(Refusal::into_operation_error)?;
        let mark = wanted.mark.clone();
        self.write_metadata(path, |entry| entry.mark = Some(mark)).map_err(Refusal::into_operation_error)?;
        Ok(version)
    }

    fn delete_entry(&mut self, address: &Address, expected: &Expectation) -> Result<Receipt, OperationError> {
        let present = self.entry(address.key()).and_then(kept);
        if judge_delete(address, expected, present.as_ref())?.is_none() {
            return Ok(receipt(None, false));
        }
        let was_there = self.delete_metadata(address.key()).map_err(Refusal::into_operation_error)?;
        Ok(receipt(None, was_there))
    }

    fn move_entry(&mut self, from: &Address, wanted: &Wanted<'_>, now: Timestamp) -> Result<Receipt, OperationError> {
        let source = self.entry(from.key()).and_then(kept);
        let target = self.entry(wanted.address.key()).and_then(kept);
        if let Decision::Done(version) = judge_move(from, wanted, source.as_ref(), target.as_ref())? {
            return Ok(receipt(Some(version), false));
        }
        let latest = self.entry(wanted.address.key()).map_or(0, |entry| entry.version);
        let version = self.put(wanted.address.key(), wanted, latest, now)?;
        self.delete_metadata(from.key()).map_err(Refusal::into_operation_error)?;
        Ok(receipt(Some(version), true))
    }

    fn entries_under(&self, prefix: &str) -> Vec<Text> {
        self.entries.keys().filter(|path| path.starts_with(prefix)).cloned().collect()
    }

    /// Unmounting an engine takes its entries away, disabling an auth method its roles.
    pub(super) fn delete_with(&mut self, kind: Kind, key: &str) {
        let prefix = format!("{key}/");
        match kind {
            Kind::Mount => {
                for path in self.entries_under(&prefix) {
                    self.cached.remove(path.as_str());
                    self.entries.remove(path.as_str());
                }
            }
            Kind::AuthMethod => self.auth_roles.keys_under(&prefix).iter().for_each(|role| drop(self.auth_roles.remove(role))),
            _ => {}
        }
    }

    /// `sys/remount` takes everything below a path along.
    pub(super) fn move_with(&mut self, kind: Kind, from: &str, to: &str) {
        let prefix = format!("{from}/");
        match kind {
            Kind::Mount => {
                for path in self.entries_under(&prefix) {
                    self.cached.remove(path.as_str());
                    if let Some(entry) = self.entries.remove(path.as_str()) {
                        self.entries.insert(format!("{to}/{}", &path[prefix.len()..]).into(), entry);
                    }
                }
            }
            Kind::AuthMethod => {
                for role in self.auth_roles.keys_under(&prefix) {
                    self.auth_roles.rekey(&role, &format!("{to}/{}", &role[prefix.len()..]));
                }
            }
            _ => {}
        }
    }

    fn objects(&self, kind: Kind) -> Option<&Objects> {
        match kind {
            Kind::Mount => Some(&self.mounts),
            Kind::Policy => Some(&self.policies),
            Kind::AuthMethod => Some(&self.auth_methods),
            Kind::AuthRole => Some(&self.auth_roles),
            _ => None,
        }
    }

    /// One object, if it is there; whether anybody can look is another question ([`Vault::gap`]).
    pub fn find(&self, kind: Kind, key: &str) -> Option<Observed> {
        match self.objects(kind) {
            Some(objects) => objects.get(key).map(Kept::observed),
            None => self.entry(key).filter(|_| kind == Kind::Kv).and_then(kept).map(|kept| kept.observed()),
        }
    }

    /// Every object of one kind.
    ///
    /// # Errors
    /// The gap, if nobody can look.
    pub fn list(&self, kind: Kind) -> Result<observation::Objects, Gap> {
        if let Some(gap) = self.gap() {
            return Err(gap);
        }
        let Some(objects) = self.objects(kind) else {
            let live = self.live_entries().filter(|_| kind == Kind::Kv).filter_map(|(path, entry)| Some((path, kept(entry)?)));
            return Ok(live.map(|(path, kept)| (Address::new(&System::Vault, kind, path), kept.observed())).collect());
        };
        Ok(objects.iter().map(|(key, kept)| (Address::new(&System::Vault, kind, key), kept.observed())).collect())
    }

    /// Everything that it holds, whether or not it answers.
    pub fn addresses(&self) -> Vec<Address> {
        let entries = self.live_entries().map(|(path, _)| Address::new(&System::Vault, Kind::Kv, path));
        let of = |kind| self.objects(kind).into_iter().flat_map(Objects::iter).map(move |(key, _)| (kind, key));
        let objects = Kind::of(System::Vault.family()).flat_map(of);
        entries.chain(objects.map(|(kind, key)| Address::new(&System::Vault, kind, key))).collect()
    }

    /// Change an object by hand, or take it away (`None`).
    ///
    /// # Errors
    /// What Vault would answer.
    pub fn edit(
        &mut self,
        address: &Address,
        change: Option<&mut dyn FnMut(&mut Value)>,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        let (kind, key) = (address.kind(), address.key());
        match (kind, change) {
            (Kind::Kv, None) => drop(self.delete_metadata(key).map_err(Refusal::into_operation_error)?),
            (Kind::Kv, Some(change)) => {
                let mut data =
                    self.entry(key).and_then(Entry::live).map_or(Value::EMPTY_MAP.into(), |reading| reading.data.clone());
                change(data.value_mut());
                let latest = self.entry(key).map_or(0, |entry| entry.version);
                self.write(key, data, Some(latest), now).map_err(Refusal::into_operation_error)?;
            }
            (_, None) => {
                self.shelf(kind)?.remove(key);
                self.delete_with(kind, key);
            }
            (_, Some(change)) => {
                let mut revision = self.state().revision;
                self.shelf(kind)?.edit(key, &mut revision, change);
                self.change(|state| state.revision = revision);
            }
        }
        Ok(())
    }
}
