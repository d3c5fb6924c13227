//! The objects of a list, by address. Each lies in an allocation of its own: a tree that is filled in order is half empty, and an
//! object is large.

use super::Observed;
use crate::address::Address;
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// The objects that a complete, successful list showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects(BTreeMap<Address, Box<Observed>>);

impl Objects {
    /// The object at an address.
    pub fn get(&self, address: &Address) -> Option<&Observed> {
        self.0.get(address).map(|object| &**object)
    }

    /// The object at an address, to change it.
    pub fn get_mut(&mut self, address: &Address) -> Option<&mut Observed> {
        self.0.get_mut(address).map(|object| &mut **object)
    }

    /// Whether there is one at an address.
    pub fn contains<Q: Ord + ?Sized>(&self, address: &Q) -> bool
    where
        Address: Borrow<Q>,
    {
        self.0.contains_key(address)
    }

    /// Add an object, in the place of one with the same address.
    pub fn insert(&mut self, address: Address, object: Observed) {
        self.0.insert(address, Box::new(object));
    }

    /// Take an object away.
    pub fn remove(&mut self, address: &Address) -> Option<Observed> {
        self.0.remove(address).map(|object| *object)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Observed)> {
        self.0.iter().map(|(address, object)| (address, &**object))
    }

    /// All of them, by address, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Address, &mut Observed)> {
        self.0.iter_mut().map(|(address, object)| (address, &mut **object))
    }

    /// All of them, without their addresses.
    pub fn values(&self) -> impl Iterator<Item = &Observed> {
        self.0.values().map(|object| &**object)
    }

    /// All addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.0.keys()
    }
}

impl FromIterator<(Address, Observed)> for Objects {
    fn from_iter<I: IntoIterator<Item = (Address, Observed)>>(objects: I) -> Self {
        Objects(objects.into_iter().map(|(address, object)| (address, Box::new(object))).collect())
    }
}
