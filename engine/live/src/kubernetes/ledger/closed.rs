//! That no run may begin here, and why: the ledger was moved.

use super::chunk::PART;
use super::failure::{Failed, patiently};
use super::put::put;
use super::store::Store;
use serde_json::json;

/// What this part of the ledger is called, and its only entry.
const CLOSED: &str = "closed";

fn name(store: &Store) -> String {
    format!("{}.{CLOSED}", store.platform())
}

/// Why it is closed, if it is.
pub(super) async fn why(store: &Store) -> Result<Option<String>, Failed> {
    let found = store.config_map(&name(store)).await?;
    Ok(found.map(|found| found.str_at(&["data", CLOSED]).unwrap_or_default().to_owned()))
}

/// Close it, and say why; or open it again.
pub(super) async fn close(store: &Store, why: Option<&str>) -> Result<(), Failed> {
    let Some(why) = why else { return patiently(async || store.remove_config_map(&name(store)).await).await };
    let mut labels = store.labels();
    labels[PART] = json!(CLOSED);
    let metadata = json!({"name": name(store), "labels": labels});
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {CLOSED: why}});
    put(store, &name(store), &object).await
}
