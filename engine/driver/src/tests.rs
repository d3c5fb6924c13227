//! The driver against a scripted platform in virtual time.

mod audit;
mod congestion;
mod effects;
mod faults;
mod order;
mod permission;
pub(crate) mod plans;
mod readiness;
mod silence;
mod stop;
mod waiting;
mod world;
