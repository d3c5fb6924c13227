//! The lock of a platform as data: a Lease, what it says, and the changes that are made to it.
//!
//! Beside the lock it carries the end of the journal of whoever holds it, a batch an annotation. So a batch is written, and the lock
//! renewed, by one change of one object: whoever was overtaken can write nothing at all. Every change is for the version that was read
//! (`resourceVersion`), and for that very object (`uid`): one that was deleted and made anew is another lock.

use super::failure::Failed;
use super::summary::Summary;
use model::value::Text;
use model::{Duration, Timestamp};
use port::Holder;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Annotations of the Lease: who holds it, as JSON; the number of the last run; what is told of the run that is not put away yet; and what
/// the names of its batches begin with.
const HOLDER: &str = "ledger.vamp.io/holder";
const RUN: &str = "ledger.vamp.io/run";
pub(super) const SUMMARY: &str = "ledger.vamp.io/summary";
const BATCH: &str = "ledger.vamp.io/batch-";

/// Batches by their number, each as it is written.
pub(super) type Batches = BTreeMap<u64, String>;

/// A Lease, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lease {
    uid: String,
    version: String,
    /// A number that grows with each holder.
    pub(super) fence: u64,
    /// Who holds it, as it is written; nothing if nobody does.
    pub(super) holder: Option<String>,
    /// How long it holds if it is not renewed.
    pub(super) lasts: Duration,
    /// When it was renewed last, on a clock that nobody compares with another.
    renewed: String,
    /// The number of the last run.
    pub(super) run: u64,
    /// What is told of the run whose journal ends here, until all of it is put away.
    pub(super) summary: Option<Summary>,
    /// The end of its journal.
    pub(super) tail: Batches,
}

/// Who wants the lock, and for how long it is to hold without being renewed.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) holder: Holder,
    pub(super) lasts: Duration,
    /// Whether a run begins with it.
    pub(super) is_run: bool,
}

/// What a Lease says; nothing if it is no object of an API server.
///
/// # Errors
/// [`Failed::Damaged`] if an annotation of ours cannot be read.
pub(super) fn read(object: &model::Value) -> Result<Option<Lease>, Failed> {
    let meta = |field: &str| object.str_at(&["metadata", field]);
    let said = |name: &str| object.str_at(&["metadata", "annotations", name]);
    let number = |field: &str| object.integer_at(&["spec", field]).and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
    let (Some(uid), Some(version)) = (meta("uid"), meta("resourceVersion")) else { return Ok(None) };
    let is_held = object.str_at(&["spec", "holderIdentity"]).is_some_and(|identity| !identity.is_empty());
    let summary = said(SUMMARY).map(serde_json::from_str).transpose();
    Ok(Some(Lease {
        uid: uid.to_owned(),
        version: version.to_owned(),
        fence: number("leaseTransitions"),
        holder: is_held.then(|| said(HOLDER).unwrap_or_default().to_owned()),
        lasts: Duration::seconds(number("leaseDurationSeconds")),
        renewed: object.str_at(&["spec", "renewTime"]).unwrap_or_default().to_owned(),
        run: said(RUN).and_then(|run| run.parse().ok()).unwrap_or(0),
        summary: summary.map_err(|error| Failed::damaged("what is told of the run that holds the lock", error))?,
        tail: tail(object),
    }))
}

fn tail(object: &model::Value) -> Batches {
    let annotations = object.at(&["metadata", "annotations"]).and_then(model::Value::as_map);
    let batch = |(name, text): (&Text, &model::Value)| Some((name.strip_prefix(BATCH)?.parse().ok()?, text.as_str()?.to_owned()));
    annotations.into_iter().flat_map(model::Map::iter).filter_map(batch).collect()
}

/// What an API server writes and reads as a `MicroTime`: six digits after the second, no more and no fewer.
fn micro_time(at: Timestamp) -> String {
    let seconds = model::time::rfc3339(at);
    format!("{}.{:03}000Z", seconds.trim_end_matches('Z'), at.0 % 1000)
}

/// The annotation of a batch. Its name has to be no longer than 63 characters.
fn name_of(batch: u64) -> String {
    format!("{BATCH}{batch:010}")
}

fn json_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl Claim {
    /// The holder as it is written.
    pub(super) fn text(&self) -> String {
        json_of(&self.holder)
    }

    /// In the words of the API, for whoever looks at Leases.
    fn identity(&self) -> String {
        format!("{}@{}:{}", self.holder.name, self.holder.host, self.holder.process)
    }

    /// What a Lease says whose holder this is, at `now`, as the `fence`th.
    fn spec(&self, fence: u64, now: Timestamp) -> Value {
        json!({
            "holderIdentity": self.identity(),
            "leaseDurationSeconds": self.lasts.0.div_ceil(1000),
            "leaseTransitions": fence,
            "acquireTime": micro_time(now),
            "renewTime": micro_time(now),
        })
    }

    /// Who holds it, and what run it is if one begins, the last having been `before`.
    fn annotations(&self, before: u64) -> Map<String, Value> {
        let run = if self.is_run { before + 1 } else { before };
        let summary = self.is_run.then(|| json_of(&Summary::new(run, &self.holder)));
        let said = [(HOLDER, json!(self.text())), (RUN, json!(run.to_string())), (SUMMARY, json!(summary))];
        said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The Lease of a platform that has none yet, and whose last run was `before`.
    pub(super) fn made(&self, name: &str, labels: &Value, before: u64, now: Timestamp) -> Value {
        let mut annotations = self.annotations(before);
        annotations.retain(|_, value| !value.is_null());
        json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "labels": labels, "annotations": annotations},
            "spec": self.spec(1, now),
        })
    }

    /// The change that takes `lease`, whose journal is put away.
    pub(super) fn taken(&self, lease: &Lease, now: Timestamp) -> Value {
        let mut annotations = self.annotations(lease.run);
        annotations.extend(lease.cleared());
        lease.change(annotations, self.spec(lease.fence + 1, now))
    }
}

impl Lease {
    /// Whether this is `other`, with the same holder.
    pub(super) fn is_same_holding(&self, other: &Lease) -> bool {
        (&self.uid, self.fence) == (&other.uid, other.fence)
    }

    /// Whether nothing that its holder writes has changed since `before`; whoever else writes is no sign of the holder's life.
    pub(super) fn is_silent_since(&self, before: &Lease) -> bool {
        Lease { version: before.version.clone(), ..self.clone() } == *before
    }

    /// A change of this very version.
    fn change(&self, annotations: Map<String, Value>, spec: Value) -> Value {
        json!({
            "metadata": {"uid": self.uid, "resourceVersion": self.version, "annotations": annotations},
            "spec": spec,
        })
    }

    /// The batches go from here.
    fn cleared(&self) -> impl Iterator<Item = (String, Value)> {
        self.tail.keys().map(|batch| (name_of(*batch), Value::Null))
    }

    /// The change that says that the holder lives.
    pub(super) fn renewed(&self, now: Timestamp) -> Value {
        self.change(Map::new(), json!({ "renewTime": micro_time(now) }))
    }

    /// The change that writes these batches, in the place of those that are there if they are put away; it renews the lock, too.
    pub(super) fn written(&self, claim: &Claim, batches: &Batches, replaces: bool, summary: &Summary, now: Timestamp) -> Value {
        let mut annotations = Map::new();
        if replaces {
            annotations.extend(self.cleared());
        }
        annotations.extend(batches.iter().map(|(number, text)| (name_of(*number), json!(text))));
        annotations.insert(SUMMARY.to_owned(), json!(json_of(summary)));
        let mut spec = claim.spec(self.fence, now);
        // Since when it has it stays as it is.
        if let Some(spec) = spec.as_object_mut() {
            spec.remove("acquireTime");
        }
        self.change(annotations, spec)
    }

    /// The change that gives it back; the journal is put away.
    pub(super) fn given_back(&self) -> Value {
        let mut annotations: Map<String, Value> = self.cleared().collect();
        annotations.extend([HOLDER, SUMMARY].map(|name| (name.to_owned(), Value::Null)));
        self.change(annotations, json!({ "holderIdentity": null }))
    }
}
