//! Where everything stands, in pixels of the picture's own scale.

use super::cards::{Card, Matrix};
use std::collections::BTreeMap;

pub(super) const MARGIN: i32 = 28;
pub(super) const CARD_WIDTH: i32 = 234;
pub(super) const LINE_HEIGHT: i32 = 17;
pub(super) const CARD_PADDING: i32 = 10;
/// Room for text on a line of a card.
pub(super) const LINE_WIDTH: i32 = CARD_WIDTH - 2 * CARD_PADDING - 3;
/// Room between two counts on one line.
pub(super) const COUNT_GAP: i32 = 14;
/// Width of the column that names the rows.
pub(super) const ROW_NAMES: i32 = 132;
/// Lane between columns.
const COLUMN_GAP: i32 = 34;
/// Lane between rows.
const ROW_GAP: i32 = 26;
/// Room between cards of several systems in one place.
const CARD_GAP: i32 = 8;
/// Room above the first row of a tenant, for its name.
pub(super) const TENANT_HEAD: i32 = 34;
/// Room for title, explanation and legend.
pub(super) const TITLE_HEIGHT: i32 = 104;
pub(super) const COLUMN_HEAD: i32 = 46;

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Places of columns, rows and cards, each in the order of the matrix.
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Left edge of each column.
    pub(super) columns: Vec<i32>,
    /// Top and height of each row.
    pub(super) rows: Vec<(i32, i32)>,
    pub(super) cards: Vec<Area>,
    /// Top of the row of each card.
    tops: Vec<i32>,
}

/// Places for everything.
pub(super) fn layout(matrix: &Matrix) -> Layout {
    let columns: Vec<i32> =
        (0..matrix.columns.len() as i32).map(|index| MARGIN + ROW_NAMES + index * (CARD_WIDTH + COLUMN_GAP)).collect();
    let (rows, bottom) = rows(matrix);
    let tops: Vec<i32> = matrix.cards.iter().map(|card| rows.get(card.row).map_or(0, |(top, _)| *top)).collect();
    let mut filled: BTreeMap<(usize, usize), i32> = BTreeMap::new();
    let cards = matrix.cards.iter().zip(&tops).map(|(card, top)| {
        let height = card_height(card);
        let y = filled.entry((card.row, card.column)).or_insert(*top);
        let area = Area { x: columns.get(card.column).copied().unwrap_or_default(), y: *y, width: CARD_WIDTH, height };
        *y += height + CARD_GAP;
        area
    });
    let cards = cards.collect();
    let right = columns.last().map_or(MARGIN + ROW_NAMES, |left| left + CARD_WIDTH);
    let width = (right + COLUMN_GAP + MARGIN).max(760);
    Layout { width, height: bottom + MARGIN, cards, tops, columns, rows }
}

fn rows(matrix: &Matrix) -> (Vec<(i32, i32)>, i32) {
    let mut stacks: BTreeMap<(usize, usize), i32> = BTreeMap::new();
    for card in &matrix.cards {
        let stack = stacks.entry((card.row, card.column)).or_insert(-CARD_GAP);
        *stack += CARD_GAP + card_height(card);
    }
    let mut heights = vec![lines_height(1); matrix.rows.len()];
    for ((row, _), stack) in stacks {
        if let Some(height) = heights.get_mut(row) {
            *height = (*height).max(stack);
        }
    }
    let mut top = MARGIN + TITLE_HEIGHT + COLUMN_HEAD;
    let mut tenant = &None;
    let mut rows = Vec::with_capacity(heights.len());
    for (row, height) in matrix.rows.iter().zip(heights) {
        if row.tenant != *tenant {
            top += TENANT_HEAD;
            tenant = &row.tenant;
        }
        rows.push((top, height));
        top += height + ROW_GAP;
    }
    (rows, top)
}

fn card_height(card: &Card) -> i32 {
    lines_height(card.lines.len() + usize::from(card.heading.is_some()))
}

fn lines_height(lines: usize) -> i32 {
    CARD_PADDING * 2 + LINE_HEIGHT * lines as i32 - 3
}

impl Layout {
    /// The way of a bundle: out of its card to the left or right, along the lane below or above a row, into the other card. Bundles with
    /// the same way share their lanes, a little apart by `offset`.
    pub(super) fn way(&self, from: usize, to: usize, offset: i32) -> Option<Vec<(i32, i32)>> {
        let top = self.tops.get(to)?;
        let (from, to) = (self.cards.get(from)?, self.cards.get(to)?);
        let (start, end) = (from.y + 20 + offset / 2, to.y + 20 + offset / 2);
        let lane = |x: i32| x + COLUMN_GAP / 2 + offset;
        if from.x == to.x {
            let side = lane(from.x + CARD_WIDTH);
            return Some(vec![(from.x + CARD_WIDTH, start), (side, start), (side, end), (to.x + CARD_WIDTH, end)]);
        }
        let rightwards = from.x < to.x;
        let (leave, enter) = if rightwards { (from.x + CARD_WIDTH, to.x) } else { (from.x, to.x + CARD_WIDTH) };
        let (first, last) =
            if rightwards { (lane(leave), lane(enter - COLUMN_GAP)) } else { (lane(leave - COLUMN_GAP), lane(enter)) };
        if first == last {
            return Some(vec![(leave, start), (first, start), (first, end), (enter, end)]);
        }
        // Above the target's row: there is always a lane, for the first row too.
        let crossing = top - ROW_GAP / 2 + offset;
        Some(vec![(leave, start), (first, start), (first, crossing), (last, crossing), (last, end), (enter, end)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::cards::matrix;
    use super::layout;
    use crate::render::graph::tests::large;

    #[test]
    fn no_two_cards_overlap_and_all_lie_inside() {
        let matrix = matrix(&large());
        let layout = layout(&matrix);
        for (index, one) in layout.cards.iter().enumerate() {
            assert!(one.x + one.width <= layout.width && one.y + one.height <= layout.height);
            for other in &layout.cards[index + 1..] {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }
}
