//! A secret in memory, and where secrets and entropy come from. Whoever reads the environment or files hands these in.

use model::SecretReference;
use std::fmt;
use zeroize::Zeroizing;

/// A secret in memory. It is overwritten when it is dropped, and shows nothing of itself.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret.
    pub fn new(text: String) -> Self {
        Secret(Zeroizing::new(text.into_bytes()))
    }

    /// A secret that need not be text.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Secret(Zeroizing::new(bytes))
    }

    /// The secret itself, for whoever sends it or makes a digest of it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Fetches a secret from the environment or a file; the error is for people and holds no secret.
pub type SecretSource = Box<dyn Fn(&SecretReference) -> Result<Secret, String>>;

/// Fills bytes with fresh entropy.
pub type Entropy = Box<dyn FnMut(&mut [u8])>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_owned())), "Secret(…)");
    }
}
