//! Permission to change a platform, as a value: who has no [`Consent`] cannot make a machine.

use model::Address;
use model::plan::{Action, Plan, Step};
use model::value::Text;
use std::collections::BTreeSet;

/// What somebody said when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The question was answered beforehand, by a flag.
    Flag,
    /// This was typed.
    Typed(&'a str),
}

/// The word that has to be typed. Nothing shorter: a hand that rests on a key must not change a platform.
pub const YES: &str = "yes";

/// Permission to carry out one plan, and to destroy the data of the things that were named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    plan: Text,
    destroys: BTreeSet<Address>,
}

/// The answer was not a yes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not confirmed: only {YES:?} is taken for a yes")]
pub struct NotGiven;

impl Consent {
    /// The permission that `answer` gives for `plan` and for no other. `destroys` are the addresses that the caller named
    /// one by one; a yes to the plan as a whole never includes them.
    ///
    /// # Errors
    /// [`NotGiven`] for anything typed that is not [`YES`].
    pub fn given(plan: &Plan, answer: Answer<'_>, destroys: impl IntoIterator<Item = Address>) -> Result<Self, NotGiven> {
        match answer {
            Answer::Typed(typed) if typed.trim() != YES => Err(NotGiven),
            Answer::Flag | Answer::Typed(_) => {
                Ok(Consent { plan: plan.digest.clone(), destroys: destroys.into_iter().collect() })
            }
        }
    }

    /// Whether it was given for this plan.
    pub fn covers(&self, plan: &Plan) -> bool {
        self.plan == plan.digest
    }

    /// The steps of `plan` that destroy data which nobody named.
    pub fn missing<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Address> {
        let steps = plan.steps.iter().filter(|step| destroys_data(step));
        steps.map(|step| &step.address).filter(|address| !self.destroys.contains(*address))
    }
}

/// Whether carrying out `step` loses data. What the kind itself says counts beside what the plan says: two locks on one door.
pub fn destroys_data(step: &Step) -> bool {
    let takes_away = matches!(step.action, Action::Delete | Action::Replace);
    step.destroys_data || (takes_away && step.address.kind().holds_data())
}
