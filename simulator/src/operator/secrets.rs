//! Secrets of an operator in a simulation: made up from the seed, so that each is the same in every run of it. Each begins with
//! [`CANARY`], so that one that gets into the world in the open is seen there.

use crate::digest::Secrets;
use crate::kernel::random::draw;
use model::{Address, SecretDigest, SecretReference};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How every secret begins.
pub const CANARY: &str = "canary-secret-";

/// The key of the digests of secrets.
pub const KEY: [u8; 32] = *b"the key of simulated digests 000";

/// Makes secrets up.
#[derive(Clone, Debug)]
pub struct Keyring {
    seed: u64,
    made: u64,
    /// Secrets that were made up since they were last taken.
    latest: Vec<String>,
    known: Option<Arc<Known>>,
}

/// Digests of secrets that are not made up: those of a real platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// By reference. What is not in here cannot be fetched.
    pub references: BTreeMap<SecretReference, SecretDigest>,
    /// By text, of what stands somewhere in the open.
    pub texts: BTreeMap<String, SecretDigest>,
}

impl Keyring {
    /// The secrets of a seed.
    pub fn new(seed: u64) -> Self {
        Keyring { seed, made: 0, latest: Vec::new(), known: None }
    }

    /// The secrets that were made up since the last time, in the open.
    pub(super) fn take_latest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.latest)
    }

    /// The same, where some secrets are `known`.
    #[must_use]
    pub fn knowing(mut self, known: Option<Arc<Known>>) -> Self {
        self.known = known;
        self
    }
}

impl Secrets for Keyring {
    fn fetch(&self, reference: &SecretReference) -> Result<SecretDigest, String> {
        match &self.known {
            Some(known) => known.references.get(reference).copied().ok_or_else(|| format!("{reference} is not known")),
            None => Ok(self.digest(&format!("{CANARY}{reference}"))),
        }
    }

    fn generate(&mut self, address: &Address, length: u16) -> SecretDigest {
        self.made += 1;
        let drawn = draw(self.seed, address.as_str(), "generated secret", self.made);
        let length = usize::from(length);
        let digits = length.saturating_sub(CANARY.len());
        let mut text = format!("{CANARY}{drawn:0digits$}");
        text.truncate(length);
        let digest = self.digest(&text);
        self.latest.push(text);
        digest
    }

    fn digest(&self, text: &str) -> SecretDigest {
        let known = self.known.as_ref().and_then(|known| known.texts.get(text).copied());
        known.unwrap_or_else(|| SecretDigest::of(&KEY, text.as_bytes()))
    }
}
