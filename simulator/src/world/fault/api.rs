//! What the engine meets at API servers that are in trouble, and on cut ways: requests that are refused, or carried out and then called
//! failed; reads from a cache that stands still; watches that tell nothing.

use super::{Active, Event, World};
use crate::fault::{Kind, Target};
use crate::kernel::random;
use crate::kubernetes::{Cluster, Context, Subject};
use crate::network::Spot;
use crate::server::{Answer, Question};
use model::observation::Gap;
use model::operation::OperationError;
use model::{Address, Duration, System, Value};
use std::collections::BTreeSet;

/// How long an API server that sheds load asks to wait (`Retry-After: 1`, `apiserver/pkg/server/filters`).
const RETRY_AFTER: Duration = Duration::seconds(1);

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::world) enum Disturbance {
    /// It is not carried out.
    Before(OperationError),
    /// It is carried out, and this is answered.
    After(OperationError),
    /// Whenever it is about to write, somebody else was quicker.
    Contested,
}

fn failed() -> OperationError {
    OperationError::Unreachable("500 Internal Server Error".to_owned())
}

impl World {
    /// Why the engine gets no answer from `system`, as far as the way there goes.
    pub(in crate::world) fn no_way_to(&self, system: &System) -> Option<Gap> {
        let network = &self.stores.network;
        let cut = !network.is_clear() && network.way(&Spot::Engine, &Spot::of(system)).cut;
        cut.then(|| Gap::Unreachable(format!("{system} does not answer: connection timed out")))
    }

    fn rate(&self, cluster: &str, kind: Kind) -> u32 {
        let concerns = |active: &&Active| {
            active.fault().kind == kind && matches!(&active.fault().target, Target::Cluster(name) if name == cluster)
        };
        let rates = self.faults.active.values().filter(concerns).map(|active| active.fault().count("rate"));
        rates.max().map_or(0, |rate| u32::try_from(rate).unwrap_or(1_000_000))
    }

    /// Whether something of this rate happens to a request about `what` at this instant.
    fn happens(&self, cluster: &str, kind: Kind, what: &str) -> bool {
        let rate = self.rate(cluster, kind);
        rate > 0 && random::chance(self.seed(), &format!("cluster.{cluster} {what}"), kind.word(), self.now().0, rate)
    }

    /// What goes wrong with an operation of the engine on its way into a cluster.
    pub(in crate::world) fn disturbance(&self, cluster: &str, address: &Address) -> Option<Disturbance> {
        if self.faults.active.is_empty() {
            return None;
        }
        let what = address.as_str();
        if self.happens(cluster, Kind::ApiThrottled, what) {
            return Some(Disturbance::Before(throttled()));
        }
        if self.happens(cluster, Kind::ApiConflicting, what) {
            return Some(Disturbance::Contested);
        }
        if self.happens(cluster, Kind::ApiFailing, what) {
            let before = random::chance(self.seed(), what, "failed before it was carried out", self.now().0, 500_000);
            return Some(if before { Disturbance::Before(failed()) } else { Disturbance::After(failed()) });
        }
        None
    }

    /// What a read of the engine from a cluster is answered with at this instant, if it fails.
    fn refused_read(&self, cluster: &str, what: &str) -> Option<OperationError> {
        if self.faults.active.is_empty() {
            return None;
        }
        let throttles = self.happens(cluster, Kind::ApiThrottled, what).then(throttled);
        throttles.or_else(|| self.happens(cluster, Kind::ApiFailing, what).then(failed))
    }

    /// Why a read of the engine from a cluster fails at this instant.
    pub(in crate::world) fn failed_read(&self, cluster: &str, what: &str) -> Option<Gap> {
        let error = self.refused_read(cluster, what)?;
        Some(Gap::Unreachable(format!("the API server of cluster {cluster} answers {error}")))
    }

    /// Ask the server of a system from where the engine stands: the way there may be cut, and an API server may be in trouble. It is in
    /// trouble with the same requests at the same instants as [`World::execute`] and [`World::list`] find it.
    ///
    /// # Errors
    /// Why nobody answers.
    pub fn ask_from_engine(&mut self, system: &System, question: &Question) -> Result<Answer, String> {
        if let Some(gap) = self.no_way_to(system) {
            return Err(gap.to_string());
        }
        let System::Cluster(name) = system else { return self.ask(system, question) };
        match Subject::of(question) {
            Some(Subject::All(what)) => match self.refused_read(name, what) {
                Some(error) => Ok(refusal(&error)),
                None => self.ask_for_all(system, name, question),
            },
            Some(Subject::One(key)) => {
                let address = Address::new(system, key.kind, &key.name);
                self.ask_disturbed(system, &address, question)
            }
            None => self.ask(system, question),
        }
    }

    /// The same for one who watches: streams, and the lists with which they begin, meet no refusals, but the cache that stands still.
    ///
    /// # Errors
    /// Why nobody answers.
    pub fn ask_from_watcher(&mut self, system: &System, question: &Question) -> Result<Answer, String> {
        if let Some(gap) = self.no_way_to(system) {
            return Err(gap.to_string());
        }
        match system {
            System::Cluster(name) => self.ask_for_all(system, name, question),
            _ => self.ask(system, question),
        }
    }

    /// A list may come from a cache that stands still.
    fn ask_for_all(&mut self, system: &System, name: &str, question: &Question) -> Result<Answer, String> {
        let reachable = self.clusters.get(name).is_some_and(Cluster::is_reachable);
        let Some(stale) = self.faults.stale.get(name).filter(|_| reachable) else { return self.ask(system, question) };
        let mut stale = stale.clone();
        let mut agenda = self.kernel.view(|event| Event::Cluster { cluster: name.into(), event });
        let answer = stale.ask(question, &mut Context { agenda: &mut agenda, world: &self.stores });
        answer.ok_or_else(|| format!("{system} does not answer: connection refused"))
    }

    fn ask_disturbed(&mut self, system: &System, address: &Address, question: &Question) -> Result<Answer, String> {
        let writes = question.method != "GET";
        // The account of managers is no write of its own.
        let is_account = question.content_type.starts_with("application/merge-patch");
        let disturbance = match system {
            System::Cluster(name) => self.disturbance(name, address),
            _ => None,
        };
        match disturbance {
            Some(Disturbance::Contested) if writes && !is_account => {
                let mut dry = question.clone();
                dry.query.insert("dryRun".to_owned(), "All".to_owned());
                let answer = self.ask(system, &dry)?;
                Ok(if answer.status < 300 { contested() } else { answer })
            }
            Some(Disturbance::Before(error)) => Ok(refusal(&error)),
            Some(Disturbance::After(error)) if writes && !is_account => {
                let answer = self.ask(system, question)?;
                Ok(if answer.status < 300 { refusal(&error) } else { answer })
            }
            _ => self.ask(system, question),
        }
    }

    /// The cluster as reads of the engine show it.
    pub(in crate::world) fn cluster_read(&self, name: &str) -> Option<&Cluster> {
        let now = self.clusters.get(name)?;
        Some(self.faults.stale.get(name).filter(|_| now.is_reachable()).unwrap_or(now))
    }

    /// Whether the engine's watches of `system` tell it anything.
    fn is_watched(&self, system: &System) -> bool {
        let System::Cluster(name) = system else { return self.no_way_to(system).is_none() };
        let cut = |active: &&Active| {
            active.fault().kind == Kind::WatchCut && matches!(&active.fault().target, Target::Cluster(own) if own == name)
        };
        self.no_way_to(system).is_none() && !self.faults.active.values().any(|active| cut(&active))
    }

    /// What the engine's watches tell of `touched`, and of what they could not tell before.
    pub(in crate::world) fn told_by_watches(&mut self, touched: BTreeSet<Address>) -> BTreeSet<Address> {
        if self.faults.active.is_empty() && self.faults.withheld.is_empty() {
            return touched;
        }
        let mut all = std::mem::take(&mut self.faults.withheld);
        all.extend(touched);
        let (told, withheld) = all.into_iter().partition(|address: &Address| self.is_watched(&address.system()));
        self.faults.withheld = withheld;
        told
    }
}

/// An error as the API server says it.
fn refusal(error: &OperationError) -> Answer {
    let (code, reason) = match error {
        OperationError::Busy { .. } => (429, "TooManyRequests"),
        _ => (500, "InternalError"),
    };
    let mut answer = status(code, reason, &error.to_string());
    if let OperationError::Busy { retry_after: Some(pause), .. } = error {
        answer.body.set(&["details", "retryAfterSeconds"], i64::try_from(pause.0 / 1000).unwrap_or(i64::MAX));
    }
    answer
}

fn contested() -> Answer {
    status(409, "Conflict", "the object has been modified; please apply your changes to the latest version and try again")
}

fn status(code: u16, reason: &str, message: &str) -> Answer {
    let mut body = Value::EMPTY_MAP;
    let texts = [("apiVersion", "v1"), ("kind", "Status"), ("status", "Failure"), ("reason", reason), ("message", message)];
    texts.into_iter().for_each(|(field, text)| body.set(&[field], text));
    body.set(&["code"], i64::from(code));
    Answer::new(code, body)
}

fn throttled() -> OperationError {
    let message =
        "429 Too Many Requests: the server has received too many requests and has asked us to try again later".to_owned();
    OperationError::Busy { message, retry_after: Some(RETRY_AFTER) }
}
