//! An HTTP client whose connections lead through a tunnel.

use super::{Stream, Tunnel};
use http::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::{Body, ClientBuilder, ConfigExt};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::Service;

/// Makes connections.
#[derive(Clone)]
struct Connector(Tunnel);

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Stream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let tunnel = self.0.clone();
        Box::pin(async move { tunnel.open().await.map(TokioIo::new).map_err(io::Error::other) })
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Tunnel {
    /// A client that speaks HTTP to the server at its end. In the clear: what carries it is encrypted as far as the pod's node.
    pub(crate) fn client(&self) -> kube::Client {
        let service = Client::builder(TokioExecutor::new()).build::<_, Body>(Connector(self.clone()));
        let base = kube::Config::new(self.base()).base_uri_layer();
        ClientBuilder::new(service, "default").with_layer(&base).build()
    }

    /// What the server believes that it is called: its Service, as pods of the cluster know it.
    fn base(&self) -> Uri {
        let namespace = self.workload.namespace().unwrap_or_default();
        let uri = format!("http://{}.{namespace}.svc.cluster.local:{}", self.workload.name(), self.port);
        uri.parse().unwrap_or_else(|_| Uri::from_static("http://cluster.local"))
    }
}
