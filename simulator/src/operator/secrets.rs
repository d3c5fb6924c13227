//! Secrets of an operator in a simulation: made up from the seed, so that each is the same in every run of it. Each begins with
//! [`CANARY`], so that one that gets into the world in the open is seen there.

use crate::digest::Secrets;
use crate::kernel::random::draw;
use model::{Address, SecretDigest, SecretReference};

/// How every secret begins.
pub const CANARY: &str = "canary-secret-";

const KEY: [u8; 32] = *b"the key of simulated digests 000";

/// Makes secrets up.
#[derive(Clone, Debug)]
pub struct Keyring {
    seed: u64,
    made: u64,
}

impl Keyring {
    /// The secrets of a seed.
    pub fn new(seed: u64) -> Self {
        Keyring { seed, made: 0 }
    }
}

impl Secrets for Keyring {
    fn fetch(&self, reference: &SecretReference) -> Result<SecretDigest, String> {
        Ok(self.digest(&format!("{CANARY}{reference}")))
    }

    fn generate(&mut self, address: &Address) -> SecretDigest {
        self.made += 1;
        let drawn = draw(self.seed, address.as_str(), "generated secret", self.made);
        self.digest(&format!("{CANARY}{drawn}"))
    }

    fn digest(&self, text: &str) -> SecretDigest {
        SecretDigest::of(&KEY, text.as_bytes())
    }
}
