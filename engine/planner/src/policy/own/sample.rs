//! What a test of a rule is given to look at, held against the types: a misspelt field is found here as it is in a rule.

use super::seen::Seen;
use super::shape::Shape;
use crate::spec::Suggestions;
use model::Place;
use model::source::Located;
use std::collections::BTreeMap;

/// Something wrong with what a test is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where.
    pub place: Place,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

/// `seen` as a value of the type `shape`: what may be `null` and is not given is `null`, everything else that is not given is not there,
/// so that a rule that looks at it says so.
pub fn fit(seen: Located<Seen>, shape: &Shape, misfits: &mut Vec<Misfit>) -> Located<Seen> {
    let place = seen.place;
    let mut wrong = |message: String| misfits.push(Misfit { place, message, help: None });
    let value = match (seen.value, shape.present()) {
        (Seen::Null, _) if !matches!(shape, Shape::Optional(_) | Shape::Any) => {
            wrong(format!("{shape} is expected here, and this is nothing"));
            Seen::Null
        }
        (Seen::Object(fields), Shape::Object(object)) => {
            let mut fitted = BTreeMap::new();
            for (name, value) in fields {
                let Some(shape) = object.field(&name) else {
                    let near = Suggestions::new().nearest(&name, object.names()).map(|near| format!("did you mean `{near}`?"));
                    let help = near.unwrap_or_else(|| format!("it has {}", object.names().collect::<Vec<_>>().join(", ")));
                    let message = format!("`{name}` is no field of the {}", object.word);
                    misfits.push(Misfit { place: value.place, message, help: Some(help) });
                    continue;
                };
                fitted.insert(name, fit(value, shape, misfits));
            }
            for (name, _) in object.fields.iter().filter(|(_, shape)| matches!(shape, Shape::Optional(_))) {
                fitted.entry((*name).to_owned()).or_insert(Located::default_value(Seen::Null));
            }
            Seen::Object(fitted)
        }
        (Seen::List(items), Shape::List(shape)) => Seen::List(items.into_iter().map(|item| fit(item, shape, misfits)).collect()),
        (seen @ (Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_)), present)
            if seen == Seen::Null || is_of(&seen, present) =>
        {
            seen
        }
        (seen, Shape::Any) => seen,
        (seen, present) => {
            wrong(format!("{present} is expected here"));
            seen
        }
    };
    Located { value, place }
}

fn is_of(seen: &Seen, shape: &Shape) -> bool {
    matches!(
        (seen, shape),
        (_, Shape::Any) | (Seen::Bool(_), Shape::Bool) | (Seen::Int(_), Shape::Int) | (Seen::Text(_), Shape::Text)
    )
}
