//! What a rule of a platform's own is made of: its id, its assertion, and what its tests are given.

use crate::policy::own::Seen;
use crate::spec::code;
use crate::spec::node::{Node, Tree};
use crate::spec::reader::{Reader, quote};
use crate::spec::shape::{Definitions, Shape, TextShape};
use model::Diagnostic;
use model::source::{Located, Place};
use model::value::FloatBits;
use serde_json::{Value as Json, json};

/// The id of a rule: words of letters and digits, joined by dashes, as in `ACME-1`.
pub(in crate::spec) struct RuleId;

/// Longest id, so that it fits into a line of a table.
const LONGEST_ID: usize = 40;

impl TextShape for RuleId {
    type Value = String;

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if begins && text.len() <= LONGEST_ID && text.split('-').all(word) {
            return Ok(text.to_owned());
        }
        Err(Diagnostic::error(code::BAD_RULE_ID, place, format!("{} cannot be the id of a rule", quote(text)))
            .help(format!("write letters and digits, joined by dashes, as in `ACME-1`; {LONGEST_ID} characters at most")))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$", "maxLength": LONGEST_ID })
    }
}

/// An assertion in CEL. It may take several lines.
pub(in crate::spec) struct Expression;

impl Shape for Expression {
    type Value = String;

    fn read(node: &Node, reader: &mut Reader) -> Option<String> {
        let Tree::Text(text) = &node.tree else {
            reader.wrong_kind(node, "an expression (text)");
            return None;
        };
        // Lines of a block are no control characters here; all others would be in any text.
        let lines: String = text.chars().map(|letter| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter }).collect();
        let flat = Node { tree: Tree::Text(lines.as_str().into()), place: node.place };
        reader.text(&flat, "an expression (text)")?;
        Some(text.to_string())
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// What a test gives a rule to look at. Which fields there are, the types of rules say.
pub(in crate::spec) struct Sample;

impl Shape for Sample {
    type Value = Located<Seen>;

    fn read(node: &Node, reader: &mut Reader) -> Option<Located<Seen>> {
        Some(seen(node, reader))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({})
    }
}

fn seen(node: &Node, reader: &mut Reader) -> Located<Seen> {
    let value = match &node.tree {
        Tree::Null => Seen::Null,
        Tree::Bool(value) => Seen::Bool(*value),
        Tree::Integer(number) => i64::try_from(*number).map_or(Seen::Float(FloatBits::from(*number as f64)), Seen::Int),
        Tree::Float(number) => Seen::Float(FloatBits::from(*number)),
        Tree::Text(text) => Seen::Text(text.to_string()),
        Tree::List(items) => Seen::List(items.iter().map(|item| seen(item, reader)).collect()),
        Tree::Map(entries) => {
            let mut fields = std::collections::BTreeMap::new();
            for (key, value) in entries {
                let value = Located { place: key.place, ..seen(value, reader) };
                if let Some(first) = fields.get(key.text.as_str()) {
                    let first: &Located<Seen> = first;
                    reader.duplicate_key(key, first.place);
                }
                fields.insert(key.text.to_string(), value);
            }
            Seen::Object(fields)
        }
    };
    Located::at(value, node.place)
}
