//! The nouns of the engine. Everything here is plain data: no I/O, no async, no clock, no randomness.
//!
//! In the order in which a value passes through the engine:
//!
//! * [`source`] and [`diagnostic`]: where a value stood in the spec, and what is wrong with it;
//! * [`value`], [`path`], [`secret`]: a document of any system, a place inside it, a secret that is not written down;
//! * [`system`], [`kind`], [`address`], [`resource`], [`graph`]: what is wanted, and in which order;
//! * [`observation`]: what was seen, with its gaps;
//! * [`change`], [`plan`]: the difference, and the steps that remove it; [`additions`]: what differs by being there;
//! * [`operation`], [`mark`], [`outcome`]: what a step asks of a system, whose what it made is, and what came of it;
//! * [`audit`]: documents of what was done, each chained to the one before it;
//! * [`login`]: how pods come into Vault;
//! * [`inventory`], [`load`]: what a gateway configuration serves, and the requests that are declared;
//! * [`time`], [`index`]: instants as numbers, and maps whose order is the order of insertion.

pub mod additions;
pub mod address;
pub mod audit;
pub mod change;
pub mod connection;
pub mod diagnostic;
pub mod graph;
pub mod identity;
pub mod index;
pub mod inventory;
pub mod kind;
pub mod load;
pub mod login;
pub mod mark;
pub mod mark_in_vault;
pub mod names;
pub mod observation;
pub mod operation;
pub mod outcome;
pub mod path;
pub mod plan;
pub mod preview;
pub mod resource;
pub mod secret;
pub mod source;
pub mod system;
pub mod time;
pub mod value;

pub use address::Address;
pub use diagnostic::{Diagnostic, Severity};
pub use graph::Graph;
pub use kind::Kind;
pub use path::FieldPath;
pub use plan::Plan;
pub use resource::Resource;
pub use secret::{SecretDigest, SecretReference};
pub use source::Place;
pub use system::System;
pub use time::{Duration, Timestamp};
pub use value::{Map, Value};
