//! Index templates of OpenSearch. There a policy names the templates' patterns, and no template its policy: the setting that does so in
//! Elasticsearch is refused as unknown. What it would say is kept beside the mark, so that a template still tells which policy its
//! data streams live by.

use model::value::Text;
use model::{Address, Kind, System, Value};
use std::collections::BTreeMap;

/// Where a template of Elasticsearch names its policy.
const LIFECYCLE: &[&str] = &["template", "settings", "index", "lifecycle"];
/// Where it stands in OpenSearch.
const KEPT: &[&str] = &["_meta", "vamp-lifecycle"];

/// A template as it is sent.
pub(crate) fn body(mut document: Value) -> Value {
    if let Some(lifecycle) = document.remove(LIFECYCLE) {
        document.set(KEPT, lifecycle);
    }
    document
}

/// A template in Elasticsearch's words.
pub(crate) fn read(mut raw: Value) -> Value {
    if let Some(lifecycle) = raw.remove(KEPT) {
        raw.set(LIFECYCLE, lifecycle);
    }
    raw
}

/// The policy by which the data streams of a template live, which is in Elasticsearch's words.
pub(crate) fn policy_of(document: &Value) -> Option<&str> {
    document.at(LIFECYCLE)?.str_at(&["name"])
}

/// What policies say of the templates that name them (`ism_template`), by the policy's name: of all that is wanted in one system.
pub(crate) fn by_policy<'a>(
    wanted: impl Iterator<Item = (&'a Address, &'a Value)>,
    system: &System,
) -> BTreeMap<Text, Vec<Value>> {
    let mut all = BTreeMap::<Text, Vec<Value>>::new();
    let templates = wanted.filter(|(address, _)| address.kind() == Kind::IndexTemplate && address.system() == *system);
    for (_, document) in templates {
        if let Some(policy) = policy_of(document) {
            let mut entry = Value::EMPTY_MAP;
            entry.set(&["index_patterns"], document.get("index_patterns").cloned().unwrap_or_default());
            entry.set(&["priority"], document.get("priority").cloned().unwrap_or(Value::Integer(0)));
            all.entry(policy.into()).or_default().push(entry);
        }
    }
    all
}
