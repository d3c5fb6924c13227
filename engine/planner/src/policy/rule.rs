//! A rule as data: what it asks for, how much it weighs, and the pure functions that ask.

use super::case::{Case, Older};
use super::finding::Breach;
use super::subject::{Cell, Cluster, Environment, Store, Tenant};
use model::Resource;
use model::plan::{Plan, Step};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// How much a rule weighs, the heaviest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is planned or applied that breaks it.
    Must,
    /// Highly recommended.
    High,
    /// Recommended.
    Should,
    /// Worth a thought.
    May,
}

impl Severity {
    /// All of them, the heaviest first.
    pub const ALL: [Severity; 4] = [Severity::Must, Severity::High, Severity::Should, Severity::May];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Must => "must",
            Severity::High => "high",
            Severity::Should => "should",
            Severity::May => "may",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that is no severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no severity; there are must, high, should and may")]
pub struct NotASeverity(pub String);

impl FromStr for Severity {
    type Err = NotASeverity;

    fn from_str(text: &str) -> Result<Self, NotASeverity> {
        Severity::ALL.into_iter().find(|severity| severity.word() == text).ok_or_else(|| NotASeverity(text.to_owned()))
    }
}

/// A rule of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable id, which is also the name of its page: `VGA-1`.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What it asks for, as a sentence without its full stop.
    pub title: &'static str,
    /// Its page: why, how to mend, how to waive.
    pub page: &'static str,
    /// How it is judged. Nothing where planning itself sees to it, and says so in the plan's report.
    pub checks: &'static [Check],
}

/// One question of a rule, and what it is asked of. It is asked once for each, and answers with what is wrong, if anything.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The spec as a whole.
    Platform(fn(&Case<'_>) -> Option<Breach>),
    /// Each cluster.
    Cluster(fn(&Case<'_>, &Cluster<'_>) -> Option<Breach>),
    /// MySQL, Vault and each Elasticsearch.
    Store(fn(&Case<'_>, &Store<'_>) -> Option<Breach>),
    /// Each tenant.
    Tenant(fn(&Case<'_>, &Tenant<'_>) -> Option<Breach>),
    /// Each environment.
    Environment(fn(&Case<'_>, &Environment<'_>) -> Option<Breach>),
    /// Each environment on each of its clusters.
    Cell(fn(&Case<'_>, &Cell<'_>) -> Option<Breach>),
    /// Each resource that the spec becomes.
    Resource(fn(&Case<'_>, &Resource) -> Option<Breach>),
    /// Each step of a plan.
    Step(fn(&Case<'_>, &Step) -> Option<Breach>),
    /// A plan as a whole. Each answer names what it is about.
    Plan(fn(&Case<'_>, &Plan) -> Vec<(String, Breach)>),
    /// The spec against the one before it. Each answer names what it is about.
    Change(fn(&Case<'_>, &Older<'_>) -> Vec<(String, Breach)>),
}

impl Check {
    /// Whether `case` has what the question is asked of.
    pub fn applies(&self, case: &Case<'_>) -> bool {
        match self {
            Check::Step(_) | Check::Plan(_) => case.plan.is_some(),
            Check::Change(_) => case.older.is_some(),
            _ => true,
        }
    }
}

impl Rule {
    /// Whether `case` has anything that the rule can judge.
    pub fn applies(&self, case: &Case<'_>) -> bool {
        self.checks.iter().any(|check| check.applies(case))
    }
}

/// The page of a rule, which stands in `docs/policies`.
macro_rules! page {
    ($id:literal) => {
        include_str!(concat!("../../../../../docs/policies/", $id, ".md"))
    };
}
pub(crate) use page;
