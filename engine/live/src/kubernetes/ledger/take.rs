//! Taking the lock.
//!
//! Clocks of different machines are not compared, as in `leaderelection` of client-go: a holder counts as dead once whoever wants the lock has
//! seen for as long as the lock holds, on a clock of its own, that nothing the holder writes has changed. If something changes meanwhile, it
//! lives. Time in which the API server answered nothing does not count: nobody could renew anything then.

use super::failure::{Failed, TRIES, patiently};
use super::hold::Rhythm;
use super::lease::{Claim, Lease};
use super::put::put_away;
use super::store::Store;
use super::{Tell, chunk, history};
use port::LedgerError;
use tokio::time::{Instant, sleep};

/// What came of it.
pub(super) enum Taken {
    /// It is ours.
    Ours(Box<Lease>),
    /// Its holder lives: who that is, as it is written.
    Held(String),
}

/// Somebody who wants the lock, and what was seen of it so far.
struct Taker<'a> {
    store: &'a Store,
    claim: &'a Claim,
    rhythm: Rhythm,
    /// What was seen last, and since when it is so.
    seen: Option<(Lease, Instant)>,
    /// The fence that was asked for, if an answer may be lost.
    asked: Option<u64>,
    /// How often that was in vain.
    tries: u32,
    tell: &'a Tell,
}

/// Take the lock, or hear who holds it.
pub(super) async fn take(store: &Store, claim: &Claim, rhythm: Rhythm, tell: &Tell) -> Result<Taken, Failed> {
    let mut taker = Taker { store, claim, rhythm, seen: None, asked: None, tries: 0, tell };
    loop {
        if let Some(taken) = taker.step().await? {
            return Ok(taken);
        }
    }
}

impl Taker<'_> {
    /// A look, and what follows from it; nothing if it has to be looked again.
    async fn step(&mut self) -> Result<Option<Taken>, Failed> {
        let Some(lease) = self.look().await? else { return self.make().await };
        if self.asked == Some(lease.fence) && lease.holder.as_deref() == Some(&self.claim.text()) {
            return Ok(Some(Taken::Ours(Box::new(lease))));
        }
        let Some(holder) = &lease.holder else { return self.take(lease).await };
        match &self.seen {
            Some((before, _)) if !lease.is_silent_since(before) => Ok(Some(Taken::Held(holder.clone()))),
            Some((_, since)) if since.elapsed() >= std::time::Duration::from_millis(lease.lasts.0) => self.take(lease).await,
            Some(_) => self.wait(lease).await,
            None => {
                self.tell_of(holder, &lease);
                self.seen = Some((lease.clone(), Instant::now()));
                self.wait(lease).await
            }
        }
    }

    /// Say for whom it is waited: for as long as the lock holds, if that one is dead.
    fn tell_of(&self, holder: &str, lease: &Lease) {
        if let Ok(holder) = serde_json::from_str(holder) {
            let held = LedgerError::Held(Box::new(holder));
            (self.tell)(&format!("{held}; whether that run still lives shows within {}", lease.lasts));
        }
    }

    /// A look. Where a holder is watched, the API server may be away for a while: then the watch begins anew.
    async fn look(&mut self) -> Result<Option<Lease>, Failed> {
        if self.seen.is_none() && self.asked.is_none() {
            return self.store.lease().await;
        }
        let mut was_away = false;
        let found = patiently(async || self.store.lease().await.inspect_err(|_| was_away = true)).await;
        if let Some((_, since)) = self.seen.as_mut().filter(|_| was_away) {
            *since = Instant::now();
        }
        found
    }

    async fn wait(&self, lease: Lease) -> Result<Option<Taken>, Failed> {
        let lasts = std::time::Duration::from_millis(lease.lasts.0);
        let left = self.seen.as_ref().map_or(lasts, |(_, since)| lasts.saturating_sub(since.elapsed()));
        sleep(self.rhythm.looks.min(left)).await;
        Ok(None)
    }

    /// Make a lock that is not there. The runs that are told of had one: theirs is gone, and numbers go on.
    async fn make(&mut self) -> Result<Option<Taken>, Failed> {
        let told = self.store.config_maps(&[(chunk::PART, chunk::JOURNAL)], true).await?;
        let runs = history::latest(told.iter().filter_map(|object| chunk::read(object).1));
        let last = runs.last_key_value().map_or(0, |(run, _)| *run);
        let object = self.claim.made(self.store.platform(), &self.store.labels(), last, self.store.now());
        self.asked = Some(1);
        self.seen = None;
        match self.store.make_lease(&object).await {
            Ok(lease) => Ok(Some(Taken::Ours(Box::new(lease)))),
            Err(failed) if failed.is_already_there() => Ok(None),
            Err(failed) => self.try_again(failed).await,
        }
    }

    /// Take a lock that nobody holds, or somebody who is dead, once the journal that stands in it is put away.
    async fn take(&mut self, lease: Lease) -> Result<Option<Taken>, Failed> {
        if let Some(summary) = &lease.summary {
            put_away(self.store, &chunk::chunk(summary, &lease.tail)).await?;
        }
        self.asked = Some(lease.fence + 1);
        let change = self.claim.taken(&lease, self.store.now());
        let since = self.seen.as_ref().map_or_else(Instant::now, |(_, since)| *since);
        self.seen = Some((lease, since));
        match self.store.change_lease(&change).await {
            Ok(lease) => Ok(Some(Taken::Ours(Box::new(lease)))),
            Err(Failed::Gone) => Ok(None),
            Err(failed) => self.try_again(failed).await,
        }
    }

    /// Whether it was done is not known, or the server asked for patience, or somebody was quicker: the next look shows it.
    async fn try_again(&mut self, failed: Failed) -> Result<Option<Taken>, Failed> {
        self.tries += 1;
        match failed.pause().filter(|_| self.tries < TRIES) {
            Some(pause) => sleep(pause).await,
            None => return Err(failed),
        }
        Ok(None)
    }
}
