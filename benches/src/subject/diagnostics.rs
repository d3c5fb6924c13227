//! Every complaint about a spec with many mistakes, as text for a person, against a clean parse of the same spec.

use super::Readings;
use crate::generate::{Layout, spec};
use crate::measure::fastest_of;
use crate::mistakes::with_mistakes;
use crate::size::{FILE, parsed};
use planner::render::Style;
use planner::render::diagnostics::diagnostics;
use planner::spec::parse;

/// Runs of which the fastest counts.
const RUNS: usize = 7;

/// Cells of a spec that has room for a mistake: some two in each cell.
const MISTAKES_A_CELL: usize = 2;

pub(super) fn measure(mistakes: usize) -> Result<Readings, String> {
    let clean = spec(Layout::of_cells(mistakes / MISTAKES_A_CELL));
    let wrong = with_mistakes(&clean, mistakes);
    parsed(&clean)?;
    let found = parse(FILE, wrong.as_bytes()).err().map(|complaints| complaints.len()).unwrap_or_default();
    if found < mistakes {
        return Err(format!("{found} complaints about {mistakes} mistakes"));
    }
    let clean_seconds = fastest_of(RUNS, || (), |()| parse(FILE, clean.as_bytes()).is_ok());
    let wrong_seconds = fastest_of(
        RUNS,
        || (),
        |()| {
            let complaints = parse(FILE, wrong.as_bytes()).err().unwrap_or_default();
            diagnostics(&complaints, FILE, &wrong, Style::PLAIN)
        },
    );
    Ok([
        ("clean seconds", clean_seconds.as_secs_f64()),
        ("wrong seconds", wrong_seconds.as_secs_f64()),
        ("complaints", found as f64),
        ("spec bytes", clean.len() as f64),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect())
}
