//! What can go wrong, as plain data: a fault has a kind, a target and a few numbers; an injection is a fault with its time; a schedule is
//! a list of injections, each with an id of its own. Whoever makes a schedule (a person, a generator, a replay file), the world carries
//! it out the same way, and an injection less leaves every draw of randomness as it was.
//!
//! * [`Kind`] and [`KINDS`]: what there is, with what it does, to what, and how long;
//! * [`Target`], [`Place`]: what it happens to;
//! * [`Schedule`]: what happens when, and whether that can be, given what [`Known`] says there is.

mod catalogue;
mod check;
mod kind;
mod place;
mod schedule;
mod target;

#[cfg(test)]
mod tests;

pub use catalogue::{KINDS, KindInfo, Lasting, Parameter, Unit, info};
pub use check::{Field, Known, KnownCluster, Mistake};
pub use kind::{Kind, NoKind};
pub use place::Place;
pub use schedule::{Injection, Schedule};
pub use target::{NoTarget, Target, TargetKind};

use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// With what.
    pub target: Target,
    /// How bad, by the names that [`KindInfo::parameters`] gives. What is left out has its usual value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<Text, i64>,
}

impl Fault {
    /// A fault whose numbers are the usual ones.
    pub fn new(kind: Kind, target: Target) -> Self {
        Fault { kind, target, parameters: BTreeMap::new() }
    }

    /// The same fault with one number set.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: i64) -> Self {
        self.parameters.insert(parameter.into(), value);
        self
    }

    /// A number of it: as given, or the usual one; 0 for a name that its kind does not have.
    pub fn parameter(&self, name: &str) -> i64 {
        let usual = || self.kind.info().parameters.iter().find(|parameter| parameter.name == name).map(|known| known.usual);
        self.parameters.get(name).copied().or_else(usual).unwrap_or(0)
    }

    /// A number of it that is never below zero.
    pub fn count(&self, name: &str) -> u64 {
        u64::try_from(self.parameter(name)).unwrap_or(0)
    }
}

/// `node-dead node eu-1/node-1`, `network-slow from region eu to vault, delay 200 ms`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.target)?;
        for parameter in self.kind.info().parameters {
            let value = self.parameter(parameter.name);
            write!(f, ", {} {value}{}", parameter.name, parameter.unit.suffix())?;
        }
        Ok(())
    }
}
