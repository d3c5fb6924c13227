//! Secrets come in here and go no further: a document that reaches the world holds digests in their place.

use model::{Address, SecretDigest, SecretReference};
use port::{Entropy, SecretSource};
use simulator::digest::Secrets;
use std::fmt;

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
        Ok(SecretDigest::of(&self.key, secret.expose()))
    }

    fn generate(&mut self, _: &Address, _: u16) -> SecretDigest {
        let mut fresh = [0; 32];
        (self.entropy)(&mut fresh);
        SecretDigest::of(&self.key, &fresh)
    }

    fn digest(&self, text: &str) -> SecretDigest {
        SecretDigest::of(&self.key, text.as_bytes())
    }
}
