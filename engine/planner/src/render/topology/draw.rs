//! Boxes and conversations to the text of the picture.

use super::boxes::{Box, Boxes, HEAD, LINE, MARGIN, NAME, WIDTH};
use super::marks::{self, Mark};
use crate::render::markup::{escaped, fitted};
use crate::topology::{Carries, Conversation};
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// Everything that a strand can carry, with the class of its colour.
const CARRIED: [(Carries, &str); 5] = [
    (Carries::Requests, "requests"),
    (Carries::TrafficMetadata, "traffic"),
    (Carries::AuditLog, "audit"),
    (Carries::Aggregates, "aggregates"),
    (Carries::Configuration, "configuration"),
];

/// All that one box says to another of one kind.
struct Strand<'c> {
    from: usize,
    to: usize,
    carries: Carries,
    conversations: Vec<&'c Conversation>,
}

pub(super) fn draw(boxes: &Boxes, conversations: &[Conversation], marks: &[Mark]) -> String {
    let strands = strands(boxes, conversations);
    let height = boxes.height;
    let (left, width) = boxes.extent();
    let wide = if width > WIDTH / 2 { " wide" } else { "" };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"topology{wide}\" viewBox=\"{left} 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"group\" aria-label=\"Who talks to whom\">\n<style>\n{STYLE}</style>\n<rect class=\"paper\" x=\"{left}\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    text += &legend(&strands, left + MARGIN);
    for frame in &boxes.frames {
        let _ = writeln!(
            text,
            "<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"10\"/><text class=\"region\" x=\"{}\" y=\"{}\">{}</text>",
            frame.x,
            frame.y,
            frame.width,
            frame.height,
            frame.x + 14,
            frame.y + 22,
            escaped(&frame.name)
        );
    }
    for strand in &strands {
        text += &draw_strand(strand, boxes);
    }
    for one in &boxes.all {
        text += &draw_box(one, marks);
    }
    text + &marks::draw(marks, boxes) + "</svg>\n"
}

/// Strands between different boxes; what the parts of one box say to each other stays inside.
fn strands<'c>(boxes: &Boxes, conversations: &'c [Conversation]) -> Vec<Strand<'c>> {
    let mut all: BTreeMap<(usize, usize, Carries), Vec<&Conversation>> = BTreeMap::new();
    for one in conversations {
        if let (Some(from), Some(to)) = (boxes.of(&one.from), boxes.of(&one.to))
            && from != to
        {
            all.entry((from, to, one.carries)).or_default().push(one);
        }
    }
    let strand = |((from, to, carries), conversations)| Strand { from, to, carries, conversations };
    all.into_iter().map(strand).collect()
}

fn class(carries: Carries) -> (usize, &'static str) {
    let found = CARRIED.iter().position(|(one, _)| *one == carries).unwrap_or_default();
    (found, CARRIED[found].1)
}

fn legend(strands: &[Strand<'_>], mut x: i32) -> String {
    let mut text = String::new();
    for (carries, class) in CARRIED {
        if !strands.iter().any(|strand| strand.carries == carries) {
            continue;
        }
        let y = MARGIN;
        let _ = writeln!(
            text,
            "<path class=\"strand {class}\" d=\"M{x} {y}h26\"/><text class=\"muted\" x=\"{}\" y=\"{}\">{}</text>",
            x + 33,
            y + 4,
            carries.phrase()
        );
        x += 33 + 7 * carries.phrase().len() as i32 + 24;
    }
    text
}

fn draw_strand(strand: &Strand<'_>, boxes: &Boxes) -> String {
    let (Some(from), Some(to)) = (boxes.all.get(strand.from), boxes.all.get(strand.to)) else { return String::new() };
    let (number, class) = class(strand.carries);
    let leaves = from.site.leaves_country_to(&to.site);
    let abroad = if leaves { " abroad" } else { "" };
    format!(
        "<g><title>{}</title><path class=\"strand {class}{abroad}\" d=\"{}\"/>{}</g>\n",
        escaped(&title(strand, leaves)),
        way(from, to, number as i32),
        tip(from, to, number as i32, class)
    )
}

/// Height at which strands of one kind leave or enter a box.
fn port(one: &Box, number: i32) -> i32 {
    one.y + 14 + (one.height - 28).max(4) * (2 * number + 1) / (2 * CARRIED.len() as i32)
}

fn ends(from: &Box, to: &Box, number: i32) -> ((i32, i32), (i32, i32)) {
    let (start, end) = (port(from, number), port(to, number));
    match from.lane.cmp(&to.lane) {
        std::cmp::Ordering::Less => ((from.x + from.width, start), (to.x, end)),
        std::cmp::Ordering::Greater => ((from.x, start), (to.x + to.width, end)),
        std::cmp::Ordering::Equal => ((from.x + from.width, start), (to.x + to.width, end)),
    }
}

fn way(from: &Box, to: &Box, number: i32) -> String {
    let ((x, y), (to_x, to_y)) = ends(from, to, number);
    if from.lane == to.lane {
        let bulge = 28 + 8 * number;
        return format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x + bulge, to_x + bulge);
    }
    let pull = (to_x - x) / 2;
    format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x + pull, to_x - pull)
}

fn tip(from: &Box, to: &Box, number: i32, class: &str) -> String {
    let (_, (x, y)) = ends(from, to, number);
    let back = if from.lane < to.lane { -8 } else { 8 };
    format!("<path class=\"tip {class}\" d=\"M{x} {y}l{back} -4v8z\"/>")
}

fn title(strand: &Strand<'_>, leaves: bool) -> String {
    const NAMED: usize = 8;
    let mut text = String::from(strand.carries.phrase());
    for one in &strand.conversations {
        let port = if one.port == 0 { String::new() } else { format!(", port {}", one.port) };
        let _ = write!(text, "\n{} to {}{port}", one.from.0, one.to.0);
    }
    if leaves && let Some(one) = strand.conversations.first() {
        let country = |site: &crate::topology::Site| site.country.clone().unwrap_or_default();
        let _ = write!(text, "\nleaves {} for {}", country(&one.from.1), country(&one.to.1));
    }
    let mut environments: Vec<&str> = strand.conversations.iter().flat_map(|one| &one.environments).map(String::as_str).collect();
    environments.sort_unstable();
    environments.dedup();
    if !environments.is_empty() {
        let rest = environments.len().saturating_sub(NAMED);
        environments.truncate(NAMED);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let _ = write!(text, "\nfor {}{more}", environments.join(", "));
    }
    text
}

fn draw_box(one: &Box, marks: &[Mark]) -> String {
    let Box { x, y, width, height, .. } = *one;
    let place = match (&one.site.region, &one.site.country) {
        _ if one.kind == "users" => "users".to_owned(),
        (Some(region), Some(country)) => format!("{region}, {country}"),
        _ => "region not declared".to_owned(),
    };
    let mut text = format!(
        "<g class=\"box\"><rect class=\"face\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"7\"/><text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        x + 12,
        y + 21,
        escaped(&fitted(&one.name, width - 24))
    );
    if one.kind != "cluster" || one.lane == 2 {
        let (at, anchor) = if one.kind == "cluster" { (y + 21, "right") } else { (y + 21 + LINE, "") };
        let left = if anchor.is_empty() { x + 12 } else { x + width - 12 };
        let _ = write!(text, "<text class=\"muted {anchor}\" x=\"{left}\" y=\"{at}\">{}</text>", escaped(&place));
    }
    if one.kind == "cluster" {
        for (line, part) in one.parts.iter().enumerate() {
            let _ = write!(
                text,
                "<text class=\"part\" x=\"{}\" y=\"{}\">{}</text>",
                x + 12,
                y + NAME + 11 + LINE * line as i32,
                escaped(&fitted(&part.to_string(), width - 24 - marks::taken(marks, part)))
            );
        }
    }
    text + "</g>\n"
}

/// Room that the legend takes; what stands below it begins there.
const _: () = assert!(HEAD >= 20);
