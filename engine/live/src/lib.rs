//! The real systems behind the traits of `port`.
//!
//! In the order in which a request passes through:
//!
//! * [`platform`]: [`LivePlatform`], requests in, events out; `observe`: looking; [`journal`]: where a run is written down;
//! * `systems`: which adapter speaks to which system;
//! * `kubernetes`: clusters, through server-side apply, and in one of them the ledger of a platform that runs its own MySQL;
//! * `vault`: Vault, with check-and-set; `judge`: the rules of stores that keep no account of who owns what;
//! * `mysql`: MySQL and MariaDB, and in them the lock, the journal and the history of a platform; `ledger`: the same as the platform's,
//!   wherever they are kept;
//! * `elasticsearch`: Elasticsearch and OpenSearch;
//! * `secret`, `plain`: secrets, fetched when a step is carried out, digested when something is looked at;
//! * `wire`, [`traffic`]: one HTTP server, with limits; every request counted and, if somebody looks, shown;
//! * `json`: what a server sent, as a document.
//!
//! Nothing here tries again: whether an operation is repeated is for the driver to decide, so each error says what is known of its effect.

#[cfg(test)]
mod bench;
mod elasticsearch;
mod inputs;
pub mod journal;
mod json;
mod judge;
mod kubernetes;
mod ledger;
mod mysql;
mod observe;
mod plain;
pub mod platform;
mod secret;
mod server;
mod systems;
pub mod traffic;
mod vault;
mod wanted;
mod wire;

pub use inputs::{Inputs, Way};
pub use journal::Journal;
pub use kubernetes::connect::NotConnected;
pub use kubernetes::ledger::{ClusterLedger, NAMESPACE as LEDGER_NAMESPACE, Tell};
pub use ledger::{LedgerInputs, PlatformLedger};
pub use mysql::{Credentials, MysqlLedger, MysqlServer, NotAMysqlAddress};
pub use platform::LivePlatform;
pub use server::Server;
pub use traffic::{Clock, Trace, Traffic};
pub use wanted::Wanted;
pub use wire::Limits;
