//! A connection that was made already, behind a socket: MySQL's client knows no other connections than those that it makes itself. Only this
//! user can reach the socket, one connection is taken, and all goes with whoever asked for it.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::UnixListener;
use tokio::sync::oneshot;

/// A connection behind a socket.
pub(super) struct Socket {
    /// Readable for its owner alone.
    directory: TempDir,
    broken: Arc<Mutex<Option<io::Error>>>,
    /// Goes with it, so that nobody is waited for any longer.
    _wanted: oneshot::Sender<()>,
}

/// Short: a socket's path may have some hundred bytes (`sun_path`, unix(7)).
const NAME: &str = "s";

impl Socket {
    /// A socket before this connection.
    ///
    /// # Errors
    /// If no socket can be made in the directory of temporary files.
    pub(super) fn before(mut stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> io::Result<Socket> {
        let failed = |error: io::Error| {
            io::Error::new(error.kind(), format!("no socket can be made in the directory of temporary files: {error}"))
        };
        let directory = tempfile::Builder::new().prefix("vamp-").tempdir().map_err(failed)?;
        let listener = UnixListener::bind(directory.path().join(NAME)).map_err(failed)?;
        let broken: Arc<Mutex<Option<io::Error>>> = Arc::default();
        let (told, (wanted, unwanted)) = (broken.clone(), oneshot::channel());
        // It ends with either side.
        drop(tokio::spawn(async move {
            let accepted = tokio::select! { accepted = listener.accept() => accepted, _ = unwanted => return };
            let Ok((mut local, _)) = accepted else { return };
            drop(listener);
            if let Err(error) = copy_bidirectional(&mut local, &mut stream).await {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        }));
        Ok(Socket { directory, broken, _wanted: wanted })
    }

    /// Where it is. It is needed only until somebody has connected.
    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join(NAME)
    }

    /// Why the connection broke, if that is known: whoever came to the socket saw an end only.
    pub(super) fn broken(&self) -> Option<io::Error> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
