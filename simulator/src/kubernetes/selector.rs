//! Label selectors.

use model::Value;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Labels, by key.
pub(super) type Labels = BTreeMap<Text, Text>;

/// The labels that stand in a map of a document.
pub(super) fn labels(value: Option<&Value>) -> Labels {
    let entries = value.and_then(Value::as_map).into_iter().flat_map(|map| map.iter());
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.into()))).collect()
}

/// Which labels an object must carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Selector {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: Labels,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expressions: Vec<Expression>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Expression {
    key: Text,
    operator: Text,
    values: Vec<Text>,
}

impl Selector {
    /// A selector with `matchLabels` and `matchExpressions`. Nothing at all selects nothing.
    pub(super) fn of(value: Option<&Value>) -> Option<Self> {
        let value = value?;
        let expressions = value.get("matchExpressions").and_then(Value::as_list).unwrap_or_default();
        Some(Selector {
            labels: labels(value.get("matchLabels")),
            expressions: expressions.iter().filter_map(Expression::of).collect(),
        })
    }

    /// A selector that is a plain map of labels, as a Service has it. An empty one selects nothing.
    pub(super) fn of_labels(value: Option<&Value>) -> Option<Self> {
        let labels = labels(value);
        (!labels.is_empty()).then_some(Selector { labels, expressions: Vec::new() })
    }

    /// Whether an object with `labels` is selected.
    pub(super) fn selects(&self, labels: &Labels) -> bool {
        self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.expressions.iter().all(|expression| expression.holds(labels))
    }
}

impl Expression {
    fn of(value: &Value) -> Option<Self> {
        let values = value.get("values").and_then(Value::as_list).unwrap_or_default();
        Some(Expression {
            key: value.str_at(&["key"])?.into(),
            operator: value.str_at(&["operator"])?.into(),
            values: values.iter().filter_map(Value::as_str).map(Text::from).collect(),
        })
    }

    fn holds(&self, labels: &Labels) -> bool {
        let found = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => found.is_some_and(|value| self.values.contains(value)),
            "NotIn" => found.is_none_or(|value| !self.values.contains(value)),
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_and_labels_must_all_hold() {
        let value: Value = serde_json::from_str(
            r#"{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"NotIn","values":["test"]}]}"#,
        )
        .unwrap();
        let selector = Selector::of(Some(&value)).unwrap();
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect::<Labels>();
        assert!(selector.selects(&of(&[("app", "web")])));
        assert!(!selector.selects(&of(&[("app", "web"), ("tier", "test")])));
        assert!(!selector.selects(&of(&[("tier", "live")])));
        assert!(Selector::of_labels(Some(&Value::EMPTY_MAP)).is_none());
    }
}
