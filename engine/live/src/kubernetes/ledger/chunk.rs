//! The journal of a run in pieces: its end stands in the Lease, and what no longer fits there is put away in ConfigMaps, which are
//! written once. The store behind an API server writes an object anew as a whole with every change, and shows it to all who watch its
//! kind; so a journal that grew in one place would cost ever more.

use super::lease::{Batches, SUMMARY};
use super::summary::Summary;
use model::outcome::JournalEntry;
use serde_json::{Value, json};

/// How much of a journal stands in the Lease, in bytes. All annotations of an object may have 256 KiB (apimachinery,
/// `TotalAnnotationSizeLimitB`); each write writes all of them, so that less is faster (`docs/decisions/0002-ledger-in-a-cluster.md`).
pub(super) const TAIL: usize = 32 << 10;
/// How much is in one ConfigMap, in bytes, unless one line of the journal is longer. It may have 1 MiB (`MaxSecretSize`).
pub(super) const CHUNK: usize = 256 << 10;
/// What a part of the ledger is, as a label says it.
pub(super) const PART: &str = "ledger.vamp.io/part";
pub(super) const JOURNAL: &str = "journal";
/// Label with the number of the run.
pub(super) const RUN: &str = "ledger.vamp.io/run";

/// Batches that are put away, with what is told of the run up to them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chunk {
    /// Number of the first of them: whoever puts away the same writes to the same place.
    first: u64,
    batches: Batches,
    pub(super) summary: Summary,
}

/// What has to be done to write entries down.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Writing {
    /// To be put away first.
    pub(super) chunks: Vec<Chunk>,
    /// To be written into the Lease then, in the place of what is there if something was put away.
    pub(super) batches: Batches,
    /// What is told of the run from then on.
    pub(super) summary: Summary,
}

/// One batch on its way.
struct Batch {
    text: String,
    /// What is told of the run with it.
    summary: Summary,
}

/// How these entries are written down after what stands in the Lease.
pub(super) fn writing(summary: &Summary, tail: &Batches, entries: &[JournalEntry]) -> Writing {
    let mut batches = batches(summary, entries);
    let after = batches.last().map_or_else(|| summary.clone(), |last| last.summary.clone());
    let size = tail.values().chain(batches.iter().map(|batch| &batch.text)).map(String::len).sum::<usize>();
    if size <= TAIL {
        return Writing { chunks: Vec::new(), batches: numbered(batches), summary: after };
    }
    // The last stands in the Lease where it can, so that nobody who was overtaken writes it.
    let last = batches.pop_if(|last| last.text.len() <= TAIL);
    let mut chunks: Vec<Chunk> = (!tail.is_empty()).then(|| chunk(summary, tail)).into_iter().collect();
    for batch in batches {
        let number = batch.summary.batches - 1;
        match chunks.last_mut().filter(|chunk| chunk.size() + batch.text.len() <= CHUNK) {
            Some(chunk) => {
                chunk.batches.insert(number, batch.text);
                chunk.summary = batch.summary;
            }
            None => {
                let batches = Batches::from([(number, batch.text)]);
                chunks.push(Chunk { first: number, batches, summary: batch.summary });
            }
        }
    }
    Writing { chunks, batches: numbered(last), summary: after }
}

/// What stands in the Lease, to be put away; with nothing in it, that the run was.
pub(super) fn chunk(summary: &Summary, tail: &Batches) -> Chunk {
    let first = tail.keys().next().copied().unwrap_or(summary.batches);
    Chunk { first, batches: tail.clone(), summary: summary.clone() }
}

fn numbered(batches: impl IntoIterator<Item = Batch>) -> Batches {
    batches.into_iter().map(|batch| (batch.summary.batches - 1, batch.text)).collect()
}

/// The entries as one batch, or as several where they are too long for one.
fn batches(summary: &Summary, entries: &[JournalEntry]) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut summary = summary.clone();
    let mut rest = entries;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(fitting(rest));
        let text = serde_json::to_string(now).unwrap_or_default();
        summary = summary.with(now, text.len());
        batches.push(Batch { text, summary: summary.clone() });
        rest = later;
    }
    batches
}

/// How many of these entries, at least one, are no longer than [`TAIL`] together.
fn fitting(entries: &[JournalEntry]) -> usize {
    // Its brackets; each with the comma after it.
    let mut size = 2;
    let fits = |entry: &&JournalEntry| {
        size += serde_json::to_string(entry).map_or(0, |text| text.len() + 1);
        size <= TAIL
    };
    entries.iter().take_while(fits).count().max(1)
}

impl Chunk {
    fn size(&self) -> usize {
        self.batches.values().map(String::len).sum()
    }

    /// The name of its ConfigMap: in the order of its journal among those of its platform.
    pub(super) fn name(&self, platform: &str) -> String {
        format!("{platform}.run-{:010}.{:010}", self.summary.run, self.first)
    }

    /// Its ConfigMap, which has these labels beside those that say what it is.
    pub(super) fn object(&self, platform: &str, mut labels: Value) -> Value {
        labels[PART] = json!(JOURNAL);
        labels[RUN] = json!(self.summary.run.to_string());
        let summary = serde_json::to_string(&self.summary).unwrap_or_default();
        let data: serde_json::Map<String, Value> =
            self.batches.iter().map(|(number, text)| (format!("{number:010}"), json!(text))).collect();
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name(platform), "labels": labels, "annotations": {SUMMARY: summary}},
            "data": data,
        })
    }
}

/// The batches in a ConfigMap, and what is told of the run up to them.
pub(super) fn read(object: &model::Value) -> (Batches, Option<Summary>) {
    let data = object.get("data").and_then(model::Value::as_map).into_iter().flat_map(model::Map::iter);
    let batches = data.filter_map(|(number, text)| Some((number.parse().ok()?, text.as_str()?.to_owned()))).collect();
    let summary = object.str_at(&["metadata", "annotations", SUMMARY]).and_then(|text| serde_json::from_str(text).ok());
    (batches, summary)
}
