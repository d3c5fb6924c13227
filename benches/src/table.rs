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
    /// Measures it.
    pub measure: fn() -> Result<Vec<Figure>, Failure>,
}

/// All groups, in the order of the table.
pub const GROUPS: &[Group] = &[
    Group { name: "plan", measure: plan::measure },
    Group { name: "graph", measure: graph::measure },
    Group { name: "diagnostics", measure: diagnostics::measure },
    Group { name: "check", measure: check::measure },
    Group { name: "apply", measure: apply::measure },
    Group { name: "simulate", measure: simulate::measure },
    Group { name: "processes", measure: processes::measure },
    Group { name: "bench", measure: bench::measure },
    Group { name: "crowd", measure: crowd::measure },
];
