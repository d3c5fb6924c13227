//! WAI-2: a waiver of what nobody breaks.

use super::super::rule::page;
use super::super::{Rule, Severity};

/// Judged where waivers are applied: `policy::waiver`.
pub(crate) const RULE: Rule = Rule {
    id: "WAI-2",
    severity: Severity::Should,
    title: "every waiver waives something",
    page: page!("WAI-2"),
    checks: &[],
};
