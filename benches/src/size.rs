//! How many cells a spec needs for a wanted number of resources: found with the compiler itself, never written down, so that it stays
//! right when the compiler makes more of a cell, or less.

use crate::generate::{Layout, spec};
use planner::compile::{Compiled, compile};
use planner::spec::{Spec, parse};

/// Name under which generated specs are parsed.
pub const FILE: &str = "generated.yaml";

/// Cells of the probe that says what a cell costs: some turns of tenants, so that every kind of environment is in it.
const PROBE: usize = 65;

/// Corrections at most; the first is right but for rounding.
const CORRECTIONS: usize = 6;

/// The spec in `text`.
///
/// # Errors
/// What the parser has against it, as text.
pub fn parsed(text: &str) -> Result<Spec, String> {
    parse(FILE, text.as_bytes()).map(|parsed| parsed.spec).map_err(|complaints| worded(&complaints))
}

/// What `spec` wants.
///
/// # Errors
/// What the compiler has against it, as text.
pub fn compiled(spec: &Spec) -> Result<Compiled, String> {
    compile(spec).map_err(|complaints| worded(&complaints))
}

/// Complaints on one line.
pub fn worded(complaints: &[model::Diagnostic]) -> String {
    complaints.iter().map(|complaint| format!("{}: {}", complaint.code, complaint.message)).collect::<Vec<_>>().join("; ")
}

/// Number of resources of a generated spec.
///
/// # Errors
/// What the planner has against it, as text.
pub fn resources(layout: Layout) -> Result<usize, String> {
    compiled(&parsed(&spec(layout))?).map(|compiled| compiled.graph.len())
}

/// The layout whose number of resources lies nearest to `wanted`, give or take a cell.
///
/// # Errors
/// What the planner has against a probe, as text.
pub fn layout_for(wanted: usize) -> Result<Layout, String> {
    let base = resources(Layout::of_cells(1))?;
    let a_cell = (resources(Layout::of_cells(1 + PROBE))? - base) as f64 / PROBE as f64;
    let cells_for = |resources: f64| (resources / a_cell).round() as isize;
    let mut cells = cells_for(wanted as f64 - base as f64).max(0) + 1;
    let mut best = (usize::MAX, Layout::of_cells(1));
    for _ in 0..CORRECTIONS {
        let layout = Layout::of_cells(cells.unsigned_abs());
        let found = resources(layout)?;
        if found.abs_diff(wanted) < best.0 {
            best = (found.abs_diff(wanted), layout);
        }
        let correction = cells_for(wanted as f64 - found as f64);
        if correction == 0 {
            break;
        }
        cells = (cells + correction).max(1);
    }
    Ok(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_spec_has_about_as_many_resources_as_are_asked_for() {
        for wanted in [100, 500, 750, 1000, 3000] {
            let found = resources(layout_for(wanted).unwrap()).unwrap();
            let allowed = (wanted / 20).max(25);
            assert!(found.abs_diff(wanted) <= allowed, "{found} instead of {wanted}");
        }
    }

    #[test]
    fn the_same_size_gives_the_same_text() {
        let text = || spec(layout_for(500).unwrap());
        assert_eq!(text(), text());
    }
}
