//! Spec text to a typed [`Spec`], with every complaint at once.

pub mod types;

pub use types::Spec;
