//! The account of what runs made, in parts: one is a few hundred thousand bytes, because a ConfigMap may have 1 MiB.

use super::chunk::PART;
use model::{Address, Value};
use port::Account;
use serde_json::json;
use std::collections::BTreeMap;

/// Addresses in a part. An address has some hundred bytes.
const ADDRESSES: usize = 2_000;
/// What these parts of the ledger are called.
pub(super) const ACCOUNT: &str = "account";
/// Label with the run that it goes through, and annotation with the number of its parts.
const THROUGH: &str = "ledger.vamp.io/through";
const PARTS: &str = "ledger.vamp.io/parts";

/// The ConfigMaps of an account, by name.
pub(super) fn objects(account: &Account, platform: &str, labels: &serde_json::Value) -> Vec<(String, serde_json::Value)> {
    let made: Vec<&Address> = account.made.iter().collect();
    // The number of its run is kept also where nothing is left.
    let parts: Vec<&[&Address]> = made.chunks(ADDRESSES).chain(made.is_empty().then_some(&[][..])).collect();
    let object = |(number, part): (usize, &&[&Address])| {
        let part = Account { through: account.through, made: part.iter().copied().cloned().collect() };
        let name = format!("{platform}.account-{:010}.{number:06}", account.through);
        let mut labels = labels.clone();
        labels[PART] = json!(ACCOUNT);
        labels[THROUGH] = json!(account.through.to_string());
        let metadata = json!({"name": name, "labels": labels, "annotations": {PARTS: parts.len().to_string()}});
        let data = json!({ACCOUNT: serde_json::to_string(&part).unwrap_or_default()});
        (name, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}))
    };
    parts.iter().enumerate().map(object).collect()
}

/// The run that the account goes through of which this is a part.
pub(super) fn through(object: &Value) -> Option<u64> {
    object.str_at(&["metadata", "labels", THROUGH])?.parse().ok()
}

/// The account of these ConfigMaps: the latest of which all parts are there. One that cannot be read is none, since the journals say
/// the same.
pub(super) fn read(objects: &[Value]) -> Account {
    let mut sets: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for object in objects {
        sets.entry(through(object).unwrap_or_default()).or_default().push(object);
    }
    sets.into_values().rev().find_map(|parts| joined(&parts)).unwrap_or_default()
}

fn joined(parts: &[&Value]) -> Option<Account> {
    let mut whole = Account::default();
    for part in parts {
        let expected: usize = part.str_at(&["metadata", "annotations", PARTS])?.parse().ok()?;
        let account: Account = serde_json::from_str(part.str_at(&["data", ACCOUNT])?).ok()?;
        if expected != parts.len() {
            return None;
        }
        whole.through = account.through;
        whole.made.extend(account.made);
    }
    Some(whole)
}
