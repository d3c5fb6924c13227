//! All changes in one source, each behind a switch that is asked when the program runs. So a hundred changes cost one build.

use crate::find::{Mutation, Way};
use std::ops::Range;

/// The source with every change in it, each with its number.
pub fn weave(text: &str, mutations: &[(usize, Mutation)]) -> String {
    part(text, 0..text.len(), mutations)
}

/// A part of the source. Changes are nested or apart, never across each other, since each changes a whole expression.
fn part(text: &str, within: Range<usize>, mutations: &[(usize, Mutation)]) -> String {
    let mut woven = String::new();
    let mut at = within.start;
    let mut rest: Vec<(usize, Mutation)> = mutations.to_vec();
    // The outermost of those that begin first come first.
    rest.sort_by_key(|(number, mutation)| (mutation.at.start, std::cmp::Reverse(mutation.at.end), *number));
    while let Some((_, outer)) = rest.first().cloned() {
        let (inside, after): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, other)| other.at.start < outer.at.end);
        let (here, inside): (Vec<_>, Vec<_>) = inside.into_iter().partition(|(_, other)| other.at == outer.at);
        woven.push_str(&text[at..outer.at.start]);
        let original = part(text, outer.at.clone(), &inside);
        woven.push_str(&switched(&original, &here));
        (at, rest) = (outer.at.end, after);
    }
    woven + &text[at..within.end]
}

/// A part behind the switches of the changes that change the whole of it.
fn switched(original: &str, here: &[(usize, Mutation)]) -> String {
    let is = |number: usize| format!("crate::changed({number})");
    let mut text = original.to_owned();
    for (number, mutation) in here {
        text = match &mutation.way {
            Way::Instead(other) => format!("(if {} {{ {other} }} else {{ {text} }})", is(*number)),
            Way::AlwaysTrue => format!("(|it: &_| {} || ({text})(it))", is(*number)),
            Way::First(statement) => format!("if {} {{ {statement} }} {text}", is(*number)),
            Way::Guard => format!("{text} if !{}", is(*number)),
        };
    }
    text
}

/// The switch: what is appended to the library.
pub const SWITCH: &str = r#"
/// Whether the change of that number is the one to run with.
pub(crate) fn changed(number: usize) -> bool {
    static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0)) == number
}
"#;
