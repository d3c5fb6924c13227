//! HAProxy as far as the world needs it: whether `haproxy -c` accepts a text, and where a text sends requests.
//!
//! The check knows the directives that the planner writes and those that stand in for common mistakes; it is no HAProxy. What it
//! refuses, a real one refuses too (held against one in `tests/tests/haproxy`).

mod check;
mod routing;
mod words;

pub use check::check;
pub use routing::{Gateway, Route, Routing, routing};

#[cfg(test)]
mod tests;
