//! The engine on a real cluster of the test bench, beside `kubectl`; left out where the bench is not up.

use crate::bench::{Bench, worded};
use crate::figure::{Aim, Figure};
use crate::measure::timed;
use crate::subject::{Subject, config_map, measure_at, reading};
use crate::table::Failure;
use driver::Settings;
use model::kind::Family;
use std::path::Path;
use std::time::Duration;

/// Objects of an apply, and of a plan that finds nothing.
const APPLIED: usize = 1_000;
const PLANNED: usize = 10_000;
/// Rounds in which each way is taken once, by turns; the fastest of each counts: what it takes when nothing else wants the machine.
const ROUNDS: u8 = 3;
/// How far the server is away.
const AWAY: Duration = Duration::from_millis(5);
/// How often `kubectl apply` takes as long, with the server away and without.
const TIMES_AWAY: Aim = Aim::AtLeast(12.0);
const TIMES: Aim = Aim::AtLeast(1.0);

/// One way to make the objects in a namespace, and the time that it took.
type Way<'a> = &'a dyn Fn(&str) -> Result<Duration, Failure>;

fn at(kubeconfig: &Path, namespace: &str) -> String {
    format!("{}:{namespace}", kubeconfig.display())
}

/// The time of `kubectl apply --server-side`, that of `vamp`'s adapter and driver in a process of their own, and that of requests alone.
fn applied(bench: &Bench, name: &str, away: Option<Duration>, aim: Aim, rounds: u8) -> Result<Vec<Figure>, Failure> {
    let kubeconfig = bench.kubeconfig(away)?;
    // What both ask once and keep.
    bench.kubectl(&kubeconfig, &["get", "configmaps", "--namespace", "default"])?;
    let items = |namespace: &str| (0..APPLIED).map(|number| config_map(namespace, number)).collect::<Vec<_>>();
    let kubectl = |namespace: &str| {
        let file = bench.folder.path().join("objects.json");
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items(namespace)});
        std::fs::write(&file, list.to_string()).map_err(worded)?;
        let apply = ["apply", "--server-side", "--filename", &file.display().to_string()];
        bench.kubectl(&kubeconfig, &apply).map(|process| process.took)
    };
    let vamp = |namespace: &str| {
        let (took, readings) = timed(|| measure_at(Subject::LiveApply, APPLIED, &at(&kubeconfig, namespace)));
        readings.map(|_| took)
    };
    let alone = |namespace: &str| {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps?fieldManager=curl");
        bench.curl(&kubeconfig, &path, &items(namespace), Settings::default().in_flight.of(Family::Kubernetes))
    };
    let ways: [(&str, Way); 3] = [("kubectl", &kubectl), ("vamp", &vamp), ("curl", &alone)];
    let mut fastest = [Duration::MAX; 3];
    for _ in 0..rounds {
        for ((way, work), fastest) in ways.iter().zip(&mut fastest) {
            let took = bench.within(&kubeconfig, way, |namespace| {
                bench.rest();
                work(namespace)
            })?;
            *fastest = took.min(*fastest);
        }
    }
    let [kubectl, vamp, alone] = fastest.map(|took| took.as_secs_f64());
    Ok(vec![
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, their requests alone, curl --parallel"), alone, "s", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, kubectl/requests alone"), kubectl / alone, "times", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, kubectl apply --server-side"), kubectl, "s", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, plan and apply"), vamp, "s", Aim::Nothing),
        Figure::new(format!("bench, 1,000 ConfigMaps {name}, kubectl/vamp"), kubectl / vamp, "times", aim),
    ])
}

/// What a plan that finds nothing asks and takes.
fn planned(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    let kubeconfig = bench.kubeconfig(None)?;
    let readings = bench.within(&kubeconfig, "plan", |namespace| {
        measure_at(Subject::LiveApply, PLANNED, &at(&kubeconfig, namespace))?;
        measure_at(Subject::LivePlan, PLANNED, &at(&kubeconfig, namespace))
    })?;
    let of = |name: &str| reading(&readings, name);
    let (peak, json) = (of("peak bytes")?, of("listed bytes")?);
    let own = peak - of("file bytes")?;
    let figure =
        |name: &str, value: f64, unit, aim| Figure::new(format!("bench, plan that finds nothing, {name}"), value, unit, aim);
    Ok(vec![
        figure("10,000 objects", of("seconds")?, "s", Aim::Nothing),
        figure("pages of lists", of("pages")?, "requests", Aim::Nothing),
        figure("lists beyond one a kind", of("lists beyond one")?, "requests", Aim::Below(1.0)),
        figure("GETs of single objects", of("gets of objects")?, "requests", Aim::Below(1.0)),
        figure("live JSON", json / 1e6, "MB", Aim::Nothing),
        figure("peak memory/live JSON", own / json, "times", Aim::Below(2.0)),
        figure("peak memory with the pages of the program's own file/live JSON", peak / json, "times", Aim::Nothing),
    ])
}

pub(super) fn measure(rounds: Option<u8>) -> Result<Vec<Figure>, Failure> {
    let Some(bench) = Bench::found()? else { return Ok(Vec::new()) };
    let rounds = rounds.unwrap_or(ROUNDS);
    let mut figures = applied(&bench, "at 5 ms", Some(AWAY), TIMES_AWAY, rounds)?;
    figures.extend(applied(&bench, "at none", None, TIMES, rounds)?);
    // The many objects come last: their namespace takes long to go.
    figures.extend(planned(&bench)?);
    Ok(figures)
}
