//! A failing run made as small as it can be.
//!
//! * [`minimal`]: the search itself, over lists and numbers.

pub mod minimal;
