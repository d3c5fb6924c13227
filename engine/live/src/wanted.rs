//! What the platform wants, as far as an observer has to know it: which names somebody else may have taken, and which fields are written
//! in the open, so that everything else can be kept as a digest.

use model::{Address, Value};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The wanted documents, by address. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Rc<BTreeMap<Address, Arc<Value>>>);

impl Wanted {
    /// What is wanted at `address`, if anything.
    pub fn document(&self, address: &Address) -> Option<&Value> {
        self.0.get(address).map(|document| &**document)
    }

    /// The same with its address, to be kept beside it: both are cheap to copy.
    pub(crate) fn shared(&self, address: &Address) -> Option<(&Address, &Arc<Value>)> {
        self.0.get_key_value(address)
    }

    /// Everything that is wanted.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Value)> {
        self.0.iter().map(|(address, document)| (address, &**document))
    }
}

impl FromIterator<(Address, Arc<Value>)> for Wanted {
    fn from_iter<I: IntoIterator<Item = (Address, Arc<Value>)>>(documents: I) -> Self {
        Wanted(Rc::new(documents.into_iter().collect()))
    }
}
