//! Marks on the picture: what there is to say about a part of the platform, as a label at the very box or line.

use super::boxes::{Box, Boxes, LINE, MARGIN, NAME};
use crate::render::markup::{escaped, small_width};
use crate::topology::Part;

/// What a mark is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// The platform as a whole.
    Platform,
    /// A cluster, and all that runs in it.
    Cluster(String),
    /// A part, wherever it stands.
    Part(Part),
}

/// A mark: a short label that leads to where more is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is about. A spot has one mark.
    pub spot: Spot,
    /// What it says, in a word or two.
    pub label: String,
    /// Class of its colour: a severity.
    pub class: &'static str,
    /// Where it leads.
    pub link: String,
    /// What it says in full.
    pub words: String,
}

const HEIGHT: i32 = 18;

impl Mark {
    /// Room that it takes, in pixels.
    pub(super) fn width(&self) -> i32 {
        small_width(&self.label) + small_width("    ")
    }

    /// The mark with its right end at `right` and its middle at `middle`.
    fn draw(&self, right: i32, middle: i32) -> String {
        let (width, words) = (self.width(), escaped(&self.words));
        let (x, y) = (right - width, middle - HEIGHT / 2);
        format!(
            "<a class=\"mark {}\" href=\"{}\" aria-label=\"{words}\"><title>{words}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"9\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></a>\n",
            self.class,
            escaped(&self.link),
            x + width / 2,
            middle + 4,
            escaped(&self.label)
        )
    }
}

/// All marks, each at its box or line. A mark about nothing that is drawn stands where those of the whole platform do.
pub(super) fn draw(marks: &[Mark], boxes: &Boxes) -> String {
    let mut text = String::new();
    let (left, width) = boxes.extent();
    let mut top_right = left + width - MARGIN;
    for mark in marks {
        let spots = spots(mark, boxes);
        if spots.is_empty() {
            text += &mark.draw(top_right, MARGIN);
            top_right -= mark.width() + 8;
        }
        for (right, middle) in spots {
            text += &mark.draw(right, middle);
        }
    }
    text
}

/// Right end and middle of a mark, wherever it is to stand.
fn spots(mark: &Mark, boxes: &Boxes) -> Vec<(i32, i32)> {
    let corner = |one: &Box| (one.x + one.width - 10, one.y);
    let at = |one: &Box| match &mark.spot {
        Spot::Platform => None,
        Spot::Cluster(cluster) => (one.kind == "cluster" && one.site.cluster.as_ref() == Some(cluster)).then(|| corner(one)),
        Spot::Part(part) if one.kind == "cluster" => line_of(one, part).map(|middle| (one.x + one.width - 10, middle)),
        Spot::Part(part) => one.parts.contains(part).then(|| corner(one)),
    };
    boxes.all.iter().filter_map(at).collect()
}

/// The middle of the line of a part.
fn line_of(one: &Box, part: &Part) -> Option<i32> {
    let line = one.parts.iter().position(|other| other == part)?;
    Some(one.y + NAME + 7 + LINE * line as i32)
}

/// Room that the mark of a part takes away from its line.
pub(super) fn taken(marks: &[Mark], part: &Part) -> i32 {
    let mark = marks.iter().find(|mark| matches!(&mark.spot, Spot::Part(other) if other == part));
    mark.map_or(0, |mark| mark.width() + 8)
}
