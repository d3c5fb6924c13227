//! Data streams: which template of indices makes a name one, and what that template bears. Nobody rolls one over, so each has one
//! backing index.

use super::Elasticsearch;
use crate::kernel::Store;
use model::Value;
use model::value::Text;
use std::collections::BTreeMap;

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

    /// The template that a data stream stands on: the one that fits it now, or else the one that made it.
    fn template_under(&self, stream: &str, made_by: &str) -> String {
        self.stream_template(stream).unwrap_or_else(|| made_by.to_owned())
    }

    /// The data streams, by the template that each stands on.
    pub(super) fn streams_by_template(&self) -> BTreeMap<String, Vec<Text>> {
        let mut streams = BTreeMap::<String, Vec<Text>>::new();
        for (stream, made_by) in self.streams.iter() {
            streams.entry(self.template_under(stream, made_by)).or_default().push(stream.as_str().into());
        }
        streams
    }

    /// Those that stand on one.
    pub(super) fn streams_on(&self, template: &str) -> Vec<Text> {
        self.streams_by_template().remove(template).unwrap_or_default()
    }

    /// A data stream goes, with all that is in it.
    pub(super) fn drop_stream(&mut self, stream: &str) {
        self.streams.remove(stream);
        self.documents.drop_index(&backing(stream));
    }

    /// A data stream as a look shows it; nothing if there is none.
    pub(super) fn shown_stream(&self, name: &str) -> Option<Value> {
        let template = self.template_under(name, self.streams.get(name)?);
        let mut stream = Value::EMPTY_MAP;
        stream.set(&["name"], name);
        stream.set(&["timestamp_field", "name"], "@timestamp");
        stream.set(&["generation"], 1);
        stream.set(&["template"], template);
        let mut index = Value::EMPTY_MAP;
        index.set(&["index_name"], backing(name));
        stream.set(&["indices"], Value::List(vec![index]));
        Some(stream)
    }

    /// Why a template cannot go, if it cannot.
    pub(super) fn in_use(&self, template: &str) -> Option<String> {
        let streams = self.streams_on(template);
        let held = format!("unable to remove composable templates [{template}] as they are in use by a data streams");
        (!streams.is_empty()).then(|| format!("{held} [{}]", streams.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::tests::mark;
    use crate::server::Question;
    use model::Kind;
    use model::operation::{Expectation, Operation, OperationError};

    fn ask(server: &mut Elasticsearch, method: &str, path: &str, body: &str) -> u16 {
        let body = serde_json::from_str(body).unwrap();
        server.ask(&Question { method: method.into(), path: path.to_owned(), body, ..Question::default() }).unwrap().status
    }

    #[test]
    fn a_template_bears_the_streams_that_it_fits_best_and_takes_them_with_it_where_that_is_said() {
        let mut server = Elasticsearch::new("central");
        let mut template = |name: &str, pattern: &str, priority: i64| {
            let text = format!(r#"{{"index_patterns": ["{pattern}"], "priority": {priority}, "data_stream": {{}}}}"#);
            let document = std::sync::Arc::new(serde_json::from_str::<Value>(&text).unwrap());
            let address = format!("elasticsearch.central/index-template/{name}").parse().unwrap();
            let (mark, expected) = (mark(&document), Expectation::Absent);
            server.execute(&Operation::Apply { address, document, mark, expected, force: false }).unwrap();
        };
        template("wide", "a-*", 500);
        template("narrow", "a-x*", 600);
        for stream in ["a-1", "a-2", "a-x"] {
            assert_eq!(
                ask(&mut server, "PUT", &format!("/{stream}/_create/1"), r#"{"@timestamp": "2026-11-27T00:00:00Z"}"#),
                201
            );
        }
        let seen = |server: &Elasticsearch, name: &str| server.find(Kind::IndexTemplate, name).unwrap().streams;
        assert_eq!((seen(&server, "wide"), seen(&server, "narrow")), (vec!["a-1".into(), "a-2".into()], vec!["a-x".into()]));
        let address: model::Address = "elasticsearch.central/index-template/wide".parse().unwrap();
        let delete = |with_data| Operation::Delete { address: address.clone(), expected: Expectation::Unseen, with_data };
        assert!(matches!(server.execute(&delete(false)), Err(OperationError::Refused(why)) if why.contains("[a-1, a-2]")));
        server.change(|state| state.read_only = true);
        assert!(server.execute(&delete(true)).is_err());
        assert_eq!(seen(&server, "wide").len(), 2, "what is refused takes nothing away");
        server.change(|state| state.read_only = false);
        assert!(server.execute(&delete(true)).unwrap().changed);
        let found = ["a-1", "a-2", "a-x"].map(|stream| ask(&mut server, "GET", &format!("/_data_stream/{stream}"), "null"));
        assert_eq!(found, [404, 404, 200]);
        assert!(server.documents(&backing("a-1")).is_empty() && !server.documents(&backing("a-x")).is_empty());
        assert!(!server.execute(&delete(true)).unwrap().changed);
    }

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
