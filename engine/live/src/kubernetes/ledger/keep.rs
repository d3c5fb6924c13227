//! Keeping an account, and with it only so much of the past.

use super::chunk::{JOURNAL, PART};
use super::failure::{Failed, patiently};
use super::store::{Store, name_of};
use super::{account, chunk, history, put};
use futures::{StreamExt, TryStreamExt, stream};
use port::Account;
use std::collections::BTreeSet;

/// Requests under way at once where many ConfigMaps are taken away. An API server lets 200 changing ones in
/// (`--max-mutating-requests-inflight` of kube-apiserver).
const AT_ONCE: usize = 16;

/// Keep this account instead of the one before it. That one goes when this is there as a whole, and journals that it takes in after it.
pub(super) async fn keep(store: &Store, account: &Account) -> Result<(), Failed> {
    for (name, object) in account::objects(account, store.platform(), &store.labels()) {
        put::put(store, &name, &object).await?;
    }
    let accounts = list(store, account::ACCOUNT).await?;
    remove(store, accounts.iter().filter(|part| account::through(part).is_some_and(|run| run < account.through))).await?;
    let journals = list(store, JOURNAL).await?;
    let told = |object: &model::Value| chunk::read(object).1;
    let runs = history::latest(journals.iter().filter_map(told));
    let gone: BTreeSet<u64> = history::expendable(&runs, account.through).into_iter().collect();
    let goes = |object: &&model::Value| told(object).is_some_and(|told| gone.contains(&told.run));
    remove(store, journals.iter().filter(goes)).await
}

async fn list(store: &Store, part: &str) -> Result<Vec<model::Value>, Failed> {
    patiently(async || store.config_maps(&[(PART, part)], true).await).await
}

async fn remove(store: &Store, objects: impl Iterator<Item = &model::Value>) -> Result<(), Failed> {
    let one = async |object| patiently(async || store.remove_config_map(name_of(object)).await).await;
    stream::iter(objects.map(one)).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
}
