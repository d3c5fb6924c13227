//! [`LivePlatform`]: real systems, changed through requests that are all under way at once on one thread.
//!
//! A request becomes a future, and whatever comes of it an event. Nothing is polled in between: whoever waits is woken by an answer, by a
//! watch, or by the clock. The futures live in the platform, so dropping a wait ([`Platform::ready`]) loses none of them.

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::kubernetes::watch::Watch;
use crate::systems::{Adapter, Systems};
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use model::connection::Connection;
use model::identity::Identities;
use model::observation::{Condition, Gap};
use model::outcome::JournalEntry;
use model::value::Text;
use model::{Address, Kind, System, Timestamp};
use port::{Event, Platform, PlatformError, Request, Ticket, Until};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Sleep, sleep};

/// The journal comes back with what came of writing to it.
type Recording<J> = LocalBoxFuture<'static, (J, Vec<Ticket>, Result<(), PlatformError>)>;

/// Real systems behind the traits of `port`; `J` is where its runs are written down.
pub struct LivePlatform<J> {
    systems: Rc<Systems>,
    identities: Identities,
    /// Operations under way.
    working: FuturesUnordered<LocalBoxFuture<'static, Event>>,
    watches: BTreeMap<(System, Kind), Rc<Watch>>,
    /// The watches at work; they end with the platform.
    listening: FuturesUnordered<LocalBoxFuture<'static, ()>>,
    heard: UnboundedReceiver<Event>,
    tell: UnboundedSender<Event>,
    wakes: BTreeSet<Timestamp>,
    alarm: Option<(Timestamp, Pin<Box<Sleep>>)>,
    /// Entries that wait until those before them are written.
    records: Vec<(Ticket, Vec<JournalEntry>)>,
    journal: Option<J>,
    recording: Option<Recording<J>>,
    /// What happened and was not handed over yet.
    happened: Vec<Event>,
    failed: Option<PlatformError>,
}

impl<J> fmt::Debug for LivePlatform<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivePlatform").field("identities", &self.identities).finish_non_exhaustive()
    }
}

impl<J: Journal> LivePlatform<J> {
    /// A platform that nobody has looked at yet; nothing is connected before somebody does.
    pub fn new(inputs: Inputs, journal: J) -> Self {
        let (tell, heard) = unbounded_channel();
        LivePlatform {
            systems: Rc::new(Systems::new(inputs)),
            identities: Identities::new(),
            working: FuturesUnordered::new(),
            watches: BTreeMap::new(),
            listening: FuturesUnordered::new(),
            heard,
            tell,
            wakes: BTreeSet::new(),
            alarm: None,
            records: Vec::new(),
            journal: Some(journal),
            recording: None,
            happened: Vec::new(),
            failed: None,
        }
    }

    /// Number of requests so far, by system and method.
    pub fn requests(&self) -> BTreeMap<(String, String), u64> {
        self.systems.traffic.counts()
    }

    /// Let watches that pause, because servers let none last, listen again at once: for whoever knows that those are back.
    pub fn look_again(&self) {
        self.watches.values().for_each(|watch| watch.look_again());
    }

    pub(crate) fn systems(&self) -> Rc<Systems> {
        self.systems.clone()
    }

    /// The journal; nothing while it is being written.
    pub fn journal_mut(&mut self) -> Option<&mut J> {
        self.journal.as_mut()
    }

    pub(crate) fn identify(&mut self, system: &System, identity: Option<Text>) {
        // One that does not answer now was known before, and is known again.
        let known = self.identities.entry(system.to_string().into()).or_default();
        if identity.is_some() {
            *known = identity;
        }
    }

    /// What a plan is pinned to: which servers these are.
    pub(crate) fn who_they_are(&self) -> Identities {
        self.identities.clone()
    }

    fn watch(&mut self, ticket: Ticket, address: Address, until: Until) {
        match self.systems.adapter_of(&address.system()) {
            Adapter::Cluster(cluster) => {
                let key = (address.system(), address.kind());
                let watch = self.watches.entry(key).or_insert_with(|| {
                    let watch = Watch::new(cluster, address.kind(), self.tell.clone());
                    self.listening.push(Box::pin(watch.clone().run()));
                    watch
                });
                watch.add(ticket, address.clone(), until);
                if let (Until::Ready, Some(connection)) = (until, self.systems.hosted_by(&address)) {
                    self.listening.push(Box::pin(hear_out(self.systems.clone(), connection, ticket, self.tell.clone())));
                }
            }
            // What a store holds does its work by being there.
            Adapter::Vault(_) | Adapter::Mysql(_) | Adapter::Elasticsearch(_) => {
                self.happened.push(Event::Readiness { ticket, condition: Condition::Ready })
            }
            Adapter::Nothing(gap) => {
                let condition = Condition::NotReady(gap.to_string());
                self.happened.push(Event::Readiness { ticket, condition });
            }
        }
    }

    fn poll_happened(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.poll_recording(context);
        while let Poll::Ready(Some(event)) = self.working.poll_next_unpin(context) {
            self.happened.push(event);
        }
        while let Poll::Ready(Some(())) = self.listening.poll_next_unpin(context) {}
        while let Poll::Ready(Some(event)) = self.heard.poll_recv(context) {
            self.happened.push(event);
        }
        self.poll_clock(context);
        if self.happened.is_empty() && self.failed.is_none() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Write what waits, all of it at once, as soon as what was before it is written.
    fn poll_recording(&mut self, context: &mut Context<'_>) {
        loop {
            if let Some(recording) = &mut self.recording {
                let Poll::Ready((journal, tickets, result)) = recording.as_mut().poll(context) else { return };
                self.recording = None;
                self.journal = Some(journal);
                match result {
                    Ok(()) => self.happened.extend(tickets.into_iter().map(|ticket| Event::Recorded { ticket })),
                    Err(error) => self.failed = Some(error),
                }
            }
            if self.records.is_empty() || self.failed.is_some() {
                return;
            }
            let Some(mut journal) = self.journal.take() else { return };
            let (tickets, entries): (Vec<_>, Vec<_>) = std::mem::take(&mut self.records).into_iter().unzip();
            self.recording = Some(Box::pin(async move {
                let result = journal.record(&entries.concat()).await;
                (journal, tickets, result)
            }));
        }
    }

    fn poll_clock(&mut self, context: &mut Context<'_>) {
        let now = self.systems.traffic.now();
        let later = self.wakes.split_off(&Timestamp(now.0.saturating_add(1)));
        self.happened.extend(std::mem::replace(&mut self.wakes, later).into_iter().map(|_| Event::Woken));
        let Some(first) = self.wakes.first().copied() else { return self.alarm = None };
        if self.alarm.as_ref().is_none_or(|(at, _)| *at != first) {
            let pause = std::time::Duration::from_millis(first.since(now).0);
            self.alarm = Some((first, Box::pin(sleep(pause))));
        }
        // The two clocks may differ by less than the alarm's grain: then it is set once more.
        if let Some((_, alarm)) = &mut self.alarm
            && alarm.as_mut().poll(context).is_ready()
        {
            self.alarm = None;
            context.waker().wake_by_ref();
        }
    }
}

/// Let whoever waits for the workload of a store hear what the store says for itself: to its cluster a Vault that nobody has initialised is
/// only not ready. It ends when the store serves.
async fn hear_out(systems: Rc<Systems>, connection: Connection, ticket: Ticket, tell: UnboundedSender<Event>) {
    let mut told = None;
    loop {
        sleep(PAUSE).await;
        let why = match systems.connect(&connection).await.identity().await {
            Ok(_) => return,
            Err(Gap::Unavailable(why)) => why,
            // Its cluster knows better why it does not answer.
            Err(_) => continue,
        };
        if told.as_ref() != Some(&why) {
            drop(tell.send(Event::Readiness { ticket, condition: Condition::NotReady(why.clone()) }));
            told = Some(why);
        }
    }
}

/// Between two questions to a store that is on its way.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);

impl<J: Journal> Platform for LivePlatform<J> {
    fn now(&self) -> Timestamp {
        self.systems.traffic.now()
    }

    fn submit(&mut self, request: Request) {
        match request {
            Request::Record { ticket, entries } => self.records.push((ticket, entries)),
            Request::Execute { ticket, operation } => {
                let systems = self.systems.clone();
                self.working.push(Box::pin(async move {
                    let result = systems.execute(&operation).await;
                    Event::Executed { ticket, result }
                }));
            }
            Request::Append { ticket, chain, documents } => {
                let systems = self.systems.clone();
                self.working.push(Box::pin(async move {
                    let result = systems.append(&chain, &documents).await;
                    Event::Appended { ticket, result }
                }));
            }
            Request::Watch { ticket, address, until } => self.watch(ticket, address, until),
            Request::Wake { at } => drop(self.wakes.insert(at)),
        }
    }

    async fn ready(&mut self) {
        poll_fn(|context| self.poll_happened(context)).await;
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.ready().await;
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut self.happened)),
        }
    }
}
