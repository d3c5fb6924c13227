//! MySQL and MariaDB: schemas, tables, users, and what users may do on a schema; and what the platform keeps there for itself.
//!
//! * `connect`: a connection, always over TLS that checks who answers, unless its way does; `socket`: before a connection; `server`: statements; `refusal`: what an error means;
//! * `text`: names and values in SQL, quoted in one place; `statement`: the statements that bring an object to a document;
//! * `catalogue`: what the server's own tables say; `privileges`, `shape`: the same meaning in other words;
//! * `marks`: whose an object is, in a schema of our own; `thing`: object and mark together;
//! * of these are made `observe` (lists) and `apply` (steps);
//! * `ledger`: the lock, the journal and the history of a platform, and where it was applied to; `line`: its connection.

mod apply;
mod catalogue;
pub(crate) mod connect;
mod ledger;
mod line;
mod marks;
pub(crate) mod observe;
mod privileges;
mod refusal;
pub(crate) mod server;
mod shape;
mod socket;
mod statement;
mod text;
mod thing;

#[cfg(test)]
mod tests;

pub use connect::{Credentials, MysqlServer, NotAMysqlAddress};
pub use ledger::MysqlLedger;
