//! What the real systems are driven with from outside: this crate reads no environment and no clock, and draws no randomness itself.

use crate::traffic::{Clock, Trace};
use crate::wanted::Wanted;
use crate::wire::Limits;
use model::System;
use model::value::Text;
use port::{Entropy, SecretSource};
use std::fmt;
use std::path::PathBuf;

/// What is handed in.
pub struct Inputs {
    /// The wall clock.
    pub clock: Clock,
    /// Shows every request, if somebody looks.
    pub trace: Option<Trace>,
    /// Fetches secrets from the environment and from files.
    pub secrets: SecretSource,
    /// Gives fresh entropy, for generated secrets and the key of digests.
    pub entropy: Entropy,
    /// The usual kubeconfig files, in the order of `KUBECONFIG`.
    pub kubeconfig: Vec<PathBuf>,
    /// Namespace inside of Vault (`VAULT_NAMESPACE`).
    pub vault_namespace: Option<String>,
    /// The platform's name.
    pub platform: Text,
    /// What the platform wants.
    pub wanted: Wanted,
    /// How long a request may take, and how large an answer may be.
    pub limits: Limits,
    /// Another way to the servers than sockets, for whoever runs all of them inside of this process.
    pub way: Option<Way>,
}

/// A client of a system over a service inside of this process; nothing for one that is reached as its connection says.
pub type Way = Box<dyn Fn(&System) -> Option<kube::Client>>;

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("kubeconfig", &self.kubeconfig).field("limits", &self.limits).finish_non_exhaustive()
    }
}
