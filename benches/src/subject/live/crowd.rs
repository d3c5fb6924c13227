//! Nineteen clusters that are applied to at once, alone and beside a twentieth that refuses everything (429): what its refusals cost the
//! others, and what is said and done about it.

use super::{Asked, Nowhere, Place, SPEC, block_on, connection, inputs, planned, want};
use crate::measure::Stopwatch;
use crate::proxy::refusing::Refusing;
use crate::size::parsed;
use crate::subject::Readings;
use driver::{Answer, Consent, Machine, ProgressEvent, Settings};
use live::LivePlatform;
use model::connection::Connection;
use model::graph::Graph;
use model::outcome::{Outcome, StepResult};
use model::plan::Action;
use model::{Duration, Kind, Plan, System};
use port::Observe;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// The clusters that do what they are asked.
pub const OTHERS: usize = 19;
/// The context, and the name, of the one that may not.
pub const ONE: &str = "c19";
/// Objects that are in it and no longer wanted.
const OLD: usize = 20;
/// How long a step is tried: a run waits for the one so long.
const DEADLINE: Duration = Duration::seconds(8);

/// What the twentieth does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// It is not there.
    Nobody,
    /// It refuses everything from the beginning.
    Refusing,
    /// It can be looked at, and refuses everything that the plan wants of it.
    RefusingLater,
}

impl Beside {
    /// Each, in the order in which they are measured.
    pub const ALL: [Beside; 3] = [Beside::Nobody, Beside::Refusing, Beside::RefusingLater];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Beside::Nobody => "alone",
            Beside::Refusing => "refusing",
            Beside::RefusingLater => "refusing-later",
        }
    }
}

/// The name of one of the others, and of its context.
pub fn name(number: usize) -> String {
    format!("c{number:02}")
}

/// One platform, as it is made and asked in this measurement.
struct Scene {
    graph: Graph,
    connections: Vec<Connection>,
}

impl Scene {
    fn platform(&self) -> Result<LivePlatform<Nowhere>, String> {
        let asked = Arc::new(std::sync::Mutex::new(Asked::default()));
        Ok(LivePlatform::new(inputs(&parsed(SPEC)?.platform, &self.graph, &asked), Nowhere))
    }

    /// Look at what this is about and no more, and plan.
    async fn plan(&self, platform: &mut LivePlatform<Nowhere>) -> Result<Plan, String> {
        let snapshot = platform.observe(&self.connections, &[Kind::ConfigMap]).await.map_err(|error| error.to_string())?;
        Ok(planned(&parsed(SPEC)?, &self.graph, &snapshot, &self.connections, platform))
    }
}

/// What is carried out, and when the last step outside of the one was done.
async fn carry_out(plan: &Plan, platform: &mut LivePlatform<Nowhere>) -> Result<(Outcome, std::time::Duration), String> {
    let consent = Consent::given(plan, Answer::Flag, []).map_err(|error| error.to_string())?;
    let mut settings = Settings::default();
    settings.retry.deadline = DEADLINE;
    let machine = Machine::new(plan, settings, consent, 1).map_err(|error| error.to_string())?;
    let clock = Stopwatch::start();
    let mut done = std::time::Duration::ZERO;
    let mut observer = |progress: &driver::Progress| {
        if let ProgressEvent::StepDone { address, .. } = &progress.event
            && address.system() != System::Cluster(ONE.into())
        {
            done = clock.elapsed();
        }
    };
    let outcome = driver::run(platform, machine, &mut observer).await.map_err(|error| error.to_string())?;
    Ok((outcome, done))
}

/// Put into the one what is no longer wanted later; it is there already after the first time.
async fn leave_behind(namespace: &str, direct: &Connection) -> Result<(), String> {
    let mut graph = Graph::default();
    want(&mut graph, ONE, namespace, "old-", OLD)?;
    let scene = Scene { graph, connections: vec![direct.clone()] };
    let mut platform = scene.platform()?;
    let plan = scene.plan(&mut platform).await?;
    let outcome = carry_out(&plan, &mut platform).await?.0;
    let all_done = outcome.steps.iter().all(|step| matches!(step.result, StepResult::Done { .. }));
    if all_done { Ok(()) } else { Err(format!("what is to be there before is not: {:?}", outcome.steps.first())) }
}

/// What is in the one, as it says itself.
async fn inside(direct: &Connection) -> Result<BTreeSet<String>, String> {
    let scene = Scene { graph: Graph::default(), connections: vec![direct.clone()] };
    let snapshot = scene.platform()?.observe(&scene.connections, &[Kind::ConfigMap]).await.map_err(|error| error.to_string())?;
    if let Some((_, gap)) = snapshot.gaps().first_key_value() {
        return Err(gap.to_string());
    }
    Ok(snapshot.objects().map(|(address, _)| address.name().to_owned()).collect())
}

/// The connection to the one through a proxy that may refuse.
fn through(proxy: &Refusing, folder: &Path) -> Result<Connection, String> {
    let kubeconfig = serde_json::json!({"apiVersion": "v1", "kind": "Config",
        "clusters": [{"name": ONE, "cluster": {"server": proxy.address()}}],
        "users": [{"name": ONE, "user": {}}],
        "contexts": [{"name": ONE, "context": {"cluster": ONE, "user": ONE}}]});
    let path = folder.join("refusing");
    std::fs::write(&path, kubeconfig.to_string()).map_err(|error| error.to_string())?;
    Ok(connection(ONE, &path))
}

/// Want `size` ConfigMaps in each of the others, and in the one if it is there; look, plan and carry it out.
///
/// # Errors
/// If one of the others is not brought to its end, if anything became of what is in the one, or if it is not told clearly why not.
pub fn among_twenty(beside: Beside, size: usize, place: &Place) -> Result<Readings, String> {
    block_on(measured(beside, size, place))
}

async fn measured(beside: Beside, size: usize, place: &Place) -> Result<Readings, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut scene = Scene { graph: Graph::default(), connections: Vec::new() };
    for cluster in (0..OTHERS).map(name) {
        want(&mut scene.graph, &cluster, &place.namespace, &format!("{cluster}-"), size)?;
        scene.connections.push(connection(&cluster, &place.kubeconfig));
    }
    let direct = connection(ONE, &place.kubeconfig);
    leave_behind(&place.namespace, &direct).await?;
    let before = inside(&direct).await?;
    let proxy = Refusing::before(&place.kubeconfig, ONE).map_err(|error| error.to_string())?;
    proxy.set(beside == Beside::Refusing);
    if beside != Beside::Nobody {
        want(&mut scene.graph, ONE, &place.namespace, &format!("{ONE}-"), size)?;
        scene.connections.push(through(&proxy, folder.path())?);
    }

    let mut platform = scene.platform()?;
    let clock = Stopwatch::start();
    let plan = scene.plan(&mut platform).await?;
    let planned = clock.elapsed();
    proxy.set(beside != Beside::Nobody);
    let (outcome, applied) = carry_out(&plan, &mut platform).await?;

    if inside(&direct).await? != before {
        return Err(format!("something was done in {ONE}, which refused everything"));
    }
    told(beside, size, &plan, &outcome)?;
    let readings = [
        ("plan and apply", (planned + applied).as_secs_f64()),
        ("apply", applied.as_secs_f64()),
        ("refused", proxy.refused() as f64),
    ];
    Ok(readings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Whether the others were brought to their end, and what is said of the one is clear.
fn told(beside: Beside, size: usize, plan: &Plan, outcome: &Outcome) -> Result<(), String> {
    let of_the_one = |system: &str| system == format!("cluster.{ONE}");
    let (one, others): (Vec<_>, Vec<_>) = outcome.steps.iter().partition(|step| of_the_one(step.address.system_text()));
    if others.len() != OTHERS * size || others.iter().any(|step| !matches!(step.result, StepResult::Done { .. })) {
        return Err(format!("{} steps of {} were to be done", others.len(), OTHERS * size));
    }
    let clearly = match beside {
        Beside::Nobody => one.is_empty(),
        // Nothing is made or deleted where nobody could look, and the plan says why.
        Beside::Refusing => one.is_empty() && plan.report.iter().any(|note| note.message.contains("answers 429")),
        Beside::RefusingLater => {
            let why = |result: &StepResult| match result {
                StepResult::Failed(why) => why.contains("gave up after ") && why.contains("answers 429"),
                result => matches!(result, StepResult::Skipped(_)),
            };
            let deletes = plan.steps.iter().filter(|step| step.action == Action::Delete).count();
            one.len() == size + OLD
                && deletes == OLD
                && one.iter().all(|step| why(&step.result))
                && one.iter().any(|step| matches!(step.result, StepResult::Failed(_)))
        }
    };
    let first = one.iter().find(|step| !matches!(step.result, StepResult::Skipped(_)));
    if clearly { Ok(()) } else { Err(format!("{ONE} is not told clearly: {first:?}, {:?}", plan.report.first())) }
}
