//! `vamp apply SPEC|PLAN`: bring the platform to what the spec says, or carry out a saved plan.

use super::change::{Confirmation, Towards, change, ending, tell};
use super::{Ended, runtime, show};
use crate::cli::{Output, Selection, World};
use crate::clock;
use crate::error::CommandError;
use crate::input::{self, Opened};
use crate::platform::{self, For};
use crate::policy;
use crate::prepare::prepare_bytes;
use crate::rules::PolicyFiles;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::plan::Step;
use model::{Address, Kind, Plan, identity};
use planner::plan::{Options, saved};
use planner::render::style::escape;
use port::{Ledger, Observe, Platform};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bring the platform to what the spec says, or carry out a saved plan
#[derive(Debug, Args)]
#[command(
    after_help = "Plans, shows the plan, asks, and carries it out: independent steps at the same time, each after what it needs. Killed \
    at any moment, the next apply goes on from there. The first SIGINT or SIGTERM stops after the running steps, the \
    second at once."
)]
pub(crate) struct Arguments {
    /// The platform's spec, or a plan that `vamp plan -o` saved
    #[arg(value_name = "SPEC|PLAN")]
    file: PathBuf,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    policies: PolicyFiles,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    // Opened once: a pipe cannot be read a second time.
    let opened = input::open(&arguments.file, "spec")?;
    if is_plan(&arguments.file, opened.head()) {
        run_saved(arguments, opened, ui)
    } else {
        run_spec(arguments, opened.bytes(input::LARGEST_SPEC)?, ui)
    }
}

/// A plan is JSON and says its format; a file that is called so and is damaged should fail as a plan, not as a spec.
fn is_plan(path: &Path, head: &[u8]) -> bool {
    let named = path.extension().is_some_and(|extension| extension == "json");
    named || (show::begins_as_json(head) && String::from_utf8_lossy(head).contains("\"formatVersion\""))
}

fn run_spec(arguments: &Arguments, bytes: Vec<u8>, ui: &mut Ui) -> Ended {
    let mut prepared = prepare_bytes(&arguments.file, bytes, ui)?;
    arguments.policies.read(&mut prepared)?;
    policy::check_spec(&prepared)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_secrets(&prepared, ui)?;
    let options = Options {
        targets: arguments.selection.targets(&prepared)?,
        allow_destroy: arguments.selection.allow_destroy(),
        moved: prepared.moved.clone(),
        ..Options::default()
    };
    let confirmation = &arguments.confirmation;
    confirmation.check(&site, ui)?;
    runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::Changing).await?;
        let towards = Towards { prepared: &prepared, site: &site, options, confirmation, command: "apply", is_judged: true };
        let ended = towards.run(&mut platform, ui).await;
        platform::close(platform, ended).await
    })
}

fn run_saved(arguments: &Arguments, opened: Opened<'_>, ui: &mut Ui) -> Ended {
    if !arguments.selection.is_empty() {
        return Err(CommandError::new("a saved plan is carried out as it is: --target and --allow-destroy do not go with it")
            .hint("give them to `vamp plan SPEC -o FILE`"));
    }
    if !arguments.policies.files.is_empty() {
        return Err(CommandError::new(
            "a saved plan has no spec beside it that rules could be asked of: --policy does not go with it",
        )
        .hint("give it to `vamp plan SPEC -o FILE`, which asks the rules, or to `vamp check SPEC --plan FILE`"));
    }
    let plan = show::read_opened(&arguments.file, opened)?;
    policy::check_saved(&plan, &arguments.file, clock::today())?;
    let site = Site::of_plan(&plan, &arguments.world)?;
    site.check_credentials()?;
    arguments.confirmation.check(&site, ui)?;
    runtime()?.block_on(async {
        // Made when there was no such world: it is made now, as an apply of the spec would.
        let purpose = if is_for_a_new_world(&plan) { For::Changing } else { For::ChangingWhatIs };
        let mut platform = platform::open(&site, purpose).await?;
        let ended = carry_out_saved(&mut platform, &plan, &site, arguments, ui).await;
        platform::close(platform, ended).await
    })
}

async fn carry_out_saved<P: Platform + Ledger + Observe>(
    platform: &mut P,
    plan: &Plan,
    site: &Site,
    arguments: &Arguments,
    ui: &mut Ui,
) -> Ended {
    let kinds: BTreeSet<Kind> = plan.steps.iter().flat_map(kinds_of).collect();
    // Real systems say who they are when they are looked at.
    let snapshot = platform.observe(&site.connections, &kinds.into_iter().collect::<Vec<_>>()).await?;
    if let Some(system) = identity::another(&plan.pinned_to, &platform.identities()) {
        return Err(other_platform(plan, &system, site));
    }
    let stale = saved::stale_steps(plan, &snapshot);
    if !stale.is_empty() {
        return Err(refuse_stale(&arguments.file, &stale));
    }
    let destroys: BTreeSet<Address> =
        plan.steps.iter().filter(|step| step.destroys_data).map(|step| step.address.clone()).collect();
    let ran = change(platform, plan, &arguments.confirmation, &destroys, "apply", ui).await?;
    tell(plan, ran.as_ref(), None, "the spec", ui)?;
    Ok(ending(plan, ran.as_ref()))
}

/// The kinds that have to be looked at to know whether a step is stale.
fn kinds_of(step: &Step) -> impl Iterator<Item = Kind> {
    [Some(step.address.kind()), step.moved_from.as_ref().map(Address::kind)].into_iter().flatten()
}

fn is_for_a_new_world(plan: &Plan) -> bool {
    plan.pinned_to == embedded::identities(embedded::NEW)
}

fn other_platform(plan: &Plan, system: &str, site: &Site) -> CommandError {
    if is_for_a_new_world(plan) {
        let message = format!("the plan was made when there was nothing in {}, and now there is", site.name());
        return CommandError::new(message).hint("plan again, and look at what changed");
    }
    let made_for = plan.acts_on.first().map(|line| escape(line).into_owned()).unwrap_or_default();
    // A world is the whole platform; of real systems one may lead elsewhere.
    let which = match system {
        embedded::WORLD => String::new(),
        system => format!(": {} is another server there", escape(system)),
    };
    CommandError::new(format!("the plan was made for another platform than {}{which}", site.name()))
        .hint(format!("its first line says: {made_for:?}. `--embedded FILE` names the world that is meant"))
}

/// Every object that moved on since the plan was made, by name.
fn refuse_stale(path: &Path, stale: &[saved::Stale]) -> CommandError {
    const NAMED: usize = 10;
    let mut message = format!("{} is stale: the platform moved on since it was made", path.display());
    for step in stale.iter().take(NAMED) {
        message.push_str(&format!("\n  {}: expected {}, found {}", step.address, step.expected, step.found));
    }
    if stale.len() > NAMED {
        message.push_str(&format!("\n  and {} more", stale.len() - NAMED));
    }
    CommandError::new(message).hint("plan again, and look at what changed")
}
