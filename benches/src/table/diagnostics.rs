//! Diagnostics: a spec with a thousand mistakes, every complaint as text, against a clean parse of the same spec.

use crate::figure::{Aim, Figure};
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let readings = measure_apart(Subject::Diagnostics, 1_000)?;
    let (clean, wrong) = (reading(&readings, "clean seconds")?, reading(&readings, "wrong seconds")?);
    Ok(vec![
        Figure::new("clean parse, the same spec", clean * 1e3, "ms", Aim::Nothing),
        Figure::new("diagnostics, 1,000 mistakes", wrong * 1e3, "ms", Aim::Nothing),
        Figure::new("diagnostics, 1,000 mistakes/clean parse", wrong / clean, "ratio", Aim::Below(2.0)),
    ])
}
