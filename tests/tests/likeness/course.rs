//! A scenario is gone through: the same requests, the same faults, and the same looks in either arm.

use super::arms::{Break, Breakable, ask};
use super::scenario::{Act, Pods, Scenario, Step};
use super::timeline::Timeline;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How often somebody looks.
const EVERY: Duration = Duration::from_millis(100);
const NODES: &str = "/api/v1/nodes";

/// The deployment of a scenario. Pods start a second after they are bound, are ready three seconds after that, and end a second and a half
/// after they are asked to: far enough from each other that a late controller changes no order.
fn deployment(scenario: &Scenario) -> Value {
    let selector = json!({"matchLabels": {"app": "web"}});
    let probe = json!({"exec": {"command": ["true"]}, "initialDelaySeconds": 3, "periodSeconds": 1});
    let mut spec = json!({
        "terminationGracePeriodSeconds": 5,
        "containers": [{"name": "main", "image": "r.example/web:1", "readinessProbe": probe}],
        "tolerations": [{"key": "maintenance", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
    });
    if scenario.tolerates != 300 {
        let unreachable = json!({"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
            "tolerationSeconds": scenario.tolerates});
        spec["tolerations"].as_array_mut().unwrap().push(unreachable);
    }
    let spread = |key: &str, taints: &str| json!([{"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector, "nodeTaintsPolicy": taints}]);
    match scenario.pods {
        Pods::Apart => {
            let term = json!({"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"});
            spec["affinity"] = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
        }
        Pods::OverZones => spec["topologySpreadConstraints"] = spread("topology.kubernetes.io/zone", "Ignore"),
        Pods::OverNodes => spec["topologySpreadConstraints"] = spread("kubernetes.io/hostname", "Honor"),
    }
    let paces = json!({"bench.vamp.example/start-seconds": "1", "bench.vamp.example/ready-seconds": "3",
        "bench.vamp.example/end-seconds": "1.5"});
    let template = json!({"metadata": {"labels": {"app": "web"}, "annotations": paces}, "spec": spec});
    let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    json!({"metadata": {"name": "web"}, "spec": {"replicas": scenario.replicas, "selector": selector, "strategy": strategy, "template": template}})
}

/// Somebody who does what a scenario says and looks on.
struct Course<'a, A> {
    arm: &'a mut A,
    web: String,
    pods: String,
    began: Instant,
    passed: Duration,
    timeline: Timeline,
    /// Nodes that had a pod in the beginning.
    nodes: Vec<String>,
    broken: Vec<Break>,
    tainted: Vec<String>,
}

/// Go through a scenario; what happened.
pub(crate) async fn run<A: Breakable>(arm: &mut A, scenario: &Scenario, namespace: &str) -> Timeline {
    arm.prepare().await;
    let deployments = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
    let mut course = Course {
        web: format!("{deployments}/web"),
        pods: format!("/api/v1/namespaces/{namespace}/pods"),
        began: Instant::now(),
        passed: Duration::ZERO,
        timeline: Timeline::default(),
        nodes: Vec::new(),
        broken: Vec::new(),
        tainted: Vec::new(),
        arm,
    };
    course.furnish(scenario, namespace).await;
    course.look().await;
    course.begin();
    course.done("POST", &deployments, deployment(scenario)).await;
    if !scenario.from_the_beginning {
        course.until("pod ready", scenario.replicas as usize, 60).await;
        course.until_the_budget_allows(namespace, scenario).await;
        course.begin();
    }
    course.nodes = course.places().await;
    for step in scenario.steps {
        match *step {
            Step::Act(act) => course.act(act).await,
            Step::Until(what, count, seconds) => course.until(what, count, seconds).await,
            Step::Look(seconds) => course.look_for(Duration::from_secs(seconds)).await,
        }
    }
    let (pods, nodes) = (course.get(&course.pods.clone()).await, course.get(NODES).await);
    course.timeline.end(scenario.pods, &pods, &nodes);
    course.leave().await;
    course.timeline
}

impl<A: Breakable> Course<'_, A> {
    async fn furnish(&mut self, scenario: &Scenario, namespace: &str) {
        self.done("POST", "/api/v1/namespaces", json!({"metadata": {"name": namespace}})).await;
        let account = format!("/api/v1/namespaces/{namespace}/serviceaccounts/default");
        // In the world there is always one, which is not shown.
        for _ in 0..if A::VIRTUAL { 0 } else { 300 } {
            if ask(self.arm, "GET", &account, None).await.0 == 200 {
                break;
            }
            self.arm.pass(EVERY).await;
        }
        if let Some(least) = scenario.budget {
            let selector = json!({"matchLabels": {"app": "web"}});
            let budget = json!({"metadata": {"name": "web"}, "spec": {"minAvailable": least, "selector": selector}});
            self.done("POST", &format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"), budget).await;
        }
    }

    async fn until_the_budget_allows(&mut self, namespace: &str, scenario: &Scenario) {
        let path = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/web");
        let allowed = scenario.budget.map_or(0, |least| scenario.replicas - least);
        for _ in 0..if allowed == 0 { 0 } else { 300 } {
            if self.get(&path).await["status"]["disruptionsAllowed"] == allowed {
                return;
            }
            self.arm.pass(EVERY).await;
        }
    }

    fn begin(&mut self) {
        self.timeline.begin();
        (self.began, self.passed) = (Instant::now(), Duration::ZERO);
    }

    fn now(&self) -> Duration {
        if A::VIRTUAL { self.passed } else { self.began.elapsed() }
    }

    async fn get(&mut self, path: &str) -> Value {
        ask(self.arm, "GET", path, None).await.1
    }

    /// Ask for a change that has to be made.
    async fn done(&mut self, method: &str, path: &str, body: Value) {
        let (status, answer) = ask(self.arm, method, path, Some(body)).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    }

    async fn look(&mut self) {
        let pods = self.pods.clone();
        let (status, pods) = ask(self.arm, "GET", &pods, None).await;
        let nodes = ask(self.arm, "GET", NODES, None).await;
        let at = self.now().as_millis() as u64;
        let answers = (status, nodes.0) == (200, 200);
        self.timeline.hear(at, answers);
        if answers {
            self.timeline.look(at, &pods, &nodes.1);
        }
    }

    async fn look_and_pass(&mut self) {
        self.look().await;
        self.arm.pass(EVERY).await;
        self.passed += EVERY;
    }

    async fn look_for(&mut self, length: Duration) {
        let end = self.now() + length;
        while self.now() < end {
            self.look_and_pass().await;
        }
    }

    async fn until(&mut self, what: &str, count: usize, seconds: u64) {
        let end = self.now() + Duration::from_secs(seconds);
        while self.timeline.count(what) < count && self.now() < end {
            self.look_and_pass().await;
        }
    }

    /// Nodes with a pod, by name.
    async fn places(&mut self) -> Vec<String> {
        let pods = self.get(&self.pods.clone()).await;
        let node = |pod: &Value| pod["spec"]["nodeName"].as_str().map(ToOwned::to_owned);
        let mut nodes: Vec<String> = pods["items"].as_array().into_iter().flatten().filter_map(node).collect();
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// The nodes of the first zone that has two.
    async fn zone(&mut self) -> Vec<String> {
        let listed = self.get(NODES).await;
        let mut zones = std::collections::BTreeMap::<String, Vec<String>>::new();
        for node in listed["items"].as_array().into_iter().flatten() {
            let zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"].as_str().unwrap().to_owned();
            zones.entry(zone).or_default().push(node["metadata"]["name"].as_str().unwrap().to_owned());
        }
        zones.into_values().find(|nodes| nodes.len() == 2).unwrap()
    }

    async fn act(&mut self, act: Act) {
        let web = self.web.clone();
        match act {
            Act::NewImage => {
                let containers = json!([{"name": "main", "image": "r.example/web:2",
                    "readinessProbe": {"exec": {"command": ["true"]}, "initialDelaySeconds": 3, "periodSeconds": 1}}]);
                self.done("PATCH", &web, json!({"spec": {"template": {"spec": {"containers": containers}}}})).await;
            }
            Act::Replicas(replicas) => self.done("PATCH", &web, json!({"spec": {"replicas": replicas}})).await,
            Act::DeletePod => {
                let pods = self.get(&self.pods.clone()).await;
                let mut bound = pods["items"].as_array().into_iter().flatten().filter(|pod| pod["spec"]["nodeName"].is_string());
                let path = format!("{}/{}", self.pods, bound.next().unwrap()["metadata"]["name"].as_str().unwrap());
                self.done("DELETE", &path, Value::Null).await;
            }
            Act::NodeAway => self.break_all(self.nodes[..1].iter().cloned().map(Break::Node).collect()).await,
            Act::ZoneAway => {
                let nodes = self.zone().await;
                self.break_all(nodes.into_iter().map(Break::Node).collect()).await;
            }
            Act::Drain(count) => self.break_all(self.nodes[..count].iter().cloned().map(Break::Drain).collect()).await,
            Act::ApiAway => self.break_all(vec![Break::Api]).await,
            Act::NodesBack | Act::ApiBack => self.mend_all().await,
            Act::Taint(key, nth) => {
                let node = self.nodes[nth].clone();
                self.set_taints(&node, json!([{"key": key, "effect": "NoExecute"}])).await;
                self.tainted.push(node);
            }
        }
    }

    async fn set_taints(&mut self, node: &str, taints: Value) {
        self.done("PATCH", &format!("{NODES}/{node}"), json!({"spec": {"taints": taints}})).await;
    }

    async fn break_all(&mut self, broken: Vec<Break>) {
        for one in broken {
            self.arm.make_break(&one).await;
            self.broken.push(one);
        }
    }

    async fn mend_all(&mut self) {
        for one in std::mem::take(&mut self.broken) {
            self.arm.mend(&one).await;
        }
    }

    async fn leave(&mut self) {
        self.arm.settle().await;
        self.mend_all().await;
        self.arm.settle().await;
        for node in std::mem::take(&mut self.tainted) {
            self.set_taints(&node, Value::Null).await;
        }
    }
}
