//! What every command that changes a platform shares: show the plan, get consent, carry out, say what came of it.

use crate::assess::{Status, assess};
use crate::cli::Format;
use crate::commands::{Ended, status};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::policy;
use crate::prepare::Prepared;
use crate::session::{Looked, Ran, carry_out, forget_emptied, keep_audit, look};
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use driver::consent::YES;
use driver::{Answer, Consent};
use model::outcome::{Outcome, StepResult, Verdict};
use model::plan::Action;
use model::{Address, Plan, System};
use planner::plan::Options;
use planner::plan::former::is_named;
use planner::render::plan::{Detail, plan as plan_text, summary};
use planner::render::style::{Paint, counted};
use port::{Ledger, Observe, Platform};
use std::collections::BTreeSet;
use std::path::Path;

/// How consent is given.
#[derive(Clone, Debug, Args)]
pub(crate) struct Confirmation {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show whole documents and lists
    #[arg(long)]
    pub(crate) verbose: bool,
}

/// Show `plan`, get consent, carry it out. Nothing is returned when there was nothing to do.
pub(crate) async fn change<P: Platform + Ledger>(
    platform: &mut P,
    plan: &Plan,
    confirmation: &Confirmation,
    destroys: &BTreeSet<Address>,
    command: &str,
    ui: &Ui,
) -> Result<Option<Ran>, CommandError> {
    let detail = if confirmation.verbose { Detail::Full } else { Detail::Short };
    ui.say(&plan_text(plan, detail, ui.err()));
    if plan.is_empty() {
        keep_audit(platform, command, ui).await?;
        return Ok(None);
    }
    let consent = consent(plan, confirmation, destroys, ui)?;
    ui.line("");
    let ran = carry_out(platform, plan, consent, command, ui).await?;
    ui.say(&outcome_text(&ran.outcome, ui));
    Ok(Some(ran))
}

/// Permission, by flag or by a person who types the word.
fn consent(plan: &Plan, confirmation: &Confirmation, destroys: &BTreeSet<Address>, ui: &Ui) -> Result<Consent, CommandError> {
    let named = destroys.iter().cloned();
    // Who only waits changes nothing, and needs nobody's permission.
    if confirmation.yes || plan.only_waits() {
        return Consent::given(plan, Answer::Flag, named).map_err(|refusal| CommandError::new(refusal.to_string()));
    }
    if !ui.can_ask() {
        return Err(nobody_to_ask());
    }
    let answer = ui.ask(&format!("Carry this out? Only {YES:?} is taken for a yes:"));
    let refused = |_| CommandError::new("not confirmed; nothing was changed");
    Consent::given(plan, Answer::Typed(&answer), named).map_err(refused)
}

impl Confirmation {
    /// Refuse before a world is made for a plan that nobody can be asked about.
    pub(crate) fn check(&self, site: &Site, ui: &Ui) -> Result<(), CommandError> {
        if self.yes || ui.can_ask() || site.world().is_none_or(Path::exists) { Ok(()) } else { Err(nobody_to_ask()) }
    }
}

fn nobody_to_ask() -> CommandError {
    super::agreement::nobody_to_ask()
        .hint("--yes carries the plan out without asking; `vamp plan SPEC -o FILE` saves it for review")
}

/// What came of it, in a line. What failed was told when it happened.
fn outcome_text(outcome: &Outcome, ui: &Ui) -> String {
    let (mut done, mut failed, mut left) = (0, 0, 0);
    for step in outcome.steps.iter().filter(|step| step.action != Action::Keep) {
        match &step.result {
            StepResult::Done { .. } => done += 1,
            StepResult::Failed(_) => failed += 1,
            StepResult::Skipped(_) | StepResult::Cancelled | StepResult::Interrupted => left += 1,
        }
    }
    let steps = counted(done, "step", "steps");
    let (paint, sentence) = match outcome.verdict {
        Verdict::Converged => (Paint::Good, format!("Done: {steps} in {} on the platform's clock.", outcome.took)),
        Verdict::Partial => {
            let rest = format!("{failed} failed as said above, {left} left out because they come after those");
            (Paint::Error, format!("Not all is done: {steps} done, {rest}. The next apply goes on from here."))
        }
        Verdict::Cancelled => {
            let rest =
                format!("{left} not begun or left{}", if failed > 0 { format!(", {failed} failed") } else { String::new() });
            (Paint::Warning, format!("Stopped: {steps} done, {rest}. The next apply goes on from here."))
        }
    };
    format!("{}\n", ui.err().paint(paint, &sentence))
}

/// How a command ends that planned and changed: with what ran, or with what could not be done.
pub(crate) fn ending(plan: &Plan, ran: Option<&Ran>) -> Exit {
    match ran.map(Ran::exit) {
        Some(exit) if exit != Exit::Done => exit,
        _ if is_withheld(plan) => Exit::Failed,
        _ => Exit::Done,
    }
}

/// Whether something that should be done is not, for another reason than that the caller left it out.
pub(crate) fn is_withheld(plan: &Plan) -> bool {
    plan.report.iter().any(|note| note.kind.withholds())
}

/// The whole of a command that changes a platform towards a spec, its status at the end included.
pub(crate) struct Towards<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) site: &'a Site,
    pub(crate) options: Options,
    pub(crate) confirmation: &'a Confirmation,
    pub(crate) command: &'a str,
    /// Whether rules are asked of the plan. Not where something is taken away, or brought back after a loss.
    pub(crate) is_judged: bool,
}

impl Towards<'_> {
    /// Plan, change, look again, and say how the platform is now.
    pub(crate) async fn run<P: Platform + Ledger + Observe>(self, platform: &mut P, ui: &mut Ui) -> Ended {
        let destroys = self.options.allow_destroy.clone();
        let goes_away = self.options.destroy;
        let looked = look(platform, self.prepared, self.site, self.options).await?;
        if self.is_judged {
            policy::check_plan(self.prepared, &looked.snapshot, &looked.plan, ui)?;
        }
        let mut ran = change(platform, &looked.plan, self.confirmation, &destroys, self.command, ui).await?;
        let (prepared, site) = (self.prepared, self.site);
        let after = look_after(platform, prepared, site, goes_away, self.command, ran.is_some());
        let after = match &mut ran {
            None => Some(after.await),
            Some(ran) => ran.unless_signalled(after).await,
        };
        let Some(after) = after.transpose()? else {
            ui.line("Stopped before anybody looked again; what was done is done.");
            return Ok(ran.as_ref().map_or(Exit::Failed, Ran::exit_by_signal));
        };
        for system in after.emptied.iter().filter(|system| !is_named(&prepared.spec, system)) {
            let platform = &looked.plan.platform;
            ui.line(&format!("Nothing of {platform} is left in {system}, so vamp looks there no more."));
        }
        if after.nothing_left {
            ui.line(&format!("Nothing of {} is left.", looked.plan.platform));
        }
        let seen = after.looked.as_ref().unwrap_or(&looked);
        let status = (!goes_away).then(|| assess(&prepared.graph, &seen.snapshot, &seen.plan));
        tell(&looked.plan, ran.as_ref(), status.as_ref(), &prepared.spec.file, ui)?;
        Ok(ending(&looked.plan, ran.as_ref()))
    }
}

/// What is there after a command.
struct After {
    /// Systems that were forgotten, because nothing of the platform is left in them.
    emptied: Vec<System>,
    /// Nothing of the platform is left anywhere, as it was asked for.
    nothing_left: bool,
    /// A look for the status, if something was done.
    looked: Option<Looked>,
}

async fn look_after<P: Ledger + Observe>(
    platform: &mut P,
    prepared: &Prepared,
    site: &Site,
    goes_away: bool,
    command: &str,
    changed: bool,
) -> Result<After, CommandError> {
    let emptied = forget_emptied(platform, &prepared.spec, goes_away, command).await?;
    let nothing_left = goes_away && platform.connections(&prepared.spec.platform.value).await?.is_empty();
    let looked = match changed && !goes_away {
        true => Some(look(platform, prepared, site, Options::default()).await?),
        false => None,
    };
    Ok(After { emptied, nothing_left, looked })
}

/// The data of a command that changed something.
pub(crate) fn tell(plan: &Plan, ran: Option<&Ran>, status: Option<&Status>, file: &str, ui: &mut Ui) -> Result<(), CommandError> {
    match ui.format() {
        Format::Json => ui.json(&serde_json::json!({
            "plan": { "digest": plan.digest, "summary": summary(plan), "report": plan.report },
            "outcome": ran.map(|ran| &ran.outcome),
            "status": status,
        })),
        Format::Text => match status {
            Some(status) => ui.data(&status::text(status, file, ui.out())),
            None => Ok(()),
        },
    }
}
