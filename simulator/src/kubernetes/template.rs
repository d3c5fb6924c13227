//! What the scheduler, the kubelet and the controllers need to know of a pod template.

use super::node::UNREACHABLE;
use super::program::Program;
use super::quantity::{bytes, milli_cpu};
use super::selector::{Labels, Selector, labels};
use super::timing;
use model::value::Text;
use model::{Duration, Value};
use serde::{Deserialize, Serialize};

/// Where a gateway agent keeps what it served last (`planner::compile::gateway_agent`).
const GATEWAY_AGENT_STATE: &str = "/var/lib/gateway-agent";

/// A pod template, read once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Template {
    pub(super) labels: Labels,
    pub(super) service_account: Text,
    pub(super) program: Program,
    /// Path of its Vault entry, the mount first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<Text>,
    /// Plain variables of an agent that begin with `VAMP_`.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub(super) variables: Labels,
    /// Whether an agent has a directory that outlives its container.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) keeps: bool,
    pub(super) milli_cpu: u64,
    pub(super) memory: u64,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub(super) node_selector: Labels,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tolerations: Vec<Toleration>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) anti_affinity: Vec<Apart>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) spread: Vec<Spread>,
    /// Claims by name, as they stand in `volumes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) claims: Vec<Text>,
    pub(super) grace: Duration,
    pub(super) pre_stop: Duration,
    pub(super) probe: Probe,
    /// The liveness probe of an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) liveness: Option<Probe>,
}

/// When a readiness probe first succeeds: its delay and its period (after a startup probe's, if there is one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probe {
    pub(super) delay: Duration,
    pub(super) period: Duration,
    pub(super) successes: u64,
    /// Failures in a row that make a pod not ready.
    #[serde(default = "one")]
    pub(super) failures: u64,
    /// Whether there is a probe at all; without one a container is ready when it runs.
    pub(super) probed: bool,
}

/// A toleration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Toleration {
    pub(super) key: Option<Text>,
    /// Nothing where any value does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Text>,
    pub(super) effect: Option<Text>,
    pub(super) seconds: Option<u64>,
}

/// Pods to keep away from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Apart {
    pub(super) selector: Selector,
    pub(super) topology_key: Text,
    /// Nothing where it is required.
    pub(super) weight: Option<i64>,
}

/// A topology spread constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spread {
    pub(super) selector: Selector,
    pub(super) topology_key: Text,
    pub(super) max_skew: i64,
    pub(super) required: bool,
    pub(super) honors_taints: bool,
}

impl Template {
    /// The template that stands in a workload's document.
    pub(super) fn of(value: &Value) -> Self {
        let spec = value.get("spec").unwrap_or(&Value::Null);
        let containers = spec.get("containers").and_then(Value::as_list).unwrap_or_default();
        let labels = labels(value.at(&["metadata", "labels"]));
        let seconds = |keys: &[&str]| spec.integer_at(keys).and_then(|seconds| u64::try_from(seconds).ok());
        let request = |name, read: fn(&Value) -> Option<u64>| -> u64 {
            let requested = |container: &Value| container.at(&["resources", "requests", name]).and_then(read);
            containers.iter().filter_map(requested).sum()
        };
        let program = Program::of(&labels);
        let of_agent: &[Value] = if program.is_agent() { containers } else { &[] };
        Template {
            program,
            labels,
            service_account: spec.str_at(&["serviceAccountName"]).unwrap_or("default").into(),
            path: containers.iter().find_map(vault_path),
            variables: of_agent.iter().flat_map(variables).collect(),
            keeps: of_agent.iter().any(keeps),
            milli_cpu: request("cpu", milli_cpu),
            memory: request("memory", bytes),
            node_selector: self::labels(spec.get("nodeSelector")),
            tolerations: list(spec, &["tolerations"]).iter().map(Toleration::of).collect(),
            anti_affinity: anti_affinity(spec),
            spread: list(spec, &["topologySpreadConstraints"]).iter().filter_map(Spread::of).collect(),
            claims: list(spec, &["volumes"]).iter().filter_map(claim).collect(),
            grace: Duration::seconds(
                seconds(&["terminationGracePeriodSeconds"]).unwrap_or(timing::TERMINATION_GRACE_SECONDS as u64),
            ),
            pre_stop: containers.iter().map(pre_stop).max().unwrap_or_default(),
            liveness: of_agent.iter().find_map(|container| container.get("livenessProbe")).map(Probe::read),
            probe: containers.iter().map(Probe::of).max_by_key(|probe| probe.delay).unwrap_or(Probe::NONE),
        }
    }

    /// How long the pod tolerates a NoExecute taint of this key and value; `None` for ever. Where the pod says nothing admission adds
    /// 300 s for a node that is not heard of, and any other taint is not tolerated at all.
    pub(super) fn tolerates_execution(&self, taint: (&str, &str)) -> Option<Duration> {
        let matching = |toleration: &&Toleration| toleration.matches(taint, "NoExecute");
        let mut tolerations = self.tolerations.iter().filter(matching).peekable();
        if tolerations.peek().is_none() {
            return Some(if taint.0 == UNREACHABLE { timing::DEFAULT_TOLERATION } else { Duration::ZERO });
        }
        tolerations.filter_map(|toleration| toleration.seconds).min().map(Duration::seconds)
    }

    /// Whether the pod may be put on a node with a taint of this key and value, and of `effect`.
    pub(super) fn tolerates(&self, taint: (&str, &str), effect: &str) -> bool {
        self.tolerations.iter().any(|toleration| toleration.matches(taint, effect))
    }
}

impl Toleration {
    fn of(value: &Value) -> Self {
        let text = |key| value.str_at(&[key]).filter(|text| !text.is_empty()).map(Text::from);
        let seconds = value.integer_at(&["tolerationSeconds"]).map(|seconds| u64::try_from(seconds).unwrap_or(0));
        let exists = value.str_at(&["operator"]) == Some("Exists");
        let wanted = (!exists).then(|| Text::from(value.str_at(&["value"]).unwrap_or_default()));
        Toleration { key: text("key"), value: wanted, effect: text("effect"), seconds }
    }

    /// An empty key tolerates every taint, an empty effect every effect (`core/v1` Toleration).
    fn matches(&self, (key, value): (&str, &str), effect: &str) -> bool {
        let same = |own: &Option<Text>, other: &str| own.as_ref().is_none_or(|own| own == other);
        same(&self.key, key) && same(&self.value, value) && same(&self.effect, effect)
    }
}

impl Spread {
    fn of(value: &Value) -> Option<Self> {
        Some(Spread {
            selector: Selector::of(value.get("labelSelector"))?,
            topology_key: value.str_at(&["topologyKey"])?.into(),
            max_skew: value.integer_at(&["maxSkew"]).unwrap_or(1),
            required: value.str_at(&["whenUnsatisfiable"]) != Some("ScheduleAnyway"),
            honors_taints: value.str_at(&["nodeTaintsPolicy"]) == Some("Honor"),
        })
    }
}

impl Probe {
    const NONE: Probe = Probe { delay: Duration::ZERO, period: Duration::ZERO, successes: 1, failures: 1, probed: false };

    fn of(container: &Value) -> Self {
        let startup = container.get("startupProbe").map(|probe| Probe::read(probe).delay).unwrap_or_default();
        match container.get("readinessProbe").map(Probe::read) {
            None => Probe { delay: startup, ..Probe::NONE },
            Some(probe) => Probe { delay: probe.delay.max(startup), ..probe },
        }
    }

    fn read(probe: &Value) -> Self {
        let number = |key, default: i64| u64::try_from(probe.integer_at(&[key]).unwrap_or(default)).unwrap_or_default();
        Probe {
            delay: Duration::seconds(number("initialDelaySeconds", 0)),
            period: Duration::seconds(number("periodSeconds", timing::PROBE.1).max(1)),
            successes: number("successThreshold", timing::PROBE.2).max(1),
            failures: number("failureThreshold", timing::PROBE.3).max(1),
            probed: true,
        }
    }
}

fn list<'a>(value: &'a Value, keys: &[&str]) -> &'a [Value] {
    value.at(keys).and_then(Value::as_list).unwrap_or_default()
}

fn claim(volume: &Value) -> Option<Text> {
    volume.str_at(&["persistentVolumeClaim", "claimName"]).map(Text::from)
}

fn pre_stop(container: &Value) -> Duration {
    let seconds = container.integer_at(&["lifecycle", "preStop", "sleep", "seconds"]);
    let command = || {
        let command = list(container, &["lifecycle", "preStop", "exec", "command"]);
        let position = command.iter().position(|word| word.as_str() == Some("sleep"))?;
        command.get(position + 1)?.as_str()?.parse().ok()
    };
    Duration::seconds(seconds.or_else(command).and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0))
}

fn vault_path(container: &Value) -> Option<Text> {
    let named = |variable: &&Value| variable.str_at(&["name"]) == Some("VAMP_KEY_VALUE_STORE_PATH");
    let variable = list(container, &["env"]).iter().find(named)?;
    Some(variable.str_at(&["value"])?.trim_matches('/').into())
}

fn variables(container: &Value) -> impl Iterator<Item = (Text, Text)> {
    list(container, &["env"]).iter().filter_map(|variable| {
        let name = variable.str_at(&["name"]).filter(|name| name.starts_with("VAMP_"))?;
        Some((name.into(), variable.str_at(&["value"])?.into()))
    })
}

/// Whether a gateway agent's directory lies on a volume of the pod.
fn keeps(container: &Value) -> bool {
    list(container, &["volumeMounts"]).iter().any(|mount| mount.str_at(&["mountPath"]) == Some(GATEWAY_AGENT_STATE))
}

fn one() -> u64 {
    1
}

fn anti_affinity(spec: &Value) -> Vec<Apart> {
    let apart = |term: &Value, weight| {
        let selector = Selector::of(term.get("labelSelector"))?;
        Some(Apart { selector, topology_key: term.str_at(&["topologyKey"])?.into(), weight })
    };
    let required = list(spec, &["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    let preferred = list(spec, &["affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution"]);
    let weighed = |term: &Value| apart(term.get("podAffinityTerm")?, Some(term.integer_at(&["weight"]).unwrap_or(1)));
    required.iter().filter_map(|term| apart(term, None)).chain(preferred.iter().filter_map(weighed)).collect()
}
