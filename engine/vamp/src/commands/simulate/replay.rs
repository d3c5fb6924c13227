//! `vamp simulate --replay FILE`: one run again, without drawing its schedule anew.

use super::{Arguments, Form, failure, page};
use crate::commands::Ended;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::output::check;
use crate::ui::Ui;
use planner::render::style::{Paint, escape};
use serde_json::json;
use simulator::explain::explain;
use simulator::replay::{LARGEST, NoReplay, Replay};
use simulator::timeline::record;
use std::path::Path;

pub(super) fn run(file: &Path, arguments: &Arguments, ui: &mut Ui) -> Ended {
    let outputs = [arguments.report.as_deref(), arguments.replay_out.as_deref()];
    outputs.into_iter().flatten().try_for_each(|path| check(path, &[file]))?;
    let unusable = |error: NoReplay| refuse(file, error);
    let text = input::read_text(file, "replay file", LARGEST as u64)?;
    let replay = Replay::read(&text).map_err(unusable)?;
    let mut run = replay.run().map_err(unusable)?.traced();
    while run.step() {}
    let report = run.report();
    let explanation = explain(&run);
    match arguments.format {
        Form::Json => ui.json(&json!({
            "seed": report.seed,
            "hash": report.hash,
            "verdict": report.verdict,
            "same": replay.is_met_by(&report),
            "breaches": report.breaches,
            "explanation": explanation,
        }))?,
        Form::Text | Form::Junit => {
            let mut text = String::new();
            if let Some(explanation) = &explanation {
                failure::told(&mut text, explanation, ui.out());
                let breach = &explanation.breach;
                let line = format!("{} {}: {}", breach.promise, escape(&breach.subject), escape(&breach.message));
                text.push_str(&format!("  {}\n", ui.out().paint(Paint::Error, &line)));
            } else {
                text.push_str(&format!("Every promise was kept ({}).\n", report.verdict.word()));
            }
            ui.data(&text)?;
        }
    }
    if let Some(path) = &arguments.report {
        let timeline = record(&mut replay.run().map_err(unusable)?);
        let story = page::Story { title: format!("Seed {}", report.seed), timeline, explanation };
        page::write_run(path, &replay.topology.file, &story, ui)?;
    }
    if !replay.is_met_by(&report) {
        return Err(CommandError::new("the run went another way than when it was written down")
            .because(std::io::Error::other(format!("its hash is {}, not {}", report.hash, replay.hash)))
            .hint(format!("vamp {} wrote it; the engine or the world has changed since", replay.made_by)));
    }
    ui.line("It is the very run that was written down.");
    Ok(if report.breaches.is_empty() { Exit::Done } else { Exit::Failed })
}

fn refuse(file: &Path, error: NoReplay) -> CommandError {
    let hint = match &error {
        NoReplay::Edited => "a replay file is what happened, and is not edited; run the seed again to have another one",
        NoReplay::Version { .. } => "use the vamp that wrote it, or run the seed again with this one",
        _ => "`vamp simulate SPEC --replay-out FILE` writes one",
    };
    CommandError::new(format!("{} cannot be replayed", file.display())).because(error).hint(hint)
}
