//! Who owns which fields (`metadata.managedFields`): the API's own notation, read into paths.
//!
//! In `fieldsV1`, `f:spec` leads into a field, `k:{"name":"web"}` to the item of a list with that key, `v:"x"` to a value of a set, `i:0`
//! to a position, and `.` means the field itself (structured-merge-diff, `fieldpath/serialize.go`).

use model::Value;
use model::path::{FieldPath, Segment};
use model::value::Text;
use std::fmt::Write;

/// The field manager of the engine.
pub(crate) const FIELD_MANAGER: &str = "vamp";

/// What the account of one object says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Fields of others, with who has them.
    pub(crate) foreign: Vec<(FieldPath, Text)>,
    /// Fields of ours are kept as those of somebody who updates, not as applied ones: so the API server notes a creation.
    pub(crate) ours_by_update: bool,
}

/// Read `managedFields`. The status is nobody's business here; but who writes it may write more with it (the number of a roll-out, into
/// an annotation).
pub(crate) fn account(managed_fields: Option<&Value>) -> Account {
    let mut account = Account::default();
    for entry in managed_fields.and_then(Value::as_list).unwrap_or_default() {
        let manager = entry.str_at(&["manager"]).unwrap_or_default();
        if manager == FIELD_MANAGER {
            account.ours_by_update |= entry.str_at(&["operation"]) == Some("Update");
        } else if let Some(fields) = entry.get("fieldsV1") {
            leaves(fields, &FieldPath::ROOT, &mut |path| {
                if path.0.first() != Some(&Segment::Key("status".into())) {
                    account.foreign.push((path, manager.into()));
                }
            });
        }
    }
    account.foreign.sort();
    account
}

/// The same account in which what we made is applied by us, so that fields that we no longer apply go: what a migration to server-side
/// apply writes (client-go, `util/csaupgrade`).
pub(crate) fn as_applied(managed_fields: &Value) -> Value {
    let applied = |entry: &Value| {
        let mut entry = entry.clone();
        let ours = entry.str_at(&["manager"]) == Some(FIELD_MANAGER) && entry.str_at(&["subresource"]).is_none();
        if ours && entry.str_at(&["operation"]) == Some("Update") {
            entry.set(&["operation"], "Apply");
        }
        entry
    };
    Value::List(managed_fields.as_list().unwrap_or_default().iter().map(applied).collect())
}

fn leaves(fields: &Value, at: &FieldPath, visit: &mut impl FnMut(FieldPath)) {
    let Some(map) = fields.as_map() else { return };
    let mut within = map.iter().filter_map(|(key, inner)| Some((segment(key)?, inner))).peekable();
    if within.peek().is_none() && *at != FieldPath::ROOT {
        return visit(at.clone());
    }
    for (segment, inner) in within {
        leaves(inner, &at.child(segment), visit);
    }
}

fn segment(key: &str) -> Option<Segment> {
    let (kind, rest) = key.split_once(':')?;
    Some(match kind {
        "f" => Segment::Key(rest.into()),
        "k" => Segment::Item(item(&crate::json::parse::<crate::json::Json>(rest.as_bytes()).ok()?.0)?),
        "v" => Segment::Item(rest.trim_matches('"').into()),
        "i" => Segment::Index(rest.parse().ok()?),
        _ => return None,
    })
}

/// `{"name":"web"}` as it stands in a path: `name=web`.
fn item(key: &Value) -> Option<Text> {
    let mut text = Text::default();
    for (name, value) in key.as_map()?.iter() {
        let separator = if text.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = match value {
            Value::String(value) => write!(text, "{separator}{name}={value}"),
            value => write!(text, "{separator}{name}={value}"),
        };
    }
    Some(text)
}

/// A field as the API server writes it in a conflict (`.spec.template.spec.containers[name="web"].image`), as we write it.
pub(crate) fn written(field: &str) -> String {
    field.strip_prefix('.').unwrap_or(field).replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Json, parse};

    fn value(text: &str) -> Value {
        parse::<Json>(text.as_bytes()).unwrap().0
    }

    #[test]
    fn fields_of_others_are_read_and_a_status_is_passed_over() {
        let fields = value(
            r#"[{"manager":"vamp","operation":"Apply","fieldsV1":{"f:spec":{"f:replicas":{}}}},
                {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":
                  {"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{}}}}}}}}}},
                {"manager":"hpa","operation":"Update","fieldsV1":{"f:metadata":{"f:finalizers":{".":{},"v:\"x\"":{}}}}},
                {"manager":"kube-controller-manager","operation":"Update","subresource":"status","fieldsV1":{"f:status":{"f:replicas":{}},
                  "f:metadata":{"f:annotations":{"f:deployment.kubernetes.io/revision":{}}}}}]"#,
        );
        let account = account(Some(&fields));
        let shown: Vec<String> = account.foreign.iter().map(|(path, manager)| format!("{manager} {path}")).collect();
        assert_eq!(
            shown,
            [
                "kube-controller-manager metadata.annotations[\"deployment.kubernetes.io/revision\"]",
                "hpa metadata.finalizers[x]",
                "kubectl-edit spec.template.spec.containers[name=web].image",
                "kubectl-edit spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP]",
            ]
        );
        assert!(!account.ours_by_update);
    }

    #[test]
    fn a_creation_becomes_applied_and_others_stay_as_they_are() {
        let fields = value(
            r#"[{"manager":"vamp","operation":"Update","fieldsV1":{"f:a":{}}},{"manager":"x","operation":"Update","fieldsV1":{"f:b":{}}}]"#,
        );
        assert!(account(Some(&fields)).ours_by_update);
        let applied = as_applied(&fields);
        let operations: Vec<_> = applied.as_list().unwrap().iter().map(|entry| entry.str_at(&["operation"])).collect();
        assert_eq!(operations, [Some("Apply"), Some("Update")]);
        assert!(!account(Some(&applied)).ours_by_update);
    }

    #[test]
    fn no_account_is_an_empty_one() {
        assert_eq!(account(None), Account::default());
    }
}
