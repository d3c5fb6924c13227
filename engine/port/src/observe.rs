//! Looking at what is there.

use crate::platform::PlatformError;
use model::audit::{Chain, Stored};
use model::connection::Connection;
use model::identity::Identities;
use model::observation::{Gap, Snapshot};
use model::preview::{Previews, Proposal};
use model::{Kind, SecretDigest, SecretReference};
use std::collections::BTreeMap;

/// Looks at systems. A system that cannot be looked at is recorded as unknown, it is not an error.
#[allow(async_fn_in_trait, reason = "the engine runs on one thread; no future leaves it")]
pub trait Observe {
    /// One paged list per system and kind, never a request per object.
    ///
    /// # Errors
    /// [`PlatformError`] only when the observer itself is broken (its world file is damaged).
    async fn observe(&mut self, connections: &[Connection], kinds: &[Kind]) -> Result<Snapshot, PlatformError>;

    /// What would become of objects if these documents were applied to them: asked of their systems (a dry run), one request an object, and
    /// nothing is changed. A system that cannot say is no error.
    ///
    /// # Errors
    /// [`PlatformError`] as for [`Observe::observe`].
    async fn preview(&mut self, proposals: &[Proposal]) -> Result<Previews, PlatformError>;

    /// Digests of the secrets behind `references`, comparable with the digests in the snapshot. One that cannot be
    /// fetched is left out.
    ///
    /// # Errors
    /// [`PlatformError`] as for [`Observe::observe`].
    async fn digests(&mut self, references: &[SecretReference])
    -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError>;

    /// All that stands in an audit chain, in no particular order; nothing if nobody wrote to it so far. Its store was looked at before
    /// ([`Observe::observe`]).
    ///
    /// # Errors
    /// [`PlatformError`] as for [`Observe::observe`].
    async fn audit(&mut self, chain: &Chain) -> Result<Result<Vec<Stored>, Gap>, PlatformError>;

    /// What a plan is pinned to: who the systems are that were looked at. A world is one.
    fn identities(&self) -> Identities;
}
