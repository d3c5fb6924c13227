//! ConfigMaps that are written so that the same may be written again, by whoever comes next as well.

use super::chunk::{self, Chunk};
use super::failure::{Failed, patiently};
use super::store::{Store, version_of};
use serde_json::{Value, json};

/// Put a piece of a journal away. One of the same name is of the same run and begins with the same batch: where it holds more, it stays.
pub(super) async fn put_away(store: &Store, piece: &Chunk) -> Result<(), Failed> {
    let name = piece.name(store.platform());
    let object = piece.object(store.platform(), store.labels());
    let is_told = |found: &model::Value| chunk::read(found).1.is_some_and(|told| told.batches >= piece.summary.batches);
    patiently(async || match store.make_config_map(&object).await {
        Err(failed) if failed.is_already_there() => match store.config_map(&name).await? {
            Some(found) if is_told(&found) => Ok(()),
            Some(found) => store.change_config_map(&name, &over(&found, &object)).await,
            // It was taken away in between.
            None => store.make_config_map(&object).await,
        },
        made => made,
    })
    .await
}

/// Write a ConfigMap, over one that is there.
pub(super) async fn put(store: &Store, name: &str, object: &Value) -> Result<(), Failed> {
    patiently(async || match store.make_config_map(object).await {
        Err(failed) if failed.is_already_there() => store.change_config_map(name, object).await,
        made => made,
    })
    .await
}

/// The change that makes `object` of what was found, if that is still as it was found.
pub(super) fn over(found: &model::Value, object: &Value) -> Value {
    let mut change = object.clone();
    change["metadata"]["resourceVersion"] = json!(version_of(found));
    change
}
