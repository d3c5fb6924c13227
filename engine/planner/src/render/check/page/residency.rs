//! Where data stays, at a glance: what each country holds, and for every environment which of its documents are where, how long, and what
//! crosses a border on the way. Environments that are alike in all of it share a line.

use super::super::Report;
use super::table::table;
use super::{link, some};
use crate::policy::residency::Jurisdiction;
use crate::policy::subject::Environment;
use crate::policy::{Case, Finding};
use crate::render::page::escaped;
use crate::render::style::counted;
use model::index::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What is the same for environments on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    users: String,
    must_stay: String,
    handled: String,
    traffic: String,
    audit: String,
    crosses: Vec<String>,
    broken: Vec<String>,
}

pub(super) fn section(report: &Report<'_>, case: &Case<'_>) -> String {
    let mut text = String::from("<section aria-labelledby=\"residency\">\n<h2 id=\"residency\">Where data stays</h2>\n");
    if case.environments().next().is_none() {
        return text + "<p>There is no environment whose data could be anywhere.</p>\n</section>\n";
    }
    text += &countries(case);
    let broken = broken(report);
    let mut lines: IndexMap<Line, Vec<String>> = IndexMap::default();
    for environment in case.environments() {
        lines.entry(line(case, &environment, &broken)).or_default().push(environment.to_string());
    }
    let columns =
        ["environment", "users in", "has to stay in", "handled in", "traffic metadata", "audit log", "crosses a border"];
    let rows = lines.iter().map(|(line, environments)| row(line, environments));
    text += &table("Where the data of each environment stays", &columns, rows);
    text + "</section>\n"
}

fn row(line: &Line, environments: &[String]) -> Vec<String> {
    let crosses = match line.crosses.is_empty() {
        true => "nothing".to_owned(),
        false => line.crosses.iter().map(|one| escaped(one)).collect::<Vec<_>>().join("<br>"),
    };
    let broken = line.broken.iter().map(|one| format!(" {one}")).collect::<String>();
    vec![
        escaped(&some(environments.iter().map(String::as_str), 3)) + &broken,
        escaped(&line.users),
        escaped(&line.must_stay),
        escaped(&line.handled),
        escaped(&line.traffic),
        escaped(&line.audit),
        format!("<span>{crosses}</span>"),
    ]
}

/// What is broken about the place of data, by environment: links to it.
fn broken(report: &Report<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let about_place = |finding: &&Finding| ["RES-", "AUD-", "PRI-"].iter().any(|family| finding.policy.starts_with(family));
    let mut broken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in report.judgement.open().filter(about_place) {
        let environment = finding.subject.split_once(" on ").map_or(finding.subject.as_str(), |(environment, _)| environment);
        broken.entry(environment.to_owned()).or_default().insert(link(finding));
    }
    broken
}

fn line(case: &Case<'_>, environment: &Environment<'_>, broken: &BTreeMap<String, BTreeSet<String>>) -> Line {
    let handled: BTreeSet<&str> = environment.cells(case.spec).map(|cell| case.country_of(&cell.cluster.region.value)).collect();
    let country = |sink: &str| case.country_of(case.region_of(sink));
    let (traffic, audit) = (country(&environment.traffic_sink), country(&environment.audit_sink));
    let kept = |sink: &str, country: &str, days: u32| format!("{country} ({sink}), {}", counted(days as usize, "day", "days"));
    let users: Vec<&str> = environment.user_countries.iter().map(|country| country.value.as_str()).collect();
    let mut crosses = Vec::new();
    for from in &users {
        let abroad = handled.iter().filter(|to| *to != from).copied().collect::<Vec<_>>();
        if !abroad.is_empty() {
            crosses.push(format!("requests {from} → {}", abroad.join(", ")));
        }
    }
    crosses.extend(handled.iter().filter(|from| **from != traffic).map(|from| format!("traffic metadata {from} → {traffic}")));
    let management = case.country_of(case.management_region());
    if management != audit {
        crosses.push(format!("audit log {management} → {audit}"));
    }
    Line {
        users: if users.is_empty() { "not declared".to_owned() } else { users.join(", ") },
        must_stay: must_stay(&Jurisdiction::of(case, environment)),
        handled: handled.iter().copied().collect::<Vec<_>>().join(", "),
        traffic: kept(&environment.traffic_sink, traffic, environment.traffic_retention_days.value),
        audit: kept(&environment.audit_sink, audit, environment.audit_retention_days.value),
        crosses,
        broken: broken.get(&environment.to_string()).into_iter().flatten().cloned().collect(),
    }
}

fn must_stay(jurisdiction: &Jurisdiction<'_>) -> String {
    match jurisdiction {
        Jurisdiction::Several(countries) => {
            let countries: Vec<&str> = countries.iter().map(|country| country.value.as_str()).collect();
            format!("each of {}, by their laws", countries.join(", "))
        }
        Jurisdiction::Country(country) => format!("{}, by its law", country.value),
        Jurisdiction::Union(_) => "the European Union".to_owned(),
        Jurisdiction::Anywhere => "nothing asks".to_owned(),
    }
}

/// What each country holds.
fn countries(case: &Case<'_>) -> String {
    #[derive(Default)]
    struct Holds<'a> {
        clusters: Vec<&'a str>,
        elasticsearches: Vec<&'a str>,
        traffic: usize,
        audit: usize,
    }
    let mut all: BTreeMap<&str, Holds<'_>> = BTreeMap::new();
    for cluster in case.clusters() {
        all.entry(case.country_of(&cluster.declared.region.value)).or_default().clusters.push(cluster.name);
    }
    for name in case.spec.dependencies.elasticsearch.keys() {
        all.entry(case.country_of(case.region_of(name))).or_default().elasticsearches.push(name);
    }
    for environment in case.environments() {
        let country = |sink: &str| case.country_of(case.region_of(sink));
        all.entry(country(&environment.traffic_sink)).or_default().traffic += 1;
        all.entry(country(&environment.audit_sink)).or_default().audit += 1;
    }
    let mut text = String::from("<ul class=\"countries\">\n");
    for (country, holds) in &all {
        let of = |count: usize| counted(count, "environment", "environments");
        let kept = match (holds.traffic, holds.audit) {
            (0, 0) => "keeps no documents of environments".to_owned(),
            (traffic, 0) => format!("keeps traffic metadata of {}", of(traffic)),
            (0, audit) => format!("keeps the audit log of {}", of(audit)),
            (traffic, audit) => format!("keeps traffic metadata of {} and the audit log of {}", of(traffic), of(audit)),
        };
        let clusters = holds.clusters.iter().map(|name| (*name).to_owned());
        let stores = holds.elasticsearches.iter().map(|name| format!("Elasticsearch {name}"));
        let stands: Vec<String> = clusters.chain(stores).collect();
        let _ = writeln!(
            text,
            "<li><b>{}</b><span>{kept}</span><span class=\"note\">{}</span></li>",
            escaped(country),
            escaped(&some(stands.iter().map(String::as_str), 8))
        );
    }
    text + "</ul>\n"
}
