//! The world in virtual time: what the engine drives when no real system is there, and what failures are tried out in.
//!
//! * [`kernel`]: the clock, the queue of events, keyed randomness, the rolling hash, and stores that know what changed;
//! * [`kubernetes`]: a cluster, with its controllers, its scheduler and its kubelets;
//! * [`vault`], [`mysql`], [`elasticsearch`]: what the platform depends on, with the rules that they share ([`kept`]);
//! * [`agents`]: the platform's agents, whose processes the world runs;
//! * [`traffic`]: requests, and what becomes of them;
//! * [`fault`]: what can go wrong, as data;
//! * [`world`]: all of it together, with the clusters;
//! * [`watch`], [`digest`]: what whoever drives it needs: who waits for what, and digests in place of secrets.
//!
//! Everything here is a pure state machine over plain data. Given the same seed and the same requests, the same events happen
//! in the same order, and [`kernel::RollingHash`] proves it.

pub mod agents;
pub mod digest;
pub mod elasticsearch;
pub mod fault;
pub mod kept;
pub mod kernel;
pub mod kubernetes;
pub mod mysql;
pub mod operator;
pub mod oracle;
pub mod run;
pub mod shrink;
pub mod statistics;
pub mod traffic;
pub mod vault;
pub mod watch;
pub mod world;

#[cfg(test)]
mod testing;
