//! The matrix and its layout to the text of the picture.

use super::cards::{Bundle, Card, Column, Count, Line, Matrix, name_of};
use super::layout::{
    Area, CARD_PADDING, CARD_WIDTH, LINE_HEIGHT, LINE_WIDTH, Layout, MARGIN, ROW_NAMES, TENANT_HEAD, TITLE_HEIGHT,
};
use super::words::{family, short};
use crate::render::markup::{escaped, fitted, path, small_width};
use model::graph::EdgeReason;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// Every reason, with the class of its colour, in the order of the legend.
const REASONS: &[(EdgeReason, &str)] = &[
    (EdgeReason::LivesIn, "lives-in"),
    (EdgeReason::References, "references"),
    (EdgeReason::ReadsKeyOf, "reads"),
    (EdgeReason::IsAllowedBy, "allowed"),
    (EdgeReason::NeedsReady, "needs"),
    (EdgeReason::StartsAfter, "starts"),
    (EdgeReason::RollsAfter, "rolls"),
];

/// The picture.
pub(super) fn draw(matrix: &Matrix, layout: &Layout) -> String {
    let (width, height) = (layout.width, layout.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" style=\"max-width:100%;height:auto\" role=\"img\">\n<title>Graph of the platform</title>\n<style>\n{STYLE}{}</style>\n",
        pointing(matrix)
    );
    let _ = writeln!(text, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    text += &head(matrix);
    text += &rows(matrix, layout);
    text += &columns(matrix, layout);
    text += "<g class=\"bundles\">\n";
    for bundle in &matrix.bundles {
        text += &draw_bundle(bundle, matrix, layout);
    }
    text += "</g>\n";
    for (number, (card, place)) in matrix.cards.iter().zip(&layout.cards).enumerate() {
        text += &draw_card(number, card, place, matrix);
    }
    text + "</svg>\n"
}

/// Pointing at a card brings its bundles forward and lets all others step back. Without a script, each card needs a rule.
fn pointing(matrix: &Matrix) -> String {
    let mut rules = String::new();
    for number in 0..matrix.cards.len() {
        let _ = writeln!(rules, "svg:has(#c{number}:hover) .b{number}{{opacity:1;stroke-width:2.2}}");
    }
    rules
}

fn head(matrix: &Matrix) -> String {
    let mut text = format!(
        "<text class=\"heading\" x=\"{MARGIN}\" y=\"{}\">{} resources, {} dependencies</text>\n<text class=\"muted\" x=\"{MARGIN}\" y=\"{}\">Columns are kinds of systems, rows are what things belong to. Lines lead from what comes after to what it depends on. Point at a card for its own lines, at a line or name for more.</text>\n",
        MARGIN + 14,
        matrix.resources,
        matrix.edges,
        MARGIN + 38
    );
    let mut x = MARGIN;
    for (reason, class) in REASONS {
        if !matrix.bundles.iter().any(|bundle| bundle.main_reason() == *reason) {
            continue;
        }
        let y = MARGIN + 62;
        let _ = writeln!(
            text,
            "<path class=\"bundle {class} legend\" d=\"M{x} {y}h26\"/><text class=\"muted\" x=\"{}\" y=\"{}\">{reason}</text>",
            x + 33,
            y + 4
        );
        x += 33 + 7 * reason.phrase().len() as i32 + 24;
    }
    text
}

/// The columns' names again, faintly, for those who have scrolled.
fn column_reminders(matrix: &Matrix, layout: &Layout, y: i32) -> String {
    let name = |(column, x): (&Column, &i32)| {
        format!("<text class=\"kind\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(&fitted(&column_name(column).0, CARD_WIDTH)))
    };
    matrix.columns.iter().zip(&layout.columns).map(name).collect()
}

/// What a column is called, and what stands beside that: how many systems it has, or what kind of system a single one is.
fn column_name(column: &Column) -> (String, String) {
    let family_name = family(column.family).0;
    match column.systems.as_slice() {
        [one] if name_of(one) != one => (name_of(one).to_owned(), family_name.to_owned()),
        [_] | [] => (family_name.to_owned(), String::new()),
        many => (family_name.to_owned(), format!("{} clusters", many.len())),
    }
}

fn columns(matrix: &Matrix, layout: &Layout) -> String {
    let mut text = String::new();
    let top = MARGIN + TITLE_HEIGHT - 14;
    for (column, x) in matrix.columns.iter().zip(&layout.columns) {
        let class = family(column.family).1;
        let (name, beside) = column_name(column);
        let _ = writeln!(
            text,
            "<g><title>{}</title><rect class=\"bar {class}\" x=\"{x}\" y=\"{top}\" width=\"{CARD_WIDTH}\" height=\"4\" rx=\"2\"/><text class=\"column\" x=\"{x}\" y=\"{}\">{}</text><text class=\"muted right\" x=\"{}\" y=\"{}\">{beside}</text></g>",
            escaped(&column.systems.join("\n")),
            top + 24,
            escaped(&fitted(&name, CARD_WIDTH - 84)),
            x + CARD_WIDTH,
            top + 24
        );
    }
    text
}

/// Names of the rows, a band behind every second one, and the name of a tenant above its first.
fn rows(matrix: &Matrix, layout: &Layout) -> String {
    let mut text = String::new();
    let mut tenant = &None;
    for (index, (row, (top, height))) in matrix.rows.iter().zip(&layout.rows).enumerate() {
        if row.tenant != *tenant {
            tenant = &row.tenant;
            let name = escaped(&fitted(tenant.as_deref().unwrap_or_default(), 400));
            let (line, y) = (top - TENANT_HEAD + 4, top - 10);
            let _ = writeln!(text, "<path class=\"rule\" d=\"M{MARGIN} {line}H{}\"/>", layout.width - MARGIN);
            let _ = writeln!(text, "<text class=\"tenant\" x=\"{MARGIN}\" y=\"{y}\">{name}</text>");
            text += &column_reminders(matrix, layout, y);
        }
        if index % 2 == 0 {
            let (y, height) = (top - 5, height + 10);
            let width = layout.width - 2 * MARGIN + 20;
            let _ = writeln!(
                text,
                "<rect class=\"band\" x=\"{}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>",
                MARGIN - 10
            );
        }
        let name = match (&row.tenant, &row.environment) {
            (None, _) => "platform",
            (Some(_), None) => "tenant-wide",
            (Some(_), Some(environment)) => environment,
        };
        let class = if row.environment.is_some() || row.tenant.is_none() { "row" } else { "row soft" };
        let _ = writeln!(
            text,
            "<text class=\"{class}\" x=\"{MARGIN}\" y=\"{}\">{}</text><text class=\"muted\" x=\"{MARGIN}\" y=\"{}\">{} resources</text>",
            top + 20,
            escaped(&fitted(name, ROW_NAMES - 16)),
            top + 37,
            row.resources
        );
    }
    text
}

fn draw_bundle(bundle: &Bundle, matrix: &Matrix, layout: &Layout) -> String {
    let reason = bundle.main_reason();
    let index = REASONS.iter().position(|(known, _)| *known == reason).unwrap_or_default();
    let class = REASONS.get(index).map_or("references", |(_, class)| class);
    // Each reason has a track of its own in a lane, so that colours do not hide each other.
    let Some(way) = layout.way(bundle.from, bundle.to, (index as i32 - 3) * 3) else { return String::new() };
    let count: usize = bundle.reasons.values().sum();
    let width = 1.0 + (count as f32).log2() * 0.22;
    let (&(x, y), from_left) = match way.as_slice() {
        [.., before, end] => (end, before.0 < end.0),
        _ => return String::new(),
    };
    let tip = if from_left { -6 } else { 6 };
    format!(
        "<g class=\"bundle {class} b{} b{}\" stroke-width=\"{width:.1}\"><title>{}</title><path d=\"{}\"/><path class=\"tip\" d=\"M{x} {y}l{tip} -3.5v7z\"/></g>\n",
        bundle.from,
        bundle.to,
        escaped(&bundle_title(bundle, matrix)),
        path(&way)
    )
}

fn bundle_title(bundle: &Bundle, matrix: &Matrix) -> String {
    let name = |card: usize| matrix.cards.get(card).map_or(String::new(), |card| card_title(card, matrix));
    let reasons: Vec<String> = bundle.reasons.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
    let rules = if bundle.rules.is_empty() { String::new() } else { format!("\nrules: {}", bundle.rules.join(", ")) };
    format!("{}\n→ {}\n{}{rules}", name(bundle.from), name(bundle.to), reasons.join("\n"))
}

fn card_title(card: &Card, matrix: &Matrix) -> String {
    let system = &card.system;
    let owner = match matrix.rows.get(card.row).map(|row| (&row.tenant, &row.environment)) {
        Some((Some(tenant), Some(environment))) => format!("{tenant}/{environment}"),
        Some((Some(tenant), None)) => tenant.clone(),
        _ => "platform".to_owned(),
    };
    format!("{owner} in {system}")
}

fn draw_card(number: usize, card: &Card, place: &Area, matrix: &Matrix) -> String {
    let class = matrix.columns.get(card.column).map_or("", |column| family(column.family).1);
    let Area { x, y, width, height } = place;
    let mut text = format!(
        "<g class=\"card\" id=\"c{number}\"><title>{}</title><rect class=\"face\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"7\"/><rect class=\"bar {class}\" x=\"{x}\" y=\"{}\" width=\"3\" height=\"{}\" rx=\"1.5\"/>\n",
        escaped(&card_title(card, matrix)),
        y + 7,
        height - 14
    );
    let (x, mut y) = (x + CARD_PADDING + 3, y + CARD_PADDING + 10);
    if let Some(heading) = &card.heading {
        let heading = escaped(&fitted(heading, LINE_WIDTH));
        let _ = writeln!(text, "<text class=\"system {class}\" x=\"{x}\" y=\"{y}\">{heading}</text>");
        y += LINE_HEIGHT;
    }
    for line in &card.lines {
        text += &draw_line(line, x, y);
        y += LINE_HEIGHT;
    }
    text + "</g>\n"
}

fn draw_line(line: &Line, x: i32, y: i32) -> String {
    match line {
        Line::Named { text, kind, title } => {
            let word = short(*kind);
            let name = fitted(text, LINE_WIDTH - small_width(&word) - 8);
            format!(
                "<g><title>{}</title><text class=\"name\" x=\"{x}\" y=\"{y}\">{}</text><text class=\"kind right\" x=\"{}\" y=\"{y}\">{word}</text></g>\n",
                escaped(title),
                escaped(&name),
                x + LINE_WIDTH
            )
        }
        Line::Counts(counts) => {
            let counts: Vec<String> = counts.iter().map(draw_count).collect();
            format!("<text class=\"count\" x=\"{x}\" y=\"{y}\">{}</text>\n", counts.join(" · "))
        }
    }
}

fn draw_count(count: &Count) -> String {
    format!("<tspan>{}<title>{}</title></tspan>", escaped(&count.text), escaped(&count.title))
}
