//! One line of the table of figures: what was measured, what was hoped for, and whether it meets that.

use std::fmt;

/// What a figure is hoped to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// Less than this.
    Below(f64),
    /// At least this.
    AtLeast(f64),
    /// Nothing: it stands in the table for comparison.
    Nothing,
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What is hoped for.
    pub aim: Aim,
}

impl Figure {
    /// A figure that is hoped to be `aim`.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, aim: Aim) -> Self {
        Figure { name: name.into(), value, unit, aim }
    }

    /// Whether it is as hoped for.
    pub fn meets(&self) -> bool {
        match self.aim {
            Aim::Below(limit) => self.value < limit,
            Aim::AtLeast(limit) => self.value >= limit,
            Aim::Nothing => true,
        }
    }
}

/// `name<TAB>value<TAB>unit<TAB>aim<TAB>meets|short`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.meets() { "meets" } else { "short" };
        write!(f, "{}\t{}\t{}\t{}\t{word}", self.name, number(self.value), self.unit, self.aim)
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Aim::Below(limit) => write!(f, "< {}", number(*limit)),
            Aim::AtLeast(limit) => write!(f, ">= {}", number(*limit)),
            Aim::Nothing => f.write_str("-"),
        }
    }
}

/// Three digits that count, and no more than a person reads.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_one_line_of_five_fields() {
        let figure = Figure::new("plan", 12.345, "ms", Aim::Below(100.0));
        assert_eq!(figure.to_string(), "plan\t12.3\tms\t< 100\tmeets");
        let figure = Figure::new("speed", 90_000.4, "resources/s", Aim::AtLeast(100_000.0));
        assert_eq!(figure.to_string(), "speed\t90000\tresources/s\t>= 100000\tshort");
    }
}
