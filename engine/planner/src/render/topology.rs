//! Who talks to whom, as a picture: users on the left, service clusters by region in the middle, management and what stands outside of all
//! clusters on the right. A strand is all that one box says to another of one kind; what leaves a country is drawn broken.
//!
//! The text is complete in itself: no script, no font, no link. Colours follow the viewer's light or dark scheme.

mod boxes;
mod draw;
mod marks;

use crate::spec::Spec;
use crate::topology::Conversation;

pub use marks::{Mark, Spot};

/// The picture with marks on it, as an `svg` element that stands by itself or in a page.
pub fn svg(spec: &Spec, conversations: &[Conversation], marks: &[Mark]) -> String {
    draw::draw(&boxes::boxes(spec, conversations), conversations, marks)
}

#[cfg(test)]
mod tests;
