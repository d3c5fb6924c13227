//! Graph: build, check for circles and order, for every shape. Growth is what counts: five times the size in less than seven
//! times the time.

use crate::figure::{Aim, Figure};
use crate::shapes::Shape;
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

/// Processes of which the fastest counts.
const PROCESSES: usize = 15;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for shape in Shape::ALL {
        let (small, large) = (fastest(shape, 10_000)?, fastest(shape, 50_000)?);
        let word = shape.word();
        figures.push(Figure::new(format!("graph {word}, 10,000 resources"), small * 1e3, "ms", Aim::Below(100.0)));
        figures.push(Figure::new(format!("graph {word}, t(50k)/t(10k)"), large / small, "ratio", Aim::Below(7.0)));
    }
    Ok(figures)
}

/// The fastest of some processes that each do it once.
fn fastest(shape: Shape, size: usize) -> Result<f64, Failure> {
    let one = |_| reading(&measure_apart(Subject::Graph(shape), size)?, "seconds");
    let all: Result<Vec<f64>, Failure> = (0..PROCESSES).map(one).collect();
    Ok(all?.into_iter().fold(f64::INFINITY, f64::min))
}
