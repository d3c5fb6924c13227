//! Whether an answer holds what a case says. A map holds another if it has its entries, a list if it has as many items and each holds
//! its own. Texts: `*` anything that is there, `!` nothing is there, `~part` a text that holds this, `!=text` another one, `>number` a
//! greater one, `[]` an empty list or none.

use serde_json::Value;

/// What is amiss, and where; nothing if all is well.
pub(crate) fn amiss(found: Option<&Value>, wanted: &Value, at: &str) -> Option<String> {
    let found = found.filter(|found| !found.is_null());
    let says = |found: Option<&Value>| found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let wrong = || Some(format!("{at}: {}, not {wanted}", says(found)));
    match (wanted, found) {
        (Value::String(text), _) => (!text_holds(text, found)).then(wrong).flatten(),
        (Value::Object(map), Some(Value::Object(_))) => {
            map.iter().find_map(|(key, wanted)| amiss(found.and_then(|found| found.get(key)), wanted, &format!("{at}.{key}")))
        }
        (Value::Array(wanted), Some(Value::Array(items))) if wanted.len() == items.len() => {
            let mut pairs = wanted.iter().zip(items).enumerate();
            pairs.find_map(|(index, (wanted, item))| amiss(Some(item), wanted, &format!("{at}[{index}]")))
        }
        (Value::Null, None) => None,
        (wanted, Some(found)) if wanted == found => None,
        _ => wrong(),
    }
}

fn text_holds(wanted: &str, found: Option<&Value>) -> bool {
    let text = found.map(plain);
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match (wanted, text) {
        ("*", text) => text.is_some(),
        ("!", text) => text.is_none(),
        ("[]", text) => text.is_none_or(|text| text == "[]"),
        (_, None) => false,
        (wanted, Some(text)) => {
            if let Some(part) = wanted.strip_prefix('~') {
                text.contains(part)
            } else if let Some(other) = wanted.strip_prefix("!=") {
                text != other
            } else if let Some(low) = wanted.strip_prefix('>').and_then(number) {
                number(&text).is_some_and(|found| found > low)
            } else {
                text == wanted
            }
        }
    }
}

/// A value as a text without quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// What stands at `a.b[0].c`.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(value, |value, part| {
        let (key, index) =
            part.split_once('[').map_or((part, None), |(key, rest)| (key, rest.trim_end_matches(']').parse().ok()));
        let value = if key.is_empty() { value } else { value.get(key)? };
        index.map_or(Some(value), |index: usize| value.get(index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_held_and_what_is_not() {
        let found = json!({"a": {"b": [1, "two"], "c": null}, "n": "7"});
        for wanted in
            [json!({"a": {"b": [1, "~w"]}}), json!({"a": {"c": "!"}}), json!({"n": ">6"}), json!({"n": "!=8", "a": "*"})]
        {
            assert_eq!(amiss(Some(&found), &wanted, ""), None);
        }
        for wanted in
            [json!({"a": {"b": [1]}}), json!({"x": "*"}), json!({"n": ">7"}), json!({"a": {"b": [2, "two"]}}), json!({"n": "!"})]
        {
            assert!(amiss(Some(&found), &wanted, "").is_some(), "{wanted}");
        }
        assert_eq!(at(&found, "a.b[1]"), Some(&json!("two")));
    }
}
