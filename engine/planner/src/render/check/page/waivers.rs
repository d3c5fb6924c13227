//! What is let pass, why, who answers for it, and for how many days yet.

use super::super::Report;
use super::some;
use super::table::table;
use crate::policy::waiver::covers;
use crate::policy::{Case, Finding};
use crate::render::page::escaped;
use crate::render::style::counted;
use crate::spec::types::Waiver;

pub(super) fn section(report: &Report<'_>, case: &Case<'_>) -> String {
    let mut text = String::from("<section aria-labelledby=\"waivers\">\n<h2 id=\"waivers\">Waivers</h2>\n");
    let mut waivers: Vec<&Waiver> = case.spec.policies.waivers.iter().collect();
    if waivers.is_empty() {
        return text + "<p>Nothing is let pass.</p>\n</section>\n";
    }
    waivers.sort_by_key(|waiver| (waiver.expires.value, waiver.place));
    let row = |waiver: &Waiver| {
        let subject = waiver.subject.as_ref().map_or("everybody", |subject| subject.value.as_str());
        vec![
            format!("{} {}", waiver.expires.value, left(waiver, case)),
            format!("<b>{}</b>", escaped(&waiver.id.value)),
            escaped(subject),
            escaped(&waiver.reason.value),
            escaped(&waiver.owner.value),
            escaped(&passes(waiver, case, report)),
        ]
    };
    let columns = ["until", "rule", "for", "why", "who answers for it", "what it lets pass"];
    text += &table("Waivers", &columns, waivers.into_iter().map(row));
    text + "</section>\n"
}

/// How long it holds, from the day of the check.
fn left(waiver: &Waiver, case: &Case<'_>) -> String {
    let days = case.today.duration_until(waiver.expires.value).as_hours() / 24;
    match days {
        ..0 => format!("<span class=\"ended\">ended {} ago</span>", counted(days.unsigned_abs() as usize, "day", "days")),
        0 => "<span class=\"ends\">ends today</span>".to_owned(),
        _ => format!("<span>{} left</span>", counted(days as usize, "day", "days")),
    }
}

/// The subjects that it lets pass.
fn passes(waiver: &Waiver, case: &Case<'_>, report: &Report<'_>) -> String {
    if waiver.expires.value < case.today {
        return "nothing any more".to_owned();
    }
    let is_for = |finding: &&Finding| {
        let inside = waiver.subject.as_ref().is_none_or(|subject| covers(&subject.value, &finding.subject));
        finding.waived.is_some() && finding.policy == waiver.id.value && inside
    };
    let subjects: Vec<&str> = report.judgement.findings.iter().filter(is_for).map(|finding| finding.subject.as_str()).collect();
    match subjects.is_empty() {
        true => "nothing: no such rule is broken there".to_owned(),
        false => some(subjects, 4),
    }
}
