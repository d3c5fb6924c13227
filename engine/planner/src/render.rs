//! Engine values as text: pure functions from a value and a [`Style`] to a string. Nothing here knows a terminal.
//!
//! * [`style`]: what the reader's side can show, and how text from outside is made harmless;
//! * [`diagnostics`]: complaints about a spec, each with its line and a caret;
//! * [`check`]: what rules found, for people and for programs; [`trials`]: how the tests of rules ended;
//! * [`plan`]: a plan for people;
//! * [`graph`]: the graph of resources, drawn or as data;
//! * [`topology`]: where the parts stand and who talks to whom, drawn;
//! * [`permissions`]: what whoever runs `vamp` needs, in the language of each system;
//! * [`page`]: what all pages for a browser share.

pub mod check;
pub mod diagnostics;
pub mod graph;
mod markup;
pub mod page;
pub mod permissions;
pub mod plan;
pub mod style;
pub mod topology;
pub mod trials;

pub use style::Style;
