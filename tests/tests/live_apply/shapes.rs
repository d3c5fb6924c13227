//! The shapes of false drift that are not a webhook's doing: fields that the API server fills in, lists in another order, keys of maps, fields of
//! other managers. Nothing of it is shown; beside it, what somebody does to a field of ours always is, and that alone.

use super::platform::Platform;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A platform that was applied, and its gateway agents in one cluster.
struct Agents {
    platform: Platform,
    cluster: String,
}

impl Agents {
    fn new(name: &str) -> Option<Agents> {
        let platform = Platform::shared(name)?;
        let cluster = platform.bench.clusters().remove(1);
        platform.apply().done();
        Some(Agents { platform, cluster })
    }

    /// The object is written back with a change, by somebody who updates.
    fn replace(&self, kind: &str, change: impl FnOnce(&mut Value)) {
        let read = self.platform.kubectl(&self.cluster, &["get", kind, "gateway-agent", "--output", "json"]);
        let mut object: Value = serde_json::from_str(&read).unwrap();
        object["metadata"].as_object_mut().unwrap().remove("resourceVersion");
        change(&mut object);
        self.platform.bench.kubectl_in(&self.cluster, &["replace", "--filename", "-"], &object.to_string());
        if kind == "deployment" {
            self.platform.kubectl(&self.cluster, &["rollout", "status", "deployment", "gateway-agent", "--timeout", "60s"]);
        }
    }

    /// The fields that a plan would change, of whatever object.
    fn shown(&self) -> BTreeSet<String> {
        let plan = self.platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
        let changes = plan["steps"].as_array().unwrap().iter().flat_map(|step| step["changes"].as_array().into_iter().flatten());
        changes.map(|change| change["path"].as_str().unwrap().to_owned()).collect()
    }

    /// What was done is no drift; what is done now is, and nothing else.
    fn tells(&self, kind: &str, change: impl FnOnce(&mut Value), paths: &[&str]) {
        self.platform.is_settled();
        self.replace(kind, change);
        assert_eq!(self.shown(), paths.iter().map(|path| (*path).to_owned()).collect());
        self.platform.apply().done();
        self.platform.is_settled();
    }
}

const CONTAINER: &str = "/spec/template/spec/containers/0";

#[test]
fn what_the_api_server_fills_in_is_no_drift_when_somebody_writes_it_out() {
    let Some(agents) = Agents::new("filled") else { return };
    // All that is there, defaults among it, is somebody else's as well from now on.
    agents.replace("deployment", |object| object["spec"]["progressDeadlineSeconds"] = json!(700));
    agents.replace("deployment", |object| object["spec"]["progressDeadlineSeconds"] = json!(600));
    agents.replace("service", |object| object["spec"]["sessionAffinity"] = json!("ClientIP"));
    agents.tells(
        "deployment",
        |object| object["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(300),
        &["spec.template.spec.terminationGracePeriodSeconds"],
    );
}

#[test]
fn lists_with_keys_are_no_drift_in_another_order_and_an_item_that_changes_is() {
    let Some(agents) = Agents::new("ordered") else { return };
    let turned = |object: &mut Value| {
        for list in ["env", "ports", "volumeMounts"] {
            object.pointer_mut(&format!("{CONTAINER}/{list}")).unwrap().as_array_mut().unwrap().reverse();
        }
        object.pointer_mut("/spec/template/spec/volumes").unwrap().as_array_mut().unwrap().reverse();
    };
    agents.replace("deployment", turned);
    agents.replace("service", |object| object["spec"]["ports"].as_array_mut().unwrap().reverse());
    let changed = |object: &mut Value| {
        let env = object.pointer_mut(&format!("{CONTAINER}/env")).unwrap().as_array_mut().unwrap();
        let role = env.iter_mut().find(|one| one["name"] == "VAMP_VAULT_ROLE").unwrap();
        role["value"] = json!("somebody-else");
    };
    agents.tells("deployment", changed, &["spec.template.spec.containers[name=gateway-agent].env[name=VAMP_VAULT_ROLE].value"]);
}

#[test]
fn keys_and_items_of_others_are_theirs_and_one_of_ours_that_is_gone_is_drift() {
    let Some(agents) = Agents::new("keyed") else { return };
    let theirs = |object: &mut Value| {
        object["metadata"]["labels"]["team"] = json!("blue");
        object["metadata"]["annotations"]["example.com/cost-centre"] = json!("4711");
        object["spec"]["template"]["metadata"]["annotations"] = json!({"sidecar.example.com/status": "injected"});
        let container = object.pointer_mut(CONTAINER).unwrap();
        container["env"].as_array_mut().unwrap().insert(0, json!({"name": "INJECTED", "value": "x"}));
        let containers = object.pointer_mut("/spec/template/spec/containers").unwrap().as_array_mut().unwrap();
        containers.insert(0, json!({"name": "sidecar", "image": "sidecar:1"}));
    };
    agents.replace("deployment", theirs);
    let gone = |object: &mut Value| {
        object["metadata"]["labels"].as_object_mut().unwrap().remove("app.kubernetes.io/part-of");
        object["spec"]["template"]["spec"]["containers"][1]["resources"]["limits"] = json!({});
    };
    agents.tells(
        "deployment",
        gone,
        &["metadata.labels[\"app.kubernetes.io/part-of\"]", "spec.template.spec.containers[name=gateway-agent].resources.limits"],
    );
    let names = "jsonpath={.metadata.labels.team} {.spec.template.spec.containers[*].name}";
    let left = agents.platform.kubectl(&agents.cluster, &["get", "deployment", "gateway-agent", "--output", names]);
    assert_eq!(left, "blue sidecar gateway-agent");
}

#[test]
fn what_another_manager_applies_is_theirs_and_what_it_takes_from_us_is_told_with_its_name() {
    let Some(agents) = Agents::new("applied") else { return };
    let apply = |labels: Value| {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "gateway-agent", "namespace": agents.platform.namespace(), "labels": labels},
        });
        let arguments = ["apply", "--server-side", "--force-conflicts", "--field-manager", "argo", "--filename", "-"];
        agents.platform.bench.kubectl_in(&agents.cluster, &arguments, &object.to_string());
    };
    apply(json!({"team": "blue"}));
    agents.platform.is_settled();
    apply(json!({"team": "blue", "vamp.io/tenant": "argos"}));
    assert_eq!(agents.shown(), BTreeSet::from(["metadata.labels[\"vamp.io/tenant\"]".to_owned()]));
    let said = agents.platform.vamp(&["plan", "SPEC", "--verbose"]).done();
    assert!(said.out.contains("argo"), "{}", said.out);
    agents.platform.apply().done();
    agents.platform.is_settled();
    let left = ["get", "deployment", "gateway-agent", "--output", "jsonpath={.metadata.labels.team}"];
    assert_eq!(agents.platform.kubectl(&agents.cluster, &left), "blue");
}
