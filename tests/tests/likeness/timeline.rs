//! What happened in a scenario, as whoever lists all pods and nodes ten times a second sees it.

use super::scenario::Pods;
use serde_json::Value;
use std::collections::BTreeMap;

/// A pod as it was last listed.
#[derive(Clone, Debug, Default)]
struct Pod {
    bound: bool,
    ready: bool,
    going: bool,
}

/// A node as it was last listed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    ready: bool,
    tainted: bool,
    cordoned: bool,
}

/// In which order events of one look are told: what follows stands behind what it follows from.
const ORDER: [&str; 16] = [
    "API server silent",
    "API server answers",
    "node cordoned",
    "node not ready",
    "node tainted",
    "pod not ready",
    "pod asked to go",
    "new pod made",
    "pod made",
    "new pod bound",
    "pod bound",
    "new pod ready",
    "pod ready",
    "node ready",
    "pod gone",
    "node untainted",
];

/// All events, each with its instant in milliseconds since the scenario began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    pods: BTreeMap<String, Pod>,
    nodes: BTreeMap<String, Node>,
    silent: bool,
    /// What the names of the first pods begin with: their revision.
    first: Option<String>,
    pub(crate) events: Vec<(u64, &'static str)>,
    /// How the pods lie in the end.
    pub(crate) end: String,
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

fn is_ready(object: &Value) -> bool {
    let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.any(|one| one["type"] == "Ready" && one["status"] == "True")
}

fn revision(pod: &str) -> &str {
    pod.rsplit_once('-').map_or(pod, |(revision, _)| revision)
}

impl Timeline {
    /// Nobody answered, or somebody does.
    pub(crate) fn hear(&mut self, at: u64, answers: bool) {
        if std::mem::replace(&mut self.silent, !answers) == answers {
            self.events.push((at, if answers { "API server answers" } else { "API server silent" }));
        }
    }

    /// Take in lists of all pods and all nodes.
    pub(crate) fn look(&mut self, at: u64, pods: &Value, nodes: &Value) {
        let mut happened = self.look_at_pods(pods);
        happened.extend(self.look_at_nodes(nodes));
        happened.sort_by_key(|what| ORDER.iter().position(|known| known == what));
        self.events.extend(happened.into_iter().map(|what| (at, what)));
    }

    fn look_at_pods(&mut self, pods: &Value) -> Vec<&'static str> {
        let mut happened = Vec::new();
        let mut now = BTreeMap::new();
        for listed in items(pods) {
            let (name, going) = (name(listed), listed["metadata"]["deletionTimestamp"].is_string());
            let pod = Pod { bound: listed["spec"]["nodeName"].is_string(), ready: is_ready(listed), going };
            let is_first = *self.first.get_or_insert_with(|| revision(&name).to_owned()) == revision(&name);
            let before = self.pods.get(&name);
            let was = before.cloned().unwrap_or_default();
            let changes = [
                (before.is_none(), "pod made", "new pod made"),
                (pod.bound && !was.bound, "pod bound", "new pod bound"),
                (pod.ready && !was.ready && !going, "pod ready", "new pod ready"),
                (!pod.ready && was.ready && !going, "pod not ready", "pod not ready"),
                (going && !was.going, "pod asked to go", "pod asked to go"),
            ];
            happened.extend(changes.iter().filter(|(so, ..)| *so).map(|(_, first, new)| if is_first { *first } else { *new }));
            now.insert(name, pod);
        }
        happened.extend(self.pods.keys().filter(|name| !now.contains_key(*name)).map(|_| "pod gone"));
        self.pods = now;
        happened
    }

    fn look_at_nodes(&mut self, nodes: &Value) -> Vec<&'static str> {
        let mut happened = Vec::new();
        for listed in items(nodes) {
            let mut taints = listed["spec"]["taints"].as_array().into_iter().flatten();
            let node = Node {
                ready: is_ready(listed),
                tainted: taints.any(|taint| taint["effect"] == "NoExecute"),
                cordoned: listed["spec"]["unschedulable"] == true,
            };
            let before = self.nodes.insert(name(listed), node.clone());
            let was = before.unwrap_or_else(|| node.clone());
            let changes = [
                (node.cordoned && !was.cordoned, "node cordoned"),
                (!node.ready && was.ready, "node not ready"),
                (node.ready && !was.ready, "node ready"),
                (node.tainted && !was.tainted, "node tainted"),
                (!node.tainted && was.tainted, "node untainted"),
            ];
            happened.extend(changes.iter().filter(|(so, _)| *so).map(|(_, what)| *what));
        }
        happened
    }

    /// What was seen so far is how it is; the scenario begins now.
    pub(crate) fn begin(&mut self) {
        self.events.clear();
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.events.iter().filter(|(_, one)| *one == what).count()
    }

    /// The instants of every event, in seconds.
    pub(crate) fn instants(&self) -> BTreeMap<String, Vec<f64>> {
        let mut instants: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (at, what) in &self.events {
            instants.entry((*what).to_owned()).or_default().push(*at as f64 / 1000.0);
        }
        instants
    }

    /// Note how the pods lie that are not asked to go, as far as their constraint says: where it says nothing chance decides, or the score of
    /// a node.
    pub(crate) fn end(&mut self, constraint: Pods, pods: &Value, nodes: &Value) {
        let zone = |node: &str| {
            let listed = items(nodes).find(|listed| name(listed) == node);
            listed.map_or(String::new(), |listed| listed["metadata"]["labels"]["topology.kubernetes.io/zone"].to_string())
        };
        let (mut by_node, mut by_zone, mut nowhere) = (BTreeMap::new(), BTreeMap::new(), 0);
        for pod in items(pods).filter(|pod| !pod["metadata"]["deletionTimestamp"].is_string()) {
            match pod["spec"]["nodeName"].as_str() {
                Some(node) => {
                    *by_node.entry(node.to_owned()).or_insert(0) += 1;
                    *by_zone.entry(zone(node)).or_insert(0) += 1;
                }
                None => nowhere += 1,
            }
        }
        let counts = |by: BTreeMap<String, usize>| {
            let mut counts: Vec<usize> = by.into_values().collect();
            counts.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
            counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
        };
        self.end = match constraint {
            Pods::OverZones => format!("pods by zone {}, without a node {nowhere}", counts(by_zone)),
            Pods::Apart | Pods::OverNodes => format!("pods by node {}, without a node {nowhere}", counts(by_node)),
        };
    }
}
