//! Where and when a fault may matter to a plan: what it changes, and what that stands on; before it, in its course, and after it.

use crate::fault::{Fault, Kind, Target};
use crate::operator::{Fact, Operator};
use crate::run::Run;
use model::connection::Connection;
use model::observation::Snapshot;
use model::plan::Action;
use model::value::Text;
use model::{Duration, Plan, System};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The kinds of fault that a rehearsal is about: what is common, and what a roll-out stands on.
pub const KINDS: [Kind; 5] = [Kind::NodeDead, Kind::ApiDown, Kind::VaultSealed, Kind::MysqlDown, Kind::EngineKilled];
/// Instants in the course of a plan.
const IN_COURSE: u64 = 3;
/// How long before a plan the first fault happens, and how long after it the last.
const AROUND: Duration = Duration::seconds(30);
/// Longest that the course of a plan without faults is followed.
const LONGEST: Duration = Duration::minutes(6 * 60);

/// How a plan goes if nothing fails.
pub(super) struct Course {
    /// The plan as it is made in the rehearsal.
    pub(super) plan: Option<Arc<Plan>>,
    /// When it wrote first.
    pub(super) began: Duration,
    /// When it was over.
    pub(super) ended: Duration,
}

/// Follow a run without faults through the course of its plan.
pub(super) fn course(mut run: Run) -> Course {
    let (mut plan, mut first) = (None, None);
    let end = run.began() + LONGEST;
    let over = |run: &Run| run.operators().iter().all(Operator::is_settled);
    run.advance_to(super::BEGIN);
    while !over(&run) && run.world().now() < end && run.step() {
        if plan.is_none() {
            plan = run.facts().iter().find_map(|fact| match fact {
                Fact::Planned { plan, .. } => Some(plan.clone()),
                _ => None,
            });
        }
        if run.writes() > 0 {
            first.get_or_insert(run.world().now());
        }
    }
    let since = |at: model::Timestamp| at.since(run.began());
    Course { plan, began: first.map_or(super::BEGIN, since), ended: since(run.world().now()) }
}

/// When faults happen: once before the plan, some times evenly in its course, and once after it. In whole seconds.
pub(super) fn instants(course: &Course) -> Vec<Duration> {
    let length = course.ended.0.saturating_sub(course.began.0);
    let within = (0..IN_COURSE).map(|nth| course.began.0 + length * (2 * nth + 1) / (2 * IN_COURSE));
    let before = super::BEGIN.0.saturating_sub(AROUND.0);
    let all = [before].into_iter().chain(within).chain([course.ended.0 + AROUND.0]);
    let seconds: BTreeSet<u64> = all.map(|at| at / 1000).collect();
    seconds.into_iter().map(Duration::seconds).collect()
}

/// What may happen: to the clusters in which the plan changes something or, if it changes none, to those that read what it changes in
/// stores; to the stores; to the engine.
pub(super) fn faults(plan: &Plan, snapshot: &Snapshot, connections: &[Connection]) -> Vec<Fault> {
    let changes = plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep | Action::Await));
    let changed: BTreeSet<Text> = changes.filter_map(|step| cluster(&step.address.system())).collect();
    let with_agents = || {
        let agents = snapshot.objects().filter(|(address, _)| address.name() == "gateway-agent");
        agents.filter_map(|(address, _)| cluster(&address.system())).collect()
    };
    let clusters: BTreeSet<Text> = if changed.is_empty() { with_agents() } else { changed };
    let systems: BTreeSet<&System> = connections.iter().map(|connection| &connection.system).collect();
    KINDS.iter().flat_map(|kind| of_kind(*kind, &clusters, &systems, snapshot)).collect()
}

fn cluster(system: &System) -> Option<Text> {
    match system {
        System::Cluster(name) => Some(name.clone()),
        _ => None,
    }
}

fn of_kind(kind: Kind, clusters: &BTreeSet<Text>, systems: &BTreeSet<&System>, snapshot: &Snapshot) -> Vec<Fault> {
    let targets: Vec<Target> = match kind {
        Kind::NodeDead => {
            let nodes = clusters.iter().filter_map(|cluster| Some((cluster, snapshot.nodes.get(cluster)?)));
            let alive =
                nodes.flat_map(|(cluster, nodes)| nodes.iter().filter(|node| node.schedulable).map(move |node| (cluster, node)));
            alive.map(|(cluster, node)| Target::Node { cluster: cluster.clone(), node: node.name.clone() }).collect()
        }
        Kind::ApiDown => clusters.iter().cloned().map(Target::Cluster).collect(),
        Kind::VaultSealed => systems.contains(&System::Vault).then_some(Target::Vault).into_iter().collect(),
        Kind::MysqlDown => systems.contains(&System::Mysql).then_some(Target::Mysql).into_iter().collect(),
        _ => vec![Target::Engine(0)],
    };
    targets.into_iter().map(|target| Fault::new(kind, target)).collect()
}
