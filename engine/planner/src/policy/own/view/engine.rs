//! Resources, planned changes and what was observed, as rules see them.

use super::{Described, Field};
use model::observation::{Observation, Snapshot};
use model::plan::Step;
use model::resource::Scope;
use model::{Resource, Value};

impl Described for Resource {
    const WORD: &'static str = "resource";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("address", |resource| resource.address.to_string()),
            Field::made("system", |resource| resource.address.system().to_string()),
            Field::made("kind", |resource| resource.address.kind().to_string()),
            Field::new("scope", |resource| &resource.scope),
            Field::new("holdsData", |resource| &resource.holds_data),
            Field::made("document", |resource| Value::clone(&resource.document)),
        ]
    }
}

impl Described for Scope {
    const WORD: &'static str = "scope";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("tenant", |scope| scope.tenant.as_ref().map(ToString::to_string)),
            Field::made("environment", |scope| scope.environment.as_ref().map(ToString::to_string)),
            Field::made("cluster", |scope| scope.cluster.as_ref().map(ToString::to_string)),
        ]
    }
}

/// A step of a plan, with what was there before it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The step.
    pub step: Step,
    /// The object as it was seen; `null` where there was none.
    pub before: Value,
}

impl Change {
    /// A step, and the object as it was seen, if anybody looked.
    pub fn of(step: &Step, snapshot: Option<&Snapshot>) -> Self {
        let address = step.moved_from.as_ref().unwrap_or(&step.address);
        let before = match snapshot.map(|snapshot| snapshot.observe(address)) {
            Some(Observation::Present(object)) => Value::clone(&object.document),
            _ => Value::Null,
        };
        Change { step: step.clone(), before }
    }
}

impl Described for Change {
    const WORD: &'static str = "change";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("address", |change| change.step.address.to_string()),
            Field::made("system", |change| change.step.address.system().to_string()),
            Field::made("kind", |change| change.step.address.kind().to_string()),
            Field::made("action", |change| change.step.action.word().to_owned()),
            Field::new("scope", |change| &change.step.scope),
            Field::new("destroysData", |change| &change.step.destroys_data),
            Field::made("fields", |change| change.step.changes.iter().map(|field| field.path.to_string()).collect::<Vec<_>>()),
            Field::new("before", |change| &change.before),
            Field::made("after", |change| change.step.document.as_deref().cloned().unwrap_or_default()),
        ]
    }
}

/// What was observed of the machines.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Every node of every cluster that could be looked at.
    pub nodes: Vec<ObservedNode>,
}

impl Observed {
    /// What of a snapshot rules can look at.
    pub fn of(snapshot: &Snapshot) -> Self {
        let nodes = snapshot.nodes.iter().flat_map(|(cluster, nodes)| {
            nodes.iter().map(|node| ObservedNode {
                cluster: cluster.to_string(),
                name: node.name.to_string(),
                zone: node.zone.to_string(),
                schedulable: node.schedulable,
            })
        });
        Observed { nodes: nodes.collect() }
    }
}

/// A node as it was seen.
#[derive(Clone, Debug)]
pub struct ObservedNode {
    /// Its cluster.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Whether new pods may go there.
    pub schedulable: bool,
}

impl Described for Observed {
    const WORD: &'static str = "observed";

    fn fields() -> Vec<Field<Self>> {
        vec![Field::new("nodes", |observed| &observed.nodes)]
    }
}

impl Described for ObservedNode {
    const WORD: &'static str = "node";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("cluster", |node| &node.cluster),
            Field::new("name", |node| &node.name),
            Field::new("zone", |node| &node.zone),
            Field::new("schedulable", |node| &node.schedulable),
        ]
    }
}
