//! What a system says would become of an object if a document were applied to it: a dry run. Nothing is written.
//!
//! Only the system knows what it fills in, what its webhooks rewrite, and which fields go when nobody applies them any more. It is asked about
//! the objects that a plan would change, and about no other.

use crate::address::Address;
use crate::operation::Mark;
use crate::value::{Text, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A document that an object, which is there and ours, may be brought to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Which object.
    pub address: Address,
    /// What it should be; secrets are references.
    pub document: Arc<Value>,
    /// Mark that it would carry.
    pub mark: Mark,
    /// What tells it from another of the same name (`Observed::incarnation`): about another one nothing is asked.
    pub incarnation: Text,
}

/// What a system says to a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// The object would be this, as a look would show it afterwards.
    Becomes(Arc<Value>),
    /// It does not say, or would refuse it: why, in a sentence without its full stop.
    Unsaid(String),
}

/// What was said to each proposal.
pub type Previews = BTreeMap<Address, Preview>;
