//! The figures of the table, in groups. Every number is measured in the run that prints it.

mod apply;
mod bench;
mod check;
mod crowd;
mod diagnostics;
mod graph;
mod opentofu;
mod peers;
mod plan;
mod processes;
mod simulate;

use crate::figure::Figure;

/// What can go wrong while measuring, as a sentence.
pub type Failure = String;

/// A group of figures that is measured together.
#[derive(Clone, Copy)]
pub struct Group {
    /// Its name, to choose it by.
    pub name: &'static str,
    /// Measures it; what is taken by turns in so many rounds, if that is said.
    pub measure: fn(Option<u8>) -> Result<Vec<Figure>, Failure>,
}

/// All groups, in the order of the table.
pub const GROUPS: &[Group] = &[
    Group { name: "plan", measure: |_| plan::measure() },
    Group { name: "graph", measure: |_| graph::measure() },
    Group { name: "diagnostics", measure: |_| diagnostics::measure() },
    Group { name: "check", measure: |_| check::measure() },
    Group { name: "apply", measure: |_| apply::measure() },
    Group { name: "simulate", measure: |_| simulate::measure() },
    Group { name: "processes", measure: |_| processes::measure() },
    Group { name: "bench", measure: bench::measure },
    Group { name: "crowd", measure: crowd::measure },
];
