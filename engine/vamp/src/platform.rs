//! Whatever a command acts on: the embedded platform of a file, or the real systems. From here on nobody asks which.

use crate::error::CommandError;
use crate::real::{self, RealPlatform};
use crate::site::{Ground, Site};
use crate::world;
use embedded::EmbeddedPlatform;
use model::audit::{Chain, Stored};
use model::connection::Connection;
use model::identity::Identities;
use model::observation::{Gap, Snapshot};
use model::outcome::JournalEntry;
use model::preview::{Previews, Proposal};
use model::{Kind, SecretDigest, SecretReference, System, Timestamp};
use port::{Account, Event, Holder, Ledger, LedgerError, Observe, Platform, PlatformError, Request, RunSummary};
use std::collections::BTreeMap;

/// A platform that was opened.
pub(crate) enum AnyPlatform {
    /// The embedded one.
    Embedded(Box<EmbeddedPlatform>),
    /// The real one.
    Real(Box<RealPlatform>),
}

/// What a command is about to do with a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Look at it; nothing is made and nothing is changed.
    Looking,
    /// Look at it; it has to be there.
    LookingBack,
    /// Change it; a world is made if it is not there.
    Changing,
    /// Change it; it has to be there.
    ChangingWhatIs,
}

/// The platform of `site`.
pub(crate) async fn open(site: &Site, purpose: For) -> Result<AnyPlatform, CommandError> {
    let embedded = match (&site.ground, purpose) {
        (Ground::Real(real), _) => return Ok(AnyPlatform::Real(Box::new(real::open(site, real)?))),
        (Ground::World(file), For::Looking) => world::open_to_look(file).await?,
        (Ground::World(file), For::LookingBack) => world::look_at_existing(file).await?,
        (Ground::World(file), For::Changing) => world::open(file).await?,
        (Ground::World(file), For::ChangingWhatIs) => world::open_existing(file).await?,
    };
    Ok(AnyPlatform::Embedded(Box::new(embedded)))
}

/// Put everything in its place. What failed before is told first.
pub(crate) async fn close<T>(platform: AnyPlatform, ended: Result<T, CommandError>) -> Result<T, CommandError> {
    match platform {
        AnyPlatform::Embedded(platform) => world::close(*platform, ended).await,
        // Connections end with the process.
        AnyPlatform::Real(_) => ended,
    }
}

/// The same call, whichever platform it is.
macro_rules! whichever {
    ($self:expr, $platform:ident => $call:expr) => {
        match $self {
            AnyPlatform::Embedded($platform) => $call,
            AnyPlatform::Real($platform) => $call,
        }
    };
}

impl Platform for AnyPlatform {
    fn now(&self) -> Timestamp {
        whichever!(self, platform => platform.now())
    }

    fn submit(&mut self, request: Request) {
        whichever!(self, platform => platform.submit(request));
    }

    async fn ready(&mut self) {
        whichever!(self, platform => platform.ready().await);
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        whichever!(self, platform => platform.next().await)
    }
}

impl Observe for AnyPlatform {
    async fn observe(&mut self, connections: &[Connection], kinds: &[Kind]) -> Result<Snapshot, PlatformError> {
        whichever!(self, platform => platform.observe(connections, kinds).await)
    }

    async fn preview(&mut self, proposals: &[Proposal]) -> Result<Previews, PlatformError> {
        whichever!(self, platform => platform.preview(proposals).await)
    }

    async fn digests(
        &mut self,
        references: &[SecretReference],
    ) -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError> {
        whichever!(self, platform => platform.digests(references).await)
    }

    async fn audit(&mut self, chain: &Chain) -> Result<Result<Vec<Stored>, Gap>, PlatformError> {
        whichever!(self, platform => platform.audit(chain).await)
    }

    fn identities(&self) -> Identities {
        whichever!(self, platform => platform.identities())
    }
}

impl Ledger for AnyPlatform {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        whichever!(self, platform => platform.begin(holder).await)
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        whichever!(self, platform => platform.end().await)
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        whichever!(self, platform => platform.runs(limit).await)
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        whichever!(self, platform => platform.runs_after(run).await)
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        whichever!(self, platform => platform.account().await)
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        whichever!(self, platform => platform.keep_account(account).await)
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        whichever!(self, platform => platform.journal(run).await)
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        whichever!(self, any => any.connections(platform).await)
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        whichever!(self, any => any.remember(platform, connections).await)
    }

    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        whichever!(self, platform => platform.closed().await)
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        whichever!(self, platform => platform.set_closed(why).await)
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        whichever!(self, any => any.forget(holder, platform, system).await)
    }
}
