//! Small helpers for the text of a picture.

use super::style::is_unsafe;
use std::fmt::Write;

/// Width of an average character at 12 pixels, in hundredths of a pixel: of the widest font that browsers fall back to (DejaVu Sans).
const PLAIN: i32 = 690;
/// The same for bold characters.
const BOLD: i32 = 780;
/// The same for the small characters of a kind.
const SMALL: i32 = 610;

/// Room that plain text takes, in pixels.
pub(in crate::render) fn plain_width(text: &str) -> i32 {
    text.chars().count() as i32 * PLAIN / 100
}

/// Room that small text takes, in pixels.
pub(in crate::render) fn small_width(text: &str) -> i32 {
    text.chars().count() as i32 * SMALL / 100
}

/// Bold text cut to a width in pixels. What is missing is missing in the middle: names differ at their ends.
pub(in crate::render) fn fitted(text: &str, width: i32) -> String {
    let room = (width.max(0) * 100 / BOLD) as usize;
    let length = text.chars().count();
    if length <= room {
        return text.to_owned();
    }
    let tail = room.saturating_sub(1) * 2 / 3;
    let head = room.saturating_sub(1 + tail);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

/// Text between tags or in an attribute. Characters that XML does not know are replaced, and those that turn the text around them.
pub fn escaped(text: &str) -> String {
    escaped_by(text, |other| Some(if other != '\n' && is_unsafe(other) { '\u{fffd}' } else { other }))
}

/// The same, where `form` says what becomes of a character that means nothing to XML; nothing leaves it out.
pub fn escaped_by(text: &str, form: impl Fn(char) -> Option<char>) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.extend(form(other)),
        }
    }
    escaped
}

/// A way with rounded corners, as the data of a path.
pub(in crate::render) fn path(points: &[(i32, i32)]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(fitted("acme-shop", 100), "acme-shop");
        let cut = fitted("acme-shop-production-traffic", 120);
        assert!(cut.starts_with("acme") && cut.ends_with("traffic") && cut.contains('…'), "{cut}");
        assert!(cut.chars().count() as i32 * BOLD / 100 <= 120);
        assert_eq!(fitted("abc", 0), "…");
    }

    #[test]
    fn corners_are_rounded_and_ends_are_met() {
        assert_eq!(path(&[(0, 0), (20, 0), (20, 30)]), "M0 0L13 0Q20 0 20 7L20 30");
    }
}
