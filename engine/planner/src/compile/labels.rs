//! Labels: who a thing belongs to, and how the pods of one kind are told from others.

use model::resource::Scope;
use std::collections::BTreeMap;

/// Labels by key.
pub(crate) type Labels = BTreeMap<String, String>;

/// Tells pods apart: `gateway-agent`, `workflow-agent`, `vamp`, `lifter`, `vault`, `mysql`, `elasticsearch` (Kubernetes' recommended
/// labels).
pub(crate) const NAME: &str = "app.kubernetes.io/name";
/// Tells apart several of a kind in one namespace (Kubernetes' recommended labels).
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
const PART_OF: &str = "app.kubernetes.io/part-of";
const TENANT: &str = "vamp.io/tenant";
const ENVIRONMENT: &str = "vamp.io/environment";
/// Every namespace carries its own name here (Kubernetes, "Labels that are automatically set").
pub(crate) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Labels of an object that belongs to `scope`; `component` is what it is for, if one thing only.
pub(crate) fn labels(platform: &str, component: Option<&str>, scope: &Scope) -> Labels {
    let mut labels = Labels::from([(PART_OF.to_owned(), platform.to_owned())]);
    let entries = [(NAME, component), (TENANT, scope.tenant.as_deref()), (ENVIRONMENT, scope.environment.as_deref())];
    labels.extend(entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))));
    labels
}

/// What selects the pods of a component.
pub(crate) fn selector(component: &str) -> Labels {
    Labels::from([(NAME.to_owned(), component.to_owned())])
}
