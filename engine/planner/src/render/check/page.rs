//! One page for a browser: what the spec amounts to, who talks to whom with the results on it, the results with their lines, where data
//! stays, and what is let pass until when. It needs nothing but itself.
//!
//! * `overview`: the verdict, the deployment model and why, the platform in numbers;
//! * `picture`: the drawing with its marks; `words`: the same in words;
//! * `results`: by weight and rule, each with its line; `prose`: the page of a rule;
//! * `residency`: which documents stay in which country;
//! * `waivers`: what is let pass, why, and for how many days yet;
//! * `table`: how tables are written.

mod overview;
mod picture;
mod prose;
mod residency;
mod results;
mod table;
mod waivers;
mod words;

#[cfg(test)]
mod tests;

use super::Report;
use crate::policy::{Case, Finding};
use crate::render::page::{escaped, page as whole};

const STYLE: &str = include_str!("page/page.css");

/// The whole report. `case` is what was judged.
pub fn page(report: &Report<'_>, case: &Case<'_>) -> String {
    let mut body = overview::section(report, case);
    body += &picture::section(report, case);
    body += &results::section(report);
    body += &residency::section(report, case);
    body += &waivers::section(report, case);
    whole(&format!("vamp check {}", report.file), STYLE, &body)
}

/// What the results on a rule are reached by: ids of rules of a platform's own may hold anything.
fn anchor(policy: &str) -> String {
    let letter = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    format!("rule-{}", policy.chars().map(letter).collect::<String>())
}

/// A link to what was found on a rule.
fn link(finding: &Finding) -> String {
    format!("<a class=\"id {}\" href=\"#{}\">{}</a>", finding.severity, anchor(&finding.policy), escaped(&finding.policy))
}

/// A list of names for a line of text: the first few, and how many more.
fn some<'n>(names: impl IntoIterator<Item = &'n str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
