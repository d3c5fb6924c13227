//! One connection to a port of a pod. Why it broke is told apart from the data, and later: whoever reads is told.

use kube::api::Portforwarder;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// Ends with why the connection broke, or with nothing once that cannot be told any more.
type Broken = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// A connection to a port of a pod.
pub(crate) struct Stream {
    data: DuplexStream,
    broken: Option<Broken>,
    /// What it leads to, for the error.
    name: String,
}

impl Stream {
    /// The stream of `port`.
    pub(super) fn take(mut forwarder: Portforwarder, port: u16, name: String) -> Option<Self> {
        let (data, broken) = (forwarder.take_stream(port)?, forwarder.take_error(port)?);
        Some(Stream::new(data, Box::pin(broken), name))
    }

    pub(super) fn new(data: DuplexStream, broken: Broken, name: String) -> Self {
        Stream { data, broken: Some(broken), name }
    }

    /// Why it broke, if it did.
    fn poll_broken(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some(broken) = &mut self.broken else { return Poll::Pending };
        let Poll::Ready(why) = broken.as_mut().poll(context) else { return Poll::Pending };
        self.broken = None;
        match why {
            Some(why) => Poll::Ready(io::Error::other(format!("{}: {}", self.name, why.trim()))),
            // It ended without a word; so does what is read.
            None => Poll::Pending,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // What came before it broke is read first; an end may be one that has a reason.
        let before = buffer.filled().len();
        match Pin::new(&mut self.data).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() == before => match self.poll_broken(context) {
                Poll::Ready(error) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Ready(Ok(())),
            },
            Poll::Pending => self.poll_broken(context).map(Err),
            ready => ready,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.data).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.data).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.data).poll_shutdown(context)
    }
}
