//! Every built-in rule, in the order in which it is listed.

use super::rule::Rule;
use super::rules;

/// All of them.
pub const CATALOGUE: &[Rule] = rules::ALL;

/// The rule `id`; its case does not matter.
pub fn find(id: &str) -> Option<&'static Rule> {
    CATALOGUE.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
