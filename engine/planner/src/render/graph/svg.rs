//! The graph as a picture: a matrix. A column is a kind of system, a row is what things belong to (the platform, a tenant, an
//! environment), and where they meet a card for each system holds what lives there: however many clusters there are, the picture is as
//! wide as a window. A thousand resources become some dozens of cards; up to [`EVERY_RESOURCE`] each resource
//! is named, beyond that only what people ask for by name, and the rest is counted. Dependencies between cards run through the lanes
//! between columns and rows, bundled; pointing at a card shows its own, and everything has a title that says more.
//!
//! The text is complete in itself: no script, no font, no link. Colours follow the viewer's light or dark scheme.

mod cards;
mod draw;
mod layout;
mod words;

use model::Graph;

/// Largest graph whose cards name every resource.
pub(super) const EVERY_RESOURCE: usize = 60;

/// The graph as a picture that stands by itself.
pub fn svg(graph: &Graph) -> String {
    let matrix = cards::matrix(graph);
    draw::draw(&matrix, &layout::layout(&matrix))
}
