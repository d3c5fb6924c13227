//! Requests that reach the cells, what becomes of each, and where the documents about them go.
//!
//! Requests arrive evenly at a cell's declared rate, whether or not anybody answers (open loop). The load balancer gives them to its
//! agents in turn, by the ports of the cell's Service; an agent to its gateways in turn, and there to routes by weight. Between two
//! changes all of that is arithmetic over the number of the request, so that no request is an event and every count is exact.
//!
//! * [`counters`](Requests): what became of requests;
//! * `flow`: where each request goes as long as nothing changes;
//! * `balancer`: which agents the load balancer has, and how late it notices;
//! * `account`: the counts of one cell, and the buffers of its agents' documents;
//! * [`audit`](AuditLog): events about changes, and the gaps in them;
//! * `ledger`: the accounts of all cells.

mod account;
mod audit;
pub(crate) mod balancer;
mod counters;
mod flow;
mod ledger;

pub(crate) use account::{Account, AgentTruth, CellKey, CellTruth};
pub use account::{Documents, Results};
pub use audit::{AuditGap, AuditLog};
pub use counters::Requests;
pub(crate) use ledger::Ledger;
