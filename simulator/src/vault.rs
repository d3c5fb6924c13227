//! Vault as the engine and the agents see it: a KV version 2 store with check-and-set, mounts, policies, auth methods and their
//! roles, behind a seal, on storage of its own or on the platform's MySQL.
//!
//! [`kv`] answers as Vault's HTTP API does ([`answer::Refusal`]: status and text); [`execute`] turns that into what a step needs to
//! know; `server` is the HTTP API itself. Which states it can be in stands in [`state`].

pub mod answer;
pub mod execute;
pub mod kv;
pub mod policy;
mod server;
pub mod state;
mod token;

pub use answer::Refusal;
pub use kv::{Entry, Reading};
pub use state::{Storage, VaultState};
pub use token::Token;

use crate::kept::Objects;
use crate::kernel::{Damaged, Record, Store};
use model::value::Text;
use model::{Address, Value};
use std::collections::BTreeMap;

/// The platform's Vault.
#[derive(Clone, Debug)]
pub struct Vault {
    state: Store<String, VaultState>,
    mounts: Objects,
    policies: Objects,
    auth_methods: Objects,
    auth_roles: Objects,
    entries: Store<Text, Entry>,
    /// Keys that the active server holds in its cache: what can still be read while its storage is away.
    cached: Store<Text, ()>,
    /// Tokens that were given out over its HTTP API; a world that is kept forgets them.
    tokens: BTreeMap<Text, Token>,
    /// What requests to its HTTP API changed since somebody asked.
    touched: Vec<Address>,
}

const STATE: &str = "vault.state";
const ENTRIES: &str = "vault.kv";
const CACHED: &str = "vault.cached";
const SERVER: &str = "server";

impl Default for Vault {
    fn default() -> Self {
        Vault::new()
    }
}

impl Vault {
    /// An empty Vault that is initialised, unsealed and active.
    pub fn new() -> Self {
        let mut state = Store::new();
        state.insert(SERVER.to_owned(), VaultState::default());
        Vault {
            state,
            mounts: Objects::new("vault.mount"),
            policies: Objects::new("vault.policy"),
            auth_methods: Objects::new("vault.auth-method"),
            auth_roles: Objects::new("vault.auth-role"),
            entries: Store::new(),
            cached: Store::new(),
            tokens: BTreeMap::new(),
            touched: Vec::new(),
        }
    }

    /// What is kept of it beside its objects.
    pub fn state(&self) -> VaultState {
        self.state.get(SERVER).cloned().unwrap_or_default()
    }

    /// Change what is kept of it beside its objects. Whoever seals or restarts it empties its cache.
    pub fn change(&mut self, change: impl FnOnce(&mut VaultState)) {
        let before = self.state();
        let mut state = before.clone();
        change(&mut state);
        if state == before {
            return;
        }
        if state.restarts != before.restarts || state.sealed || state.unavailable {
            while self.cached.pop_first().is_some() {}
        }
        self.state.insert(SERVER.to_owned(), state);
    }

    /// The text of a policy.
    pub fn policy(&self, name: &str) -> Option<&str> {
        self.policies.get(name)?.document.value().str_at(&["policy"])
    }

    /// Roles of an auth method, each with its key, `METHOD/NAME`.
    pub fn roles_of<'a>(&'a self, method: &'a str) -> impl Iterator<Item = (&'a Text, &'a Value)> {
        // Another method's name may begin with this one's.
        let roles = self.auth_roles.under(method).filter(|(key, _)| key.as_bytes().get(method.len()) == Some(&b'/'));
        roles.map(|(key, role)| (key, &**role.document.value()))
    }

    /// It restarted. On storage that does not outlive it, it begins anew; otherwise it comes back sealed, unless it unseals itself.
    pub fn restart(&mut self) {
        if !self.state().durable {
            self.wipe();
        }
        self.change(|state| {
            state.restarts += 1;
            state.sealed = state.durable && !state.auto_unseal;
        });
    }

    /// Everything in it is gone.
    pub fn wipe(&mut self) {
        for shelf in [&mut self.mounts, &mut self.policies, &mut self.auth_methods, &mut self.auth_roles] {
            for key in shelf.keys_under("") {
                shelf.remove(&key);
            }
        }
        while self.entries.pop_first().is_some() {}
        while self.cached.pop_first().is_some() {}
        self.change(|state| state.generation += 1);
    }

    /// Hold what `other` holds, as when the storage of both is brought back from a copy of it. Tokens of before are not known any more.
    pub fn take_content_of(&mut self, other: &Vault) {
        self.wipe();
        let shelves = [&mut self.mounts, &mut self.policies, &mut self.auth_methods, &mut self.auth_roles];
        let theirs = [&other.mounts, &other.policies, &other.auth_methods, &other.auth_roles];
        for (shelf, theirs) in shelves.into_iter().zip(theirs) {
            shelf.take_content_of(theirs);
        }
        for (path, entry) in other.entries.iter() {
            self.entries.insert(path.clone(), entry.clone());
        }
    }

    /// Append what changed since the last call.
    pub fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.state.drain_changes(STATE, prefix, records);
        self.entries.drain_changes(ENTRIES, prefix, records);
        self.cached.drain_changes(CACHED, prefix, records);
        for shelf in [&mut self.mounts, &mut self.policies, &mut self.auth_methods, &mut self.auth_roles] {
            shelf.drain_changes(prefix, records);
        }
    }

    /// Put one kept record back. Whether it was one of its own.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            STATE => self.state.restore(table, key, value)?,
            ENTRIES => self.entries.restore(table, key, value)?,
            CACHED => self.cached.restore(table, key, value)?,
            _ => {
                for shelf in [&mut self.mounts, &mut self.policies, &mut self.auth_methods, &mut self.auth_roles] {
                    if shelf.restore(table, key, value)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
