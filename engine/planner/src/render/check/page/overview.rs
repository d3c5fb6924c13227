//! The head of the page: does it hold, how much is broken, which deployment model it is and why.

use super::super::{Report, verdict};
use super::results::excerpt;
use super::some;
use crate::policy::{Case, Severity};
use crate::render::diagnostics::Lines;
use crate::render::page::escaped;
use crate::render::style::counted;
use crate::spec::types::{Durability, Lifetime, Purpose};
use crate::topology::{DeploymentModel, classify};
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) fn section(report: &Report<'_>, case: &Case<'_>) -> String {
    let file = escaped(report.file);
    let class = if report.fails() { "bad" } else { "good" };
    let mut text = format!(
        "<header>\n<h1>{}</h1>\n<p class=\"spec\">{file}, held against the rules on {}</p>\n<p class=\"verdict {class}\">{}</p>\n",
        escaped(&case.spec.platform),
        report.today,
        escaped(&verdict(report))
    );
    for failure in report.failures {
        let help = failure.help.as_ref().map(|help| format!(". To mend it: {help}")).unwrap_or_default();
        let _ = writeln!(text, "<p class=\"verdict bad\">Not judged: {}</p>", escaped(&(failure.sentence() + &help)));
    }
    text += &counts(report);
    text += "</header>\n";
    text += &model(report, case);
    text
}

/// How much of each weight is broken; each leads to it.
fn counts(report: &Report<'_>) -> String {
    let mut text = String::from("<nav aria-label=\"On this page\">\n<ul class=\"counts\">\n");
    for severity in Severity::ALL {
        let count = report.judgement.open().filter(|finding| finding.severity == severity).count();
        let _ = match count {
            0 => writeln!(text, "<li class=\"none\"><b>0</b> {severity}</li>"),
            _ => writeln!(text, "<li class=\"{severity}\"><a href=\"#{severity}\"><b>{count}</b> {severity}</a></li>"),
        };
    }
    let waived = report.judgement.findings.iter().filter(|finding| finding.waived.is_some()).count();
    let _ = writeln!(text, "<li class=\"none\"><a href=\"#waivers\"><b>{waived}</b> waived</a></li>\n</ul>");
    text += "<p class=\"contents\"><a href=\"#model\">Deployment model</a> <a href=\"#picture\">Who talks to whom</a> <a href=\"#results\">Results</a> <a href=\"#residency\">Where data stays</a> <a href=\"#waivers\">Waivers</a></p>\n</nav>\n";
    text
}

fn model(report: &Report<'_>, case: &Case<'_>) -> String {
    let verdict = classify(case.spec);
    let regional = match verdict.regional.as_slice() {
        [] => String::new(),
        _ if verdict.model == DeploymentModel::M4 => String::new(),
        names => format!(", and regional Elasticsearches beside it ({})", some(names.iter().map(String::as_str), 6)),
    };
    let because = format!("{} because {}.", verdict.model, verdict.because);
    format!(
        "<section aria-labelledby=\"model\">\n<h2 id=\"model\">Deployment model</h2>\n<p class=\"model\"><b>{}</b> {}{}</p>\n<p>{}</p>\n{}<p>{}.</p>\n{}</section>\n",
        verdict.model,
        verdict.model.title(),
        escaped(&regional),
        escaped(&because),
        excerpt(&mut Lines::of(report.source), verdict.place, report.file),
        verdict.model.suits(),
        facts(case)
    )
}

/// The platform in numbers.
fn facts(case: &Case<'_>) -> String {
    let spec = case.spec;
    let purpose = match spec.purpose.value {
        Purpose::Production => "production",
        Purpose::Development => "development",
    };
    let lifetime = match spec.lifetime.value {
        Lifetime::Short => "lives for hours or days",
        Lifetime::Lasting => "lives until further notice",
    };
    let durability = match spec.durability.value {
        Durability::None => "nobody needs its data after a loss",
        Durability::Needed => "its data is needed after a loss",
    };
    let countries: BTreeSet<&str> = spec.regions.values().map(|region| region.country.value.as_str()).collect();
    let countries: Vec<&str> = countries.into_iter().collect();
    let volume = if case.total_is_high() { "high" } else { "low" };
    let rows = [
        ("for", format!("{purpose}; {lifetime}; {durability}")),
        ("where", format!("{} in {}", counted(spec.clusters.len(), "cluster", "clusters"), countries.join(", "))),
        (
            "for whom",
            format!(
                "{} of {}",
                counted(case.environments().count(), "environment", "environments"),
                counted(spec.tenants.len(), "tenant", "tenants")
            ),
        ),
        ("how much", format!("{} requests a second declared, {volume} volume in all", case.sums.requests_per_second)),
    ];
    let mut text = String::from("<dl class=\"facts\">\n");
    for (name, value) in rows {
        let _ = writeln!(text, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(&value));
    }
    text + "</dl>\n"
}
