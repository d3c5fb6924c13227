//! Secrets come in here and go no further: a document that reaches the world holds digests in their place.

use model::{Address, SecretDigest, SecretReference};
use simulator::digest::Secrets;
use std::fmt;

/// A secret in memory. It is overwritten when it is dropped, and shows nothing of itself.
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret.
    pub fn new(text: String) -> Self {
        Secret(text.into_bytes())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // So that the compiler does not leave the writes out as useless.
        std::hint::black_box(&self.0);
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

/// Turns references into digests.
pub(crate) struct Digester {
    pub(crate) key: [u8; 32],
    pub(crate) source: SecretSource,
    pub(crate) entropy: Entropy,
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester(…)")
    }
}

impl Secrets for Digester {
    fn fetch(&self, reference: &SecretReference) -> Result<SecretDigest, String> {
        let secret = (self.source)(reference)?;
        Ok(SecretDigest::of(&self.key, &secret.0))
    }

    fn generate(&mut self, _: &Address) -> SecretDigest {
        let mut fresh = [0; 32];
        (self.entropy)(&mut fresh);
        SecretDigest::of(&self.key, &fresh)
    }

    fn digest(&self, text: &str) -> SecretDigest {
        SecretDigest::of(&self.key, text.as_bytes())
    }
}
