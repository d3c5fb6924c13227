//! MySQL and MariaDB. So far what the platform keeps there for itself:
//!
//! * `connect`: a connection, always over TLS that checks who answers, and what an error means;
//! * `ledger`: the lock, the journal and the history of a platform, and where it was applied to.

mod connect;
mod ledger;

pub use connect::{Credentials, MysqlServer, NotAMysqlAddress};
pub use ledger::MysqlLedger;
