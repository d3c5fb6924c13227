//! Writing audit documents: what the journal tells and the chains lack ([`model::audit::backlog`]).
//!
//! It is done under the lock, before a run begins and after it has ended, so that a run never waits for an audit log. Whoever is killed
//! leaves the rest to the next. A store that takes nothing is recorded in the journal, once, as a gap (AUD-3); when it takes documents
//! again it gets those that it lacks, and one that tells of the gap.
//!
//! * [`Keeper`]: the state machine, as pure as that of an apply; [`keep`] is the loop around it;
//! * [`backlog`] and [`verify`]: what the journal tells, and whether the chains say the same.

mod keeper;
mod look_back;

pub use keeper::{Effect, Keeper, Kept};
pub use look_back::{Backlog, backlog, verify};

use port::{Ledger, LedgerError, Platform, PlatformError};

/// Write what is lacking. Only whoever holds the lock may.
///
/// # Errors
/// If the journal cannot be read or written; a store that takes nothing is no error.
pub async fn keep<P: Platform + Ledger>(platform: &mut P) -> Result<Kept, LedgerError> {
    let Some(keeper) = Keeper::new(&backlog(platform).await?) else { return Ok(Kept::default()) };
    Ok(carry_out(platform, keeper).await?)
}

/// The same in a run that is there for this alone: it ends with it.
///
/// # Errors
/// As [`keep`].
pub async fn keep_alone<P: Platform + Ledger>(platform: &mut P) -> Result<Kept, LedgerError> {
    let Some(keeper) = Keeper::new(&backlog(platform).await?) else { return Ok(Kept::default()) };
    Ok(carry_out(platform, keeper.alone()).await?)
}

async fn carry_out<P: Platform>(platform: &mut P, mut keeper: Keeper) -> Result<Kept, PlatformError> {
    let mut effects = keeper.start(platform.now());
    loop {
        for effect in effects {
            match effect {
                Effect::Request(request) => platform.submit(request),
                Effect::Finished(kept) => return Ok(kept),
            }
        }
        platform.ready().await;
        let events = platform.next().await?;
        effects = keeper.step(platform.now(), events);
    }
}
