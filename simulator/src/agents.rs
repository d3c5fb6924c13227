//! The platform's agents in the world: their processes are the libraries that run in production, and the world carries their effects
//! out.
//!
//! * [`haproxy`]: the check of a text, and where it sends requests;
//! * `account`: what Vault answers to an agent;
//! * `hosted`: one agent, its token, and the directory that outlives its container;
//! * `gateway`, `workflow`: what each kind wants, carried out;
//! * `fleet`: all of them, and which rounds of theirs are gone through.
//!
//! An agent looks at Vault every five seconds, and nearly always sees what it saw. Those rounds are passed over: a round is an event
//! only when something changed that it may see, or when the agent by itself does something that shows. Renewals of tokens in between
//! are made up for, at their own instants, before anything in Vault changes that could make them end otherwise. A test holds all this
//! against agents that go through every round.

mod account;
mod fleet;
mod gateway;
pub mod haproxy;
mod hosted;
mod workflow;

pub(crate) use account::Account;
pub(crate) use fleet::{Change, Fleet, Told};
pub(crate) use hosted::{Hosted, Reach};
