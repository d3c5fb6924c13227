//! Whether an object does its work, read off its status as `kubectl rollout status`, `kubectl wait` and kstatus
//! (sigs.k8s.io/cli-utils, `pkg/kstatus/status/core.go`) do.

use model::observation::Condition;
use model::{Kind, Value};

/// The condition of `object`, given as the API server shows it, status included.
pub(crate) fn condition(kind: Kind, object: &Value) -> Condition {
    if object.str_at(&["metadata", "deletionTimestamp"]).is_some() {
        return Condition::NotReady(format!("is being deleted{}", what_keeps(object)));
    }
    match kind {
        Kind::Deployment => seen(object).unwrap_or_else(|| deployment(object)),
        Kind::StatefulSet => seen(object).unwrap_or_else(|| stateful_set(object)),
        Kind::Job => job(object),
        Kind::PersistentVolumeClaim => claim(object),
        _ => Condition::Ready,
    }
}

/// Why an object that was asked to go is still there.
pub(crate) fn what_keeps(object: &Value) -> String {
    let conditions = object.at(&["status", "conditions"]).and_then(Value::as_list).unwrap_or_default();
    let remaining = conditions.iter().find(|condition| {
        let kind = condition.str_at(&["type"]).unwrap_or_default();
        kind.starts_with("Namespace") && condition.str_at(&["status"]) == Some("True")
    });
    if let Some(message) = remaining.and_then(|condition| condition.str_at(&["message"])) {
        return format!(": {message}");
    }
    let finalizers = object.at(&["metadata", "finalizers"]).and_then(Value::as_list).unwrap_or_default();
    let names: Vec<&str> = finalizers.iter().filter_map(Value::as_str).collect();
    if names.is_empty() { String::new() } else { format!(": finalizer {} keeps it", names.join(", ")) }
}

fn number(object: &Value, field: &str) -> i64 {
    object.integer_at(&["status", field]).unwrap_or(0)
}

/// Not ready while its controller has not taken the latest change in.
fn seen(object: &Value) -> Option<Condition> {
    let generation = object.integer_at(&["metadata", "generation"]).unwrap_or(0);
    let observed = number(object, "observedGeneration");
    (observed < generation).then(|| Condition::NotReady("its controller has not taken it in yet".to_owned()))
}

fn condition_of<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = object.at(&["status", "conditions"])?.as_list()?;
    conditions.iter().find(|condition| condition.str_at(&["type"]) == Some(kind))
}

fn is_true(object: &Value, kind: &str) -> bool {
    condition_of(object, kind).is_some_and(|condition| condition.str_at(&["status"]) == Some("True"))
}

fn message<'a>(object: &'a Value, kind: &str) -> &'a str {
    condition_of(object, kind).and_then(|condition| condition.str_at(&["message"])).unwrap_or_default()
}

fn progress(wanted: i64, available: i64, old: i64) -> String {
    let mut text = format!("{available} of {wanted} pods are updated and available");
    if old > 0 {
        text.push_str(&format!(", {old} old one(s) still there"));
    }
    text
}

fn deployment(object: &Value) -> Condition {
    let wanted = object.integer_at(&["spec", "replicas"]).unwrap_or(1);
    let (replicas, updated) = (number(object, "replicas"), number(object, "updatedReplicas"));
    let available = number(object, "availableReplicas");
    let old = (replicas - updated).max(0);
    if updated >= wanted && old == 0 && available >= wanted && replicas <= wanted {
        return Condition::Ready;
    }
    let progress = progress(wanted, available.min(updated), old);
    let stuck = condition_of(object, "Progressing")
        .is_some_and(|progressing| progressing.str_at(&["reason"]) == Some("ProgressDeadlineExceeded"));
    if stuck {
        return Condition::Failed(format!("{}; {progress}", message(object, "Progressing").trim_end_matches('.')));
    }
    if is_true(object, "ReplicaFailure") {
        return Condition::NotReady(format!("{progress}: {}", message(object, "ReplicaFailure")));
    }
    Condition::NotReady(progress)
}

fn stateful_set(object: &Value) -> Condition {
    let wanted = object.integer_at(&["spec", "replicas"]).unwrap_or(1);
    let available = number(object, "availableReplicas").min(number(object, "readyReplicas"));
    let updated = number(object, "updatedReplicas");
    let partition = object.integer_at(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
    let rolls = object.str_at(&["spec", "updateStrategy", "type"]) != Some("OnDelete");
    let revisions = (object.str_at(&["status", "currentRevision"]), object.str_at(&["status", "updateRevision"]));
    let rolled = !rolls || (updated >= wanted - partition && (partition > 0 || revisions.0 == revisions.1));
    if rolled && available >= wanted && number(object, "replicas") == wanted {
        return Condition::Ready;
    }
    let old = if rolls { (number(object, "replicas") - updated).max(0) } else { 0 };
    Condition::NotReady(progress(wanted, available, old))
}

fn job(object: &Value) -> Condition {
    if is_true(object, "Complete") {
        return Condition::Ready;
    }
    if is_true(object, "Failed") {
        return Condition::Failed(format!("the job failed: {}", message(object, "Failed")));
    }
    if is_true(object, "Suspended") {
        return Condition::NotReady("the job is suspended".to_owned());
    }
    Condition::NotReady("has not completed".to_owned())
}

/// One that waits for its first pod (`volumeBindingMode: WaitForFirstConsumer`) is as far as it gets without one.
fn claim(object: &Value) -> Condition {
    match object.str_at(&["status", "phase"]) {
        Some("Bound") => Condition::Ready,
        Some("Lost") => Condition::Failed("its volume is lost".to_owned()),
        _ => Condition::NotReady("is not bound to a volume yet".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Json, parse};

    fn of(kind: Kind, text: &str) -> Condition {
        condition(kind, &parse::<Json>(text.as_bytes()).unwrap().0)
    }

    fn waits(kind: Kind, text: &str) -> String {
        match of(kind, text) {
            Condition::NotReady(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_deployment_is_ready_when_all_pods_are_new_and_available() {
        let ready = r#"{"metadata":{"generation":2},"spec":{"replicas":2},
            "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}"#;
        assert_eq!(of(Kind::Deployment, ready), Condition::Ready);
        let unseen = r#"{"metadata":{"generation":3},"spec":{"replicas":2},
            "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}"#;
        assert_eq!(waits(Kind::Deployment, unseen), "its controller has not taken it in yet");
        let rolling = r#"{"metadata":{"generation":2},"spec":{"replicas":2},
            "status":{"observedGeneration":2,"replicas":3,"updatedReplicas":1,"availableReplicas":2}}"#;
        assert_eq!(waits(Kind::Deployment, rolling), "1 of 2 pods are updated and available, 2 old one(s) still there");
        let none = r#"{"metadata":{"generation":1},"spec":{"replicas":0},"status":{"observedGeneration":1}}"#;
        assert_eq!(of(Kind::Deployment, none), Condition::Ready);
    }

    #[test]
    fn a_deployment_that_ran_out_of_time_has_failed_until_its_pods_come_after_all() {
        let status = |available: u8| {
            format!(
                r#"{{"metadata":{{"generation":1}},"spec":{{"replicas":1}},"status":{{"observedGeneration":1,"replicas":1,
                "updatedReplicas":1,"availableReplicas":{available},"conditions":[{{"type":"Progressing","status":"False",
                "reason":"ProgressDeadlineExceeded","message":"ReplicaSet \"web-1\" has timed out progressing."}}]}}}}"#
            )
        };
        let expected = "ReplicaSet \"web-1\" has timed out progressing; 0 of 1 pods are updated and available";
        assert_eq!(of(Kind::Deployment, &status(0)), Condition::Failed(expected.into()));
        assert_eq!(of(Kind::Deployment, &status(1)), Condition::Ready);
    }

    #[test]
    fn what_keeps_pods_from_being_made_is_said() {
        let quota = r#"{"metadata":{"generation":1},"spec":{"replicas":1},"status":{"observedGeneration":1,"conditions":
            [{"type":"ReplicaFailure","status":"True","message":"exceeded quota"}]}}"#;
        assert_eq!(waits(Kind::Deployment, quota), "0 of 1 pods are updated and available: exceeded quota");
    }

    #[test]
    fn a_stateful_set_is_ready_when_every_pod_is_of_the_latest_revision() {
        let status = |updated: u8, current: &str| {
            format!(
                r#"{{"metadata":{{"generation":1}},"spec":{{"replicas":2}},"status":{{"observedGeneration":1,"replicas":2,"readyReplicas":2,
                "availableReplicas":2,"updatedReplicas":{updated},"currentRevision":"{current}","updateRevision":"b"}}}}"#
            )
        };
        assert_eq!(of(Kind::StatefulSet, &status(2, "b")), Condition::Ready);
        assert_eq!(waits(Kind::StatefulSet, &status(1, "a")), "2 of 2 pods are updated and available, 1 old one(s) still there");
    }

    #[test]
    fn jobs_and_claims_say_how_they_ended() {
        let with = |kind: &str| format!(r#"{{"status":{{"conditions":[{{"type":"{kind}","status":"True","message":"m"}}]}}}}"#);
        assert_eq!(of(Kind::Job, &with("Complete")), Condition::Ready);
        assert_eq!(of(Kind::Job, &with("Failed")), Condition::Failed("the job failed: m".into()));
        assert_eq!(waits(Kind::Job, "{}"), "has not completed");
        assert_eq!(of(Kind::PersistentVolumeClaim, r#"{"status":{"phase":"Bound"}}"#), Condition::Ready);
        assert!(matches!(of(Kind::PersistentVolumeClaim, r#"{"status":{"phase":"Lost"}}"#), Condition::Failed(_)));
    }

    #[test]
    fn what_is_being_deleted_says_what_keeps_it() {
        let kept = r#"{"metadata":{"deletionTimestamp":"2026-11-26T00:00:00Z","finalizers":["a/b"]}}"#;
        assert_eq!(waits(Kind::ConfigMap, kept), "is being deleted: finalizer a/b keeps it");
        let namespace = r#"{"metadata":{"deletionTimestamp":"2026-11-26T00:00:00Z"},"status":{"conditions":
            [{"type":"NamespaceContentRemaining","status":"True","message":"Some resources are remaining"}]}}"#;
        assert_eq!(waits(Kind::Namespace, namespace), "is being deleted: Some resources are remaining");
    }
}
