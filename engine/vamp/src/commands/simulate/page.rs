//! One page for a browser about a campaign, or about one run of it: its numbers, why a promise was broken, and what happened when. It needs
//! nothing but itself.

use super::document::Document;
use super::failure::Failure;
use super::text;
use crate::error::CommandError;
use crate::output::{Overwrite, write as write_file};
use crate::ui::Ui;
use planner::render::page::{escaped, page as whole};
use simulator::campaign::Campaign;
use simulator::explain::Explanation;
use simulator::run::Run;
use simulator::timeline::{GROUPS, Level, Row, Timeline, record};
use std::fmt::Write;
use std::path::Path;

const STYLE: &str = include_str!("page.css");

/// What a page is about.
pub(super) struct Story {
    /// The run whose course is shown, in words.
    pub(super) title: String,
    pub(super) timeline: Timeline,
    pub(super) explanation: Option<Explanation>,
}

impl Story {
    /// The run that failed, made small; or, if none did, that of the first seed of the campaign.
    pub(super) fn of(campaign: &Campaign, first: Option<u64>, failure: Option<&Failure>) -> Option<Self> {
        if let Some(failure) = failure {
            let (setup, warm) = failure.subject.stage()?;
            let explanation = Some(failure.explanation.clone());
            let title = format!(
                "Seed {}, with {} of its {} faults",
                failure.seed,
                explanation.as_ref()?.faults.len(),
                failure.faults_before
            );
            return Some(Story { title, timeline: record(&mut Run::new(setup, &warm)), explanation });
        }
        let seed = first?;
        let mut run = campaign.begin(campaign.conditions(seed));
        Some(Story { title: format!("Seed {seed}"), timeline: record(&mut run), explanation: None })
    }
}

/// Write the page about a campaign.
pub(super) fn write(path: &Path, document: &Document, story: Option<&Story>, ui: &Ui) -> Result<(), CommandError> {
    let summary = &document.summary;
    let (class, verdict) = match (summary.broken, document.of_more()) {
        (0, None) => ("good", "Every promise was kept".to_owned()),
        (0, Some(all)) => ("good", format!("Every promise was kept with these {} of {all} seeds", summary.runs)),
        (broken, _) => ("bad", format!("{broken} of {} runs broke a promise", summary.runs)),
    };
    let mut page = head(&document.part.spec, class, &verdict);
    numbers(&mut page, document);
    promises(&mut page, document);
    story.into_iter().for_each(|story| told(&mut page, story));
    kinds(&mut page, document);
    finish(path, &document.part.spec, &page, ui)
}

/// Write the page about one run.
pub(super) fn write_run(path: &Path, spec: &str, story: &Story, ui: &Ui) -> Result<(), CommandError> {
    let (class, verdict) = match &story.explanation {
        None => ("good", "Every promise was kept"),
        Some(_) => ("bad", "A promise was broken"),
    };
    let mut page = head(spec, class, verdict);
    told(&mut page, story);
    finish(path, spec, &page, ui)
}

fn head(spec: &str, class: &str, verdict: &str) -> String {
    let (spec, verdict) = (escaped(spec), escaped(verdict));
    format!("<h1>Does it survive?</h1>\n<p class=\"spec\">{spec}</p>\n<p class=\"verdict {class}\">{verdict}</p>\n")
}

fn finish(path: &Path, spec: &str, body: &str, ui: &Ui) -> Result<(), CommandError> {
    write_file(path, &whole(&format!("Does it survive? {spec}"), STYLE, body), Overwrite::Allow)?;
    ui.line(&format!("{} is written.", planner::render::style::escape(&path.display().to_string())));
    Ok(())
}

fn numbers(page: &mut String, document: &Document) {
    let summary = &document.summary;
    let requests = &summary.requests;
    let share = format!("{:.4} %", (summary.availability * 1_000_000.0).floor() / 10_000.0);
    let rows = [
        ("runs", text::number(summary.runs as f64)),
        ("simulated hours", text::number(summary.simulated.0 as f64 / 3_600_000.0)),
        ("runs that broke a promise", text::percent(&summary.failure_rate)),
        ("requests answered well", format!("{share} of {}", text::number(requests.offered as f64))),
        ("requests not answered well", text::number(requests.unserved() as f64)),
        ("time with fewer than two agents, over all cells", summary.below_two.to_string()),
        ("a cell is whole again after", text::lengths(&summary.recovery)),
        ("the platform converges after", text::lengths(&summary.convergence)),
        ("oldest configuration served", summary.configuration_age.to_string()),
    ];
    page.push_str("<section>\n<h2>In numbers</h2>\n<table>\n");
    for (name, value) in rows {
        let _ = writeln!(page, "<tr><th>{name}</th><td>{}</td></tr>", escaped(&value));
    }
    page.push_str("</table>\n<p class=\"note\">Ranges hold with a confidence of 95 %.</p>\n</section>\n");
}

fn promises(page: &mut String, document: &Document) {
    if document.summary.promises.is_empty() {
        return;
    }
    page.push_str("<section>\n<h2>Broken promises</h2>\n");
    for (promise, broken) in &document.summary.promises {
        let (sentence, subject, message) = (promise.sentence(), escaped(&broken.subject), escaped(&broken.message));
        let _ = writeln!(
            page,
            "<p><strong>{promise}</strong>: {sentence}.<br>Broken in {} runs, first by seed {}: {subject}: {message}.</p>",
            broken.runs, broken.first_seed
        );
    }
    page.push_str("</section>\n");
}

fn told(page: &mut String, story: &Story) {
    let _ = writeln!(page, "<section>\n<h2>{}</h2>", escaped(&story.title));
    if let Some(explanation) = &story.explanation {
        page.push_str("<h3>Why</h3>\n<ol class=\"chain\">\n");
        for injection in &explanation.faults {
            let fault = escaped(&injection.fault.to_string());
            let _ = writeln!(page, "<li class=\"fault\"><time>{}</time> <span>{fault}</span></li>", injection.at);
        }
        for link in &explanation.chain {
            let _ = writeln!(page, "<li><time>{}</time> <span>{}</span></li>", link.after, escaped(&link.what));
        }
        let breach = &explanation.breach;
        let what = escaped(&format!("{}: {}", breach.subject, breach.message));
        let _ = writeln!(
            page,
            "<li class=\"breach\"><time>{}</time> <span>{}: {what}</span></li>\n</ol>",
            explanation.after, breach.promise
        );
    }
    timeline(page, &story.timeline, story.explanation.as_ref());
    page.push_str("</section>\n");
}

fn timeline(page: &mut String, timeline: &Timeline, explanation: Option<&Explanation>) {
    page.push_str("<h3>What happened when</h3>\n<p class=\"legend\"><i class=\"good\"></i> as it should be <i class=\"warning\"></i> less than wanted <i class=\"bad\"></i> not at all");
    if explanation.is_some() {
        page.push_str(" <i class=\"mark\"></i> the promise is broken");
    }
    page.push_str("</p>\n<div class=\"timeline\">\n");
    let length = timeline.length.0.max(1) as f64;
    for group in GROUPS {
        let rows: Vec<&Row> = timeline.rows.iter().filter(|row| row.group == group).collect();
        let shown: Vec<&&Row> =
            rows.iter().filter(|row| !row.is_well() || group == "gateway agents" || group == "stores").collect();
        let well = rows.len() - shown.len();
        let _ = writeln!(page, "<h4>{group}</h4>");
        for row in shown {
            let _ = write!(page, "<div class=\"row\"><span class=\"name\">{}</span><span class=\"track\">", escaped(&row.name));
            for span in &row.spans {
                let (left, width) = (span.from.0 as f64 * 100.0 / length, (span.to.0 - span.from.0) as f64 * 100.0 / length);
                let class = match span.level {
                    Level::Good => "good",
                    Level::Warning => "warning",
                    Level::Bad => "bad",
                };
                let words = escaped(&format!("{} to {}: {}", span.from, span.to, span.words));
                let _ = write!(page, "<i class=\"{class}\" style=\"left:{left:.3}%;width:{width:.3}%\" title=\"{words}\"></i>");
            }
            if let Some(explanation) = explanation {
                let left = explanation.after.0 as f64 * 100.0 / length;
                let _ = write!(page, "<i class=\"mark\" style=\"left:{left:.3}%\"></i>");
            }
            page.push_str("</span></div>\n");
        }
        if well > 0 {
            let _ = writeln!(page, "<p class=\"note\">{well} more were well all the time.</p>");
        }
    }
    axis(page, timeline);
    page.push_str("</div>\n");
}

/// Five times along the length.
fn axis(page: &mut String, timeline: &Timeline) {
    page.push_str("<div class=\"row axis\"><span class=\"name\"></span><span class=\"track\">");
    for quarter in 0..=4 {
        let at = model::Duration(timeline.length.0 * quarter / 4 / 1000 * 1000);
        let _ = write!(page, "<b class=\"q{quarter}\">{at}</b>");
    }
    page.push_str("</span></div>\n");
}

fn kinds(page: &mut String, document: &Document) {
    if document.summary.kinds.is_empty() {
        return;
    }
    page.push_str(
        "<section>\n<h2>By kind of fault</h2>\n<div class=\"scroll\"><table class=\"kinds\">\n\
         <tr><th>fault</th><th>times</th><th>runs</th><th>of these broke a promise</th><th>requests not answered well meanwhile</th></tr>\n",
    );
    for (kind, of) in &document.summary.kinds {
        let _ = writeln!(
            page,
            "<tr><td>{kind}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            of.faults,
            of.runs,
            escaped(&text::percent(&of.failure_rate)),
            text::number(of.unserved as f64)
        );
    }
    page.push_str("</table></div>\n</section>\n");
}
