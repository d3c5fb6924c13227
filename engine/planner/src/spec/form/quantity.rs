//! Amounts: CPU and memory as Kubernetes writes them, and how long something is kept.

use crate::quantity::thousandths;
use crate::spec::code;
use crate::spec::node::{Node, Tree};
use crate::spec::reader::{Reader, quote};
use crate::spec::shape::{Definitions, Shape, TextShape};
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// Days that a month counts. The longest one, so that nothing is kept shorter than the calendar says.
const MONTH: u32 = 31;
/// Days that a year counts; a leap year, for the same reason.
const YEAR: u32 = 366;
/// Longest retention: a hundred years.
const LONGEST_RETENTION: u32 = 100 * YEAR;
/// Least memory that is believed to be meant: a bare `256` would be 256 bytes (a trap of the original platform's manifests).
const LEAST_MEMORY: i128 = 1024 * 1024;
/// Most memory of a node or a pod: 64 TiB, beyond every machine on offer.
const MOST_MEMORY: i128 = 64 << 40;
/// Most thousandths of a CPU of a node or a pod.
const MOST_CPU: i128 = 4_096_000;

/// Thousandths of a CPU, written `2`, `0.5` or `500m`.
pub(in crate::spec) struct Cpu;

/// Bytes of memory, written `16Gi` or `512Mi`.
pub(in crate::spec) struct Memory;

/// The text of a quantity: a YAML number is one too.
fn amount(node: &Node, expected: &str, reader: &mut Reader) -> Option<(String, Option<i128>)> {
    let text = match &node.tree {
        Tree::Integer(number) => number.to_string(),
        Tree::Float(number) => number.to_string(),
        _ => reader.text(node, expected)?.to_owned(),
    };
    let amount = thousandths(&text);
    Some((text, amount))
}

impl Shape for Cpu {
    type Value = u64;

    fn read(node: &Node, reader: &mut Reader) -> Option<u64> {
        let (text, amount) = amount(node, "a number of CPUs (number or text)", reader)?;
        let value = amount.filter(|milli| (1..=MOST_CPU).contains(milli)).and_then(|milli| u64::try_from(milli).ok());
        if value.is_none() {
            let message = format!("{} is no number of CPUs", quote(&text));
            reader.error(code::BAD_QUANTITY, node.place, message, "write CPUs as Kubernetes does: `2`, `0.5` or `500m`");
        }
        value
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?m?$" }] })
    }
}

impl Shape for Memory {
    type Value = u64;

    fn read(node: &Node, reader: &mut Reader) -> Option<u64> {
        let (text, amount) = amount(node, "an amount of memory (text)", reader)?;
        let bytes = amount.map(|amount| amount / 1000).filter(|bytes| (LEAST_MEMORY..=MOST_MEMORY).contains(bytes));
        if bytes.is_none() {
            let (message, help) = match amount {
                Some(0..1_048_576_000) => (
                    format!("{} is less than a mebibyte of memory", quote(&text)),
                    format!("did you mean `{}Mi`?", digits(&text)),
                ),
                _ => (
                    format!("{} is no amount of memory", quote(&text)),
                    "write memory as Kubernetes does: `512Mi`, `16Gi`".to_owned(),
                ),
            };
            reader.error(code::BAD_QUANTITY, node.place, message, help);
        }
        bytes.and_then(|bytes| u64::try_from(bytes).ok())
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({
            "anyOf": [
                { "type": "integer", "minimum": LEAST_MEMORY as u64 },
                { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?([kMGTP]|[KMGTP]i)?$" },
            ],
        })
    }
}

fn digits(text: &str) -> &str {
    text.find(|letter: char| !letter.is_ascii_digit()).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Days, written `30d`, `12m` or `7y`.
pub(in crate::spec) struct Retention;

impl TextShape for Retention {
    type Value = u32;
    const EXPECTED: &'static str = "a length of time (text)";

    fn parse(text: &str, place: Place) -> Result<u32, Diagnostic> {
        let unit = match text.chars().last() {
            Some('d') => Some(1),
            Some('m') => Some(MONTH),
            Some('y') => Some(YEAR),
            _ => None,
        };
        let days = text.get(..text.len().saturating_sub(1)).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let days =
            days.and_then(|number| number.parse::<u32>().ok()).zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
        days.filter(|days| (1..=LONGEST_RETENTION).contains(days)).ok_or_else(|| {
            Diagnostic::error(code::BAD_RETENTION, place, format!("{} is no length of time", quote(text)))
                .help("write days, months or years: `30d`, `12m`, `7y`; a hundred years at most")
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[0-9]+[dmy]$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_never_shorter_than_the_calendar_says() {
        let days = |text| Retention::parse(text, Place::NOWHERE).ok();
        assert_eq!([days("30d"), days("12m"), days("7y")], [Some(30), Some(372), Some(2562)]);
        assert_eq!([days("0d"), days("d"), days("30"), days("101y"), days("99999999999y"), days("é")], [None; 6]);
    }
}
