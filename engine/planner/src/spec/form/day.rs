//! A day of the calendar.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use jiff::civil::Date;
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// A day, written `2027-03-31` (RFC 3339, `full-date`).
pub(in crate::spec) struct Day;

impl TextShape for Day {
    type Value = Date;
    const EXPECTED: &'static str = "a day (text)";

    fn parse(text: &str, place: Place) -> Result<Date, Diagnostic> {
        crate::policy::waiver::day(text).ok_or_else(|| {
            Diagnostic::error(code::BAD_DATE, place, format!("{} is no day", quote(text)))
                .help("write year, month and day, as in `2027-03-31`")
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}
