//! Whole numbers in a range, true and false, and the version of the spec's format.

use crate::spec::code;
use crate::spec::node::{Node, Tree};
use crate::spec::reader::Reader;
use crate::spec::shape::{Definitions, Shape};
use serde_json::{Value as Json, json};

/// A whole number from `LEAST` to `MOST`.
pub(in crate::spec) struct Number<const LEAST: u32, const MOST: u32>;

impl<const LEAST: u32, const MOST: u32> Shape for Number<LEAST, MOST> {
    type Value = u32;

    fn read(node: &Node, reader: &mut Reader) -> Option<u32> {
        let Tree::Integer(number) = node.tree else {
            reader.wrong_kind(node, "a whole number");
            return None;
        };
        let value = u32::try_from(number).ok().filter(|value| (LEAST..=MOST).contains(value));
        if value.is_none() {
            let message = format!("{} may not be {number}", reader.owner());
            reader.error(code::OUT_OF_RANGE, node.place, message, format!("it must lie between {LEAST} and {MOST}"));
        }
        value
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

/// True or false; `no` and `off` are words here (and Norway is a country).
pub struct Flag;

impl Shape for Flag {
    type Value = bool;

    fn read(node: &Node, reader: &mut Reader) -> Option<bool> {
        let Tree::Bool(value) = node.tree else {
            reader.wrong_kind(node, "true or false");
            return None;
        };
        Some(value)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "boolean" })
    }
}

/// The version of the format: there is one so far.
pub struct Version;

impl Shape for Version {
    type Value = u32;

    fn read(node: &Node, reader: &mut Reader) -> Option<u32> {
        if matches!(node.tree, Tree::Integer(1)) {
            return Some(1);
        }
        let help = "write `version: 1`; a higher one needs a newer vamp";
        reader.error(
            code::VERSION,
            node.place_under(reader.key_place()),
            format!("this vamp reads version 1 of {} only", reader.root()),
            help,
        );
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "const": 1 })
    }
}
