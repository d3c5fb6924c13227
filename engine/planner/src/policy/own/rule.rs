//! A rule of a platform's own: what it is asked of, how much it weighs, its assertion, and the tests that stand beside it.

use super::check::Mistake;
use super::program::{Program, Scope};
use super::seen::Seen;
use super::shape::Shape;
use super::view::{Change, Observed, Viewed, named_shape};
use crate::policy::catalogue::CATALOGUE;
use crate::policy::rule::Severity;
use crate::spec::types::{Cluster, Environment, Spec, Tenant};
use model::source::Located;
use model::{Place, Resource};

/// What a rule is asked of: each of them, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The spec as a whole.
    Platform,
    /// Each cluster.
    Cluster,
    /// Each tenant.
    Tenant,
    /// Each environment.
    Environment,
    /// Each resource that the spec becomes.
    Resource,
    /// Each step of a plan.
    Change,
}

/// A rule of a platform's own.
#[derive(Debug)]
pub struct Rule {
    /// Its id, which no rule of the catalogue has.
    pub id: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is asked of.
    pub on: On,
    /// What is wrong where it does not hold, as a sentence without its full stop.
    pub message: String,
    /// How that is mended, if the rule says so.
    pub remedy: Option<String>,
    /// The text of its assertion.
    pub text: String,
    /// The assertion.
    pub program: Program,
    /// The file that it stands in.
    pub file: String,
    /// Where its assertion stands there.
    pub place: Place,
    /// The tests beside it.
    pub tests: Vec<Trial>,
}

/// A test of a rule: what it is given, and what it has to say of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether the assertion has to hold.
    pub holds: bool,
    /// What the rule is given to look at, by name.
    pub given: Vec<(&'static str, Located<Seen>)>,
}

impl On {
    /// The names that a rule can look at, with their types: the innermost last.
    pub fn names(self) -> Vec<(&'static str, Shape)> {
        let mut names = vec![("spec", Spec::shape()), ("observed", Observed::shape())];
        match self {
            On::Platform => {}
            On::Cluster => names.push(("cluster", named_shape::<Cluster>())),
            On::Tenant => names.push(("tenant", named_shape::<Tenant>())),
            On::Environment => {
                names.push(("tenant", named_shape::<Tenant>()));
                names.push(("environment", named_shape::<Environment>()));
            }
            On::Resource => names.push(("resource", Resource::shape())),
            On::Change => names.push(("change", Change::shape())),
        }
        names
    }

    /// Reads an assertion of a rule that is asked of this.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn compile(self, text: &str) -> Result<Program, Vec<Mistake>> {
        Program::compile(text, &Scope::new(self.names()))
    }
}

/// Whether an id begins as those of the catalogue do: `VGA-99`. Such ids are kept for rules to come.
pub fn is_of_catalogue(id: &str) -> bool {
    let family = |id: &str| id.split('-').next().unwrap_or_default().to_ascii_uppercase();
    CATALOGUE.iter().any(|rule| family(rule.id) == family(id))
}
