//! What makes an object of Elasticsearch another one although nobody asked for it: a right that a role has besides, a phase of a lifecycle
//! policy that takes documents away sooner, an index that does not live by it, a field of an index template in which a payload would be kept
//! (PRI-1), or whatever else of a template takes documents away sooner or keeps more of them. A server fills in much that means what is meant without it, and more with each version; so what counts is named here, and
//! everything else is the server's.

use crate::{Kind, Value};

/// Rights of a role besides those on the cluster and on indices (Elasticsearch reference, "Create or update roles"; `tenants`: OpenSearch's
/// security plugin).
const RIGHTS: [&str; 6] = ["applications", "global", "remote_cluster", "remote_indices", "run_as", "tenants"];
/// What limits a right on indices to some of their documents or fields; the last three are OpenSearch's.
const LIMITS: [&str; 5] = ["field_security", "query", "dls", "fls", "masked_fields"];
/// What else documents go through on their way into an index (Elasticsearch reference, "Ingest pipelines").
const PIPELINES: [&str; 2] = ["default_pipeline", "final_pipeline"];
/// What else a template says of how long documents are kept, and which are: the lifecycle of the data stream itself, and its failure store
/// (Elasticsearch reference, "Create or update index templates").
const KEEPS: [&str; 2] = ["data_stream_options", "lifecycle"];
/// When an index comes into its first phase where nobody said (Elasticsearch reference, "Create or update lifecycle policy").
const AT_ONCE: &str = "0ms";

/// Where the document of a lifecycle policy says, as a sentence, which indices do not live by it, if there are any. It stands in no document that
/// is wanted, and in no policy: whoever looks puts it there.
pub const STRAYS: &str = "indices";

/// Whether `value`, which stands at `key` within `parents` and which nobody wants, makes the object another one. `parents` are keys from
/// the document's root on; what is in a list stands within the list.
pub fn counts(kind: Kind, parents: &[&str], key: &str, value: &Value) -> bool {
    if value.is_no_list() {
        return false;
    }
    match (kind, parents) {
        (Kind::SearchRole, []) => RIGHTS.contains(&key),
        (Kind::SearchRole, ["indices"]) => {
            LIMITS.contains(&key) || (key == "allow_restricted_indices" && *value == Value::Bool(true))
        }
        (Kind::LifecyclePolicy, []) => key == STRAYS,
        (Kind::LifecyclePolicy, ["policy", "phases"])
        | (Kind::LifecyclePolicy, ["policy", "phases", _, "actions"] | ["policy", "phases", _, "actions", "rollover"]) => true,
        (Kind::LifecyclePolicy, ["policy", "phases", _]) => key == "min_age" && value.as_str() != Some(AT_ONCE),
        (Kind::IndexTemplate, ["template", "mappings", .., "properties"] | ["template", "aliases"]) => true,
        // Component templates bring whatever a template may say.
        (Kind::IndexTemplate, []) => key == "composed_of",
        (Kind::IndexTemplate, ["template"]) => (key == "aliases" && *value != Value::EMPTY_MAP) || KEEPS.contains(&key),
        (Kind::IndexTemplate, ["template", "mappings"]) => key == "_source",
        (Kind::IndexTemplate, ["template", "settings", "index"]) => key == "lifecycle" || PIPELINES.contains(&key),
        (Kind::IndexTemplate, ["template", "settings", "index", "lifecycle"]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_phases_and_actions_count_and_what_a_server_fills_in_does_not() {
        let text = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let role = |parents: &[&str], key, value| counts(Kind::SearchRole, parents, key, &text(value));
        assert!(role(&[], "run_as", r#"["elastic"]"#) && role(&["indices"], "query", r#""{\"match_all\":{}}""#));
        assert!(!role(&[], "run_as", "[]") && !role(&[], "transient_metadata", r#"{"enabled":true}"#));
        assert!(
            role(&["indices"], "allow_restricted_indices", "true") && !role(&["indices"], "allow_restricted_indices", "false")
        );
        let policy = |parents: &[&str], key, value| counts(Kind::LifecyclePolicy, parents, key, &text(value));
        assert!(policy(&["policy", "phases"], "warm", r#"{"actions":{}}"#));
        assert!(policy(&["policy", "phases", "hot", "actions"], "readonly", "{}"));
        assert!(policy(&["policy", "phases", "hot", "actions", "rollover"], "max_docs", "5"));
        assert!(policy(&["policy", "phases", "hot"], "min_age", r#""1d""#));
        assert!(!policy(&["policy", "phases", "hot"], "min_age", r#""0ms""#));
        assert!(!policy(&["policy", "phases", "delete", "actions", "delete"], "delete_searchable_snapshot", "true"));
        assert!(policy(&[], STRAYS, r#""1 of 2 does not live by it""#));
        let template = |parents: &[&str], key, value| counts(Kind::IndexTemplate, parents, key, &text(value));
        for parents in [&["template", "mappings", "properties"][..], &["template", "mappings", "properties", "a", "properties"]] {
            assert!(template(parents, "payload", r#"{"type":"text"}"#), "{parents:?}");
        }
        assert!(template(&["template", "settings", "index"], "default_pipeline", r#""copy""#));
        assert!(!template(&["template", "settings", "index"], "mode", r#""standard""#));
        assert!(template(&["template"], "aliases", r#"{"all":{}}"#) && !template(&["template"], "aliases", "{}"));
        assert!(!template(&["data_stream"], "timestamp_field", r#"{"name":"@timestamp"}"#));
        assert!(template(&[], "composed_of", r#"["a"]"#) && !template(&[], "composed_of", "[]") && !policy(&[], "version", "3"));
        // By the lifecycle of its data stream documents go after a day, whatever the policy says.
        assert!(template(&["template", "settings", "index", "lifecycle"], "prefer_ilm", r#""false""#));
        assert!(template(&["template"], "lifecycle", r#"{"enabled":true,"data_retention":"1d"}"#));
        assert!(template(&["template"], "data_stream_options", r#"{"failure_store":{"enabled":true}}"#));
        assert!(template(&["template", "settings", "index"], "lifecycle", r#"{"name":"a"}"#));
        assert!(template(&["template", "mappings"], "_source", r#"{"enabled":false}"#));
        assert!(!template(&["template", "mappings"], "dynamic_templates", "[]"));
    }
}
