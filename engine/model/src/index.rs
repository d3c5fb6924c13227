//! Maps and sets that iterate in the order of insertion, so that a fixed order of work gives a fixed order of output.

/// A map that iterates in the order of insertion.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, rustc_hash::FxBuildHasher>;

/// A set that iterates in the order of insertion.
pub type IndexSet<T> = indexmap::IndexSet<T, rustc_hash::FxBuildHasher>;
