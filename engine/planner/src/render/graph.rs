//! The graph of resources as a drawing or as data, in four formats:
//!
//! * [`dot`] for Graphviz, [`mermaid`] for documents that draw it themselves: every resource, boxes by system;
//! * [`json`] for programs: every resource and edge, in a stable form;
//! * [`svg`] for people: drawn here, a matrix of what belongs to whom and where it lives, readable at a thousand resources.
//!
//! In all of them an edge leads from what comes after to what it depends on, and says why. The same graph gives the same text.

mod by_system;
mod dot;
mod json;
mod mermaid;
mod svg;

#[cfg(test)]
mod tests;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;
pub use svg::svg;
