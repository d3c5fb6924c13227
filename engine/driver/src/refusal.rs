//! Why a plan is not begun.

use model::Address;

/// Why a plan is not begun. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The consent was given for another plan.
    #[error("the consent was given for another plan")]
    OtherPlan,
    /// Steps would destroy data, and nobody named them.
    #[error("no consent to destroy the data of {}", list(.0))]
    DestroysData(Vec<Address>),
    /// Two steps for one object.
    #[error("the plan has two steps for {0}")]
    Twice(Address),
    /// A step waits for one that is not in the plan.
    #[error("{step} is to come after {missing}, which is not in the plan")]
    Missing {
        /// The step.
        step: Address,
        /// What it waits for.
        missing: Address,
    },
    /// A step stands before one that it waits for, so the steps could not be carried out one by one.
    #[error("{step} is to come after {later}, but stands before it in the plan")]
    OutOfOrder {
        /// The step.
        step: Address,
        /// What it waits for.
        later: Address,
    },
    /// A step lacks what its action needs.
    #[error("the step for {step} does not say {lacks}")]
    Incomplete {
        /// The step.
        step: Address,
        /// What it lacks.
        lacks: &'static str,
    },
}

fn list(addresses: &[Address]) -> String {
    addresses.iter().map(Address::as_str).collect::<Vec<_>>().join(", ")
}
