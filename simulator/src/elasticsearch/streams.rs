//! Data streams: which template of indices makes a name one, and what that template is held by. Nobody rolls one over, so each has one
//! backing index.

use super::Elasticsearch;
use crate::kernel::Store;
use model::Value;

/// The template of each data stream, by the stream's name.
pub(super) type Streams = Store<String, String>;
/// Where they are kept.
pub(super) const TABLE: &str = "elasticsearch.data-stream";

/// The index behind a data stream.
pub(super) fn backing(stream: &str) -> String {
    format!(".ds-{stream}-000001")
}

/// Whether a name fits a pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| name.get(at..).is_some_and(|name| fits(rest, name)))
        }),
    }
}

impl Elasticsearch {
    /// The template that makes indices of this name data streams, if the one of the highest priority does.
    pub(super) fn stream_template(&self, name: &str) -> Option<String> {
        let holds = |document: &Value| {
            let patterns = document.get("index_patterns").and_then(Value::as_list).unwrap_or_default();
            patterns.iter().filter_map(Value::as_str).any(|pattern| fits(pattern, name))
        };
        let fitting = self
            .index_templates
            .iter()
            .map(|(key, kept)| (key, &**kept.document.value()))
            .filter(|(_, document)| holds(document));
        let (key, document) = fitting.max_by_key(|(_, document)| document.integer_at(&["priority"]).unwrap_or_default())?;
        document.get("data_stream").is_some().then(|| key.to_string())
    }

    /// Why a template cannot go, if it cannot.
    pub(super) fn in_use(&self, template: &str) -> Option<String> {
        let streams: Vec<&str> =
            self.streams.iter().filter(|(_, held)| held.as_str() == template).map(|(stream, _)| stream.as_str()).collect();
        let held = format!("unable to remove composable templates [{template}] as they are in use by a data streams");
        (!streams.is_empty()).then(|| format!("{held} [{}]", streams.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name) in [("a", "a"), ("a-*", "a-"), ("*", ""), ("*-b", "a-b-b"), ("a*c*", "abcd")] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "ab"), ("a-*", "a"), ("*-b", "a-bc"), ("a*c", "abcd")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
