//! WAI-1: a waiver that has ended.

use super::super::rule::page;
use super::super::{Rule, Severity};

/// Judged where waivers are applied: `policy::waiver`.
pub(crate) const RULE: Rule = Rule {
    id: "WAI-1",
    severity: Severity::Should,
    title: "no waiver is past its last day",
    page: page!("WAI-1"),
    checks: &[],
};
