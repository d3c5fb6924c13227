//! Graph: build, check for circles and order, for every shape. Growth is what counts: five times the size in less than seven
//! times the time.

use crate::figure::{Aim, Figure};
use crate::shapes::Shape;
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for shape in Shape::ALL {
        let seconds = |size| -> Result<f64, Failure> { reading(&measure_apart(Subject::Graph(shape), size)?, "seconds") };
        let (small, large) = (seconds(10_000)?, seconds(50_000)?);
        let word = shape.word();
        figures.push(Figure::new(format!("graph {word}, 10,000 resources"), small * 1e3, "ms", Aim::Below(100.0)));
        figures.push(Figure::new(format!("graph {word}, t(50k)/t(10k)"), large / small, "ratio", Aim::Below(7.0)));
    }
    Ok(figures)
}
