//! What a step expects to find again: a version that moves when somebody changes the object, and never by itself.
//!
//! Vault's KV version, MySQL's row version and Elasticsearch's `_seq_no` are such versions. Kubernetes' `resourceVersion` is none: it
//! moves with every write into the status, so a plan that was pinned to it would go stale with every pod that becomes ready.
//! `metadata.generation` is none either: many kinds have none, and a label does not move it. So for Kubernetes it is a digest of
//! the content.

use super::{Observed, Owner};
use crate::kind::Family;
use crate::path::{FieldPath, Segment};
use crate::value::{Text, Value};

/// Managers of fields that are Kubernetes itself at work: binding a claim, numbering a roll-out. (Their user agents; the API server
/// takes the name of a field manager from there when none is given.)
const CONTROLLERS: [&str; 3] = ["kube-controller-manager", "kube-scheduler", "kubelet"];

/// What the API server keeps for itself in the metadata of an object.
const BOOKKEEPING: [&str; 6] = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

impl Observed {
    /// What a step expects to find again where this was seen.
    pub fn pin(&self, family: Family) -> Text {
        if family == Family::Kubernetes { self.content() } else { self.version.clone() }
    }

    /// A digest of all that somebody writes: who made it when, whose it is, and the document without its status.
    fn content(&self) -> Text {
        let mut document = (*self.document).clone();
        document.remove(&["status"]);
        for field in BOOKKEEPING {
            document.remove(&["metadata", field]);
        }
        for (path, _) in self.foreign.iter().filter(|(_, manager)| CONTROLLERS.contains(&manager.as_str())) {
            take(&mut document, &keys(path));
        }
        for map in ["annotations", "labels"] {
            take_if_empty(&mut document, &["metadata", map]);
        }
        let owner = match &self.owner {
            Owner::Platform(platform) => Value::from(platform.clone()),
            Owner::Foreign => Value::Null,
        };
        let applied = self.applied.clone().map_or(Value::Null, Value::from);
        let mut whole = vec![self.incarnation.clone().into(), owner, applied];
        // A digest of a secret is under a key that may die with the process. A Secret has no status: its version moves with it alone.
        if without_digests(&mut document) {
            whole.push(self.version.clone().into());
        }
        whole.push(document);
        let whole = Value::List(whole);
        whole.digest()[..20].into()
    }
}

/// Take the digests out of a document. Whether there was one.
fn without_digests(value: &mut Value) -> bool {
    match value {
        Value::Digest(_) => {
            *value = Value::Null;
            true
        }
        Value::Map(map) => map.iter_mut().fold(false, |found, (_, value)| without_digests(value) | found),
        Value::List(items) => items.iter_mut().fold(false, |found, value| without_digests(value) | found),
        _ => false,
    }
}

/// Take a field away, and every map that is left empty around it: it may have come with the field.
fn take(document: &mut Value, keys: &[&str]) {
    document.remove(keys);
    for end in (1..keys.len()).rev() {
        take_if_empty(document, &keys[..end]);
    }
}

fn take_if_empty(document: &mut Value, keys: &[&str]) {
    if document.at(keys) == Some(&Value::EMPTY_MAP) {
        document.remove(keys);
    }
}

/// The keys of a path down to the first list on it: what is inside of a list is taken with the list.
fn keys(path: &FieldPath) -> Vec<&str> {
    let keys = path.0.iter().map_while(|segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Item(_) | Segment::Index(_) => None,
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Condition;
    use crate::resource::Scope;
    use std::sync::Arc;

    /// A Deployment with three replicas, and this field.
    fn with(field: &[&str], value: impl Into<Value>) -> Observed {
        let mut document = Value::EMPTY_MAP;
        document.set(&["metadata", "name"], "web");
        document.set(&["spec", "replicas"], 3);
        document.set(field, value);
        Observed {
            document: Arc::new(document),
            version: "7".into(),
            incarnation: "1".into(),
            owner: Owner::Platform("acme".into()),
            applied: Some("d".into()),
            scope: Scope::PLATFORM,
            foreign: Vec::new(),
            condition: Condition::Ready,
            streams: Vec::new(),
        }
    }

    fn plain() -> Observed {
        with(&["spec", "replicas"], 3)
    }

    fn pin(seen: &Observed) -> Text {
        seen.pin(Family::Kubernetes)
    }

    #[test]
    fn what_the_server_writes_by_itself_moves_no_pin() {
        for field in BOOKKEEPING {
            assert_eq!(pin(&with(&["metadata", field], "9")), pin(&plain()), "{field}");
        }
        assert_eq!(pin(&with(&["status", "readyReplicas"], 2)), pin(&plain()));
        let later = Observed { version: "99".into(), condition: Condition::NotReady("1 of 3".into()), ..plain() };
        assert_eq!(pin(&later), pin(&plain()));
    }

    #[test]
    fn what_kubernetes_own_controllers_write_moves_no_pin_and_what_anybody_else_writes_does() {
        let field = ["metadata", "annotations", "deployment.kubernetes.io/revision"];
        let by = |manager: &str| {
            let foreign = vec![(FieldPath::keys(&field), Text::from(manager))];
            pin(&Observed { foreign, ..with(&field, "2") })
        };
        assert_eq!(by("kube-controller-manager"), pin(&plain()));
        assert_eq!(pin(&with(&["metadata", "annotations"], Value::EMPTY_MAP)), pin(&plain()));
        assert_ne!(by("kubectl-edit"), pin(&plain()));
    }

    #[test]
    fn a_change_of_the_content_the_owner_or_the_incarnation_moves_it() {
        let changed = [
            with(&["spec", "replicas"], 4),
            with(&["metadata", "labels", "team"], "blue"),
            Observed { incarnation: "2".into(), ..plain() },
            Observed { owner: Owner::Foreign, ..plain() },
            Observed { applied: Some("e".into()), ..plain() },
        ];
        for changed in changed {
            assert_ne!(pin(&changed), pin(&plain()), "{changed:?}");
        }
    }

    #[test]
    fn a_secret_is_pinned_by_its_version_and_not_by_its_digest() {
        let secret = |key: u8, version: &str| {
            let digest = crate::SecretDigest::of(&[key; 32], b"hunter2");
            pin(&Observed { version: version.into(), ..with(&["stringData", "password"], Value::Digest(Box::new(digest))) })
        };
        assert_eq!(secret(1, "7"), secret(2, "7"));
        assert_ne!(secret(1, "7"), secret(1, "8"));
    }

    #[test]
    fn elsewhere_the_systems_own_version_is_the_pin() {
        assert_eq!(plain().pin(Family::Vault), "7");
    }
}
