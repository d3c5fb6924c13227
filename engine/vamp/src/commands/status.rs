//! `vamp status SPEC`: is every part of the platform as it should be?

use super::{Ended, runtime};
use crate::assess::{Finding, Part, State, Status, assess};
use crate::cli::{Format, Output, SpecFile, World};
use crate::exit::Exit;
use crate::platform::{self, For};
use crate::prepare::prepare;
use crate::session::look;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::index::IndexMap;
use planner::plan::Options;
use planner::render::style::{Paint, Style, counted, escape, escape_lines};
use std::fmt::Write;

/// Things of one part that a status names.
const NAMED: usize = 5;

/// Say whether every cell is as it should be
#[derive(Debug, Args)]
#[command(
    after_help = "Looks at the platform and changes nothing. A part is converged (as the spec wants it, and ready), not ready, left \
    over (with things that the spec no longer wants), not applied, drifted (changed outside of vamp), or unknown (nobody could \
    look)."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    pub(crate) world: World,
    /// End with 2 if anything is not converged
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_credentials()?;
    let (status, place) = runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::Looking).await?;
        let looked = look(&mut platform, &prepared, &site, Options::default()).await;
        let assessed =
            looked.map(|looked| (assess(&prepared.graph, &looked.snapshot, &looked.plan), looked.plan.acts_on.join("\n")));
        platform::close(platform, assessed).await
    })?;
    match ui.format() {
        Format::Json => ui.json(&status)?,
        Format::Text => {
            let text = format!("{}\n{}", escape_lines(&place), text(&status, &prepared.spec.file, ui.out()));
            ui.data(&text)?;
        }
    }
    let pending = arguments.detailed_exitcode && status.state != State::Converged;
    Ok(if pending { Exit::Pending } else { Exit::Done })
}

/// A status that needs no manual: a line a part, what is wrong in it, and a sentence.
pub(crate) fn text(status: &Status, file: &str, style: Style) -> String {
    let mut text = String::from("\n");
    let name_width = status.parts.iter().map(|part| part.name.len()).max().unwrap_or_default();
    for part in &status.parts {
        let resources = counted(part.resources, "resource", "resources");
        let state = format!("{:<11}", part.state.word());
        let name = escape(&part.name);
        let _ = writeln!(text, "  {name:name_width$}  {}  {resources}", style.paint(paint(part.state), &state));
        findings(&mut text, part);
    }
    let _ = writeln!(text, "\n{}", style.paint(paint(status.state), &sentence(status, file)));
    text
}

/// What is wrong in a part; what has the same reason stands on one line.
fn findings(text: &mut String, part: &Part) {
    let mut reasons: IndexMap<&str, Vec<&str>> = IndexMap::default();
    for Finding { address, message, .. } in &part.findings {
        reasons.entry(message).or_default().push(address);
    }
    let shown = if reasons.len() > NAMED + 1 { NAMED } else { reasons.len() };
    for (message, addresses) in reasons.iter().take(shown) {
        let line = match addresses.as_slice() {
            [address] => format!("{address}: {message}"),
            [first, rest @ ..] => format!("{first} and {} more: {message}", rest.len()),
            [] => continue,
        };
        let _ = writeln!(text, "      {}", escape(&line));
    }
    if shown < reasons.len() {
        let rest: usize = reasons.values().skip(shown).map(Vec::len).sum();
        let _ = writeln!(text, "      … and {rest} more (--format json names them)");
    }
}

fn sentence(status: &Status, file: &str) -> String {
    let (platform, file) = (escape(&status.platform), escape(file));
    let all = counted(status.resources, "resource", "resources");
    let findings = || status.parts.iter().flat_map(|part| &part.findings);
    let count = |states: &[State]| findings().filter(|finding| states.contains(&finding.state)).count();
    let differ = count(&[State::NotReady, State::Pending, State::Drifted]);
    let are = if differ == 1 { "is" } else { "are" };
    let different = format!("{differ} of {all} {are} not what {file} says");
    let sentence = match status.state {
        State::Converged => {
            let cells = status.parts.iter().filter(|part| part.cell).count();
            let cells = counted(cells, "cell serves", "cells serve");
            format!("The platform {platform} is what {file} says: {all} as wanted and ready; {cells}.")
        }
        State::NotReady => format!("The platform {platform} is what {file} says, but {differ} of {all} {are} not ready yet."),
        State::LeftOver => format!("The platform {platform} is what {file} says: {all} as wanted."),
        State::Pending if findings().all(|finding| finding.state != State::Pending || finding.withheld) => {
            format!("{different}. `vamp plan {file}` says what is in the way.")
        }
        State::Pending => format!("{different}. `vamp apply {file}` brings them there."),
        State::Drifted => format!("{different}; they were changed outside of vamp. `vamp apply {file}` mends that."),
        State::Unknown if differ > 0 => format!("{} {different}.", unknown(status, &all)),
        State::Unknown => unknown(status, &all),
    };
    match count(&[State::LeftOver]) {
        0 => sentence,
        1 => format!("{sentence} 1 thing that it no longer wants is still there: see `vamp plan {file}`."),
        many => format!("{sentence} {many} things that it no longer wants are still there: see `vamp plan {file}`."),
    }
}

/// What nobody can tell: of things that are wanted, and of systems that the spec no longer names.
fn unknown(status: &Status, all: &str) -> String {
    let unknown = status.parts.iter().flat_map(|part| &part.findings).filter(|finding| finding.state == State::Unknown);
    let (silent, wanted): (Vec<&Finding>, Vec<&Finding>) = unknown.partition(|finding| finding.is_system());
    let silent: Vec<&str> = silent.iter().map(|finding| finding.address.as_str()).collect();
    let mut told = Vec::new();
    if !wanted.is_empty() {
        told.push(format!("{} of {all} cannot be told: their systems do not answer.", wanted.len()));
    }
    if !silent.is_empty() {
        told.push(format!("Whether anything is left in {} cannot be told.", escape(&silent.join(", "))));
    }
    told.join(" ")
}

const fn paint(state: State) -> Paint {
    match state {
        State::Converged => Paint::Good,
        State::NotReady | State::LeftOver | State::Pending | State::Drifted => Paint::Warning,
        State::Unknown => Paint::Error,
    }
}
