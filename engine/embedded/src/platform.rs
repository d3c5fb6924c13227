//! [`EmbeddedPlatform`]: the world of one file, changed through requests in virtual time.

mod carry_out;
mod open;

use crate::crash::{Coroner, CrashPoints};
use crate::database::Database;
use crate::lock::Lock;
use crate::secret::Digester;
use crate::witness::{Watcher, Witness};
use model::audit::Chain;
use model::connection::Connection;
use model::operation::Operation;
use model::outcome::JournalEntry;
use model::{Duration, System, Timestamp, Value};
use port::{Entropy, Event, Platform, PlatformError, Request, SecretSource, Ticket};
use simulator::watch::Watches;
use simulator::world::World;
use std::collections::{BTreeMap, BTreeSet};

pub use open::{NEW, WORLD, identities};

/// How long the embedded systems take to answer a request. Constant, so that what is asked at one instant is answered at one.
pub const LATENCY: Duration = Duration::milliseconds(5);

/// How much virtual time may pass without an event before the platform gives up.
pub const BUDGET: Duration = Duration::seconds(24 * 3600);

/// What the embedded platform is given from outside: it reads no environment and draws no randomness itself.
pub struct Inputs {
    /// Fetches secrets from the environment and from files.
    pub secrets: SecretSource,
    /// Gives fresh entropy, for the identity of a new world and for generated secrets.
    pub entropy: Entropy,
    /// Seed of a new world.
    pub seed: u64,
}

impl std::fmt::Debug for Inputs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// A request on its way to a system.
#[derive(Debug)]
enum Arriving {
    Operation(Ticket, Operation),
    Documents(Ticket, Chain, Vec<Value>),
}

/// The world of one file, behind the traits of `port`.
#[derive(Debug)]
pub struct EmbeddedPlatform {
    world: World,
    database: Database,
    digester: Digester,
    /// Identity of the world, for plans to be pinned to.
    identity: String,
    seed: u64,
    /// What was furnished last: a world that is read again has to have it too.
    connections: Vec<Connection>,
    /// The world was opened to look at it only.
    looking: bool,
    lock: Option<Lock>,
    records: Vec<(Ticket, Vec<JournalEntry>)>,
    /// Operations were carried out at this instant, and what they did is not committed yet.
    uncommitted: bool,
    /// What is on its way to a system, by when they arrive and in which order they were asked for.
    arriving: BTreeMap<(Timestamp, u64), Arriving>,
    asked: u64,
    watches: Watches,
    wakes: BTreeSet<Timestamp>,
    crash: CrashPoints,
    witness: Witness,
}

impl EmbeddedPlatform {
    /// The world, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// For tests: die at the `n`-th effect boundary, counted from 1. A boundary lies before and after each commit.
    #[must_use]
    pub fn with_crash_at(mut self, n: u64) -> Self {
        self.crash.at = Some(n);
        self
    }

    /// For tests: `coroner` is called at every effect boundary, where it finds in the file what a killed process would leave.
    #[must_use]
    pub fn with_coroner(mut self, coroner: Coroner) -> Self {
        self.crash.coroner = Some(coroner);
        self
    }

    /// For tests: `watcher` is shown the world after every event and every operation.
    #[must_use]
    pub fn with_witness(mut self, watcher: Watcher) -> Self {
        self.witness.0 = Some(watcher);
        self
    }

    /// For tests: the effect boundaries that were passed so far.
    pub fn boundaries(&self) -> u64 {
        self.crash.passed
    }
}

/// What the other faces of the platform (ledger, observer) need of it.
impl EmbeddedPlatform {
    /// Let everything be there that `connections` lead to.
    pub(crate) fn furnish(&mut self, connections: &[Connection]) {
        self.world.furnish(connections);
        self.connections = connections.to_vec();
    }

    fn send(&mut self, system: &System, request: Arriving) {
        self.asked += 1;
        let late = self.world.engine_way(system).delay;
        self.arriving.insert((self.world.now() + LATENCY + late, self.asked), request);
    }

    pub(crate) fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    pub(crate) fn database_mut(&mut self) -> &mut Database {
        &mut self.database
    }

    pub(crate) fn digester(&self) -> &Digester {
        &self.digester
    }

    pub(crate) fn identity_text(&self) -> &str {
        &self.identity
    }

    pub(crate) fn is_for_looking(&self) -> bool {
        self.looking
    }

    pub(crate) fn has_lock(&self) -> bool {
        self.lock.is_some()
    }

    pub(crate) fn set_lock(&mut self, lock: Option<Lock>) {
        self.lock = lock;
    }
}

impl Platform for EmbeddedPlatform {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn submit(&mut self, request: Request) {
        match request {
            Request::Record { ticket, entries } => self.records.push((ticket, entries)),
            Request::Execute { ticket, operation } => {
                let system = operation.address().system();
                self.send(&system, Arriving::Operation(ticket, operation));
            }
            Request::Append { ticket, chain, documents } => {
                let system = chain.store.clone();
                self.send(&system, Arriving::Documents(ticket, chain, documents));
            }
            Request::Watch { ticket, address, until } => self.watches.add(ticket, address, until),
            Request::Wake { at } => drop(self.wakes.insert(at)),
        }
    }

    /// In virtual time nothing waits for the outside; signals get their turn.
    async fn ready(&mut self) {
        tokio::task::yield_now().await;
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.crash.alive()?;
        let begun = self.world.now();
        loop {
            let mut events = Vec::new();
            self.write_journal(&mut events).await?;
            self.watches.first_looks(&self.world, &mut events);
            if events.is_empty() {
                self.pass_time(begun, &mut events).await?;
            }
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }
}
