//! The world in virtual time: what the engine drives when no real system is there, and what failures are tried out in.
//!
//! * [`kernel`]: the clock, the queue of events, keyed randomness, the rolling hash, and stores that know what changed;
//! * [`kubernetes`]: a cluster, with its controllers, its scheduler and its kubelets;
//! * [`vault`], [`mysql`], [`elasticsearch`]: what the platform depends on, with the rules that they share ([`kept`]);
//! * [`network`]: the ways between all these, and what is wrong with them;
//! * [`agents`]: the platform's agents, whose processes the world runs;
//! * [`traffic`]: requests, and what becomes of them;
//! * [`fault`]: what can go wrong, as data;
//! * [`world`]: all of it together, with the clusters;
//! * [`server`]: its systems as the HTTP servers that they are;
//! * [`watch`], [`digest`]: what whoever drives it needs: who waits for what, and digests in place of secrets;
//! * [`operator`]: the engine inside, as a person or a job that runs it;
//! * [`oracle`]: what the platform promises, watched over at every moment;
//! * [`run`], [`campaign`], [`statistics`]: one seed, many, and what they say together;
//! * [`scenario`]: one story of what goes wrong, as a file, with what is expected; [`guard`]: what keeps the platform from harm, by name;
//! * [`rehearsal`]: a plan tried out in the world as it was seen;
//! * [`shrink`], [`replay`], [`explain`], [`timeline`]: a failure as small as it can be, as a file, and from its end back to its beginning.
//!
//! Everything here is a pure state machine over plain data. Given the same seed and the same requests, the same events happen
//! in the same order, and [`kernel::RollingHash`] proves it.

pub mod agents;
pub mod campaign;
pub mod digest;
pub mod elasticsearch;
pub mod explain;
pub mod fault;
pub mod guard;
mod issuer;
pub mod kept;
pub mod kernel;
pub mod kubernetes;
pub mod mysql;
pub mod network;
pub mod operator;
pub mod oracle;
pub mod rehearsal;
pub mod replay;
pub mod run;
pub mod scenario;
pub mod server;
pub mod shrink;
pub mod statistics;
pub mod timeline;
pub mod traffic;
pub mod vault;
pub mod watch;
pub mod world;

#[cfg(test)]
mod testing;
