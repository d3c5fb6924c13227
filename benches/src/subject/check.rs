//! The rules: the whole catalogue on a spec and its plan, and rules of a platform's own on every change of a plan.

use super::Readings;
use crate::converged;
use crate::measure::fastest_of;
use crate::pipeline::{Ground, ground, planned};
use crate::size::{compiled, parsed, worded};
use jiff::civil::date;
use model::{Graph, Plan};
use planner::compile::Compiled;
use planner::policy::{Case, judge, own};
use planner::spec::{Spec, parse_rules};

/// Runs of which the fastest counts.
const RUNS: usize = 3;

/// The whole catalogue on a spec of about so many resources, and on its plan; beside it, what making the plan takes.
pub(super) fn catalogue(resources: usize) -> Result<Readings, String> {
    let ground = ground(resources)?;
    let spec = parsed(&ground.text)?;
    let compiled = compiled(&spec)?;
    let plan_seconds = fastest_of(RUNS, || (), |()| planned(&ground, &spec, &compiled));
    let judged = |plan: &Plan| judge(&Case::of(&spec, &compiled.graph, date(2027, 1, 15)).plan(plan));
    let seconds_on = |plan: &Plan| fastest_of(RUNS, || (), |()| judged(plan)).as_secs_f64();
    let plan = planned(&ground, &spec, &compiled);
    let (seconds, found, resources) = (seconds_on(&plan), judged(&plan).findings.len(), ground.resources);
    let anew = from_nothing(ground, &spec, &compiled);
    Ok(readings([
        ("resources", resources as f64),
        ("seconds", seconds),
        ("plan seconds", plan_seconds.as_secs_f64()),
        ("seconds of a plan from nothing", seconds_on(&anew)),
        ("findings", found as f64),
    ]))
}

/// A tenth of the rules, and all of them, on a plan of about so many changes: everything is made anew.
pub(super) fn own_rules(changes: usize) -> Result<Readings, String> {
    let ground = ground(changes)?;
    let spec = parsed(&ground.text)?;
    let compiled = compiled(&spec)?;
    let plan = from_nothing(ground, &spec, &compiled);
    let rules = parse_rules("rules.yaml", rules().as_bytes()).map_err(|complaints| worded(&complaints))?;
    let rules: Vec<&own::Rule> = rules.iter().map(AsRef::as_ref).collect();
    let case = Case::of(&spec, &compiled.graph, date(2027, 1, 15)).plan(&plan);
    let asked = |rules: &[&own::Rule]| fastest_of(RUNS, || (), |()| own::ask(&case, rules)).as_secs_f64();
    let (tenth, all) = (asked(&rules[..RULES / 10]), asked(&rules));
    let found = own::ask(&case, &rules).findings.len();
    if found == 0 || found > plan.steps.len() {
        return Err(format!("{found} of {} answers say that a rule is broken: some should, and few", plan.steps.len() * RULES));
    }
    Ok(readings([
        ("changes", plan.steps.len() as f64),
        ("seconds", all),
        ("seconds of a tenth", tenth),
        ("findings", found as f64),
    ]))
}

/// Rules of a platform's own.
pub const RULES: usize = 100;

/// The plan of a spec on systems in which nothing is yet.
fn from_nothing(ground: Ground, spec: &Spec, compiled: &Compiled) -> Plan {
    let snapshot = converged::snapshot(&spec.platform, &Graph::default(), &compiled.connections);
    planned(&Ground { snapshot, ..ground }, spec, compiled)
}

/// A file of rules about changes: four kinds by turns, no two alike. The first is broken here and there.
fn rules() -> String {
    let rule = |number: usize| {
        let assert = match number % 4 {
            0 => format!("change.kind != 'deployment' || change.after.spec.replicas <= {}", number % 3 + 2),
            1 => format!("change.action == 'delete' || change.address.size() < {}", 200 + number),
            2 => format!("change.system != 'cluster.de-{number}' || !change.destroysData"),
            _ => {
                format!("!change.address.startsWith('cluster.ie-{number}/') || change.fields.all(field, field != 'spec.paused')")
            }
        };
        format!("  - {{ id: ACME-{number}, severity: should, on: change, message: broken, assert: \"{assert}\" }}\n")
    };
    format!("rules:\n{}", (0..RULES).map(rule).collect::<String>())
}

fn readings<const N: usize>(all: [(&str, f64); N]) -> Readings {
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
