//! From a broken promise back to the fault: the chain of events that led to it, as the world remembered it, and the faults without which
//! the promise would have been kept.

use crate::fault::Injection;
use crate::kernel::{Happening, Trace};
use crate::oracle::Breach;
use crate::run::Run;
use model::{Duration, Timestamp};
use serde::Serialize;

/// Why a promise was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// How.
    pub breach: Breach,
    /// When, from the beginning of the run.
    pub after: Duration,
    /// The events that led from the fault to it, each scheduled by the one before it.
    pub chain: Vec<Link>,
    /// Faults that were going on, or had happened. Of a run that was made as small as it can be, each of them is needed.
    pub faults: Vec<Injection>,
}

/// One event of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// When, from the beginning of the run.
    pub after: Duration,
    /// What happened, in words.
    pub what: String,
}

/// How a run notes that a fault begins or ends.
const INJECTION: &str = "injection ";
/// How a world notes what it is told of its surroundings, which says less than whatever is noted with it.
const SETTING: [&str; 2] = ["declare ", "the places of things"];

/// Explain the first breach of a run that was traced and has ended; nothing if it broke no promise.
pub fn explain(run: &Run) -> Option<Explanation> {
    let breach = run.breaches().first()?.clone();
    let trace = run.world().trace()?;
    let began = run.began();
    let after = breach.at.since(began);
    let chain = breach.event.map(|event| chain(trace, event, began)).unwrap_or_default();
    let faults = run.injections().iter().filter(|injection| injection.at <= after).cloned().collect();
    Some(Explanation { breach, after, chain, faults })
}

fn chain(trace: &Trace, event: u64, began: Timestamp) -> Vec<Link> {
    let links = trace.chain(event).into_iter().filter(|happening| happening.at >= began);
    let links = links.map(|happening| Link { after: happening.at.since(began), what: words(happening) });
    // The fault itself is told apart, and what goes on without anything to tell is told once.
    let mut chain: Vec<Link> = links.filter(|link| !link.what.starts_with(INJECTION)).collect();
    chain.dedup_by(|next, link| next.what == link.what);
    chain
}

/// What happened, in words: what was noted of it, or else what the event itself is.
pub fn words(happening: &Happening) -> String {
    let mut notes = happening.notes.iter().filter(|note| !SETTING.iter().any(|setting| note.starts_with(setting)));
    if let Some(note) = notes.next().or(happening.notes.first()) {
        return written(note).unwrap_or_else(|| note.clone());
    }
    let value: serde_json::Value = serde_json::from_str(&happening.what).unwrap_or_default();
    let cluster = value.pointer("/cluster/cluster").and_then(serde_json::Value::as_str);
    let Some((cluster, event)) = cluster.zip(value.pointer("/cluster/event")) else {
        return plain(&value).unwrap_or_else(|| happening.what.clone());
    };
    let text = |name: &str| event.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let pod = event.pointer("/pod/key").and_then(serde_json::Value::as_str).map_or_else(|| text("pod"), str::to_owned);
    let node = text("node");
    let what = match text("what").as_str() {
        "sync" => format!("the controller looks at {}", text("object")),
        "schedule" => "the scheduler looks for nodes".to_owned(),
        "start" => format!("the container of {pod} starts"),
        "probe" => format!("{pod} answers its readiness probe"),
        "unready" => format!("{pod} fails its readiness probe"),
        "signal" => format!("{pod} is told to end"),
        "stopped" => format!("{pod} has ended"),
        "deadline" => format!("{} has had its time to roll out", text("object")),
        "unheard" => format!("the control plane gives up node {node}: Ready is Unknown"),
        "taint" => format!("node {node} gets the taint that evicts"),
        "evict" => format!("{pod} is evicted from its node"),
        "back" => format!("the control plane hears of node {node} again"),
        "untaint" => format!("node {node} loses its taint"),
        "drain" => format!("the drain of node {node} tries again"),
        other => format!("{other} {pod}{node}"),
    };
    format!("{cluster}: {}", what.trim())
}

/// What an operation did (`World::execute` notes the address, the new version, and whether anything changed).
fn written(note: &str) -> Option<String> {
    let (rest, changed) = note.rsplit_once(' ')?;
    let (address, version) = rest.split_once(' ')?;
    let version = version.strip_prefix("Some(\"").and_then(|version| version.strip_suffix("\")"));
    match (changed, version, rest.ends_with(" None")) {
        ("true", Some(version), _) => Some(format!("{address} is written, version {version}")),
        ("false", Some(_), _) => Some(format!("{address} is as it should be already")),
        ("true", None, true) => Some(format!("{address} is deleted")),
        ("false", None, true) => Some(format!("{address} is gone already")),
        _ => None,
    }
}

/// Events of the world itself.
fn plain(value: &serde_json::Value) -> Option<String> {
    if value.as_str() == Some("storesChanged") {
        return Some("something changed in a store".to_owned());
    }
    let agent = value.pointer("/round/agent").and_then(serde_json::Value::as_str);
    if let Some(agent) = agent {
        return Some(format!("{agent} looks at Vault"));
    }
    let whose = value.pointer("/outside/whose").and_then(serde_json::Value::as_u64)?;
    Some(if whose == u64::from(u32::MAX) { "the run itself".to_owned() } else { format!("operator {whose} goes on") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operation_did_is_told_in_words() {
        for (note, words) in [
            ("kv/acme/x Some(\"3\") true", Some("kv/acme/x is written, version 3")),
            ("kv/acme/x Some(\"3\") false", Some("kv/acme/x is as it should be already")),
            ("kv/acme/x None true", Some("kv/acme/x is deleted")),
            ("kv/acme/x None false", Some("kv/acme/x is gone already")),
            ("operator 0 is killed", None),
        ] {
            assert_eq!(written(note).as_deref(), words, "{note}");
        }
    }
}
