//! The engine on a real cluster of the test bench, beside `kubectl`; left out where the bench is not up.

use crate::figure::{Aim, Figure};
use crate::measure::{Process, run, timed};
use crate::proxy::delayed;
use crate::subject::{CONTEXT, Readings, Subject, config_map, measure_at, reading};
use crate::table::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Objects of an apply, and of a plan that finds nothing.
const APPLIED: usize = 1_000;
const PLANNED: usize = 10_000;
/// How far the server is away.
const AWAY: Duration = Duration::from_millis(5);
/// How often `kubectl apply` takes as long, with the server away and without.
const TIMES_AWAY: Aim = Aim::AtLeast(12.0);
const TIMES: Aim = Aim::AtLeast(1.0);

/// The bench, and where this writes down what it needs.
struct Bench {
    known: BTreeMap<String, String>,
    folder: tempfile::TempDir,
}

fn worded(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}

impl Bench {
    /// The bench, if it is up: what it wrote down of itself.
    fn found() -> Result<Option<Bench>, Failure> {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let state = || std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home).map(|state| state.join("vamp-bench"));
        let Some(directory) = std::env::var_os("VAMP_BENCH_DIR").map(PathBuf::from).or_else(state) else { return Ok(None) };
        let Ok(text) = std::fs::read_to_string(directory.join("bench.env")) else { return Ok(None) };
        let entry = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()));
        let known = text.lines().filter_map(entry).collect();
        Ok(Some(Bench { known, folder: tempfile::tempdir().map_err(worded)? }))
    }

    fn get(&self, name: &str) -> Result<&str, Failure> {
        self.known.get(name).map(String::as_str).ok_or_else(|| format!("the bench has no {name}"))
    }

    fn kubectl(&self, kubeconfig: &Path, arguments: &[&str]) -> Result<Process, Failure> {
        let mut command = Command::new(self.get("VAMP_BENCH_KUBECTL")?);
        command.arg("--kubeconfig").arg(kubeconfig).arg("--cache-dir").arg(self.folder.path().join("discovery")).args(arguments);
        let process = run(&mut command).map_err(worded)?;
        if process.code == Some(0) { Ok(process) } else { Err(format!("kubectl {arguments:?}: {}", process.errors.trim())) }
    }

    /// A kubeconfig for the last cluster of the bench, whose server is so far away.
    fn kubeconfig(&self, away: Option<Duration>) -> Result<PathBuf, Failure> {
        let (all, clusters) = (Path::new(self.get("VAMP_BENCH_KUBECONFIG")?), self.get("VAMP_BENCH_CLUSTERS")?);
        let last = clusters.split(' ').next_back().unwrap_or_default();
        let view = ["config", "view", "--raw", "--minify", "--flatten", "--output", "json", "--context", last];
        let mut config: serde_json::Value = serde_json::from_str(&self.kubectl(all, &view)?.output).map_err(worded)?;
        config["contexts"][0]["name"] = CONTEXT.into();
        config["current-context"] = CONTEXT.into();
        if let Some(away) = away {
            let server = config["clusters"][0]["cluster"]["server"].as_str().unwrap_or_default().trim_start_matches("https://");
            let proxy = delayed(server.parse().map_err(worded)?, away).map_err(worded)?;
            config["clusters"][0]["cluster"]["server"] = format!("https://{proxy}").into();
        }
        let path = self.folder.path().join(format!("kubeconfig-{}", away.map_or(0, |away| away.as_millis())));
        std::fs::write(&path, config.to_string()).map_err(worded)?;
        Ok(path)
    }

    /// `work` in a namespace of its own, which goes again.
    fn within<T>(&self, kubeconfig: &Path, name: &str, work: impl FnOnce(&str) -> Result<T, Failure>) -> Result<T, Failure> {
        let name = format!("figures-{}-{name}", std::process::id());
        self.kubectl(kubeconfig, &["create", "namespace", &name])?;
        let result = work(&name);
        // Nobody waits for it, and nothing that is measured afterwards looks into it: it is gone by then.
        self.kubectl(kubeconfig, &["delete", "namespace", &name, "--wait=true", "--timeout=300s"])?;
        result
    }
}

fn at(kubeconfig: &Path, namespace: &str) -> String {
    format!("{}:{namespace}", kubeconfig.display())
}

/// The time of `kubectl apply --server-side`, and that of `vamp`'s adapter and driver in a process of their own.
fn applied(bench: &Bench, name: &str, away: Option<Duration>, aim: Aim) -> Result<Vec<Figure>, Failure> {
    let kubeconfig = bench.kubeconfig(away)?;
    // What both ask once and keep.
    bench.kubectl(&kubeconfig, &["get", "configmaps", "--namespace", "default"])?;
    let kubectl = bench.within(&kubeconfig, "kubectl", |namespace| {
        let items: Vec<_> = (0..APPLIED).map(|number| config_map(namespace, number)).collect();
        let file = bench.folder.path().join("objects.json");
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
        std::fs::write(&file, list.to_string()).map_err(worded)?;
        bench.kubectl(&kubeconfig, &["apply", "--server-side", "--filename", &file.display().to_string()])
    })?;
    let vamp = bench.within(&kubeconfig, "vamp", |namespace| {
        let (took, readings) = timed(|| measure_at(Subject::LiveApply, APPLIED, &at(&kubeconfig, namespace)));
        readings.map(|_| took)
    })?;
    let (kubectl, vamp) = (kubectl.took.as_secs_f64(), vamp.as_secs_f64());
    Ok(vec![
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, kubectl apply --server-side"), kubectl, "s", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, plan and apply"), vamp, "s", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, kubectl/vamp"), kubectl / vamp, "times", aim),
    ])
}

/// What a plan that finds nothing asks and takes.
fn planned(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    let kubeconfig = bench.kubeconfig(None)?;
    let readings: Readings = bench.within(&kubeconfig, "plan", |namespace| {
        measure_at(Subject::LiveApply, PLANNED, &at(&kubeconfig, namespace))?;
        measure_at(Subject::LivePlan, PLANNED, &at(&kubeconfig, namespace))
    })?;
    let of = |name: &str| reading(&readings, name);
    let (peak, json) = (of("peak bytes")?, of("listed bytes")?);
    let figure =
        |name: &str, value: f64, unit, aim| Figure::new(format!("bench, plan that finds nothing, {name}"), value, unit, aim);
    Ok(vec![
        figure("10,000 objects", of("seconds")?, "s", Aim::Nothing),
        figure("pages of lists", of("pages")?, "requests", Aim::Nothing),
        figure("lists beyond one a kind", of("lists beyond one")?, "requests", Aim::Below(1.0)),
        figure("GETs of single objects", of("gets of objects")?, "requests", Aim::Below(1.0)),
        figure("live JSON", json / 1e6, "MB", Aim::Nothing),
        figure("peak memory/live JSON", peak / json, "times", Aim::Below(2.0)),
    ])
}

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let Some(bench) = Bench::found()? else { return Ok(Vec::new()) };
    let mut figures = planned(&bench)?;
    figures.extend(applied(&bench, "at 5 ms", Some(AWAY), TIMES_AWAY)?);
    figures.extend(applied(&bench, "at none", None, TIMES)?);
    Ok(figures)
}
