//! Gateways of the spec to the HAProxy configuration of one cell.
//!
//! * [`condition`]: the language in which a route says which requests it claims;
//! * [`haproxy`]: gateways to configuration text. [`model::inventory`] reads back what a text serves.

pub mod condition;
pub mod haproxy;
