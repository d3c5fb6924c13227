//! The way to a server that the platform runs in one of its own clusters: through the API server to a pod, as `kubectl port-forward` goes.
//! Nothing is opened to the world for it, and whoever may reach the pod is a matter of the cluster's own rights (`pods/portforward`).
//!
//! * `stream`: one connection to a port of a pod;
//! * `http`: a client whose connections are such streams.

mod http;
mod stream;

use stream::Stream;

use super::api_server::ApiServer;
use super::cluster::Cluster;
use super::kinds::{Api, is_plain};
use super::refusal::success;
use crate::server::Server;
use crate::wire::{Reply, innermost};
use ::http::{Request, StatusCode};
use k8s_openapi::List;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::params::{GetParams, ListParams};
use kube::core::request::Request as Build;
use model::{Address, System};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt;

/// How a connection that goes on is counted and shown among requests.
const METHOD: &str = "FORWARD";

/// After how long somebody who says nothing is taken to listen. That nobody does comes back as quickly as an answer would.
const A_MOMENT: std::time::Duration = std::time::Duration::from_secs(2);

/// The way to the server of one system, whichever pod runs it. A pod is looked for anew for each connection.
#[derive(Clone)]
pub(crate) struct Tunnel {
    /// To the API server of the workload's cluster.
    api_server: ApiServer,
    system: System,
    workload: Address,
    port: u16,
}

/// What is read of the workload.
#[derive(Deserialize)]
struct Workload {
    spec: Selecting,
}

#[derive(Deserialize)]
struct Selecting {
    selector: LabelSelector,
}

impl Tunnel {
    /// The way to `system`, which `workload` runs in `cluster`. A cluster listens on no port that would be known here.
    pub(crate) fn new(cluster: &Cluster, system: &System, workload: &Address) -> Option<Self> {
        let port = system.port()?;
        Some(Tunnel { api_server: cluster.api_server().clone(), system: system.clone(), workload: workload.clone(), port })
    }

    /// The server at its end, as errors name it.
    pub(crate) fn server(&self) -> Server {
        Server { system: self.system.clone(), address: self.workload.to_string() }
    }

    /// A new connection.
    ///
    /// # Errors
    /// Why there is none: no pod runs, or the API server does not let us through.
    pub(crate) async fn open(&self) -> Result<Stream, String> {
        let pod = self.pod().await?;
        let path = format!("{}/{pod}/portforward", self.pods());
        let (server, traffic) = (self.api_server.server(), self.api_server.wire().traffic());
        let sent = traffic.sent(server, METHOD);
        let opened = self.forward(&pod).await;
        let came = opened.as_ref().map_or_else(ToString::to_string, |_| "open".to_owned());
        traffic.answered(server, METHOD, &path, sent, &came);
        opened
    }

    /// Whether nobody listens at its end: whoever comes is turned away, or sent away before a word is said. Who has anything to say, or waits for
    /// what we say, listens.
    pub(crate) async fn is_deaf(&self) -> bool {
        match self.open().await {
            Ok(stream) => is_deaf(stream).await,
            // It is not known what is there.
            Err(_) => false,
        }
    }

    async fn forward(&self, pod: &str) -> Result<Stream, String> {
        let namespace = self.workload.namespace().unwrap_or_default();
        let pods: kube::Api<Pod> = kube::Api::namespaced(self.api_server.wire().client().clone(), namespace);
        let forwarder = pods.portforward(pod, &[self.port]).await.map_err(|error| self.not_let_through(&error))?;
        let name = format!("port {} of the pod {pod}", self.port);
        Stream::take(forwarder, self.port, name).ok_or_else(|| format!("{} gives no stream", self.api_server.server()))
    }

    fn not_let_through(&self, error: &kube::Error) -> String {
        let kube::Error::Api(status) = error else { return self.api_server.wire().failure(error).to_string() };
        let body = serde_json::to_vec(status).unwrap_or_default();
        let status = StatusCode::from_u16(status.code).unwrap_or(StatusCode::BAD_GATEWAY);
        match success(Reply { status, retry_after: None, date: None, body }) {
            Err(refusal) => refusal.sentence(self.api_server.server()),
            Ok(_) => innermost(error),
        }
    }

    /// The pod to go to: one that is ready, or else one that runs. A Vault that is sealed is not ready, and has something to say.
    async fn pod(&self) -> Result<String, String> {
        let api = Api::of(self.workload.kind()).filter(|_| is_plain(&self.workload));
        let api = api.ok_or_else(|| format!("{} runs no pods", self.workload))?;
        let get = Build::new(api.beside(&self.workload)).get(self.workload.name(), &GetParams::default());
        let workload: Workload = self.ask(get).await?;
        let parameters = ListParams { label_selector: Some(written(&workload.spec.selector)), ..ListParams::default() };
        let pods: List<Pod> = self.ask(Build::new(self.pods()).list(&parameters)).await?;
        chosen(&pods.items).ok_or_else(|| "none of its pods runs".to_owned())
    }

    /// The path of the pods beside the workload.
    fn pods(&self) -> String {
        format!("/api/v1/namespaces/{}/pods", self.workload.namespace().unwrap_or_default())
    }

    async fn ask<T: DeserializeOwned>(&self, request: Result<Request<Vec<u8>>, kube::core::request::Error>) -> Result<T, String> {
        let server = self.api_server.server();
        let body = self.api_server.ask(request).await.map_err(|trouble| trouble.into_sentence(server))?;
        serde_json::from_slice(&body).map_err(|_| format!("{server} answers with something else than what was asked for"))
    }
}

async fn is_deaf(mut stream: Stream) -> bool {
    let mut word = [0];
    match tokio::time::timeout(A_MOMENT, stream.read(&mut word)).await {
        Ok(Ok(count)) => count == 0,
        Ok(Err(_)) => true,
        Err(_) => false,
    }
}

/// A selector as a list is asked with.
fn written(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().flatten().map(|(label, value)| format!("{label}={value}"));
    labels.collect::<Vec<_>>().join(",")
}

/// The first by name that is ready, or else that runs.
fn chosen(pods: &[Pod]) -> Option<String> {
    let running = pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none() && phase(pod) == Some("Running"));
    let by_worth = running.filter_map(|pod| Some((!is_ready(pod), pod.metadata.name.clone()?)));
    by_worth.min().map(|(_, name)| name)
}

fn phase(pod: &Pod) -> Option<&str> {
    pod.status.as_ref()?.phase.as_deref()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod tests;
