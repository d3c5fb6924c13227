//! What is no drift and looks like it: an API server that rewrites what it is given. It is asked what it would make of a document, so only what
//! would truly change is shown, and that always.

use super::platform::Platform;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Admission of the API server, for one namespace. It is gone with the value.
struct Admission<'a> {
    platform: &'a Platform,
    cluster: String,
    objects: Vec<String>,
}

impl<'a> Admission<'a> {
    fn new(platform: &'a Platform, cluster: &str) -> Self {
        Admission { platform, cluster: cluster.to_owned(), objects: Vec::new() }
    }

    fn add(&mut self, object: &Value) {
        self.platform.bench.kubectl_in(&self.cluster, &["apply", "--filename", "-"], &object.to_string());
        let kind = object["kind"].as_str().unwrap().to_lowercase();
        self.objects.push(format!("{kind}/{}", self.platform.name));
    }

    /// Every image of a Deployment comes from a mirror, and whoever writes one leaves a stamp: a policy of the API server does it.
    fn mirrors_images(&mut self) {
        let (name, namespace) = (&self.platform.name, self.platform.namespace());
        let image = r#"object.spec.template.spec.containers[0].image"#;
        self.add(&json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "metadata": {"name": name},
            "spec": {
                "matchConstraints": {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                    "resourceRules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}],
                },
                "matchConditions": [{"name": "elsewhere", "expression": format!("!{image}.startsWith(\"mirror.example/\")")}],
                "reinvocationPolicy": "Never",
                "failurePolicy": "Fail",
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": format!(
                    "[JSONPatch{{op: \"replace\", path: \"/spec/template/spec/containers/0/image\", value: \"mirror.example/\" + {image}}}]"
                )}}],
            },
        }));
        self.add(&json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": name},
            "spec": {"policyName": name},
        }));
        self.wait_until_it_works();
    }

    /// A policy works some time after it is written.
    fn wait_until_it_works(&self) {
        let probe = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "probe"}, "spec": {
            "selector": {"matchLabels": {"app": "probe"}}, "template": {"metadata": {"labels": {"app": "probe"}}, "spec": {"containers": [
                {"name": "probe", "image": "probe:1"}]}}}});
        let arguments =
            ["--namespace", &self.platform.namespace(), "create", "--dry-run=server", "--output", "json", "--filename", "-"];
        for _ in 0..100 {
            let seen = self.platform.bench.kubectl_in(&self.cluster, &arguments, &probe.to_string());
            if seen.contains("mirror.example/probe:1") {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        panic!("the policy of the API server does not work after 20 s");
    }

    /// A webhook that nobody answers for, and without which no Deployment may be written.
    fn refuses_everything(&mut self) {
        let (name, namespace) = (&self.platform.name, self.platform.namespace());
        self.add(&json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": name},
            "webhooks": [{
                "name": "nobody.vamp.example", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1,
                "clientConfig": {"url": "https://127.0.0.1:1/"},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["deployments"]}],
            }],
        }));
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        let objects: Vec<&str> = self.objects.iter().map(String::as_str).collect();
        let arguments = [&["delete", "--ignore-not-found"], objects.as_slice()].concat();
        self.platform.bench.kubectl_in(&self.cluster, &arguments, "");
    }
}

fn plan(platform: &Platform) -> Value {
    platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json()
}

/// The fields that a plan would change, by address: before and after.
fn changes(plan: &Value) -> BTreeMap<String, Vec<(String, Value, Value)>> {
    let field = |change: &Value| {
        (change["path"].as_str().unwrap().to_owned(), change["before"]["value"].clone(), change["after"]["value"].clone())
    };
    let step = |step: &Value| {
        let fields = step["changes"].as_array().map(|changes| changes.iter().map(field).collect()).unwrap_or_default();
        (step["address"].as_str().unwrap().to_owned(), fields)
    };
    plan["steps"].as_array().unwrap().iter().map(step).collect()
}

#[test]
fn what_the_api_server_rewrites_is_no_drift_and_what_would_change_is_shown_as_it_would() {
    let Some(platform) = Platform::shared("rewritten") else { return };
    let cluster = platform.bench.clusters().remove(1);
    platform.apply().done();
    let agent = format!("cluster.{cluster}/deployment/{}/gateway-agent", platform.namespace());
    let image = || {
        platform.kubectl(
            &cluster,
            &["get", "deployment", "gateway-agent", "--output", "jsonpath={.spec.template.spec.containers[0].image}"],
        )
    };
    let written = image();
    let mut admission = Admission::new(&platform, &cluster);
    admission.mirrors_images();

    // What is there was written before: nothing of ours differs from it, so nobody is asked.
    platform.is_settled();
    // Whoever writes it now has it rewritten, and that is what the platform would write too.
    platform.kubectl(&cluster, &["label", "deployment", "--all", "team=blue"]);
    assert_eq!(image(), format!("mirror.example/{written}"));
    for deployment in ["gateway-agent", "workflow-agent"] {
        platform.kubectl(&cluster, &["rollout", "status", "deployment", deployment, "--timeout", "60s"]);
    }
    platform.is_settled();

    // What somebody changes is shown beside it, and nothing else is.
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "2"]);
    let shown = changes(&plan(&platform));
    assert_eq!(shown, BTreeMap::from([(agent.clone(), vec![("spec.replicas".to_owned(), json!(2), json!(3))])]));
    platform.apply().done();
    platform.is_settled();
    assert_eq!(image(), format!("mirror.example/{written}"));

    // Another image is drift, and what it would become is not what the spec says.
    platform.kubectl(&cluster, &["set", "image", "deployment/gateway-agent", "*=mirror.example/other:1"]);
    let shown = changes(&plan(&platform));
    assert_eq!(shown.len(), 1, "{shown:#?}");
    let [(path, before, after)] = shown[&agent].as_slice() else { panic!("{shown:#?}") };
    assert!(path.ends_with(".image"), "{path}");
    assert_eq!((before, after), (&json!("mirror.example/other:1"), &json!(format!("mirror.example/{written}"))));
    platform.apply().done();
    platform.is_settled();
}

#[test]
fn a_dry_run_is_asked_for_what_differs_alone_and_leaves_nothing() {
    let Some(platform) = Platform::shared("asked") else { return };
    let cluster = platform.bench.clusters().remove(1);
    platform.apply().done();
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "2"]);
    // Until then its controller writes, too.
    platform.kubectl(&cluster, &["rollout", "status", "deployment/gateway-agent", "--timeout=60s"]);
    let all = || {
        platform.kubectl(
            &cluster,
            &["get", "deployments,services,secrets,configmaps", "--output", "jsonpath={.items[*].metadata.managedFields}"],
        )
    };
    let before = all();
    let said = platform.vamp(&["plan", "SPEC", "--trace-requests"]).done();
    assert_eq!(all(), before);
    let asked: Vec<&str> = said.err.lines().filter(|line| line.contains("dryRun=All")).collect();
    let [asked] = asked.as_slice() else { panic!("{asked:#?}") };
    assert!(asked.contains(" DRY-RUN /apis/apps/v1/namespaces/") && asked.contains("/deployments/gateway-agent?"), "{asked}");
    let writes = |line: &&str| {
        line.starts_with("cluster.") && [" PATCH ", " POST ", " PUT ", " DELETE "].iter().any(|method| line.contains(method))
    };
    assert_eq!(said.err.lines().find(writes), None);
    platform.apply().done();
    let said = platform.vamp(&["plan", "SPEC", "--trace-requests"]).done();
    assert!(!said.err.contains("dryRun"), "{}", said.err);
}

#[test]
fn a_server_that_cannot_tell_beforehand_leaves_the_plan_as_the_comparison_has_it() {
    let Some(platform) = Platform::shared("untold") else { return };
    let cluster = platform.bench.clusters().remove(1);
    platform.apply().done();
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "2"]);
    let mut admission = Admission::new(&platform, &cluster);
    admission.refuses_everything();
    let said = (0..50).map(|_| platform.vamp(&["plan", "SPEC"]).done()).find(|said| said.out.contains("not confirmed"));
    let said = said.unwrap_or_else(|| panic!("every plan was confirmed"));
    for words in ["spec.replicas", "failed calling webhook", &format!("cluster.{cluster} ("), "1 to update"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    drop(admission);
    platform.apply().done();
    platform.is_settled();
}
