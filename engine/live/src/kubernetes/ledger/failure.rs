//! Why the ledger could not be read or written, and when it is worth asking again.

use crate::journal::overtaken;
use crate::kubernetes::refusal::Trouble;
use crate::server::Server;
use port::PlatformError;
use std::time::Duration;

/// How often a write is tried again, and the pause between two tries; as the ledger in MySQL does.
pub(super) const TRIES: u32 = 60;
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, whatever a server asks for.
const LONGEST: Duration = Duration::from_secs(30);

/// Why something could not be read or written.
#[derive(Debug)]
pub(super) enum Failed {
    /// The API server did not do it.
    Trouble(Trouble),
    /// It was changed by somebody else since it was read, and may be tried again over what is there now.
    Changed(Trouble),
    /// What it holds cannot be read: what that is, and why not.
    Damaged(String, Box<serde_json::Error>),
    /// Another holds the lock by now.
    Overtaken,
    /// The lock is not there any more, and whoever takes it next does not know of us.
    Gone,
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        match &trouble {
            Trouble::Refusal(refusal) if refusal.is_overtaken() => Failed::Changed(trouble),
            _ => Failed::Trouble(trouble),
        }
    }
}

impl Failed {
    pub(super) fn damaged(what: &str, error: serde_json::Error) -> Self {
        Failed::Damaged(what.to_owned(), Box::new(error))
    }

    /// Whether there is no such object.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Failed::Trouble(Trouble::Refusal(refusal)) if refusal.is_not_found())
    }

    /// Whether there is such an object already.
    pub(super) fn is_already_there(&self) -> bool {
        matches!(self, Failed::Trouble(Trouble::Refusal(refusal)) if refusal.is_already_there())
    }

    /// After which pause it may come out otherwise without anybody's help; nothing if it would not.
    pub(super) fn pause(&self) -> Option<Duration> {
        match self {
            Failed::Trouble(trouble) => {
                let asked = Duration::from_millis(trouble.again_after()?.0);
                Some(asked.clamp(PAUSE, LONGEST))
            }
            Failed::Changed(_) => Some(Duration::ZERO),
            Failed::Damaged(..) | Failed::Overtaken | Failed::Gone => None,
        }
    }

    /// The same, as a change by somebody else: to be tried again over what is there now.
    pub(super) fn into_change(self) -> Self {
        match self {
            Failed::Trouble(trouble) => Failed::Changed(trouble),
            other => other,
        }
    }

    /// For people: that the ledger of `platform` cannot be `read` or `written`.
    pub(super) fn told(self, server: &Server, platform: &str, done: &str) -> PlatformError {
        let message = format!("the ledger of the platform {platform}, which {} keeps, cannot be {done}", server.system);
        match self {
            Failed::Overtaken => overtaken(),
            Failed::Gone => PlatformError {
                message: format!("{server}: somebody took the lock of the platform {platform} away"),
                help: Some(format!("leave the namespace {} to vamp, and plan again", super::NAMESPACE)),
                source: None,
            },
            Failed::Damaged(what, error) => PlatformError {
                message: format!("{server}: {what} in the namespace {} cannot be read", super::NAMESPACE),
                help: Some("use the vamp that wrote it, or a later one".to_owned()),
                source: Some(error),
            },
            Failed::Trouble(trouble) | Failed::Changed(trouble) => {
                PlatformError { message, help: None, source: Some(trouble.into_sentence(server).into()) }
            }
        }
    }
}

/// Try again for a while what may come out otherwise: each try is made to be made twice.
pub(super) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Failed>) -> Result<T, Failed> {
    for _ in 1..TRIES {
        let failed = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        match failed.pause() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(failed),
        }
    }
    ask().await
}
