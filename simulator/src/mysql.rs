//! MySQL as the engine sees it: schemas with tables that hold rows, users, and what users may do.

mod grant;

use crate::kept::{Kept, Objects, Wanted};
use crate::kernel::{Damaged, Record, Store};
use model::observation::{self, Gap, Observed};
use model::operation::{Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Kind, System, Value};
use serde::{Deserialize, Serialize};

/// What is kept of the server beside its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MysqlState {
    /// Counts the changes.
    pub revision: u64,
    /// Whether what it holds outlives a restart.
    pub durable: bool,
    /// It does not answer.
    pub unavailable: bool,
    /// It takes no writes.
    pub read_only: bool,
}

/// The platform's MySQL server.
#[derive(Clone, Debug)]
pub struct Mysql {
    state: Store<String, MysqlState>,
    schemas: Objects,
    tables: Objects,
    users: Objects,
    grants: Objects,
    rows: Store<Text, u64>,
}

const STATE: &str = "mysql.state";
const ROWS: &str = "mysql.rows";
const SERVER: &str = "server";

impl Default for Mysql {
    fn default() -> Self {
        Mysql::new()
    }
}

impl Mysql {
    /// An empty server that answers.
    pub fn new() -> Self {
        let mut state = Store::new();
        state.insert(SERVER.to_owned(), MysqlState::default());
        Mysql {
            state,
            schemas: Objects::new("mysql.schema"),
            tables: Objects::new("mysql.table"),
            users: Objects::new("mysql.user"),
            grants: Objects::compared("mysql.grant", grant::same),
            rows: Store::new(),
        }
    }

    /// What is kept of it beside its objects.
    pub fn state(&self) -> MysqlState {
        self.state.get(SERVER).cloned().unwrap_or_default()
    }

    /// Change what is kept of it beside its objects.
    pub fn change(&mut self, change: impl FnOnce(&mut MysqlState)) {
        let mut state = self.state();
        change(&mut state);
        self.state.insert(SERVER.to_owned(), state);
    }

    /// Why nobody can look at it now, if nobody can.
    pub fn gap(&self) -> Option<Gap> {
        self.state().unavailable.then(|| Gap::Unreachable("mysql does not answer: connection refused".to_owned()))
    }

    /// Number of rows in a table.
    pub fn rows(&self, schema: &str, table: &str) -> u64 {
        self.rows.get(format!("{schema}/{table}").as_str()).copied().unwrap_or(0)
    }

    /// Number of rows in all tables of a schema: whether it holds data.
    pub fn rows_in(&self, schema: &str) -> u64 {
        let prefix = format!("{schema}/");
        self.rows.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, rows)| rows).sum()
    }

    /// Add rows to a table, as Vamp does when somebody saves an artifact.
    ///
    /// # Errors
    /// `Unreachable` while the server is away, `Refused` if there is no such table (error 1146).
    pub fn insert_rows(&mut self, schema: &str, table: &str, count: u64) -> Result<u64, OperationError> {
        self.writable()?;
        let key = format!("{schema}/{table}");
        if self.tables.get(&key).is_none() {
            return Err(OperationError::Refused(format!("error 1146: Table '{schema}.{table}' doesn't exist")));
        }
        let rows = self.rows(schema, table).saturating_add(count);
        self.rows.insert(key.into(), rows);
        Ok(rows)
    }

    fn reachable(&self) -> Result<(), OperationError> {
        match self.gap() {
            Some(gap) => Err(OperationError::Unreachable(gap.to_string())),
            None => Ok(()),
        }
    }

    /// A server that fails over, or whose operator says so, answers and takes no writes.
    fn writable(&self) -> Result<(), OperationError> {
        self.reachable()?;
        if self.state().read_only {
            let message =
                "error 1290: The MySQL server is running with the --read-only option so it cannot execute this statement";
            return Err(OperationError::Busy { message: message.to_owned(), retry_after: None });
        }
        Ok(())
    }

    fn shelf(&mut self, kind: Kind) -> Result<&mut Objects, OperationError> {
        match kind {
            Kind::Schema => Ok(&mut self.schemas),
            Kind::Table => Ok(&mut self.tables),
            Kind::User => Ok(&mut self.users),
            Kind::Grant => Ok(&mut self.grants),
            other => Err(OperationError::Refused(format!("MySQL keeps no {other}"))),
        }
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// What MySQL would answer.
    pub fn execute(&mut self, operation: &Operation) -> Result<Receipt, OperationError> {
        self.writable()?;
        if !matches!(operation, Operation::Delete { .. }) {
            self.needs(operation.address())?;
        }
        let mut revision = self.state().revision;
        let before = revision;
        let shelf = self.shelf(operation.address().kind())?;
        let receipt = match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                shelf.apply(&Wanted { address, document, mark, expected, force: *force }, &mut revision)?
            }
            Operation::Delete { address, expected, .. } => {
                let receipt = shelf.delete(address, expected)?;
                self.drop_with(address.kind(), address.key());
                receipt
            }
            Operation::Move { from, to, document, mark, expected } => {
                let receipt =
                    shelf.rename(from, &Wanted { address: to, document, mark, expected, force: false }, &mut revision)?;
                self.move_with(from, to);
                receipt
            }
        };
        if revision != before {
            self.change(|state| state.revision = revision);
        }
        Ok(receipt)
    }

    /// What must be there before the object at `address` can be.
    fn needs(&self, address: &Address) -> Result<(), OperationError> {
        let (first, second) = address.key().split_once('/').unwrap_or((address.key(), ""));
        match address.kind() {
            Kind::Table | Kind::Grant if second.is_empty() => {
                Err(OperationError::Refused(format!("{address} names no part after the dash; it is written FIRST/SECOND")))
            }
            Kind::Table if self.schemas.get(first).is_none() => {
                Err(OperationError::NotYet(format!("error 1049: Unknown database '{first}'")))
            }
            Kind::Grant if self.users.get(first).is_none() => Err(OperationError::NotYet(format!(
                "error 1410: You are not allowed to create a user with GRANT: there is no user '{first}'"
            ))),
            _ => Ok(()),
        }
    }

    /// Dropping a schema drops its tables with their rows, dropping a user its privileges.
    fn drop_with(&mut self, kind: Kind, key: &str) {
        let prefix = format!("{key}/");
        match kind {
            Kind::Schema => {
                for table in self.tables.keys_under(&prefix) {
                    self.tables.remove(&table);
                    self.rows.remove(table.as_str());
                }
            }
            Kind::Table => drop(self.rows.remove(key)),
            Kind::User => self.grants.keys_under(&prefix).iter().for_each(|grant| drop(self.grants.remove(grant))),
            _ => {}
        }
    }

    /// Tables go with their schema (`RENAME TABLE old.t TO new.t`), rows with their table, privileges with their user.
    fn move_with(&mut self, from: &Address, to: &Address) {
        let (old, new) = (format!("{}/", from.key()), format!("{}/", to.key()));
        match to.kind() {
            Kind::Schema => {
                for table in self.tables.keys_under(&old) {
                    let renamed = format!("{new}{}", &table[old.len()..]);
                    self.tables.rekey(&table, &renamed);
                    self.move_rows(&table, &renamed);
                }
            }
            Kind::Table => self.move_rows(from.key(), to.key()),
            Kind::User => {
                for grant in self.grants.keys_under(&old) {
                    self.grants.rekey(&grant, &format!("{new}{}", &grant[old.len()..]));
                }
            }
            _ => {}
        }
    }

    fn move_rows(&mut self, from: &str, to: &str) {
        if let Some(rows) = self.rows.remove(from) {
            self.rows.insert(to.into(), rows);
        }
    }

    fn objects(&self, kind: Kind) -> Option<&Objects> {
        match kind {
            Kind::Schema => Some(&self.schemas),
            Kind::Table => Some(&self.tables),
            Kind::User => Some(&self.users),
            Kind::Grant => Some(&self.grants),
            _ => None,
        }
    }

    /// One object, if it is there; whether anybody can look is another question ([`Self::gap`]).
    pub fn find(&self, kind: Kind, key: &str) -> Option<Observed> {
        self.objects(kind)?.get(key).map(Kept::observed)
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
        Ok(objects.iter().map(|(key, kept)| (Address::new(&System::Mysql, kind, key), kept.observed())).collect())
    }

    /// Everything that it holds, whether or not it answers.
    pub fn addresses(&self) -> Vec<Address> {
        let of = |kind| self.objects(kind).into_iter().flat_map(Objects::iter).map(move |(key, _)| (kind, key));
        Kind::of(System::Mysql.family()).flat_map(of).map(|(kind, key)| Address::new(&System::Mysql, kind, key)).collect()
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
            None => {
                shelf.remove(key);
                self.drop_with(kind, key);
            }
        }
        self.change(|state| state.revision = revision);
        Ok(())
    }

    /// Everything is gone: it restarted on storage that does not outlive it.
    pub fn wipe(&mut self) {
        for shelf in [&mut self.schemas, &mut self.tables, &mut self.users, &mut self.grants] {
            for key in shelf.keys_under("") {
                shelf.remove(&key);
            }
        }
        while self.rows.pop_first().is_some() {}
    }

    /// Hold what `other` holds, as when it is brought back from a copy of it.
    pub fn take_content_of(&mut self, other: &Mysql) {
        let shelves = [&mut self.schemas, &mut self.tables, &mut self.users, &mut self.grants];
        for (shelf, theirs) in shelves.into_iter().zip([&other.schemas, &other.tables, &other.users, &other.grants]) {
            shelf.take_content_of(theirs);
        }
        while self.rows.pop_first().is_some() {}
        for (key, rows) in other.rows.iter() {
            self.rows.insert(key.clone(), *rows);
        }
    }

    /// Append what changed since the last call.
    pub fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.state.drain_changes(STATE, prefix, records);
        self.rows.drain_changes(ROWS, prefix, records);
        for shelf in [&mut self.schemas, &mut self.tables, &mut self.users, &mut self.grants] {
            shelf.drain_changes(prefix, records);
        }
    }

    /// Put one kept record back. Whether it was one of its own.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            STATE => self.state.restore(table, key, value)?,
            ROWS => self.rows.restore(table, key, value)?,
            _ => {
                for shelf in [&mut self.schemas, &mut self.tables, &mut self.users, &mut self.grants] {
                    if shelf.restore(table, key, value)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
