//! The carrier that makes real requests: what an operator asks for is carried by the adapters of real systems, with their real clients, to
//! the servers of the world. Time is the world's: while an answer is waited for, none passes.

use super::post::{Letter, Mailbox};
use super::servers::Servers;
use super::token::Token;
use futures::StreamExt;
use futures::channel::mpsc;
use live::{Inputs, Journal, Limits, LivePlatform};
use model::connection::{Connection, Endpoint};
use model::observation::Snapshot;
use model::operation::{OperationError, Receipt};
use model::outcome::JournalEntry;
use model::{Address, Kind, SecretReference, System, Timestamp};
use port::{Event, Observe, Platform, PlatformError, Request, Secret, Ticket};
use simulator::kernel::EPOCH;
use simulator::operator::carrier::{Asker, Carrier, Direct, Lists, Order};
use simulator::operator::secrets::{CANARY, KEY};
use simulator::operator::{Desired, settings};
use simulator::server::address_of;
use simulator::watch::Watches;
use simulator::world::World;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Runtime;

/// How long all clients have to be idle before they are taken to be so, in the runtime's own time, which passes at no cost.
const IDLE: std::time::Duration = std::time::Duration::from_millis(1);

/// The environment variable in which `vamp` is given its token of Vault.
const TOKEN: &str = "VAULT_TOKEN";

/// Carries requests with real clients.
pub(crate) struct Real {
    runtime: Runtime,
    /// The runtime's clock when it began.
    began: tokio::time::Instant,
    /// The world's clock, as clients read it.
    clock: Arc<AtomicU64>,
    letters: mpsc::UnboundedReceiver<Letter>,
    post: mpsc::UnboundedSender<Letter>,
    pub(crate) servers: Servers,
    token: Token,
    processes: BTreeMap<u32, Process>,
    /// Operations that were asked for.
    tickets: u64,
}

/// One run of `vamp`.
struct Process {
    look: u64,
    platform: LivePlatform<Nowhere>,
    /// What is drawn next when a secret is made up.
    made: Rc<RefCell<Made>>,
    heard: Vec<Event>,
}

/// An operator keeps its journal itself.
struct Nowhere;

impl Journal for Nowhere {
    async fn record(&mut self, _: &[JournalEntry]) -> Result<(), PlatformError> {
        Ok(())
    }
}

/// Entropy that gives the key of digests, and then the secrets that were made up already.
#[derive(Default)]
struct Made {
    texts: Vec<String>,
    next: usize,
    keyed: bool,
}

impl Made {
    fn fill(&mut self, bytes: &mut [u8]) {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        if !std::mem::replace(&mut self.keyed, true) {
            return bytes.copy_from_slice(&KEY);
        }
        let text = &self.texts[self.next % self.texts.len()];
        self.next += 1;
        for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
            *byte = ALPHABET.iter().position(|known| *known == letter).unwrap() as u8;
        }
    }
}

/// What is carried by real requests; MySQL goes the fast way, because its driver needs a socket.
fn is_real(system: &System) -> bool {
    *system != System::Mysql
}

impl Real {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let began = runtime.block_on(async { tokio::time::Instant::now() });
        let (post, letters) = mpsc::unbounded();
        Real {
            runtime,
            began,
            clock: Arc::default(),
            letters,
            post,
            servers: Servers::default(),
            token: Token::default(),
            processes: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// The same, to whom these secrets are known.
    pub(crate) fn knowing<'a>(secrets: impl IntoIterator<Item = &'a String>) -> Self {
        let mut real = Self::new();
        secrets.into_iter().for_each(|secret| real.servers.plain.know(secret));
        real
    }

    /// Let the clocks of all clients show what the world's does.
    fn set_clocks(&mut self, now: Timestamp) {
        self.clock.store(now.0, Ordering::Relaxed);
        self.runtime.block_on(async {
            let ahead = std::time::Duration::from_millis(now.since(EPOCH).0).saturating_sub(self.began.elapsed());
            if !ahead.is_zero() {
                tokio::time::advance(ahead).await;
            }
        });
    }

    fn process(&mut self, world: &mut World, asker: Asker, desired: &Arc<Desired>) -> Process {
        match self.processes.remove(&asker.operator) {
            Some(process) if process.look == asker.look => process,
            _ => {
                let mut process = self.start(asker, desired);
                // All systems are known before any is looked at: Vault is asked what it knows of the clusters.
                let systems: Vec<System> = desired.connections.iter().map(|connection| connection.system.clone()).collect();
                self.observe(world, &mut process, &systems, &[]);
                process
            }
        }
    }

    fn start(&mut self, asker: Asker, desired: &Arc<Desired>) -> Process {
        let made = Rc::new(RefCell::new(Made::default()));
        let (entropy, clock, post) = (made.clone(), self.clock.clone(), self.post.clone());
        let file = self.token.file.clone();
        // A client has a task of its own.
        let handle = self.runtime.handle().clone();
        let way = move |system: &System| {
            let _within = handle.enter();
            is_real(system).then(|| kube::Client::new(Mailbox::new(system, &post), "default"))
        };
        let inputs = Inputs {
            clock: Arc::new(move || Timestamp(clock.load(Ordering::Relaxed))),
            trace: None,
            secrets: Box::new(move |reference| {
                let is_token = *reference == SecretReference::Env(TOKEN.to_owned());
                Ok(Secret::new(if is_token { file.lock().unwrap().clone() } else { format!("{CANARY}{reference}") }))
            }),
            entropy: Box::new(move |bytes| entropy.borrow_mut().fill(bytes)),
            kubeconfig: Vec::new(),
            vault_namespace: None,
            platform: desired.spec.platform.value.as_str().into(),
            wanted: desired.graph.resources().map(|resource| (resource.address.clone(), resource.document.clone())).collect(),
            limits: Limits { time: settings::PATIENCE, ..Limits::default() },
            way: Some(Box::new(way)),
        };
        Process { look: asker.look, platform: LivePlatform::new(inputs, Nowhere), made, heard: Vec::new() }
    }

    /// Drive a future that asks servers of the world.
    fn drive<T>(&mut self, world: &mut World, future: impl Future<Output = T>) -> T {
        self.set_clocks(world.now());
        self.token.keep_fresh(world);
        let mut future = pin!(future);
        loop {
            let letters = &mut self.letters;
            let turn = self.runtime.block_on(async {
                tokio::select! {
                    biased;
                    result = &mut future => Ok(result),
                    letter = letters.next() => Err(letter),
                }
            });
            match turn {
                Ok(result) => return result,
                Err(letter) => letter.into_iter().for_each(|letter| self.servers.answer(world, letter)),
            }
        }
    }

    /// Look at systems with the process's own eyes.
    fn observe(&mut self, world: &mut World, process: &mut Process, systems: &[System], kinds: &[Kind]) -> Snapshot {
        let connection = |system: &System| {
            let endpoint = match system {
                System::Cluster(name) => Endpoint::KubeconfigContext { context: name.to_string(), kubeconfig: None },
                _ => Endpoint::Server(address_of(system)),
            };
            let credentials = (*system == System::Vault).then(|| SecretReference::Env(TOKEN.to_owned()));
            Connection { credentials, ..Connection::new(system.clone(), endpoint) }
        };
        let connections: Vec<Connection> = systems.iter().filter(|system| is_real(system)).map(connection).collect();
        self.drive(world, process.platform.observe(&connections, kinds)).unwrap()
    }

    /// Let all clients go on until none of them has anything to do.
    fn settle(&mut self, world: &mut World, process: &mut Process) {
        enum Turn {
            Happened(Vec<Event>),
            Letter(Box<Letter>),
            Idle,
        }
        self.set_clocks(world.now());
        loop {
            let letters = &mut self.letters;
            let platform = &mut process.platform;
            let turn = self.runtime.block_on(async {
                let happened = tokio::select! {
                    biased;
                    () = platform.ready() => true,
                    letter = letters.next() => return letter.map_or(Turn::Idle, |letter| Turn::Letter(Box::new(letter))),
                    () = tokio::time::sleep(IDLE) => false,
                };
                if happened { Turn::Happened(platform.next().await.unwrap()) } else { Turn::Idle }
            });
            match turn {
                Turn::Happened(events) => process.heard.extend(events),
                Turn::Letter(letter) => self.servers.answer(world, *letter),
                Turn::Idle => return,
            }
        }
    }

    /// Let clients hear what there is to be heard. In the fast mode nobody pauses after a watch that has ended: nobody does so here.
    fn listen(&mut self, world: &mut World, process: &mut Process) {
        self.settle(world, process);
        process.platform.look_again();
        self.settle(world, process);
    }

    fn carry_out(&mut self, world: &mut World, process: &mut Process, order: Order<'_>) -> Result<Receipt, OperationError> {
        self.tickets += 1;
        // Far from those of the driver.
        let ticket = Ticket(u64::MAX - self.tickets);
        *process.made.borrow_mut() = Made { texts: order.made.to_vec(), next: 0, keyed: true };
        process.platform.submit(Request::Execute { ticket, operation: order.asked.clone() });
        loop {
            let events = self.drive(world, process.platform.next()).unwrap();
            let (answers, heard): (Vec<Event>, Vec<Event>) =
                events.into_iter().partition(|event| matches!(event, Event::Executed { ticket: own, .. } if *own == ticket));
            process.heard.extend(heard);
            if let Some(Event::Executed { result, .. }) = answers.into_iter().next() {
                return result;
            }
        }
    }
}

impl Carrier for Real {
    fn list(&mut self, world: &mut World, asker: Asker, desired: &Arc<Desired>, system: &System) -> Lists {
        let mut process = self.process(world, asker, desired);
        let lists = if is_real(system) {
            let kinds: Vec<Kind> = Kind::of(system.family()).collect();
            let mut seen = self.observe(world, &mut process, std::slice::from_ref(system), &kinds);
            let listing = |kind: Kind| (kind, seen.listing(system, kind).unwrap().clone());
            let kinds = kinds.into_iter().map(listing).collect();
            Lists { kinds, nodes: seen.nodes.pop_first() }
        } else {
            Direct.list(world, asker, desired, system)
        };
        self.processes.insert(asker.operator, process);
        lists
    }

    fn execute(&mut self, world: &mut World, asker: Asker, order: Order<'_>) -> Result<Receipt, OperationError> {
        order.made.iter().for_each(|text| self.servers.plain.know(text));
        if !is_real(&order.asked.address().system()) {
            return Direct.execute(world, asker, order);
        }
        let mut process = self.processes.remove(&asker.operator).unwrap();
        let result = world.carry(order.resolved, |world| self.carry_out(world, &mut process, order));
        self.processes.insert(asker.operator, process);
        result
    }

    fn hear(&mut self, world: &mut World, asker: Asker, watches: &mut Watches, touched: &BTreeSet<Address>) -> Vec<Event> {
        let mut process = self.processes.remove(&asker.operator).unwrap();
        let (real, fast): (Vec<_>, Vec<_>) =
            watches.take_fresh().into_iter().partition(|(_, address, _)| is_real(&address.system()));
        fast.into_iter().for_each(|(ticket, address, until)| watches.add(ticket, address, until));
        let mut events = Direct.hear(world, asker, watches, touched);
        for (ticket, address, until) in real {
            process.platform.submit(Request::Watch { ticket, address, until });
        }
        self.servers.listening = true;
        self.listen(world, &mut process);
        self.servers.tell(world, touched);
        self.listen(world, &mut process);
        self.servers.listening = false;
        events.append(&mut process.heard);
        self.processes.insert(asker.operator, process);
        events
    }
}

/// Carries requests the fast way, and remembers the secrets that were made up for them.
#[derive(Default)]
pub(crate) struct Remembering {
    pub(crate) secrets: Vec<String>,
}

impl Carrier for Remembering {
    fn list(&mut self, world: &mut World, asker: Asker, desired: &Arc<Desired>, system: &System) -> Lists {
        Direct.list(world, asker, desired, system)
    }

    fn execute(&mut self, world: &mut World, asker: Asker, order: Order<'_>) -> Result<Receipt, OperationError> {
        self.secrets.extend(order.made.iter().cloned());
        Direct.execute(world, asker, order)
    }

    fn hear(&mut self, world: &mut World, asker: Asker, watches: &mut Watches, touched: &BTreeSet<Address>) -> Vec<Event> {
        Direct.hear(world, asker, watches, touched)
    }
}
