//! A cluster with its own kernel, for tests.

use crate::kernel::{Kernel, Record};
use crate::kubernetes::{Cluster, Context, Event, Key, Notice, Program, Starting, Surroundings};
use model::connection::Capacity;
use model::observation::{Condition, Observed};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::preview::Proposal;
use model::resource::Scope;
use model::{Address, Duration, Kind, Timestamp, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The world around: Vault and MySQL that answer or do not.
#[derive(Clone, Copy, Debug)]
pub(super) struct World {
    pub(super) vault: bool,
    pub(super) mysql: bool,
}

impl Surroundings for World {
    fn can_start(&self, starting: &Starting<'_>) -> Result<(), String> {
        match starting.program {
            Program::Vault if !self.mysql => Err("Error initializing storage of type mysql".to_owned()),
            Program::Vault => Ok(()),
            _ if self.vault => Ok(()),
            _ => Err("Vault does not answer".to_owned()),
        }
    }
}

/// A cluster, its kernel and its world.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) cluster: Cluster,
    pub(super) kernel: Kernel<Event>,
    pub(super) world: World,
    pub(super) notices: Vec<Notice>,
    /// Called after every event, where set.
    pub(super) least_ready: Option<(Key, usize)>,
}

pub(super) fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

pub(super) fn capacity(nodes: u32, zones: u32) -> Capacity {
    Capacity { nodes, milli_cpu: 4000, memory_bytes: 16 << 30, zones, ..Capacity::default() }
}

impl Bench {
    pub(super) fn new(seed: u64, nodes: u32, zones: u32) -> Self {
        let cluster = Cluster::new("eu-1", &capacity(nodes, zones));
        let mut bench = Bench {
            cluster,
            kernel: Kernel::new(seed),
            world: World { vault: true, mysql: true },
            notices: Vec::new(),
            least_ready: None,
        };
        bench.put("namespace/shop", r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"#).unwrap();
        bench
    }

    pub(super) fn with<T>(&mut self, act: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> T {
        let result = act(&mut self.cluster, &mut Context { agenda: &mut self.kernel, world: &self.world });
        self.notices.extend(self.cluster.take_notices());
        result
    }

    /// Let everything happen until `length` from now.
    pub(super) fn run(&mut self, length: Duration) -> u64 {
        let end = self.kernel.now() + length;
        let mut events = 0;
        while self.kernel.next_at().is_some_and(|at| at <= end) {
            let Some((_, event)) = self.kernel.pop() else { break };
            self.with(|cluster, context| cluster.handle(event, context));
            events += 1;
            self.note_least_ready();
        }
        self.kernel.advance_clock(end);
        events
    }

    fn note_least_ready(&mut self) {
        let Some((key, least)) = self.least_ready.clone() else { return };
        let ready = self.ready(&key.to_string());
        self.least_ready = Some((key, least.min(ready)));
    }

    pub(super) fn now(&self) -> Timestamp {
        self.kernel.now()
    }

    pub(super) fn apply(&mut self, key: &str, json: &str, expected: Expectation, force: bool) -> Result<Receipt, OperationError> {
        let address: Address = format!("cluster.eu-1/{key}").parse().unwrap();
        let document = Arc::new(value(json));
        let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
        let operation = Operation::Apply { address, document, mark, expected, force };
        self.with(|cluster, context| cluster.execute(&operation, context))
    }

    /// What the document would make of the object of this incarnation.
    pub(super) fn preview(&self, key: &str, json: &str, incarnation: &str) -> Result<Arc<Value>, OperationError> {
        let address: Address = format!("cluster.eu-1/{key}").parse().unwrap();
        let document = Arc::new(value(json));
        let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
        self.cluster.preview(&Proposal { address, document, mark, incarnation: incarnation.into() }, self.now())
    }

    pub(super) fn put(&mut self, key: &str, json: &str) -> Result<Receipt, OperationError> {
        self.apply(key, json, Expectation::Unseen, false)
    }

    pub(super) fn delete(&mut self, key: &str) -> Result<Receipt, OperationError> {
        let address: Address = format!("cluster.eu-1/{key}").parse().unwrap();
        let operation = Operation::Delete { address, expected: Expectation::Unseen, with_data: false };
        self.with(|cluster, context| cluster.execute(&operation, context))
    }

    pub(super) fn edit(&mut self, key: &str, change: impl FnOnce(&mut Value)) -> Result<(), OperationError> {
        let key: Key = key.parse().unwrap();
        self.with(|cluster, context| cluster.edit(&key, crate::kubernetes::EDITOR, change, context))
    }

    pub(super) fn condition(&self, key: &str) -> Option<Condition> {
        self.cluster.condition(&key.parse().unwrap())
    }

    pub(super) fn is_ready(&self, key: &str) -> bool {
        self.condition(key) == Some(Condition::Ready)
    }

    /// Ready pods of a workload that are not asked to go.
    pub(super) fn ready(&self, key: &str) -> usize {
        let pods = self.cluster.pods_of(&key.parse().unwrap());
        pods.iter().filter(|pod| pod.ready && !pod.terminating).count()
    }

    /// Node of every pod of a workload that is not asked to go.
    pub(super) fn places(&self, key: &str) -> Vec<String> {
        let pods = self.cluster.pods_of(&key.parse().unwrap());
        pods.iter().filter(|pod| !pod.terminating).filter_map(|pod| pod.node.as_ref()).map(ToString::to_string).collect()
    }

    pub(super) fn fail_node(&mut self, node: &str) {
        assert!(self.with(|cluster, context| cluster.fail_node(node, crate::kubernetes::NodeFault::Dead, context)));
    }

    pub(super) fn observed(&self, key: &str) -> Observed {
        self.cluster.get(&key.parse().unwrap()).unwrap().unwrap()
    }

    /// Keys of all objects of a kind.
    pub(super) fn list(&self, kind: Kind) -> Vec<String> {
        self.cluster.list(kind).unwrap().addresses().map(|address| address.key().to_owned()).collect()
    }

    /// Put everything into records and take it back.
    pub(super) fn save_and_restore(self, kept: &mut BTreeMap<(&'static str, String), String>) -> Bench {
        let Bench { mut cluster, mut kernel, world, .. } = self;
        let mut records: Vec<Record> = Vec::new();
        cluster.drain_changes(&mut records);
        kernel.drain_changes(&mut records);
        for record in records {
            match record.value {
                Some(value) => kept.insert((record.table, record.key), value),
                None => kept.remove(&(record.table, record.key)),
            };
        }
        let (mut cluster, mut kernel) = (Cluster::to_restore("eu-1"), Kernel::new(0));
        for ((table, key), value) in kept.iter() {
            if !kernel.restore(table, key, value).unwrap() {
                cluster.restore(table, key.strip_prefix("eu-1/").unwrap(), value).unwrap();
            }
        }
        cluster.restored();
        Bench { cluster, kernel, world, notices: Vec::new(), least_ready: None }
    }
}

/// A Deployment in namespace `shop`, with what is to be changed of it.
pub(super) fn deployment(name: &str, replicas: i64, change: impl FnOnce(&mut Value)) -> String {
    let mut document = value(&format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{name}","namespace":"shop"}},
        "spec":{{"replicas":{replicas},"selector":{{"matchLabels":{{"app":"{name}"}}}},
        "template":{{"metadata":{{"labels":{{"app":"{name}"}}}},
        "spec":{{"containers":[{{"name":"main","image":"registry.example/{name}:1","resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}}}}}}]}}}}}}}}"#
    ));
    change(&mut document);
    serde_json::to_string(&document).unwrap()
}

/// Gateway agents as the platform makes them: apart from each other by node, surge one, unavailable none.
pub(super) fn gateway_agents(replicas: i64, image: &str) -> String {
    deployment("gateway-agent", replicas, |document| {
        document
            .set(&["spec", "strategy"], value(r#"{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}"#));
        document.set(&["spec", "template", "metadata", "labels", "app.kubernetes.io/name"], "gateway-agent");
        let apart = r#"{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"gateway-agent"}},"topologyKey":"kubernetes.io/hostname"}]}}"#;
        document.set(&["spec", "template", "spec", "affinity"], value(apart));
        let container = format!(
            r#"[{{"name":"main","image":"{image}","env":[{{"name":"VAMP_KEY_VALUE_STORE_PATH","value":"acme/shop/gateways/eu-1"}}],"readinessProbe":{{"periodSeconds":2}}}}]"#
        );
        document.set(&["spec", "template", "spec", "containers"], value(&container));
    })
}
