//! What the commands share once they know where they act: look, plan, carry out.

use crate::attended::{Attended, Caught, Signals};
use crate::clock;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input::environment;
use crate::ledger;
use crate::past;
use crate::prepare::Prepared;
use crate::progress::Display;
use crate::site::Site;
use crate::ui::Ui;
use driver::audit;
use driver::settings::InFlight;
use driver::{Consent, Machine, Progress, Settings};
use model::connection::Connection;
use model::observation::{Gap, Observation, Snapshot};
use model::outcome::{Outcome, Verdict};
use model::plan::{Action, Step};
use model::preview::Previews;
use model::{Address, Duration, Kind, Plan, System};
use planner::plan::former::{is_empty_of, is_named};
use planner::plan::{Digests, Draft, Options, Request, plan};
use planner::spec::Spec;
use port::{Holder, Ledger, LedgerError, Observe, Platform, Stops};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How long the lock of a run that is not heard of again holds: longer than any step may take (`driver::Settings`).
const LOCK: Duration = Duration::minutes(60);

/// What was seen, and what is to be done about it.
pub(crate) struct Looked {
    pub(crate) snapshot: Snapshot,
    pub(crate) plan: Plan,
    pub(crate) digests: Digests,
    pub(crate) options: Options,
}

/// Look at the platform and plan: everywhere that the spec names, and where earlier runs applied to and it no longer does.
pub(crate) async fn look<P: Observe + Ledger>(
    platform: &mut P,
    prepared: &Prepared,
    site: &Site,
    mut options: Options,
) -> Result<Looked, CommandError> {
    let spec = &prepared.spec;
    let site = site.with_former(spec, platform.connections(&spec.platform.value).await?);
    let snapshot = platform.observe(&site.connections, Kind::ALL).await?;
    ledger::check(platform, &spec.platform.value, &spec.file, &site.connections, &snapshot).await?;
    let digests = platform.digests(&prepared.secrets).await?;
    let needs_history =
        |address: &Address| matches!(snapshot.observe(address), Observation::Absent | Observation::Unknown(Gap::Starting { .. }));
    if prepared.graph.resources().any(|resource| needs_history(&resource.address)) {
        options.remembered = past::made(platform).await?;
    }
    let identities = platform.identities();
    let unasked = Previews::new();
    let request = Request {
        spec,
        graph: &prepared.graph,
        snapshot: &snapshot,
        connections: &site.connections,
        digests: &digests,
        previews: &unasked,
        options: &options,
        acts_on: &site.acts_on,
        pinned_to: &identities,
        now: clock::now(),
    };
    let draft = Draft::of(&request);
    let proposals = draft.proposals(&request);
    let plan = if proposals.is_empty() {
        draft.finish(&request)
    } else {
        let previews = platform.preview(&proposals).await?;
        plan(&Request { previews: &previews, ..request })
    };
    Ok(Looked { snapshot, plan, digests, options })
}

/// What came of a run, and the signal that stopped it if one did.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    signals: Signals,
}

impl Ran {
    /// How a command ends that did this.
    pub(crate) fn exit(&self) -> Exit {
        match (self.outcome.verdict, self.signals.first()) {
            (Verdict::Converged, _) => Exit::Done,
            (Verdict::Cancelled, Some(Caught::Interrupt)) => Exit::Interrupted,
            (Verdict::Cancelled, Some(Caught::Terminate)) => Exit::Terminated,
            (Verdict::Partial | Verdict::Cancelled, _) => Exit::Failed,
        }
    }
}

impl Ran {
    /// How a command ends that a signal stopped after the run.
    pub(crate) fn exit_by_signal(&self) -> Exit {
        match self.signals.first() {
            Some(Caught::Terminate) => Exit::Terminated,
            Some(Caught::Interrupt) | None => Exit::Interrupted,
        }
    }

    /// What comes of `look` after the run; nothing if somebody cannot wait for it and sends a signal. Looking changes nothing, so it may
    /// end at any time.
    pub(crate) async fn unless_signalled<T>(&mut self, look: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = self.signals.asked() => None,
            looked = look => Some(looked),
        }
    }
}

/// Take the lock of a ledger that is not closed.
async fn begin<P: Ledger>(platform: &mut P, command: &str) -> Result<u64, CommandError> {
    ledger::refuse_closed(platform).await?;
    let run = platform.begin(holder(command)).await?;
    // Whoever moves it holds the lock for that.
    let refused = ledger::refuse_closed(platform).await;
    if refused.is_err() {
        platform.end().await?;
    }
    refused.map(|()| run)
}

/// Take the lock, carry out the plan under the eyes of whoever sits there, give the lock back.
pub(crate) async fn carry_out<P: Platform + Ledger>(
    platform: &mut P,
    plan: &Plan,
    consent: Consent,
    command: &str,
    ui: &Ui,
) -> Result<Ran, CommandError> {
    let run = begin(platform, command).await?;
    let ran = match platform.remember(&plan.platform, &acts_on(plan)).await {
        Ok(()) => run_audited(platform, plan, consent, run, ui).await,
        Err(error) => Err(error.into()),
    };
    let given_back = platform.end().await;
    let ran = ran?;
    given_back?;
    Ok(ran)
}

/// Before the run what earlier ones made is added up, and what they left unsaid goes into the audit chains, after it what this one did.
async fn run_audited<P: Platform + Ledger>(
    platform: &mut P,
    plan: &Plan,
    consent: Consent,
    run: u64,
    ui: &Ui,
) -> Result<Ran, CommandError> {
    past::settle(platform, run).await?;
    audit::keep(platform).await?;
    let ran = run_locked(platform, plan, consent, run, ui).await?;
    tell_lacking(&audit::keep(platform).await?, ui);
    Ok(ran)
}

/// Where nothing is to be done: write what earlier runs left unsaid in the audit chains, if there is any.
pub(crate) async fn keep_audit<P: Platform + Ledger>(platform: &mut P, command: &str, ui: &Ui) -> Result<(), CommandError> {
    if audit::Keeper::new(&audit::backlog(platform).await?).is_none() {
        return Ok(());
    }
    match platform.begin(holder(command)).await {
        Ok(_) => {}
        // Whoever holds the lock writes it.
        Err(LedgerError::Held(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let kept = audit::keep_alone(platform).await;
    platform.end().await?;
    tell_lacking(&kept?, ui);
    Ok(())
}

pub(crate) fn tell_lacking(kept: &audit::Kept, ui: &Ui) {
    for (chain, why) in &kept.lacking {
        ui.line(&format!("Nothing is written to {chain}: {why}. The next apply writes what it lacks."));
    }
}

/// The systems on which `plan` makes or changes something.
fn acts_on(plan: &Plan) -> Vec<Connection> {
    let makes = |step: &&Step| !matches!(step.action, Action::Keep | Action::Await | Action::Delete);
    let systems: BTreeSet<System> = plan.steps.iter().filter(makes).map(|step| step.address.system()).collect();
    plan.connections.iter().filter(|connection| systems.contains(&connection.system)).cloned().collect()
}

/// Forget the systems in which nothing of the platform is left and which the spec does not name, or nobody wants any more; these.
///
/// Who applies there at the same time holds the lock: then nothing is forgotten, and the next run looks again.
pub(crate) async fn forget_emptied<P: Observe + Ledger>(
    platform: &mut P,
    spec: &Spec,
    goes_away: bool,
    command: &str,
) -> Result<Vec<System>, CommandError> {
    let name = &spec.platform.value;
    let mut known = platform.connections(name).await?;
    known.retain(|known| goes_away || !is_named(spec, &known.system));
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let snapshot = platform.observe(&known, Kind::ALL).await?;
    let mut forgotten = Vec::new();
    for system in known.into_iter().map(|known| known.system).filter(|system| is_empty_of(name, system, &snapshot)) {
        match platform.forget(holder(command), name, &system).await {
            Ok(()) => forgotten.push(system),
            Err(LedgerError::Held(_)) => break,
            Err(LedgerError::Platform(error)) => return Err(error.into()),
        }
    }
    Ok(forgotten)
}

async fn run_locked<P: Platform>(
    platform: &mut P,
    plan: &Plan,
    consent: Consent,
    run: u64,
    ui: &Ui,
) -> Result<Ran, CommandError> {
    let refused = |refusal| CommandError::new("the plan is not begun; nothing was changed").because(refusal);
    let machine = Machine::new(plan, settings(plan), consent, run).map_err(refused)?;
    let mut signals = Signals::catch().map_err(|error| CommandError::new("cannot listen for signals").because(error))?;
    let display = RefCell::new(Display::new(ui));
    let mut attended = Attended::new(platform, &display);
    let mut observer = |progress: &Progress| display.borrow_mut().update(progress);
    let outcome = driver::run_until(&mut attended, machine, &mut signals, &mut observer).await?;
    Ok(Ran { outcome, signals })
}

/// The embedded systems answer as one process, all at one instant: more at a time makes larger batches, and so fewer commits. Real ones
/// have limits of their own.
fn settings(plan: &Plan) -> Settings {
    match plan.connections.iter().any(|connection| connection.endpoint.is_real()) {
        true => Settings::default(),
        false => Settings { in_flight: InFlight::everywhere(256), ..Settings::default() },
    }
}

/// Who this is, for those who find the lock taken.
pub(crate) fn holder(command: &str) -> Holder {
    let since = clock::now();
    let name = environment("USER").or_else(|| environment("LOGNAME")).unwrap_or_else(|| "unknown".to_owned());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Holder { name, host, process: std::process::id(), command: command.to_owned(), since, expires: since + LOCK }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Platform(error) => error.into(),
            LedgerError::Held(holder) => {
                let until = model::time::rfc3339(holder.expires);
                CommandError::new("another run is at work on this platform")
                    .because(LedgerError::Held(holder))
                    .hint(format!("wait for it; if that process is gone, the lock is taken over, at the latest from {until} on"))
            }
        }
    }
}
