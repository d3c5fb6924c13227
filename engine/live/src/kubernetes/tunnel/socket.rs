//! A tunnel behind a socket, for a client that can connect to nothing else. Only this user can reach it, one connection is taken, and it
//! goes with whoever asked for it.

use super::Tunnel;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::UnixListener;
use tokio::sync::oneshot;

/// One connection to the server at the end of a tunnel.
pub(crate) struct Socket {
    /// Readable for its owner alone.
    directory: TempDir,
    broken: Arc<Mutex<Option<String>>>,
    /// Goes with it, so that nobody is waited for any longer.
    _wanted: oneshot::Sender<()>,
}

impl Tunnel {
    /// A socket, with a connection that waits behind it.
    ///
    /// # Errors
    /// As [`Tunnel::open`], and if no socket can be made here.
    pub(crate) async fn socket(&self) -> Result<Socket, String> {
        let failed = |error: std::io::Error| format!("no socket can be made for it in the directory of temporary files: {error}");
        let mut stream = self.open().await?;
        let directory = tempfile::Builder::new().prefix("vamp-").tempdir().map_err(failed)?;
        let listener = UnixListener::bind(directory.path().join(NAME)).map_err(failed)?;
        let broken: Arc<Mutex<Option<String>>> = Arc::default();
        let (told, (wanted, unwanted)) = (broken.clone(), oneshot::channel());
        // It ends with either side.
        drop(tokio::spawn(async move {
            let accepted = tokio::select! { accepted = listener.accept() => accepted, _ = unwanted => return };
            let Ok((mut local, _)) = accepted else { return };
            drop(listener);
            if let Err(error) = copy_bidirectional(&mut local, &mut stream).await {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            }
        }));
        Ok(Socket { directory, broken, _wanted: wanted })
    }
}

/// Short: a socket's path may have some hundred bytes (`sun_path`, unix(7)).
const NAME: &str = "s";

impl Socket {
    /// Where it is. It is needed only until somebody has connected.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join(NAME)
    }

    /// Why the connection broke, if that is known.
    pub(crate) fn broken(&self) -> Option<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
