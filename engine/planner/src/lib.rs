//! Spec text to graph, diff and plan: pure functions. In the order in which a value passes through:
//!
//! * [`spec`]: text to a typed spec, with every complaint at once;
//! * [`compile`]: a spec to the graph of all that is wanted;
//! * [`gateway`]: gateways of an environment to the configuration of HAProxy;
//! * [`topology`]: where its parts stand, and who talks to whom;
//! * [`permissions`]: what whoever runs it needs in each system;
//! * [`policy`]: what all of it is held against;
//! * [`plan`]: what is wanted against what was seen, as steps in order and a report of what is not done.

pub mod compile;
pub mod gateway;
pub mod permissions;
pub mod plan;
pub mod policy;
mod quantity;
pub mod render;
pub mod spec;
pub mod topology;
