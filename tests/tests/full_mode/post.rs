//! The way of requests inside of the process: a client puts a letter in, whoever has the world answers it. No socket, no thread.

use bytes::Bytes;
use futures::channel::mpsc;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::{Request, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use model::System;
use std::io;
use std::task::{Context, Poll};

/// One request, and where its answer goes. One that is kept without an answer is a server that is silent.
pub(crate) struct Letter {
    pub(crate) system: System,
    pub(crate) request: Request<Vec<u8>>,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// What comes back.
pub(crate) enum Reply {
    /// An answer.
    Whole {
        status: u16,
        /// Seconds to wait, if the server asks for it.
        retry_after: Option<u64>,
        body: Vec<u8>,
    },
    /// One that goes on.
    Stream(mpsc::UnboundedReceiver<Bytes>),
    /// None, and this is why.
    Broken(String),
}

/// The client's end of the way to one system.
#[derive(Clone)]
pub(crate) struct Mailbox {
    system: System,
    letters: mpsc::UnboundedSender<Letter>,
}

impl Mailbox {
    pub(crate) fn new(system: &System, letters: &mpsc::UnboundedSender<Letter>) -> Self {
        Mailbox { system: system.clone(), letters: letters.clone() }
    }
}

type Answer = UnsyncBoxBody<Bytes, io::Error>;

impl tower::Service<Request<Body>> for Mailbox {
    type Response = Response<Answer>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Response<Answer>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Mailbox { system, letters } = self.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
            let (reply, answer) = oneshot::channel();
            let letter = Letter { system, request: Request::from_parts(parts, body), reply };
            letters.unbounded_send(letter).map_err(|_| io::Error::other("nobody is there"))?;
            response(answer.await.map_err(|_| io::Error::other("nobody answers"))?)
        }
        .boxed()
    }
}

fn response(reply: Reply) -> io::Result<Response<Answer>> {
    let never = |never: std::convert::Infallible| match never {};
    let response = match reply {
        Reply::Whole { status, retry_after, body } => {
            let response = Response::builder().status(status);
            let response = match retry_after {
                Some(seconds) => response.header(header::RETRY_AFTER, seconds),
                None => response,
            };
            response.body(Full::new(Bytes::from(body)).map_err(never).boxed_unsync())
        }
        Reply::Stream(lines) => {
            Response::builder().body(StreamBody::new(lines.map(|line| Ok(http_body::Frame::data(line)))).boxed_unsync())
        }
        Reply::Broken(why) => return Err(io::Error::new(io::ErrorKind::ConnectionRefused, why)),
    };
    response.map_err(io::Error::other)
}
