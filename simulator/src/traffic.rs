//! Requests that reach the cells: how many, and what became of each.

mod counters;

pub use counters::Requests;
