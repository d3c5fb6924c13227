//! Whether a document holds all that another one wants.

use model::Value;

/// Whether everything of `wanted` stands in `live`. What a system adds does not matter; a secret is held by any digest. Lists of
/// records are compared without regard to their order, since systems keep some of them by name.
pub fn holds(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Secret(_), Value::Digest(_)) => true,
        (Value::Map(wanted), live) => wanted.iter().all(|(key, value)| match live.get(key) {
            Some(live) => holds(value, live),
            None => is_nothing(value),
        }),
        (Value::List(wanted), Value::List(live)) => {
            wanted.len() <= live.len() && wanted.iter().all(|item| live.iter().any(|live| holds(item, live)))
        }
        (Value::String(wanted), Value::String(live)) => wanted == live || wanted.eq_ignore_ascii_case(live),
        (wanted, live) => wanted == live,
    }
}

/// What a server may leave away: nothing, or an empty map or list.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.iter().next().is_none(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_a_server_adds_or_reorders_does_not_matter_and_what_it_lacks_does() {
        let live = value(r#"{"a":1,"l":[{"n":"x","v":1},{"n":"y","v":2}],"more":true}"#);
        for (wanted, held) in [
            (r#"{"a":1}"#, true),
            (r#"{"l":[{"n":"y"},{"n":"x"}]}"#, true),
            (r#"{"empty":{}}"#, true),
            (r#"{"a":2}"#, false),
            (r#"{"l":[{"n":"z"}]}"#, false),
            (r#"{"missing":"x"}"#, false),
        ] {
            assert_eq!(holds(&value(wanted), &live), held, "{wanted}");
        }
    }
}
