//! Small helpers for the text of a picture.

use std::fmt::Write;

/// Width of an average character of the picture's font at 12 pixels, a little on the safe side.
const CHARACTER_WIDTH: f32 = 6.4;

/// Text between tags or in an attribute. Characters that XML does not know are replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push('\n'),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text cut to a width in pixels, with an ellipsis where something is missing.
pub(super) fn fitted(text: &str, width: i32) -> String {
    let room = (width as f32 / CHARACTER_WIDTH) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// A way with rounded corners, as the data of a path.
pub(super) fn path(points: &[(i32, i32)]) -> String {
    const RADIUS: i32 = 7;
    let mut data = String::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        let (before, after) = (index.checked_sub(1).and_then(|index| points.get(index)), points.get(index + 1));
        let _ = match (before, after) {
            (None, _) => write!(data, "M{x} {y}"),
            (Some(_), None) => write!(data, "L{x} {y}"),
            (Some(&before), Some(&after)) => {
                let (from, to) = (towards((x, y), before, RADIUS), towards((x, y), after, RADIUS));
                write!(data, "L{} {}Q{x} {y} {} {}", from.0, from.1, to.0, to.1)
            }
        };
    }
    data
}

/// The point `distance` from `point` towards `other`, at most halfway; the two share a coordinate.
fn towards(point: (i32, i32), other: (i32, i32), distance: i32) -> (i32, i32) {
    let step = |from: i32, to: i32| from + (to - from).signum() * distance.min((to - from).abs() / 2);
    (step(point.0, other.0), step(point.1, other.1))
}
