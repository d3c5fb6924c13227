//! The forms of single values of a scenario, and what they are read as.

use super::bound::{Bound, length};
use super::{code, hand};
use crate::fault::{Kind, Target, TargetKind};
use crate::guard::Guard;
use crate::oracle::Promise;
use crate::oracle::convergence::Excuse;
use crate::run::Start;
use crate::world::Edit;
use model::value::Text;
use model::{Address, Diagnostic, Duration, Place};
use planner::policy::catalogue;
use planner::spec::reading::{Definitions, NameRule, Node, Reader, Shape, TextShape, Tree, quote};
use serde_json::{Value as Json, json};

/// Any text.
pub struct AnyText;

impl TextShape for AnyText {
    type Value = String;

    fn parse(text: &str, _: Place) -> Result<String, Diagnostic> {
        Ok(text.trim().to_owned())
    }

    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

/// A length of time, from the beginning or of its own: `90s`, `1h30m`.
pub struct Length;

impl TextShape for Length {
    type Value = Duration;
    const EXPECTED: &'static str = "a length of time (text)";

    fn parse(text: &str, place: Place) -> Result<Duration, Diagnostic> {
        length(text).ok_or_else(|| {
            let help = if text.starts_with('-') {
                "a run begins at `0s`; nothing happens before"
            } else {
                "write `30s`, `10m`, `2h`, `1d` or `1h30m`"
            };
            Diagnostic::error(code::BAD_LENGTH, place, format!("{} is no length of time", quote(text))).help(help)
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$" })
    }
}

/// A whole number, which may be below zero.
pub struct Whole;

impl Shape for Whole {
    type Value = i64;

    fn read(node: &Node, reader: &mut Reader) -> Option<i64> {
        let Tree::Integer(number) = node.tree else {
            reader.wrong_kind(node, "a whole number");
            return None;
        };
        let value = i64::try_from(number).ok();
        if value.is_none() {
            reader.wrong_kind(node, "a whole number of at most 18 digits");
        }
        value
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer" })
    }
}

/// What a fault happens to.
pub struct TargetForm;

impl TextShape for TargetForm {
    type Value = Target;

    fn parse(text: &str, place: Place) -> Result<Target, Diagnostic> {
        text.parse().map_err(|_| {
            let forms: Vec<&str> = TARGETS.iter().map(|target| target.form()).collect();
            let message = format!("{} names nothing that can break", quote(text));
            Diagnostic::error(code::BAD_TARGET, place, message).help(format!("write one of: {}", forms.join("; ")))
        })
    }

    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

/// The address of an object.
pub struct ObjectForm;

impl TextShape for ObjectForm {
    type Value = Address;

    fn parse(text: &str, place: Place) -> Result<Address, Diagnostic> {
        text.parse().map_err(|_| {
            let message = format!("{} is no address of an object", quote(text));
            Diagnostic::error(code::BAD_HAND, place, message).help("`vamp graph` and `vamp plan` show addresses")
        })
    }

    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

/// What somebody does to an object by hand.
pub struct EditForm;

impl TextShape for EditForm {
    type Value = Edit;

    fn parse(text: &str, place: Place) -> Result<Edit, Diagnostic> {
        hand::edit(text).ok_or_else(|| {
            let message = format!("{} is nothing that somebody can do to an object", quote(text));
            Diagnostic::error(code::BAD_HAND, place, message)
                .help("write `make`, `delete`, `set metadata.labels.team=blue` or `remove metadata.labels.team`")
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^(make|delete|set .+=.*|remove .+)$" })
    }
}

const TARGETS: [TargetKind; 12] = [
    TargetKind::Pod,
    TargetKind::Cell,
    TargetKind::Backend,
    TargetKind::Node,
    TargetKind::Zone,
    TargetKind::Cluster,
    TargetKind::Region,
    TargetKind::Vault,
    TargetKind::Mysql,
    TargetKind::Elasticsearch,
    TargetKind::Way,
    TargetKind::Engine,
];

/// What is expected of a measured value.
pub struct BoundForm;

impl Shape for BoundForm {
    type Value = Option<Bound>;

    fn read(node: &Node, reader: &mut Reader) -> Option<Option<Bound>> {
        let text = match &node.tree {
            Tree::Integer(number) => number.to_string(),
            _ => reader.text(node, "a number or a bound (text)")?.to_owned(),
        };
        let bound = Bound::read(&text);
        if bound.is_none() {
            let message = format!("{} says nothing that a value could be held against", quote(&text));
            let help = "write `0`, `at most 40s`, `at least 1`, `2 to 5` or a word; the lesser end comes first";
            reader.complain(Diagnostic::error(code::BAD_BOUND, node.place, message).help(help));
        }
        bound.map(Some)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": ["integer", "string"] })
    }
}

/// Declares a choice of words that complains with `code` about any other.
macro_rules! choices {
    ($($(#[doc = $doc:literal])* $name:ident: $value:ty, $code:expr, $what:literal, $all:expr, $word:expr;)*) => {$(
        $(#[doc = $doc])*
        pub struct $name;

        impl Shape for $name {
            type Value = $value;

            fn read(node: &Node, reader: &mut Reader) -> Option<$value> {
                let text = reader.text(node, "a word (text)")?;
                let word: fn(&$value) -> &'static str = $word;
                let all: Vec<$value> = $all;
                let found = all.iter().find(|value| word(value) == text).cloned();
                if found.is_none() {
                    let help = reader.did_you_mean(text, all.iter().map(word));
                    let message = format!("{} is no {}", quote(text), $what);
                    reader.complain(Diagnostic { help, ..Diagnostic::error($code, node.place, message) });
                }
                found
            }

            fn schema(_: &mut Definitions) -> Json {
                let word: fn(&$value) -> &'static str = $word;
                let all: Vec<$value> = $all;
                json!({ "enum": all.iter().map(word).collect::<Vec<_>>() })
            }
        }
    )*};
}

choices! {
    /// A kind of fault.
    KindWord: Kind, code::UNKNOWN_KIND, "kind of fault", Kind::ALL.to_vec(), |kind| kind.word();
    /// A promise that breaks.
    BrokenWord: Promise, code::UNKNOWN_OUTCOME, "promise", Promise::ALL.to_vec(), |promise| promise.word();
    /// Why the platform does not become what its spec says.
    ExcuseWord: Excuse, code::UNKNOWN_OUTCOME, "excuse", Excuse::ALL.to_vec(), |excuse| excuse.word();
    /// The id of a rule.
    RuleWord: &'static str, code::UNKNOWN_OUTCOME, "rule", catalogue::CATALOGUE.iter().map(|rule| rule.id).collect(), |rule| rule;
    /// What the world is at the beginning.
    StartWord: Start, code::UNKNOWN_OUTCOME, "beginning", vec![Start::Converged, Start::Empty], |start| start.word();
    /// A guard.
    GuardWord: Guard, code::UNKNOWN_OUTCOME, "guard", Guard::ALL.to_vec(), |guard| guard.word();
}

/// Declares what names of a map may be.
macro_rules! names {
    ($($(#[doc = $doc:literal])* $name:ident, $code:expr, $what:literal, $help:literal, $is:expr;)*) => {$(
        $(#[doc = $doc])*
        pub struct $name;

        impl NameRule for $name {
            const PATTERN: &'static str = "^.+$";

            fn check(name: &str, place: Place) -> Result<(), Diagnostic> {
                let is: fn(&str) -> bool = $is;
                if is(name) {
                    return Ok(());
                }
                Err(Diagnostic::error($code, place, format!("{} is no {}", quote(name), $what)).help($help))
            }
        }
    )*};
}

names! {
    /// The name of a measure. Whether there is one is looked at later.
    MeasureName, code::UNKNOWN_MEASURE, "measure", "`vamp explain SCENARIO-301` lists them", |name| !name.is_empty();
    /// A cell: CLUSTER/NAMESPACE. Whether it is there is looked at later.
    AnyCell, code::UNKNOWN_CELL, "cell", "write CLUSTER/NAMESPACE", |name| cell(name).is_some();
    /// The name of a number of a fault. Whether its kind has it is looked at later.
    ParameterName, code::CANNOT_HAPPEN, "number of a fault", "`vamp simulate --list-faults` lists them", |name| !name.is_empty();
}

/// The cell of this name, by cluster and namespace.
pub(super) fn cell(name: &str) -> Option<(Text, Text)> {
    let (cluster, namespace) = name.split_once('/')?;
    let fine = |part: &str| !part.is_empty() && !part.contains('/');
    (fine(cluster) && fine(namespace)).then(|| (cluster.into(), namespace.into()))
}
