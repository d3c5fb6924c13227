//! Operators and functions: what they take and what they give. Those of the CEL language definition that a rule has a use for.

use crate::policy::own::shape::Shape;
use cel::common::ast::operators::{
    ADD, CONDITIONAL, DIVIDE, EQUALS, GREATER, GREATER_EQUALS, IN, INDEX, LESS, LESS_EQUALS, LOGICAL_AND, LOGICAL_NOT,
    LOGICAL_OR, MODULO, MULTIPLY, NEGATE, NOT_EQUALS, NOT_STRICTLY_FALSE, SUBSTRACT,
};

type Found = Result<Shape, String>;

/// How an operator is written.
fn sign(name: &str) -> &str {
    match name {
        IN => "in",
        CONDITIONAL => "?:",
        INDEX => "[]",
        other => other.trim_matches('_'),
    }
}

fn all_fit(wanted: &Shape, arguments: &[Shape]) -> bool {
    arguments.iter().all(|argument| argument.fits(wanted))
}

/// The type of `name` as an operator on `arguments`; nothing if it is none.
pub(super) fn operator(name: &str, arguments: &[Shape]) -> Option<Found> {
    let word = sign(name);
    let need = |wanted: Shape, given: Shape| {
        if all_fit(&wanted, arguments) {
            Ok(given)
        } else {
            Err(format!("`{word}` wants {wanted}, and this is {}", list(arguments)))
        }
    };
    Some(match (name, arguments) {
        (LOGICAL_AND | LOGICAL_OR | LOGICAL_NOT | NOT_STRICTLY_FALSE, _) => need(Shape::Bool, Shape::Bool),
        (SUBSTRACT | MULTIPLY | DIVIDE | MODULO | NEGATE, _) => need(Shape::Int, Shape::Int),
        (ADD, [one, other]) => add(one, other),
        (EQUALS | NOT_EQUALS, [one, other]) => {
            if one.fits(other) {
                Ok(Shape::Bool)
            } else {
                Err(format!("{one} is never equal to {other}"))
            }
        }
        (LESS | LESS_EQUALS | GREATER | GREATER_EQUALS, [one, other]) => {
            let ordered = |shape: &Shape| matches!(shape.present(), Shape::Int | Shape::Text | Shape::Any);
            if one.fits(other) && ordered(one) && ordered(other) {
                Ok(Shape::Bool)
            } else {
                Err(format!("`{word}` cannot compare {one} with {other}"))
            }
        }
        (CONDITIONAL, [condition, one, other]) => {
            if condition.fits(&Shape::Bool) {
                Ok(one.clone().join(other.clone()))
            } else {
                Err(format!("the condition before `?` is {condition}"))
            }
        }
        (IN, [item, range]) => match range.present() {
            Shape::List(items) if items.fits(item) => Ok(Shape::Bool),
            Shape::Any => Ok(Shape::Bool),
            Shape::List(items) => Err(format!("{item} is never in a list of {}", plural(items))),
            other => Err(format!("`in` wants a list, and this is {other}")),
        },
        (INDEX, [range, index]) => match range.present() {
            Shape::List(item) if index.fits(&Shape::Int) => Ok((**item).clone()),
            Shape::Any => Ok(Shape::Any),
            other => Err(format!("{other} has no entry that {index} picks")),
        },
        _ => return None,
    })
}

fn add(one: &Shape, other: &Shape) -> Found {
    match (one.present(), other.present()) {
        (Shape::List(_), Shape::List(_)) | (Shape::Any, _) | (_, Shape::Any) => Ok(one.clone().join(other.clone())),
        (Shape::Int, Shape::Int) => Ok(Shape::Int),
        (Shape::Text, Shape::Text) => Ok(Shape::Text),
        (one, other) => Err(format!("`+` cannot join {one} and {other}")),
    }
}

/// The type of the function `name` on `arguments`.
pub(super) fn function(name: &str, arguments: &[Shape]) -> Found {
    match (name, arguments) {
        ("size", [one]) => size(one),
        ("int", [one]) if matches!(one.present(), Shape::Int | Shape::Text | Shape::Any) => Ok(Shape::Int),
        ("string", [one]) if matches!(one.present(), Shape::Int | Shape::Text | Shape::Bool | Shape::Any) => Ok(Shape::Text),
        ("size" | "int" | "string", _) => Err(format!("`{name}` does not take {}", list(arguments))),
        _ => Err(format!("there is no function `{name}`; there are int, size and string")),
    }
}

/// The type of the function `name` called on `target`, as in `name.startsWith("a")`.
pub(super) fn method(name: &str, target: &Shape, arguments: &[Shape]) -> Found {
    match (name, arguments) {
        ("size", []) => size(target),
        ("contains" | "startsWith" | "endsWith" | "matches", [one]) => {
            if target.fits(&Shape::Text) && one.fits(&Shape::Text) {
                return Ok(Shape::Bool);
            }
            let help = if matches!(target.present(), Shape::List(_)) { "; `item in list` asks whether it is there" } else { "" };
            Err(format!("`{name}` asks a text about a text, and this asks {target} about {one}{help}"))
        }
        _ => {
            Err(format!("there is no function `{name}` of {target}; a text has contains, startsWith, endsWith, matches and size"))
        }
    }
}

fn size(one: &Shape) -> Found {
    match one.present() {
        Shape::Text | Shape::List(_) | Shape::Any => Ok(Shape::Int),
        other => Err(format!("{other} has no size")),
    }
}

/// What a call with a mistake in it gives all the same, so that the mistake is told once.
pub(super) fn answer(name: &str) -> Shape {
    match name {
        SUBSTRACT | MULTIPLY | DIVIDE | MODULO | NEGATE | "size" | "int" => Shape::Int,
        "string" => Shape::Text,
        CONDITIONAL | INDEX => Shape::Any,
        _ if name.starts_with(['_', '@', '!']) => Shape::Bool,
        "contains" | "startsWith" | "endsWith" | "matches" => Shape::Bool,
        _ => Shape::Any,
    }
}

fn list(shapes: &[Shape]) -> String {
    shapes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn plural(shape: &Shape) -> String {
    match shape {
        Shape::Int => "numbers".to_owned(),
        Shape::Text => "texts".to_owned(),
        other => other.to_string(),
    }
}
