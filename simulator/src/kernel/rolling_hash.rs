//! One number for all that happened so far: two runs of one seed that differ anywhere end with another hash.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A hash over everything that was fed so far, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RollingHash([u8; 32]);

impl RollingHash {
    /// The hash of nothing.
    pub const START: RollingHash = RollingHash([0; 32]);

    /// Take `bytes` in.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        hasher.update(bytes);
        self.0 = *hasher.finalize().as_bytes();
    }
}

impl fmt::Display for RollingHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RollingHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RollingHash({self})")
    }
}

impl Serialize for RollingHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RollingHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a rolling hash is 64 hexadecimal digits");
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(index * 2..index * 2 + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(RollingHash(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_matters_and_the_hash_reads_back() {
        let (mut left, mut right) = (RollingHash::START, RollingHash::START);
        left.feed(b"a");
        left.feed(b"b");
        right.feed(b"b");
        right.feed(b"a");
        assert_ne!(left, right);
        let text = serde_json::to_string(&left).unwrap();
        assert_eq!(serde_json::from_str::<RollingHash>(&text).unwrap(), left);
        assert!(serde_json::from_str::<RollingHash>("\"zz\"").is_err());
    }
}
