//! The fields that the API server fills in (`pkg/apis/*/v1/defaults.go` of Kubernetes; seen on 1.37), so that what nobody wrote is no drift.

use super::timing;
use model::{Kind, Value};
use std::sync::Arc;

/// `document` as the server shows it.
pub(super) fn with_defaults(kind: Kind, document: &Arc<Value>) -> Arc<Value> {
    let defaulting: fn(&mut Value) = match kind {
        Kind::Namespace => namespace,
        Kind::Deployment => deployment,
        Kind::StatefulSet => stateful_set,
        Kind::Job => job,
        Kind::Service => service,
        Kind::Secret => secret,
        Kind::PersistentVolumeClaim => claim,
        Kind::NetworkPolicy => network_policy,
        _ => return Arc::clone(document),
    };
    let mut document = (**document).clone();
    defaulting(&mut document);
    Arc::new(document)
}

fn default(value: &mut Value, keys: &[&str], fallback: impl Into<Value>) {
    if value.at(keys).is_none() {
        value.set(keys, fallback);
    }
}

fn namespace(value: &mut Value) {
    if let Some(name) = value.str_at(&["metadata", "name"]).map(model::value::Text::from) {
        default(value, &["metadata", "labels", "kubernetes.io/metadata.name"], name);
    }
}

fn deployment(value: &mut Value) {
    default(value, &["spec", "replicas"], 1);
    default(value, &["spec", "revisionHistoryLimit"], timing::REVISION_HISTORY);
    default(value, &["spec", "progressDeadlineSeconds"], timing::PROGRESS_DEADLINE_SECONDS);
    default(value, &["spec", "strategy", "type"], "RollingUpdate");
    if value.str_at(&["spec", "strategy", "type"]) == Some("RollingUpdate") {
        default(value, &["spec", "strategy", "rollingUpdate", "maxSurge"], timing::ROLLING_PERCENT);
        default(value, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], timing::ROLLING_PERCENT);
    }
    template(value);
}

fn stateful_set(value: &mut Value) {
    default(value, &["spec", "replicas"], 1);
    default(value, &["spec", "revisionHistoryLimit"], timing::REVISION_HISTORY);
    default(value, &["spec", "podManagementPolicy"], "OrderedReady");
    default(value, &["spec", "updateStrategy", "type"], "RollingUpdate");
    if value.str_at(&["spec", "updateStrategy", "type"]) == Some("RollingUpdate") {
        default(value, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
    }
    for when in ["whenDeleted", "whenScaled"] {
        default(value, &["spec", "persistentVolumeClaimRetentionPolicy", when], "Retain");
    }
    template(value);
}

fn job(value: &mut Value) {
    default(value, &["spec", "backoffLimit"], timing::BACKOFF_LIMIT);
    default(value, &["spec", "completions"], 1);
    default(value, &["spec", "parallelism"], 1);
    default(value, &["spec", "suspend"], false);
    default(value, &["spec", "completionMode"], "NonIndexed");
    default(value, &["spec", "podReplacementPolicy"], "TerminatingOrFailed");
    template(value);
}

fn service(value: &mut Value) {
    default(value, &["spec", "type"], "ClusterIP");
    default(value, &["spec", "sessionAffinity"], "None");
    default(value, &["spec", "internalTrafficPolicy"], "Cluster");
    for port in items(value, &["spec", "ports"]) {
        default(port, &["protocol"], "TCP");
        if let Some(number) = port.get("port").cloned() {
            default(port, &["targetPort"], number);
        }
    }
}

fn secret(value: &mut Value) {
    default(value, &["type"], "Opaque");
}

fn claim(value: &mut Value) {
    default(value, &["spec", "volumeMode"], "Filesystem");
}

fn network_policy(value: &mut Value) {
    let types: Vec<&str> = if value.at(&["spec", "egress"]).is_some() { vec!["Ingress", "Egress"] } else { vec!["Ingress"] };
    default(value, &["spec", "policyTypes"], types);
}

fn items<'a>(value: &'a mut Value, keys: &[&str]) -> impl Iterator<Item = &'a mut Value> {
    let found = keys.iter().try_fold(value, |value, key| match value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    });
    match found {
        Some(Value::List(items)) => items.iter_mut(),
        _ => [].iter_mut(),
    }
}

fn template(value: &mut Value) {
    let spec = &["spec", "template", "spec"];
    let at = |field: &'static str| [spec[0], spec[1], spec[2], field];
    default(value, &at("restartPolicy"), "Always");
    default(value, &at("terminationGracePeriodSeconds"), timing::TERMINATION_GRACE_SECONDS);
    default(value, &at("dnsPolicy"), "ClusterFirst");
    default(value, &at("schedulerName"), "default-scheduler");
    default(value, &at("securityContext"), Value::EMPTY_MAP);
    for list in ["containers", "initContainers"] {
        items(value, &at(list)).for_each(container);
    }
    for spread in items(value, &at("topologySpreadConstraints")) {
        default(spread, &["nodeAffinityPolicy"], "Honor");
        default(spread, &["nodeTaintsPolicy"], "Ignore");
    }
}

fn container(value: &mut Value) {
    let image = value.str_at(&["image"]).unwrap_or_default();
    let latest =
        !image.contains('@') && image.rsplit('/').next().is_none_or(|last| !last.contains(':') || last.ends_with(":latest"));
    default(value, &["imagePullPolicy"], if latest { "Always" } else { "IfNotPresent" });
    default(value, &["terminationMessagePath"], "/dev/termination-log");
    default(value, &["terminationMessagePolicy"], "File");
    items(value, &["ports"]).for_each(|port| default(port, &["protocol"], "TCP"));
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if value.get(name).is_some() {
            probe(value, name);
        }
    }
}

fn probe(value: &mut Value, name: &str) {
    let (timeout, period, successes, failures) = timing::PROBE;
    let fields =
        [("timeoutSeconds", timeout), ("periodSeconds", period), ("successThreshold", successes), ("failureThreshold", failures)];
    for (field, fallback) in fields {
        default(value, &[name, field], fallback);
    }
    if value.at(&[name, "httpGet"]).is_some() {
        default(value, &[name, "httpGet", "scheme"], "HTTP");
        default(value, &[name, "httpGet", "path"], "/");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_fill_what_nobody_wrote_and_nothing_else() {
        let written: Arc<Value> = Arc::new(
            serde_json::from_str(
                r#"{"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"a","image":"r/a:1","readinessProbe":{"periodSeconds":2}}]}}}}"#,
            )
            .unwrap(),
        );
        let live = with_defaults(Kind::Deployment, &written);
        assert_eq!(live.integer_at(&["spec", "replicas"]), Some(3));
        assert_eq!(live.str_at(&["spec", "strategy", "rollingUpdate", "maxSurge"]), Some("25%"));
        let container = &live.at(&["spec", "template", "spec", "containers"]).unwrap().as_list().unwrap()[0];
        assert_eq!(container.str_at(&["imagePullPolicy"]), Some("IfNotPresent"));
        assert_eq!(container.integer_at(&["readinessProbe", "periodSeconds"]), Some(2));
        assert_eq!(container.integer_at(&["readinessProbe", "failureThreshold"]), Some(3));
    }

    #[test]
    fn a_kind_without_defaults_is_shared_not_copied() {
        let written = Arc::new(Value::EMPTY_MAP);
        assert!(Arc::ptr_eq(&written, &with_defaults(Kind::ConfigMap, &written)));
    }
}
