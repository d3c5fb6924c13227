//! A real cluster of the test bench: ConfigMaps planned and applied by the adapter that `vamp` has, and planned again.

mod crowd;

use super::Readings;
use crate::measure::Stopwatch;
use crate::size::parsed;
use driver::{Answer, Consent, Machine, Settings};
use live::{Inputs, Journal, Limits, LivePlatform};
use model::connection::{Connection, Endpoint};
use model::graph::Graph;
use model::observation::Snapshot;
use model::outcome::{JournalEntry, Verdict};
use model::preview::Previews;
use model::resource::{Role, Scope};
use model::{Address, Kind, Plan, Resource, System, Timestamp, Value};
use planner::plan::{Options, Request, plan};
use planner::spec::Spec;
use port::{Observe, Platform, PlatformError};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// The spec whose platform this is: the graph is another.
const SPEC: &str = include_str!("../../../specs/valid/quickstart.yaml");
/// The context of the kubeconfig, and the name of the cluster.
pub const CONTEXT: &str = "figures";
/// Bytes of each ConfigMap's text.
const TEXT: usize = 1000;

pub use crowd::{Beside, ONE, OTHERS, among_twenty, name};

/// Where to measure, as `KUBECONFIG:NAMESPACE`; the namespace is there already.
#[derive(Clone, Debug)]
pub struct Place {
    kubeconfig: PathBuf,
    namespace: String,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kubeconfig, namespace) = text.rsplit_once(':').ok_or_else(|| format!("{text:?} is no place"))?;
        Ok(Place { kubeconfig: kubeconfig.into(), namespace: namespace.to_owned() })
    }
}

/// No run is written down: the ledger is measured elsewhere.
struct Nowhere;

impl Journal for Nowhere {
    async fn record(&mut self, _: &[JournalEntry]) -> Result<(), PlatformError> {
        Ok(())
    }
}

/// What was asked of the server.
#[derive(Default)]
struct Asked {
    /// Whatever was listed at all.
    listed: BTreeSet<String>,
    lists: f64,
    pages: f64,
    objects: f64,
    bytes: f64,
}

impl Asked {
    /// A line of the trace: system, method, path, status, bytes, `B`, time.
    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "GET", path, _, bytes, "B", ..] = words.as_slice() else { return };
        if path.contains("limit=") {
            self.listed.insert(path.split('?').next().unwrap_or_default().to_owned());
            self.pages += 1.0;
            self.lists += f64::from(u8::from(!path.contains("continue=")));
            self.bytes += bytes.parse().unwrap_or(0.0);
        } else if path.contains("/configmaps/") {
            self.objects += 1.0;
        }
    }
}

/// One ConfigMap of the measurement, as `kubectl` would be given it.
pub fn config_map(namespace: &str, number: usize) -> serde_json::Value {
    let text: String = (0..TEXT).map(|at| char::from(b'a' + ((at * 7 + number) % 26) as u8)).collect();
    serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{number}"), "namespace": namespace},
        "data": {"text": text}})
}

fn graph(namespace: &str, size: usize) -> Result<Graph, String> {
    let mut graph = Graph::default();
    want(&mut graph, CONTEXT, namespace, "c", size)?;
    Ok(graph)
}

/// Want so many ConfigMaps in a cluster, whose names begin so.
fn want(graph: &mut Graph, cluster: &str, namespace: &str, prefix: &str, size: usize) -> Result<(), String> {
    let cluster = System::Cluster(cluster.into());
    for number in 0..size {
        let mut document: Value = serde_json::from_value(config_map(namespace, number)).map_err(|error| error.to_string())?;
        let name = format!("{prefix}{number}");
        document.set(&["metadata", "name"], name.as_str());
        let resource = Resource {
            address: Address::new(&cluster, Kind::ConfigMap, &format!("{namespace}/{name}")),
            document: Arc::new(document),
            scope: Scope::PLATFORM,
            role: Role::Plain,
            place: model::Place::NOWHERE,
            origins: Vec::new(),
            holds_data: false,
        };
        graph.add(resource).map_err(|error| format!("{error:?}"))?;
    }
    Ok(())
}

fn connection(cluster: &str, kubeconfig: &Path) -> Connection {
    let kubeconfig = Some(kubeconfig.display().to_string());
    Connection::new(System::Cluster(cluster.into()), Endpoint::KubeconfigContext { context: cluster.to_owned(), kubeconfig })
}

fn inputs(platform: &str, graph: &Graph, asked: &Arc<Mutex<Asked>>) -> Inputs {
    let (clock, asked) = (Stopwatch::start(), asked.clone());
    Inputs {
        clock: Arc::new(move || Timestamp(u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX))),
        trace: Some(Box::new(move |line| asked.lock().unwrap_or_else(PoisonError::into_inner).note(line))),
        secrets: Box::new(|reference| Err(format!("{reference} is not set"))),
        entropy: Box::new(|bytes| bytes.fill(7)),
        kubeconfig: Vec::new(),
        vault_namespace: None,
        platform: platform.into(),
        wanted: graph.resources().map(|resource| (resource.address.clone(), resource.document.clone())).collect(),
        limits: Limits::default(),
        way: None,
    }
}

fn planned(
    spec: &Spec,
    graph: &Graph,
    snapshot: &Snapshot,
    connections: &[Connection],
    platform: &LivePlatform<Nowhere>,
) -> Plan {
    plan(&Request {
        spec,
        graph,
        snapshot,
        connections,
        digests: &Default::default(),
        previews: &Previews::new(),
        options: &Options::default(),
        acts_on: &[],
        pinned_to: &platform.identities(),
        now: platform.now(),
    })
}

/// Look and plan; then, if it is to be, carry it out.
async fn go(size: usize, place: &Place, apply: bool, asked: &Arc<Mutex<Asked>>) -> Result<Plan, String> {
    let spec = parsed(SPEC)?;
    let graph = graph(&place.namespace, size)?;
    let connections = [connection(CONTEXT, &place.kubeconfig)];
    let mut platform = LivePlatform::new(inputs(&spec.platform, &graph, asked), Nowhere);
    let snapshot = platform.observe(&connections, Kind::ALL).await.map_err(|error| error.to_string())?;
    let plan = planned(&spec, &graph, &snapshot, &connections, &platform);
    if apply {
        let consent = Consent::given(&plan, Answer::Flag, []).map_err(|error| error.to_string())?;
        let machine = Machine::new(&plan, Settings::default(), consent, 1).map_err(|error| error.to_string())?;
        let outcome = driver::run(&mut platform, machine, &mut |_| ()).await.map_err(|error| error.to_string())?;
        if outcome.verdict != Verdict::Converged || plan.steps.len() != size {
            return Err(format!("{} steps of {size} objects did not converge: {:?}", plan.steps.len(), plan.report.first()));
        }
    }
    Ok(plan)
}

/// Run on one thread, as a command does.
fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

fn measured(size: usize, place: &Place, apply: bool) -> Result<(Plan, Readings), String> {
    let asked = Arc::new(Mutex::new(Asked::default()));
    let clock = Stopwatch::start();
    let plan = block_on(go(size, place, apply, &asked))?;
    let seconds = clock.elapsed().as_secs_f64();
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let readings = [
        ("seconds", seconds),
        ("lists beyond one", asked.lists - asked.listed.len() as f64),
        ("pages", asked.pages),
        ("gets of objects", asked.objects),
        ("listed bytes", asked.bytes),
    ];
    Ok((plan, readings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

/// Plan and apply from nothing.
pub(super) fn apply(size: usize, place: &Place) -> Result<Readings, String> {
    measured(size, place, true).map(|(_, readings)| readings)
}

/// The plan that finds nothing.
pub(super) fn plan_again(size: usize, place: &Place) -> Result<Readings, String> {
    let (plan, readings) = measured(size, place, false)?;
    if !plan.is_empty() || plan.unchanged != size as u64 {
        let first = plan.steps.first().map(|step| (&step.address, &step.changes));
        return Err(format!("{} steps are left, {} unchanged; the first is {first:?}", plan.steps.len(), plan.unchanged));
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_single_objects_are_told_apart() {
        let mut asked = Asked::default();
        for line in [
            "cluster.a GET /api/v1/configmaps?limit=500 200 4000 B 3ms",
            "cluster.a GET /api/v1/configmaps?limit=500&continue=x 200 1000 B 3ms",
            "cluster.a GET /api/v1/namespaces/n/configmaps/c1 200 900 B 1ms",
            "cluster.a GET /version 200 90 B 1ms",
            "cluster.a PATCH /api/v1/namespaces/n/configmaps/c1 200 900 B 1ms",
        ] {
            asked.note(line);
        }
        assert_eq!(asked.listed.len(), 1);
        assert_eq!((asked.lists, asked.pages, asked.objects, asked.bytes), (1.0, 2.0, 1.0, 5000.0));
    }
}
