//! Who talks to whom, as a picture: users on the left, service clusters by region in the middle, management and what stands outside of all
//! clusters on the right. A strand is all that one box says to another of one kind; what leaves a country is drawn broken.
//!
//! The text is complete in itself: no script, no font, no link. Colours follow the viewer's light or dark scheme.

mod boxes;
mod draw;

use crate::spec::Spec;
use crate::topology::conversations;

/// The picture, as an `svg` element that stands by itself or in a page.
pub fn svg(spec: &Spec) -> String {
    let conversations = conversations(spec);
    draw::draw(&boxes::boxes(spec, &conversations), &conversations)
}

#[cfg(test)]
mod tests;
