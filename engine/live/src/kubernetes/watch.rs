//! Who wants to know when an object is ready or gone. One list and one watch a kind serve all who wait for objects of it; nothing is
//! asked again and again. A watch that ends goes on where it was; one that is told that it is too late (410) begins with a new list. A
//! server that ends every watch at once, however it says so, is asked ever more rarely.

use super::cluster::Cluster;
use super::condition::condition;
use super::kinds::Api;
use super::object;
use super::refusal::Trouble;
use crate::json::Json;
use futures::TryStreamExt;
use kube::core::WatchEvent;
use kube::core::params::WatchParams;
use kube::core::request::Request as Build;
use model::observation::Condition;
use model::value::Text;
use model::{Address, Kind, Value, mark};
use port::{Event, Ticket, Until};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

/// How long the API server lets a watch last before it is asked anew: short enough that a connection that died in silence is noticed.
const LASTS: u32 = 120;
/// How much longer than that is waited for the end of the watch.
const GRACE: Duration = Duration::from_secs(15);
/// Pauses before a watch that failed, or was over before anything was heard, is begun anew: the first, and the longest. A watch that
/// lasted longer than the longest was none of these.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The watch of one kind in one cluster.
pub(crate) struct Watch {
    cluster: Rc<Cluster>,
    kind: Kind,
    state: RefCell<State>,
    events: UnboundedSender<Event>,
    /// Ends a pause.
    again: Notify,
}

#[derive(Default)]
struct State {
    /// What is there, once it was listed.
    seen: Option<BTreeMap<Address, Seen>>,
    /// Why nothing new is heard, while that is so.
    silent: Option<String>,
    waiting: BTreeMap<Address, Vec<Waiting>>,
}

struct Seen {
    version: Text,
    condition: Condition,
}

/// Somebody who waits.
struct Waiting {
    ticket: Ticket,
    until: Until,
    told: Option<Condition>,
}

/// How a watch ended.
enum Ended {
    /// It goes on from here.
    Continues(String),
    /// Everything has to be listed anew.
    Expired,
}

impl Watch {
    pub(crate) fn new(cluster: Rc<Cluster>, kind: Kind, events: UnboundedSender<Event>) -> Rc<Self> {
        Rc::new(Watch { cluster, kind, state: RefCell::default(), events, again: Notify::new() })
    }

    /// Wait for `address`.
    pub(crate) fn add(&self, ticket: Ticket, address: Address, until: Until) {
        let waiting = Waiting { ticket, until, told: None };
        self.state.borrow_mut().waiting.entry(address.clone()).or_default().push(waiting);
        self.tell(&address);
        // Who asks has just done something here, or is about to wait for long.
        self.look_again();
    }

    /// Do not pause any longer, if that is what it does: there is reason to think that the server lets it listen again.
    pub(crate) fn look_again(&self) {
        self.again.notify_waiters();
    }

    /// Listen for as long as anybody polls this.
    pub(crate) async fn run(self: Rc<Self>) {
        let Some(api) = Api::of(self.kind) else { return };
        let mut pause = PAUSES.0;
        let mut from: Option<String> = None;
        loop {
            let begun = Instant::now();
            let ended = match &from {
                None => self.list(api).await.map(Ended::Continues),
                Some(version) => self.listen(api, version).await,
            };
            let news = matches!((&ended, &from), (Ok(Ended::Continues(version)), Some(from)) if version != from);
            if news || from.is_some() && begun.elapsed() > PAUSES.1 {
                pause = PAUSES.0;
            }
            // A list that can be read says nothing of the watch that follows: it neither waits nor makes the pauses short again.
            let goes_on = news || from.is_none() && ended.is_ok();
            match ended {
                Ok(ended) => {
                    self.state.borrow_mut().silent = None;
                    from = match ended {
                        Ended::Continues(version) => Some(version),
                        Ended::Expired => None,
                    };
                }
                Err(trouble) => self.fall_silent(&trouble.into_gap(self.cluster.server()).to_string()),
            }
            if !goes_on {
                tokio::select! {
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSES.1),
                    () = self.again.notified() => {}
                }
            }
        }
    }

    async fn list(&self, api: Api) -> Result<String, Trouble> {
        let seen = RefCell::new(BTreeMap::new());
        let mut take = |raw: Value| seen.borrow_mut().extend(self.look(&raw));
        let mut begin = || seen.borrow_mut().clear();
        let version =
            self.cluster.api_server().each(&api.everywhere(), Some(mark::PLATFORM), false, &mut take, &mut begin).await?;
        let addresses: Vec<Address> = {
            let mut state = self.state.borrow_mut();
            state.seen = Some(seen.into_inner());
            state.silent = None;
            state.waiting.keys().cloned().collect()
        };
        addresses.iter().for_each(|address| self.tell(address));
        Ok(version)
    }

    fn look(&self, raw: &Value) -> Option<(Address, Seen)> {
        let address = object::address(self.cluster.system(), self.kind, raw)?;
        let version = Text::from(raw.str_at(&["metadata", "resourceVersion"]).unwrap_or_default());
        Some((address, Seen { version, condition: condition(self.kind, raw) }))
    }

    /// Hear what changes from `version` on, until the watch ends.
    async fn listen(&self, api: Api, version: &str) -> Result<Ended, Trouble> {
        let parameters = WatchParams {
            label_selector: Some(mark::PLATFORM.to_owned()),
            timeout: Some(LASTS),
            bookmarks: true,
            ..WatchParams::default()
        };
        let wire = self.cluster.api_server().wire();
        let path = api.everywhere();
        let request = Build::new(&path).watch(&parameters, version);
        let request = request.map_err(|error| Trouble::Nonsense(format!("{}: {error}", wire.server())))?;
        let sent = wire.traffic().sent(wire.server(), "WATCH");
        let listened = self.hear(request, version).await;
        let came = listened.as_ref().map_or_else(|error| error.to_string(), |_| "ended".to_owned());
        wire.traffic().answered(wire.server(), "WATCH", &path, sent, &came);
        match listened {
            Ok(ended) => Ok(ended),
            Err(kube::Error::Api(status)) if status.code == 410 => Ok(Ended::Expired),
            Err(error) => Err(Trouble::Failure(wire.failure(&error))),
        }
    }

    async fn hear(&self, request: http::Request<Vec<u8>>, version: &str) -> Result<Ended, kube::Error> {
        let mut version = version.to_owned();
        let timeout = Duration::from_secs(LASTS.into()) + GRACE;
        let Ok(begun) =
            tokio::time::timeout(timeout, self.cluster.api_server().wire().client().request_events::<Json>(request)).await
        else {
            return Ok(Ended::Continues(version));
        };
        let mut events = pin!(begun?);
        self.state.borrow_mut().silent = None;
        // Silence for longer than a watch may last is a connection that died.
        while let Ok(event) = tokio::time::timeout(timeout, events.try_next()).await {
            match event? {
                None => break,
                Some(WatchEvent::Added(Json(raw)) | WatchEvent::Modified(Json(raw))) => self.take_in(&raw, true, &mut version),
                Some(WatchEvent::Deleted(Json(raw))) => self.take_in(&raw, false, &mut version),
                Some(WatchEvent::Bookmark(bookmark)) => version = bookmark.metadata.resource_version,
                Some(WatchEvent::Error(status)) => return Err(kube::Error::Api(status)),
            }
        }
        Ok(Ended::Continues(version))
    }

    fn take_in(&self, raw: &Value, there: bool, version: &mut String) {
        let Some((address, looked)) = self.look(raw) else { return };
        *version = looked.version.to_string();
        {
            let mut state = self.state.borrow_mut();
            let seen = state.seen.get_or_insert_default();
            if there {
                drop(seen.insert(address.clone(), looked))
            } else {
                drop(seen.remove(&address))
            };
        }
        self.tell(&address);
    }

    /// Nothing new is heard: those who wait hear that.
    fn fall_silent(&self, why: &str) {
        let addresses: Vec<Address> = {
            let mut state = self.state.borrow_mut();
            state.silent = Some(why.to_owned());
            state.waiting.keys().cloned().collect()
        };
        addresses.iter().for_each(|address| self.tell(address));
    }

    /// Tell those who wait for `address` how it is, if they do not know that yet. What is ready or has failed is waited for no longer.
    fn tell(&self, address: &Address) {
        let mut state = self.state.borrow_mut();
        let State { seen, silent, waiting } = &mut *state;
        let Some(those) = waiting.get_mut(address) else { return };
        let written = self.cluster.written.borrow();
        let written = written.get(address);
        for one in those.iter_mut() {
            let now = match (&silent, &seen) {
                (Some(why), _) => Condition::NotReady(why.clone()),
                (None, None) => continue,
                (None, Some(seen)) => awaited(one.until, seen.get(address), written),
            };
            if one.told.as_ref() != Some(&now) {
                one.told = Some(now.clone());
                // A receiver that is gone belongs to a run that has ended.
                let _ = self.events.send(Event::Readiness { ticket: one.ticket, condition: now });
            }
        }
        those.retain(|one| !matches!(one.told, Some(Condition::Ready | Condition::Failed(_))));
        if those.is_empty() {
            waiting.remove(address);
        }
    }
}

/// How far what is awaited has come. What was heard of a version before our own write says nothing of it.
fn awaited(until: Until, seen: Option<&Seen>, written: Option<&Text>) -> Condition {
    match (until, seen) {
        (Until::Gone, None) => Condition::Ready,
        (Until::Gone, Some(Seen { condition: Condition::NotReady(why), .. })) => Condition::NotReady(why.clone()),
        (Until::Gone, Some(_)) => Condition::NotReady("is still there".to_owned()),
        (Until::Ready, None) => Condition::NotReady("is not seen yet".to_owned()),
        (Until::Ready, Some(seen)) if written.is_some_and(|written| is_older(&seen.version, written)) => {
            Condition::NotReady("is not seen as it was written yet".to_owned())
        }
        (Until::Ready, Some(seen)) => seen.condition.clone(),
    }
}

/// Whether one version of an object comes before another: the API server counts (Kubernetes, "Resource versions", comparable since 1.35
/// and in every server that stores in etcd).
fn is_older(version: &str, than: &str) -> bool {
    match (version.parse::<u64>(), than.parse::<u64>()) {
        (Ok(version), Ok(than)) => version < than,
        _ => false,
    }
}
