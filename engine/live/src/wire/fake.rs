//! A server that is a function: what it makes of each request, and every way in which an answer can go wrong.

use super::{Limits, Wire};
use crate::server::Server;
use crate::traffic::Traffic;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use model::{Duration, Timestamp};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What becomes of a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status and body.
    Is(u16, String),
    /// The same with a header.
    With(u16, (&'static str, &'static str), String),
    /// Nobody is there.
    Refused,
    /// No answer comes.
    Never,
    /// It begins well and never ends.
    Endless,
    /// It begins well and breaks off.
    BreaksOff,
    /// These lines come, and then nothing more, but the connection stays.
    Open(Vec<String>),
    /// These lines come, and that is all.
    Lines(Vec<String>),
}

impl Answer {
    /// Success, as JSON.
    pub(crate) fn json(json: serde_json::Value) -> Self {
        Answer::Is(200, json.to_string())
    }

    /// A refusal of the API server.
    pub(crate) fn status(code: u16, reason: &str, message: &str) -> Self {
        let status = serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
            "reason": reason, "message": message});
        Answer::Is(code, status.to_string())
    }
}

type Stream = UnsyncBoxBody<Bytes, io::Error>;

fn whole(body: String) -> Stream {
    Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync()
}

fn pieces(pieces: impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static) -> Stream {
    StreamBody::new(pieces.map(|piece| piece.map(http_body::Frame::data))).boxed_unsync()
}

fn lines(lines: Vec<String>) -> impl futures::Stream<Item = io::Result<Bytes>> {
    stream::iter(lines.into_iter().map(|line| Ok(Bytes::from(line + "\n"))))
}

#[derive(Clone)]
struct Function<F>(F);

impl<F> tower::Service<Request<Body>> for Function<F>
where
    F: Fn(&Request<Vec<u8>>) -> Answer + Clone + Send + 'static,
{
    type Response = Response<Stream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Response<Stream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let answer = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
            let response = Response::builder();
            let broken = || Err(io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer"));
            let response = match answer(&Request::from_parts(parts, body)) {
                Answer::Is(status, body) => response.status(status).body(whole(body)),
                Answer::With(status, (name, value), body) => response.status(status).header(name, value).body(whole(body)),
                Answer::Refused => {
                    return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "Connection refused (os error 111)"));
                }
                Answer::Never => std::future::pending().await,
                Answer::Endless => response.body(pieces(stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 4096]))))),
                Answer::BreaksOff => response.body(pieces(stream::iter([Ok(Bytes::from_static(b"{\"items\":[")), broken()]))),
                Answer::Open(said) => response.body(pieces(lines(said).chain(stream::pending()))),
                Answer::Lines(said) => response.body(pieces(lines(said))),
            };
            response.map_err(io::Error::other)
        })
    }
}

/// A wire to the function.
pub(crate) fn wire(system: &str, answer: impl Fn(&Request<Vec<u8>>) -> Answer + Clone + Send + 'static) -> Wire {
    let server = Server { system: system.parse().unwrap(), address: "https://server.test".to_owned() };
    let limits = Limits { time: Duration::seconds(60), size: 1 << 20 };
    RUNTIME.with(|runtime| {
        // The client has a task of its own.
        let _within = runtime.enter();
        let start = tokio::time::Instant::now();
        let clock = move || Timestamp(u64::try_from(start.elapsed().as_millis()).unwrap());
        let traffic = Traffic::new(Arc::new(clock), None);
        Wire::new(kube::Client::new(Function(answer), "default"), server, traffic, limits)
    })
}

thread_local! {
    /// Each test has a thread, and with it virtual time of its own.
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
}

/// Run a future in virtual time: a minute's wait takes none.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}
