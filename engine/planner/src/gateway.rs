//! Gateways of the spec to the HAProxy configuration of one cell, and back to a list of what a configuration serves.
//!
//! * [`condition`]: the language in which a route says which requests it claims;

pub mod condition;
