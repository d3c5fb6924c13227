//! A condition as alternatives: HAProxy joins tests by "and" on a line and knows negation of one test, but no brackets.

use super::{Condition, ConditionError, MOST_ALTERNATIVES, MOST_TESTS, Test};

/// A test, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// The test.
    pub test: Test,
    /// Whether it must fail.
    pub negated: bool,
}

/// Tests that must all come out right.
pub type Alternative = Vec<Literal>;

/// The disjunctive normal form, without repetition, in the order in which it was written.
pub(super) fn unfold(condition: &Condition) -> Vec<Alternative> {
    signed(condition, false)
}

/// `negated` carries a negation down to the tests (De Morgan), so that lists swap their kinds under it.
fn signed(condition: &Condition, negated: bool) -> Vec<Alternative> {
    match (condition, negated) {
        (Condition::Test(test), _) => vec![vec![Literal { test: test.clone(), negated }]],
        (Condition::Not(inner), _) => signed(inner, !negated),
        (Condition::Any(parts), false) | (Condition::All(parts), true) => {
            let mut alternatives = Vec::new();
            for alternative in parts.iter().flat_map(|part| signed(part, negated)) {
                push_new(&mut alternatives, alternative);
            }
            alternatives
        }
        (Condition::All(parts), false) | (Condition::Any(parts), true) => {
            parts.iter().map(|part| signed(part, negated)).fold(vec![Vec::new()], |left, right| combine(&left, &right))
        }
    }
}

/// Each alternative of `left` with each of `right`.
fn combine(left: &[Alternative], right: &[Alternative]) -> Vec<Alternative> {
    let mut combined = Vec::new();
    for first in left {
        for second in right {
            let mut alternative = first.clone();
            for literal in second {
                push_new(&mut alternative, literal.clone());
            }
            push_new(&mut combined, alternative);
        }
    }
    combined
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Counts before anything is unfolded: a short condition can unfold into billions of alternatives.
pub(super) fn refuse_too_many(condition: &Condition) -> Result<(), ConditionError> {
    let (alternatives, tests) = size(condition, false);
    let remedy = "give the route a simpler condition, or say it between < and >, in HAProxy's own words";
    if alternatives > MOST_ALTERNATIVES {
        let message = format!("the condition unfolds into more than {MOST_ALTERNATIVES} alternatives");
        return Err(ConditionError::new(0, message).help(remedy));
    }
    if tests > MOST_TESTS {
        return Err(ConditionError::new(0, format!("more than {MOST_TESTS} tests are joined by and")).help(remedy));
    }
    Ok(())
}

/// Number of alternatives, and of tests in the longest of them; upper bounds, saturating.
fn size(condition: &Condition, negated: bool) -> (usize, usize) {
    match (condition, negated) {
        (Condition::Test(_), _) => (1, 1),
        (Condition::Not(inner), _) => size(inner, !negated),
        (Condition::Any(parts), false) | (Condition::All(parts), true) => parts
            .iter()
            .map(|part| size(part, negated))
            .fold((0, 0), |(sum, longest), (count, tests)| (sum.saturating_add(count), longest.max(tests))),
        (Condition::All(parts), false) | (Condition::Any(parts), true) => parts
            .iter()
            .map(|part| size(part, negated))
            .fold((1, 0), |(product, sum), (count, tests)| (product.saturating_mul(count), sum.saturating_add(tests))),
    }
}
