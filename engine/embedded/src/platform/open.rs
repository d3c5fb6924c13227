//! Opening an embedded platform: to change it, to look at it, or one that is nowhere.

use super::{EmbeddedPlatform, Inputs};
use crate::crash::CrashPoints;
use crate::database::Database;
use crate::error::EmbeddedError;
use crate::secret::Digester;
use crate::witness::Witness;
use model::identity::Identities;
use simulator::watch::Watches;
use simulator::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Identity of a world that nothing has been done to yet: a plan made before the file existed fits the file that is made then.
pub const NEW: &str = "new";

/// What the world is called among the systems that a plan is pinned to.
pub const WORLD: &str = "world";

/// What a plan for the world of this identity is pinned to.
pub fn identities(identity: &str) -> Identities {
    Identities::from([(WORLD.into(), Some(identity.into()))])
}

impl EmbeddedPlatform {
    /// Open the world at `path` to change it; make it if it is not there.
    ///
    /// # Errors
    /// [`EmbeddedError`] says what is wrong with the file, which is as it was.
    pub async fn open(path: &Path, mut inputs: Inputs) -> Result<Self, EmbeddedError> {
        let database = Database::open(path, &mut inputs.entropy).await?;
        Self::on(database, inputs, false).await
    }

    /// Open the world at `path` to look at it: the file is neither made nor changed. If it is not there, what is looked at is a
    /// new world.
    ///
    /// # Errors
    /// As [`EmbeddedPlatform::open`].
    pub async fn open_to_look(path: &Path, mut inputs: Inputs) -> Result<Self, EmbeddedError> {
        let database = match Database::open_to_look(path).await? {
            Some(database) => database,
            None => Database::in_memory(&mut inputs.entropy).await?,
        };
        Self::on(database, inputs, true).await
    }

    /// A world that is gone with this value.
    ///
    /// # Errors
    /// If SQLite has no memory.
    pub async fn in_memory(mut inputs: Inputs) -> Result<Self, EmbeddedError> {
        let database = Database::in_memory(&mut inputs.entropy).await?;
        Self::on(database, inputs, false).await
    }

    async fn on(mut database: Database, inputs: Inputs, looking: bool) -> Result<Self, EmbeddedError> {
        let (world, identity, key) = match Self::contents(&mut database, inputs.seed).await {
            Ok(contents) => contents,
            Err(error) => {
                // Closed in order, so that SQLite takes away what it put beside the file; what it says then says no more.
                drop(database.close().await);
                return Err(error);
            }
        };
        let digester = Digester { key, source: inputs.secrets, entropy: inputs.entropy };
        Ok(EmbeddedPlatform {
            world,
            database,
            digester,
            identity,
            seed: inputs.seed,
            connections: Vec::new(),
            looking,
            lock: None,
            records: Vec::new(),
            uncommitted: false,
            arriving: BTreeMap::new(),
            asked: 0,
            watches: Watches::default(),
            wakes: BTreeSet::new(),
            crash: CrashPoints::default(),
            witness: Witness::default(),
        })
    }

    /// The world, its identity, and the key of its digests.
    async fn contents(database: &mut Database, seed: u64) -> Result<(World, String, [u8; 32]), EmbeddedError> {
        let world = database.load(seed).await?;
        let identity = Self::identity_of(database).await?;
        let key = database.setting("digest-key").await?.as_deref().and_then(key_from_hex);
        let key = key.ok_or_else(|| EmbeddedError::damaged(database.path(), "its key for digests cannot be read"))?;
        Ok((world, identity, key))
    }

    async fn identity_of(database: &mut Database) -> Result<String, EmbeddedError> {
        if database.setting("used").await?.is_none() {
            return Ok(NEW.to_owned());
        }
        let world = database.setting("world").await?;
        world.ok_or_else(|| EmbeddedError::damaged(database.path(), "it has no identity"))
    }

    /// Read the world again if another process has changed it since.
    pub(crate) async fn refresh(&mut self) -> Result<(), EmbeddedError> {
        if self.database.is_outdated().await? {
            self.world = self.database.load(self.seed).await?;
            self.world.furnish(&self.connections);
            self.identity = Self::identity_of(&mut self.database).await?;
        }
        Ok(())
    }

    /// Close the file, so that nothing is left beside it but the lock's. Gives back the world as it was last.
    ///
    /// # Errors
    /// [`EmbeddedError`] if SQLite cannot put everything in its place.
    pub async fn close(self) -> Result<World, EmbeddedError> {
        self.database.close().await.map(|()| self.world)
    }
}

fn key_from_hex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(key)
}
