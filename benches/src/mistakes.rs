//! The same spec with mistakes in it: of many kinds, spread evenly, each on a line of its own.

/// Kinds of mistakes: what is looked for in a line, and what is put in its place. Each gives one complaint at least.
const MISTAKES: [(&str, &str); 6] = [
    ("weight: 90", "weight: 101"),
    ("sticky: route", "sticky: router"),
    ("conditionStrength: 50", "conditionStrenght: 50"),
    ("traffic: { requestsPerSecond", "traffic: { requestPerSecond"),
    ("users: { countries: [", "users: { countries: [X"),
    ("service: web-v2:8080", "service: web_v2"),
];

/// `text` with `count` mistakes, or as many as there are places for them.
pub fn with_mistakes(text: &str, count: usize) -> String {
    let mut left = count;
    let mut wrong = String::with_capacity(text.len() + 2 * count);
    for line in text.lines() {
        match MISTAKES.iter().find(|(right, _)| left > 0 && line.contains(right)) {
            Some((right, mistake)) => {
                wrong.push_str(&line.replacen(right, mistake, 1));
                left -= 1;
            }
            None => wrong.push_str(line),
        }
        wrong.push('\n');
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Layout, spec};

    #[test]
    fn every_mistake_is_complained_about() {
        let text = spec(Layout::of_cells(60));
        assert!(planner::spec::parse("a", with_mistakes(&text, 0).as_bytes()).is_ok());
        let complaints = planner::spec::parse("a", with_mistakes(&text, 100).as_bytes()).unwrap_err();
        assert!(complaints.len() >= 100, "{}", complaints.len());
    }
}
