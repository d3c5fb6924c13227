//! Gateways of the spec to the HAProxy configuration of one cell, and back to a list of what a configuration serves.
//!
//! * [`condition`]: the language in which a route says which requests it claims;
//! * [`haproxy`]: gateways to configuration text;
//! * [`inventory()`]: configuration text to the names of its gateways and routes, for the guard against shrinking (VGA-8).

pub mod condition;
pub mod haproxy;
mod inventory;

pub use inventory::{Inventory, inventory};
