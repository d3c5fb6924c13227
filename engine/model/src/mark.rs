//! Whose a Kubernetes object is, on the object itself: labels, by which ours are listed, and annotations.

use crate::operation::Mark;
use crate::resource::Scope;
use crate::value::{Text, Value};

/// Who keeps the object (Kubernetes' recommended labels).
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`] on what is ours.
pub const MANAGER: &str = "vamp";
/// Label with the platform's name.
pub const PLATFORM: &str = "vamp.io/platform";
/// Annotation with the digest of the document as we wrote it.
pub const APPLIED: &str = "vamp.io/applied";
/// Annotation with what it belongs to, as JSON.
pub const SCOPE: &str = "vamp.io/scope";

/// Put the mark into a document.
pub fn put(document: &mut Value, mark: &Mark) {
    document.set(&["metadata", "labels", MANAGED_BY], MANAGER);
    document.set(&["metadata", "labels", PLATFORM], mark.platform.clone());
    document.set(&["metadata", "annotations", APPLIED], mark.applied.clone());
    document.set(&["metadata", "annotations", SCOPE], serde_json::to_string(&mark.scope).unwrap_or_default());
}

/// Whether the document carries a platform's label.
pub fn is_marked(document: &Value) -> bool {
    document.str_at(&["metadata", "labels", PLATFORM]).is_some()
}

/// The reverse of [`put`]: takes the mark out of the document. Without the platform's label there is none.
pub fn take(document: &mut Value) -> Option<Mark> {
    let ours = document.str_at(&["metadata", "labels", MANAGED_BY]) == Some(MANAGER);
    let platform = document.str_at(&["metadata", "labels", PLATFORM]).map(Text::from).filter(|_| ours)?;
    let scope = document.str_at(&["metadata", "annotations", SCOPE]).and_then(|text| serde_json::from_str(text).ok());
    let applied = document.str_at(&["metadata", "annotations", APPLIED]).unwrap_or_default().into();
    let fields = [("labels", MANAGED_BY), ("labels", PLATFORM), ("annotations", APPLIED), ("annotations", SCOPE)];
    for (map, field) in fields {
        document.remove(&["metadata", map, field]);
    }
    for map in ["labels", "annotations"] {
        if document.at(&["metadata", map]) == Some(&Value::EMPTY_MAP) {
            document.remove(&["metadata", map]);
        }
    }
    Some(Mark { platform, applied, scope: scope.unwrap_or(Scope::PLATFORM) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_was_put_is_taken_and_leaves_no_trace() {
        let mut document = Value::EMPTY_MAP;
        document.set(&["metadata", "name"], "web");
        let before = document.clone();
        let scope = Scope { tenant: Some("shop".into()), ..Scope::PLATFORM };
        let mark = Mark { platform: "acme".into(), applied: "d".into(), scope };
        put(&mut document, &mark);
        assert!(is_marked(&document));
        assert_eq!(take(&mut document), Some(mark));
        assert_eq!(document, before);
        assert_eq!(take(&mut document), None);
    }
}
