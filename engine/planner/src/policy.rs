//! Policy: what a spec, a plan, and a change of a spec are held against.

pub mod own;
