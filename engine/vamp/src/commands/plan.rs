//! `vamp plan SPEC`: what would change, why, and what is not done; with `--rehearse`, what becomes of it where something fails.

mod rehearse;

use super::change::is_withheld;
use super::{Ended, runtime};
use crate::cli::{Format, Output, Selection, SpecFile, World};
use crate::exit::Exit;
use crate::output::{Overwrite, check, write};
use crate::platform::{self, For};
use crate::policy;
use crate::prepare::prepare;
use crate::rules::PolicyFiles;
use crate::session::look;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::Plan;
use planner::plan::{Options, saved, with_waivers};
use planner::render::plan::{Detail, plan};
use planner::render::style::escape;
use rehearse::Rehearsed;
use std::path::PathBuf;

/// Say what would change, why, and what is not done
#[derive(Debug, Args)]
#[command(after_help = "Looks at the platform and changes nothing.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    /// Save the plan, for `vamp apply FILE`
    #[arg(short, long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    policies: PolicyFiles,
    /// Carry the plan out in a simulation of the platform as it was seen, under up to two faults in every way; end with 4 if it
    /// breaks a promise that doing nothing would keep
    #[arg(long)]
    rehearse: bool,
    /// End with 2 if anything would change
    #[arg(long)]
    detailed_exitcode: bool,
    /// Show whole documents and lists
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Whether the platform is as wanted, as far as anybody can tell: what could not be looked at or is withheld may still change.
fn is_settled(plan: &Plan) -> bool {
    plan.is_empty() && !is_withheld(plan)
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let mut prepared = prepare(&arguments.spec.spec, ui)?;
    arguments.policies.read(&mut prepared)?;
    policy::check_spec(&prepared)?;
    let site = Site::of(&prepared, &arguments.world)?;
    if let Some(file) = &arguments.out {
        let world = site.files();
        let world = world.iter().map(PathBuf::as_path);
        check(file, &[arguments.spec.spec.as_path()].into_iter().chain(world).collect::<Vec<_>>())?;
    }
    site.check_secrets(&prepared, ui)?;
    let options = Options {
        targets: arguments.selection.targets(&prepared)?,
        allow_destroy: arguments.selection.allow_destroy(),
        moved: prepared.moved.clone(),
        ..Options::default()
    };
    let mut looked = runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::Looking).await?;
        let looked = look(&mut platform, &prepared, &site, options).await;
        platform::close(platform, looked).await
    })?;
    let waived = policy::check_plan(&prepared, &looked.snapshot, &looked.plan, ui)?;
    looked.plan = with_waivers(looked.plan, waived);
    let rehearsed = if arguments.rehearse { Some(rehearse::rehearse(&prepared, &looked, ui)?) } else { None };
    let is_unsafe = rehearsed.as_ref().is_some_and(Rehearsed::is_unsafe);
    let made = looked.plan;
    let out = arguments.out.as_deref().filter(|_| !is_unsafe);
    if let Some(file) = out {
        write(file, &saved::to_json(&made), Overwrite::Allow)?;
    }
    match ui.format() {
        Format::Json => match &rehearsed {
            None => ui.data(&saved::to_json(&made))?,
            Some(rehearsed) => ui.json(&rehearse::Document { plan: &made, rehearsal: rehearsed })?,
        },
        Format::Text => {
            let detail = if arguments.verbose { Detail::Full } else { Detail::Short };
            ui.data(&plan(&made, detail, ui.out()))?;
            if let Some(rehearsed) = &rehearsed {
                ui.data(&rehearse::text(rehearsed, ui.out()))?;
            }
        }
    }
    if let Some(file) = out {
        let embedded = arguments.world.embedded.as_ref().map(|world| format!(" --embedded {}", world.display()));
        let call = format!("vamp apply {}{}", file.display(), embedded.unwrap_or_default());
        ui.line(&format!("Saved. `{}` carries out exactly this.", escape(&call)));
    }
    Ok(match rehearsed.and_then(|rehearsed| rehearsed.ended()) {
        Some(exit) => exit,
        None if arguments.detailed_exitcode && !is_settled(&made) => Exit::Pending,
        None => Exit::Done,
    })
}
