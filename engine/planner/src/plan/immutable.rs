//! Fields that a system cannot change in place: a difference there means replace.

use model::kind::Kind;
use model::path::{FieldPath, Segment};

/// Whether `path` cannot be changed in an object of `kind` (Kubernetes API reference, "immutable" of each field; Vault: a
/// mount's type is set when it is enabled).
pub(crate) fn is_immutable(kind: Kind, path: &FieldPath) -> bool {
    let prefixes: &[&[&str]] = match kind {
        Kind::Deployment => &[&["spec", "selector"]],
        Kind::StatefulSet => &[
            &["spec", "selector"],
            &["spec", "serviceName"],
            &["spec", "volumeClaimTemplates"],
            &["spec", "podManagementPolicy"],
        ],
        Kind::Job => &[&["spec", "selector"], &["spec", "template"], &["spec", "completions"]],
        Kind::RoleBinding => &[&["roleRef"]],
        Kind::Secret => &[&["type"]],
        Kind::PersistentVolumeClaim => &[&["spec", "accessModes"], &["spec", "storageClassName"], &["spec", "volumeName"]],
        Kind::Service => &[&["spec", "clusterIP"]],
        Kind::Mount | Kind::AuthMethod => &[&["type"]],
        _ => &[],
    };
    prefixes.iter().any(|prefix| starts_with(path, prefix))
}

fn starts_with(path: &FieldPath, keys: &[&str]) -> bool {
    path.0.len() >= keys.len()
        && path.0.iter().zip(keys).all(|(segment, key)| matches!(segment, Segment::Key(found) if found == key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_cannot_change_and_an_image_can() {
        assert!(is_immutable(Kind::Deployment, &FieldPath::keys(&["spec", "selector", "matchLabels", "app"])));
        assert!(!is_immutable(Kind::Deployment, &FieldPath::keys(&["spec", "template"])));
    }
}
