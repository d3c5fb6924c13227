//! What the engine meets at API servers that are in trouble, and on cut ways: requests that are refused, or carried out and then called
//! failed; reads from a cache that stands still; watches that tell nothing.

use super::{Active, World};
use crate::fault::{Kind, Target};
use crate::kernel::random;
use crate::kubernetes::Cluster;
use crate::network::Spot;
use model::observation::Gap;
use model::operation::OperationError;
use model::{Address, Duration, System};
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
            let found = "409 Conflict: the object has been modified".to_owned();
            return Some(Disturbance::Before(OperationError::Stale { expected: "the version that was seen".to_owned(), found }));
        }
        if self.happens(cluster, Kind::ApiFailing, what) {
            let before = random::chance(self.seed(), what, "failed before it was carried out", self.now().0, 500_000);
            return Some(if before { Disturbance::Before(failed()) } else { Disturbance::After(failed()) });
        }
        None
    }

    /// Why a read of the engine from a cluster fails at this instant.
    pub(in crate::world) fn failed_read(&self, cluster: &str, what: &str) -> Option<Gap> {
        if self.faults.active.is_empty() {
            return None;
        }
        let error = if self.happens(cluster, Kind::ApiThrottled, what) {
            throttled()
        } else if self.happens(cluster, Kind::ApiFailing, what) {
            failed()
        } else {
            return None;
        };
        Some(Gap::Unreachable(format!("the API server of cluster {cluster} answers {error}")))
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

fn throttled() -> OperationError {
    let message =
        "429 Too Many Requests: the server has received too many requests and has asked us to try again later".to_owned();
    OperationError::Busy { message, retry_after: Some(RETRY_AFTER) }
}
