//! Spec text to graph, diff and plan: pure functions. In the order in which a value passes through:
//!
//! * [`spec`]: text to a typed spec, with every complaint at once.

pub mod render;
pub mod spec;
