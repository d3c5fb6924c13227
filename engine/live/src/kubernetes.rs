//! Kubernetes clusters, through server-side apply.
//!
//! * `connect`: from a kubeconfig to a client;
//! * `kinds`: the kinds as the API names them; `object`: one object as the server shows it and as the engine sees it; `fields`: who owns
//!   which of its fields; `condition`: whether it does its work; `refusal`: what an answer that is no success means;
//! * `issuer`: who signs the tokens of its pods, as Vault has to know it;
//! * `standing`: for how long a workload has stood as it does;
//! * `tunnel`: the way through a cluster's API server to what runs in its pods;
//! * `api_server`: a server that can be asked, and `page`: what lists come in; `cluster`: the requests about objects, `clusters`: all of them by name; of these are made
//!   `observe` (lists), `preview` (dry runs), `apply` (steps) and `watch` (readiness);
//! * `ledger`: the lock, the journal and the history of a platform, in a cluster.

mod api_server;
pub(crate) mod apply;
pub(crate) mod cluster;
pub(crate) mod clusters;
mod condition;
pub(crate) mod connect;
mod fields;
pub(crate) mod issuer;
pub(crate) mod kinds;
pub(crate) mod ledger;
mod object;
mod observe;
mod page;
mod preview;
pub(crate) mod refusal;
mod standing;
pub(crate) mod tunnel;
pub(crate) mod watch;

#[cfg(test)]
mod tests;
