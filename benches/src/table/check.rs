//! The rules: the whole catalogue on specs of three sizes against the making of their plans, a hundred rules of a platform's own on ten
//! thousand changes, and, where it is installed, Checkov on the Deployments of a spec against `vamp check` on that spec.

use crate::figure::{Aim, Figure};
use crate::generate;
use crate::measure::{Process, run};
use crate::size::{compiled, layout_for, parsed};
use crate::subject::{RULES, Subject, measure_apart, reading};
use crate::table::{Failure, peers, processes};
use model::Kind;
use std::process::Command;

const SIZES: [(usize, &str); 3] = [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")];

/// Deployments that both programs judge.
const DEPLOYMENTS: usize = 1_000;

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let mut figures = catalogue()?;
    figures.extend(own_rules()?);
    figures.extend(against_checkov()?);
    Ok(figures)
}

fn catalogue() -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let (mut seconds, mut anew) = (Vec::new(), Vec::new());
    for (size, word) in SIZES {
        let readings = measure_apart(Subject::Check, size)?;
        let of = |name: &str| reading(&readings, name);
        let (took, plan) = (of("seconds")?, of("plan seconds")?);
        // What a resource takes, so that a size that is a little off does not count.
        let at_size = size as f64 / of("resources")?;
        seconds.push(took * at_size);
        anew.push(of("seconds of a plan from nothing")? * at_size);
        let aim = if size == 100_000 { Aim::Below(2.0) } else { Aim::Nothing };
        figures.push(Figure::new(format!("whole catalogue on {word}, time"), took * 1e3, "ms", Aim::Nothing));
        figures.push(Figure::new(format!("whole catalogue on {word}/its plan"), took / plan, "ratio", aim));
    }
    for (subject, seconds) in [("whole catalogue", seconds), ("whole catalogue, all made anew", anew)] {
        if let [small, middle, large] = seconds[..] {
            figures.push(Figure::new(format!("{subject}, t(10k)/t(1k)"), middle / small, "ratio", Aim::Below(12.0)));
            figures.push(Figure::new(format!("{subject}, t(100k)/t(10k)"), large / middle, "ratio", Aim::Below(12.0)));
        }
    }
    Ok(figures)
}

fn own_rules() -> Result<Vec<Figure>, Failure> {
    let (small, large) = (measure_apart(Subject::OwnRules, 1_000)?, measure_apart(Subject::OwnRules, 10_000)?);
    let a_change = |readings| Ok::<f64, Failure>(reading(readings, "seconds")? / reading(readings, "changes")?);
    let (took, tenth) = (a_change(&large)? * 10_000.0, reading(&large, "seconds of a tenth")?);
    Ok(vec![
        Figure::new(format!("{RULES} own rules on 10,000 changes"), took, "s", Aim::Below(1.0)),
        Figure::new(
            format!("{RULES} own rules, t(10k changes)/t(1k)"),
            a_change(&large)? / a_change(&small)? * 10.0,
            "ratio",
            Aim::Below(12.0),
        ),
        Figure::new(
            format!("own rules on 10,000 changes, t({RULES} rules)/t({})", RULES / 10),
            reading(&large, "seconds")? / tenth,
            "ratio",
            Aim::Below(12.0),
        ),
    ])
}

/// The same Deployments, judged by both as whole processes. Nothing where Checkov is not installed.
fn against_checkov() -> Result<Vec<Figure>, Failure> {
    let Some(checkov) = peers::find("checkov/bin/checkov", "checkov") else { return Ok(Vec::new()) };
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let (spec, manifests) = (folder.path().join("vamp.yaml"), folder.path().join("deployments.yaml"));
    let (text, documents) = deployments()?;
    let written = std::fs::write(&spec, text).and_then(|()| std::fs::write(&manifests, documents));
    written.map_err(|error| format!("the Deployments cannot be written: {error}"))?;
    let mut ours = Command::new(processes::vamp(&processes::workspace()?)?);
    ours.arg("check").arg(&spec).args(["--format", "json", "--severity", "must"]);
    let ours = fastest(&mut ours, 5)?;
    let mut theirs = Command::new(checkov);
    theirs.args(["--framework", "kubernetes", "--output", "json", "--compact", "--skip-download", "--file"]).arg(&manifests);
    let theirs = fastest(&mut theirs, 1)?;
    let judged = theirs.output.matches("\"check_id\"").count();
    if judged < DEPLOYMENTS {
        return Err(format!("checkov judged {judged} times: {}", theirs.errors.trim()));
    }
    let (ours, theirs) = (ours.took.as_secs_f64(), theirs.took.as_secs_f64());
    Ok(vec![
        Figure::new("vamp check, spec of 1,000 Deployments, whole process", ours * 1e3, "ms", Aim::Nothing),
        Figure::new("checkov, these 1,000 Deployments, whole process", theirs * 1e3, "ms", Aim::Nothing),
        Figure::new("checkov/vamp check, 1,000 Deployments", theirs / ours, "ratio", Aim::AtLeast(100.0)),
    ])
}

/// A spec that becomes so many Deployments, and these Deployments as manifests.
fn deployments() -> Result<(String, String), Failure> {
    let mut resources = DEPLOYMENTS * 10;
    // A few turns find it: every cell has two.
    for _ in 0..8 {
        let text = generate::spec(layout_for(resources)?);
        let graph = compiled(&parsed(&text)?)?.graph;
        let all: Vec<_> = graph.resources().filter(|resource| resource.address.kind() == Kind::Deployment).collect();
        if all.len() >= DEPLOYMENTS {
            let documents = all.iter().take(DEPLOYMENTS).map(|resource| serde_json::to_string(&*resource.document));
            let documents = documents.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
            return Ok((text, documents.join("\n---\n")));
        }
        resources = resources * DEPLOYMENTS / all.len().max(1) * 101 / 100;
    }
    Err(format!("no size of a spec has {DEPLOYMENTS} Deployments"))
}

/// The fastest of some runs; a broken rule is no failure of the program that found it.
fn fastest(command: &mut Command, runs: usize) -> Result<Process, Failure> {
    let mut best: Option<Process> = None;
    for _ in 0..runs {
        let process = run(command).map_err(|error| format!("{command:?} cannot be started: {error}"))?;
        if process.output.is_empty() {
            return Err(format!("{command:?} said nothing: {}", process.errors.trim()));
        }
        if best.as_ref().is_none_or(|best| process.took < best.took) {
            best = Some(process);
        }
    }
    best.ok_or_else(|| "nothing was run".to_owned())
}
