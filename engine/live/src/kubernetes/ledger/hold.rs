//! The lock while it is ours. Whatever is written goes through here, so that it is written by who holds the lock and renews it; where nothing is
//! written, a heartbeat does.

use super::chunk::{chunk, writing};
use super::failure::{Failed, PAUSE, patiently};
use super::lease::{Claim, Lease};
use super::put::put_away;
use super::store::Store;
use model::outcome::JournalEntry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How long the lock holds, how often it is renewed, and how often whoever waits for it looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rhythm {
    pub(super) lasts: Duration,
    renews: Duration,
    pub(super) looks: Duration,
}

impl Rhythm {
    /// Renewed after a fourth of the time, as kubelets renew theirs (`nodeLeaseDurationSeconds`).
    pub(super) fn of(lasts: Duration) -> Self {
        Rhythm { lasts, renews: lasts / 4, looks: lasts / 20 }
    }
}

/// The lock, while it is ours.
pub(super) struct Hold {
    claim: Claim,
    mine: Arc<Mutex<Mine>>,
    _heart: Heart,
}

/// The Lease as it was written last, and when.
struct Mine {
    lease: Lease,
    renewed: Instant,
}

/// The task of the heartbeat; it ends with this.
struct Heart(JoinHandle<()>);

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Hold {
    /// Hold what was taken.
    pub(super) fn new(store: &Store, lease: Lease, claim: Claim, rhythm: Rhythm) -> Self {
        let mine = Arc::new(Mutex::new(Mine { lease, renewed: Instant::now() }));
        let heart = Heart(tokio::spawn(beat(store.clone(), mine.clone(), rhythm.renews)));
        Hold { claim, mine, _heart: heart }
    }

    /// Whether a run began with it: otherwise there is no journal.
    pub(super) fn is_run(&self) -> bool {
        self.claim.is_run
    }

    /// Write these entries down, and renew the lock.
    pub(super) async fn record(&self, store: &Store, entries: &[JournalEntry]) -> Result<(), Failed> {
        let mut mine = self.mine.lock().await;
        let Some(summary) = &mine.lease.summary else { return Err(Failed::Gone) };
        let writing = writing(summary, &mine.lease.tail, entries);
        for piece in &writing.chunks {
            put_away(store, piece).await?;
        }
        let replaces = !writing.chunks.is_empty();
        patiently(async || {
            let now = store.now();
            let change = |lease: &Lease| lease.written(&self.claim, &writing.batches, replaces, &writing.summary, now);
            mine.change(store, change, |lease| lease.summary.as_ref() == Some(&writing.summary)).await
        })
        .await
    }

    /// Give it back. What another holds by now is left to it.
    pub(super) async fn give_back(self, store: &Store) -> Result<(), Failed> {
        let mut mine = self.mine.lock().await;
        if let Some(summary) = &mine.lease.summary {
            put_away(store, &chunk(summary, &mine.lease.tail)).await?;
        }
        let given = patiently(async || mine.change(store, Lease::given_back, |lease| lease.holder.is_none()).await).await;
        match given {
            Err(Failed::Overtaken | Failed::Gone) => Ok(()),
            given => given,
        }
    }
}

impl Mine {
    /// Change the Lease, if it is still ours. Where somebody else changed it, or its answer was lost, `is_done` says whether it is changed
    /// already; if not, [`Failed::Changed`], and it may be tried again.
    async fn change(
        &mut self,
        store: &Store,
        change: impl Fn(&Lease) -> serde_json::Value,
        is_done: impl Fn(&Lease) -> bool,
    ) -> Result<(), Failed> {
        let change = change(&self.lease);
        let changed = match store.change_lease(&change).await {
            Ok(lease) => Ok(lease),
            Err(changed @ Failed::Changed(_)) => match store.lease().await? {
                None => return Err(Failed::Gone),
                Some(found) if !found.is_same_holding(&self.lease) => return Err(Failed::Overtaken),
                Some(found) if is_done(&found) => Ok(found),
                Some(found) => {
                    self.lease = found;
                    Err(changed)
                }
            },
            Err(failed) => Err(failed),
        };
        self.lease = changed?;
        self.renewed = Instant::now();
        Ok(())
    }
}

/// Renew the lock whenever nothing was written for so long, until it is another's.
async fn beat(store: Store, mine: Arc<Mutex<Mine>>, every: Duration) {
    let mut pause = every;
    loop {
        sleep(pause).await;
        let mut mine = mine.lock().await;
        let left = every.saturating_sub(mine.renewed.elapsed());
        if !left.is_zero() {
            pause = left;
            continue;
        }
        let now = store.now();
        pause = match mine.change(&store, |lease| lease.renewed(now), |_| false).await {
            Ok(()) => every,
            Err(Failed::Changed(_)) => Duration::ZERO,
            Err(Failed::Trouble(_)) => PAUSE.min(every),
            Err(Failed::Overtaken | Failed::Gone | Failed::Damaged(..)) => return,
        };
    }
}
