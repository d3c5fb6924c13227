//! Who talks to whom, drawn with the results on it.

use super::super::Report;
use super::{anchor, words};
use crate::policy::{Case, Finding, Severity};
use crate::render::topology::{Mark, Spot, svg};
use crate::spec::Spec;
use crate::spec::types::Elasticsearch;
use crate::topology::{Part, conversations};
use std::collections::BTreeMap;

/// So many ids of rules are on a mark.
const NAMED: usize = 3;

pub(super) fn section(report: &Report<'_>, case: &Case<'_>) -> String {
    let conversations = conversations(case.spec);
    let marks = marks(report, case.spec);
    let said = match marks.is_empty() {
        true => "Nothing is broken that could be marked.".to_owned(),
        false => "A label is on whatever breaks that rule, and leads to what is said about it; labels at the top are about the platform as a whole.".to_owned(),
    };
    let picture = svg(case.spec, &conversations, &marks);
    format!(
        "<section aria-labelledby=\"picture\">\n<h2 id=\"picture\">Who talks to whom</h2>\n<p>A strand starts at whoever opens the connection. Broken strands leave a country. {said}</p>\n<div class=\"scroll picture\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of who talks to whom\">\n{picture}</div>\n{}</section>\n",
        words::words(&conversations)
    )
}

/// One mark for everything that something is said about: the heaviest decides its colour.
fn marks(report: &Report<'_>, spec: &Spec) -> Vec<Mark> {
    let mut about: BTreeMap<Spot, Vec<&Finding>> = BTreeMap::new();
    for finding in report.judgement.open() {
        for spot in spots(spec, finding) {
            about.entry(spot).or_default().push(finding);
        }
    }
    about.into_iter().filter_map(|(spot, findings)| mark(spot, &findings)).collect()
}

fn mark(spot: Spot, findings: &[&Finding]) -> Option<Mark> {
    let heaviest = findings.iter().min_by_key(|finding| finding.severity)?;
    let mut ids: Vec<&str> = Vec::new();
    for finding in findings {
        if !ids.contains(&&*finding.policy) {
            ids.push(&finding.policy);
        }
    }
    let more = ids.len().saturating_sub(NAMED);
    let label = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(" ");
    let label = if more > 0 { format!("{label} +{more}") } else { label };
    let words = findings.iter().take(8).map(|finding| format!("{} ({}): {}", finding.policy, finding.severity, finding.message));
    let rest = findings.len().saturating_sub(8);
    let rest = if rest > 0 { format!("\nand {rest} more") } else { String::new() };
    Some(Mark {
        spot,
        label,
        class: Severity::word(heaviest.severity),
        link: format!("#{}", anchor(&heaviest.policy)),
        words: words.collect::<Vec<_>>().join("\n") + &rest,
    })
}

/// Where a finding stands on the drawing: at the Elasticsearch whose field decides, or else at whom it is about. An environment stands in
/// its clusters, a tenant in those of its environments.
fn spots(spec: &Spec, finding: &Finding) -> Vec<Spot> {
    let decides = |server: &Elasticsearch| {
        let fields = [server.placement.place, server.region.place, server.storage.place, server.nodes.place];
        finding.place.is_written() && fields.contains(&finding.place)
    };
    let mut servers = spec.dependencies.elasticsearch.iter();
    if let Some((name, _)) = servers.find(|(_, server)| decides(server)) {
        return vec![Spot::Part(Part::Elasticsearch(name.clone()))];
    }
    let subject = finding.subject.as_str();
    let cluster = |name: &str| Spot::Cluster(name.to_owned());
    match subject {
        "platform" => return vec![Spot::Platform],
        "vault" => return vec![Spot::Part(Part::Vault)],
        "mysql" => return vec![Spot::Part(Part::Mysql)],
        _ => {}
    }
    if let Some(name) = subject.strip_prefix("elasticsearch.") {
        return vec![Spot::Part(Part::Elasticsearch(name.to_owned()))];
    }
    if let Some(name) = subject.strip_prefix("cluster ").or_else(|| subject.split_once(" on ").map(|(_, name)| name)) {
        return vec![cluster(name)];
    }
    let (tenant, environment) = subject.split_once('/').map_or((subject, None), |(tenant, name)| (tenant, Some(name)));
    let environments = spec.tenants.get(tenant).into_iter().flat_map(|tenant| &tenant.environments);
    let of = environments.filter(|(name, _)| environment.is_none_or(|environment| environment == name.as_str()));
    let mut spots: Vec<Spot> = of.flat_map(|(_, environment)| &environment.clusters).map(|name| cluster(name)).collect();
    spots.sort();
    spots.dedup();
    if spots.is_empty() { vec![Spot::Platform] } else { spots }
}
