//! The JSON Schema of the spec, for editors, from the same descriptions as the decoding.

use super::shape::{Definitions, Record, Shape};
use super::written::{Document, PolicyFile};
use serde_json::{Value as Json, json};

/// The JSON Schema of the spec (draft 2020-12), pretty, the same at every call.
pub fn json_schema() -> String {
    schema_of::<Document>("vamp.yaml")
}

/// The JSON Schema of a file with rules of a platform's own, in the same form.
pub fn rules_json_schema() -> String {
    schema_of::<PolicyFile>("rules of a platform's own")
}

/// The JSON Schema of a file that is one `R`, in the same form.
pub fn schema_of<R: Record + Shape>(title: &str) -> String {
    let mut definitions = Definitions::new();
    R::schema(&mut definitions);
    let mut schema = definitions.remove(R::NAME).unwrap_or_default();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("title".to_owned(), json!(title));
        root.insert("$defs".to_owned(), json!(definitions));
    }
    let mut text = format!("{:#}", sorted(schema));
    text.push('\n');
    text
}

/// With keys in order, whichever map `serde_json` was built with.
fn sorted(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<(String, Json)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Json::Object(entries.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
