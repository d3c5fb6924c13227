//! A limit on the size of files (`ulimit -f`) is told as a failure to write. Unheeded, its signal ends the process at once.

use rustix::process::{Resource, Signal, getrlimit};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Let a write beyond the limit fail like one on a full disk. Where there is no limit, nothing is done.
pub(crate) fn heed() {
    if getrlimit(Resource::Fsize).current.is_none() {
        return;
    }
    // The handler stays when the runtime goes; without one the process ends as it would have anyway.
    if let Ok(runtime) = Builder::new_current_thread().enable_io().build() {
        let _context = runtime.enter();
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}
