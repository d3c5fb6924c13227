//! What came of a campaign, for people.

use super::document::Document;
use model::Duration;
use planner::render::style::{Paint, Style, counted, escape};
use simulator::campaign::summary::{OfKind, Summary};
use simulator::fault::Kind;
use simulator::statistics::Estimate;
use std::fmt::Write;

/// The report.
pub(super) fn report(document: &Document, style: Style) -> String {
    let summary = &document.summary;
    let mut text = String::new();
    let runs = counted(summary.runs as usize, "run", "runs");
    let hours = number(summary.simulated.0 as f64 / 3_600_000.0);
    let _ = writeln!(text, "{}: {runs}, {hours} simulated hours\n", escape(&document.part.spec));
    if summary.runs > 0 {
        numbers(&mut text, summary);
        promises(&mut text, summary, style);
        excuses(&mut text, summary);
        kinds(&mut text, summary);
    }
    let _ = writeln!(text, "\n{}", verdict(document, style));
    text
}

fn numbers(text: &mut String, summary: &Summary) {
    let requests = &summary.requests;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<28} {value}");
    };
    line("runs that broke a promise", format!("{} of {}, {}", summary.broken, summary.runs, percent(&summary.failure_rate)));
    line("such runs in 1,000 hours", plain(&summary.failures_per_thousand_hours));
    line("requests answered well", format!("{} of {}", share(summary.availability), number(requests.offered as f64)));
    line(
        "requests lost",
        format!(
            "{}; {} more without a live target; {} sent to an agent that had gone",
            number(requests.lost as f64),
            number(requests.failed as f64),
            number(requests.misrouted as f64)
        ),
    );
    line("fewer than two agents", format!("{} over all cells", summary.below_two));
    line("a cell is whole again after", lengths(&summary.recovery));
    line("the platform converges after", lengths(&summary.convergence));
    line("oldest configuration served", summary.configuration_age.to_string());
}

fn promises(text: &mut String, summary: &Summary, style: Style) {
    if summary.promises.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nBroken promises");
    for (promise, broken) in &summary.promises {
        let _ = writeln!(text, "  {}: {}", style.paint(Paint::Error, promise.word()), promise.sentence());
        let runs = counted(broken.runs as usize, "run", "runs");
        let (subject, message) = (escape(&broken.subject), escape(&broken.message));
        let _ = writeln!(text, "      {runs}, first seed {}: {subject}: {message}", broken.first_seed);
    }
}

fn excuses(text: &mut String, summary: &Summary) {
    if summary.excuses.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nWhy platforms did not become what the spec says");
    for (excuse, runs) in &summary.excuses {
        let _ = writeln!(text, "  {:<60} {}", excuse.sentence(), counted(*runs as usize, "run", "runs"));
    }
}

fn kinds(text: &mut String, summary: &Summary) {
    if summary.kinds.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n  {:<24} {:>7} {:>6}  {:<32} {:>14}",
        "fault", "times", "runs", "of these broke a promise", "unanswered"
    );
    let mut rows: Vec<(&Kind, &OfKind)> = summary.kinds.iter().collect();
    rows.sort_by(|(one, left), (other, right)| right.unserved.cmp(&left.unserved).then(one.cmp(other)));
    for (kind, of) in rows {
        let rate = percent(&of.failure_rate);
        let _ = writeln!(
            text,
            "  {:<24} {:>7} {:>6}  {rate:<32} {:>14}",
            kind.word(),
            of.faults,
            of.runs,
            number(of.unserved as f64)
        );
    }
}

fn verdict(document: &Document, style: Style) -> String {
    let summary = &document.summary;
    let excused = match summary.excused {
        0 => String::new(),
        some => format!(" {} had an excuse.", counted(some as usize, "run", "runs")),
    };
    match (summary.runs, summary.broken) {
        (0, _) => "Nothing was run.".to_owned(),
        (runs, 0) => match document.of_more() {
            None => style.paint(Paint::Good, &format!("Every promise was kept.{excused}")).into_owned(),
            Some(all) => {
                let kept = format!("Every promise was kept with these {runs} of {all} seeds.{excused}");
                style.paint(Paint::Warning, &kept).into_owned()
            }
        },
        (_, broken) => {
            let runs = counted(broken as usize, "run", "runs");
            style.paint(Paint::Error, &format!("{runs} of {} broke a promise.", summary.runs)).into_owned()
        }
    }
}

/// `1.5 % (95 %: 0.2 % to 7.0 %)`.
pub(super) fn percent(estimate: &Estimate) -> String {
    let percent = |share: f64| format!("{} %", short(share * 100.0));
    format!("{} (95 %: {} to {})", percent(estimate.value), percent(estimate.low), percent(estimate.high))
}

fn plain(estimate: &Estimate) -> String {
    format!("{} (95 %: {} to {})", short(estimate.value), short(estimate.low), short(estimate.high))
}

fn short(value: f64) -> String {
    if value >= 10.0 || value == 0.0 {
        format!("{value:.0}")
    } else if value >= 0.1 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

/// As many nines as there are.
fn share(availability: f64) -> String {
    format!("{:.4} %", (availability * 1_000_000.0).floor() / 10_000.0)
}

/// Median and high quantiles of lengths of time.
pub(super) fn lengths(quantiles: &[Estimate]) -> String {
    let [median, high, highest] = quantiles else { return "nothing to tell".to_owned() };
    let length = |value: f64| Duration(if value < 60_000.0 { value as u64 } else { value as u64 / 1000 * 1000 });
    let one = |name: &str, of: &Estimate| format!("{name} {} ({} to {})", length(of.value), length(of.low), length(of.high));
    format!("{}, {}, {}", one("median", median), one("95 %", high), one("99 %", highest))
}

/// A whole number in groups of three digits.
pub(in crate::commands) fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([number(0.0), number(999.0), number(1_234_567.4)], ["0", "999", "1,234,567"]);
        let estimate = Estimate { value: 0.015, low: 0.0002, high: 0.25 };
        assert_eq!(percent(&estimate), "1.5 % (95 %: 0.020 % to 25 %)");
        assert_eq!(share(0.999_999_9), "99.9999 %");
        let quantiles = [Estimate { value: 1500.0, low: 900.0, high: 61_234.0 }; 3];
        assert!(lengths(&quantiles).starts_with("median 1.5s (900ms to 1m01s), 95 %"));
    }
}
