//! Taking the lock: a row that says who holds it, and MySQL's own lock, which goes with the holder's connection.

use super::{Stopped, json};
use crate::mysql::line::Line;
use port::Holder;
use sqlx::Row;

/// Now, on the server's clock, which all who may hold the lock share.
pub(super) const NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)";

/// MySQL's own lock of one holder, which lives as long as its connection. Its name may have 64 characters.
pub(super) fn lock_name(platform: &str, fence: u64) -> String {
    format!("vamp:{}:{fence}", &model::Value::from(platform).digest())
}

/// What the row says of its holder: as it is written down, and whether it counts still. It does while its connection lives, until it
/// expires: then it may be alive and count no more.
async fn present(line: &mut Line, platform: &str, lock: &str) -> Result<Option<String>, sqlx::Error> {
    let select = format!("SELECT holder, expires < {NOW}, fence FROM vamp.locks WHERE platform = ? {lock}");
    let row = line.row(sqlx::query(sqlx::AssertSqlSafe(select)).bind(platform)).await?;
    let Some(row) = row else { return Ok(None) };
    let (holder, expired, fence): (Option<String>, i64, u64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let Some(holder) = holder.filter(|_| expired == 0) else { return Ok(None) };
    let free = sqlx::query("SELECT IS_FREE_LOCK(?)").bind(lock_name(platform, fence));
    let free: Option<i64> = line.one(free).await?.try_get(0)?;
    Ok((free != Some(1)).then_some(holder))
}

/// Take the lock: the number of the holder. Or who holds it, as it is written down.
pub(super) async fn take(line: &mut Line, platform: &str, holder: &Holder, lease: u64) -> Result<u64, Stopped<String>> {
    // First without waiting for the row, which the holder may have in its hands for long: a process that sleeps in the middle of a write.
    free(line, platform, "").await?;
    // The row is made before it is locked: who locks one that is not there keeps others from making theirs, and the other way round.
    let row = sqlx::query("INSERT IGNORE INTO vamp.locks (platform, fence, holder, expires) VALUES (?, 0, NULL, 0)");
    line.run(row.bind(platform)).await?;
    line.at_once(async |line| {
        free(line, platform, "FOR UPDATE").await?;
        Ok(next(line, platform, holder, lease).await?)
    })
    .await
}

/// Nothing, unless somebody holds the lock.
async fn free(line: &mut Line, platform: &str, lock: &str) -> Result<(), Stopped<String>> {
    present(line, platform, lock).await?.map_or(Ok(()), |holder| Err(Stopped::Because(holder)))
}

/// Become the next holder of a lock that is free: its number.
async fn next(line: &mut Line, platform: &str, holder: &Holder, lease: u64) -> Result<u64, sqlx::Error> {
    let update = format!("UPDATE vamp.locks SET fence = fence + 1, holder = ?, expires = {NOW} + ? WHERE platform = ?");
    let update = sqlx::query(sqlx::AssertSqlSafe(update)).bind(json(holder)).bind(lease).bind(platform);
    line.run(update).await?;
    let fence = sqlx::query("SELECT fence FROM vamp.locks WHERE platform = ?").bind(platform);
    let fence: u64 = line.one(fence).await?.try_get(0)?;
    // Before anybody can read that number: a holder without it is taken for dead.
    line.row(sqlx::query("SELECT GET_LOCK(?, 0)").bind(lock_name(platform, fence))).await?;
    Ok(fence)
}
