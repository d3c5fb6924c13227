//! Where the platform was applied to.

use super::chunk::PART;
use super::failure::{Failed, patiently};
use super::put::over;
use super::store::Store;
use model::connection::Connection;
use serde_json::json;

/// What this part of the ledger is called, and its only entry.
const CONNECTIONS: &str = "connections";

/// The systems that runs acted on and that were not forgotten since.
pub(super) async fn known(store: &Store) -> Result<Vec<Connection>, Failed> {
    store.config_map(&name(store)).await?.as_ref().map_or_else(|| Ok(Vec::new()), read)
}

/// Know others. Who does that at the same time is not written over: it is done again over what is there then.
pub(super) async fn change(store: &Store, change: impl Fn(Vec<Connection>) -> Vec<Connection>) -> Result<(), Failed> {
    patiently(async || {
        let found = store.config_map(&name(store)).await?;
        let known = found.as_ref().map_or_else(|| Ok(Vec::new()), read)?;
        let wanted = change(known.clone());
        if wanted == known {
            return Ok(());
        }
        let object = object(store, &wanted);
        match &found {
            Some(found) => store.change_config_map(&name(store), &over(found, &object)).await,
            None => match store.make_config_map(&object).await {
                Err(failed) if failed.is_already_there() => Err(failed.into_change()),
                made => made,
            },
        }
    })
    .await
}

fn name(store: &Store) -> String {
    format!("{}.{CONNECTIONS}", store.platform())
}

fn object(store: &Store, all: &[Connection]) -> serde_json::Value {
    let mut labels = store.labels();
    labels[PART] = json!(CONNECTIONS);
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name(store), "labels": labels},
        "data": {CONNECTIONS: serde_json::to_string(all).unwrap_or_default()},
    })
}

fn read(object: &model::Value) -> Result<Vec<Connection>, Failed> {
    let text = object.str_at(&["data", CONNECTIONS]).unwrap_or_default();
    serde_json::from_str(text).map_err(|error| Failed::damaged("where the platform was applied to", error))
}
