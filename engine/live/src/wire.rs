//! One HTTP server: every request is counted, limited in time, and its answer limited in size. Nothing is tried again here: that is for
//! the driver to decide.
//!
//! Under it lies a [`kube::Client`], which is a TLS client over a tower service that may be anything: a socket in production, a
//! function in tests. Vault is spoken to through one as well, so there is one HTTP stack and one seam for all.

use crate::server::Server;
use crate::traffic::Traffic;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use k8s_openapi::jiff::fmt::rfc2822::DateTimeParser;
use kube::client::Body;
use model::{Duration, Timestamp};
use std::error::Error;
use std::sync::Arc;

/// How much is waited for, and taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a request may take, its answer included.
    pub time: Duration,
    /// How many bytes an answer may have.
    pub size: usize,
}

impl Default for Limits {
    /// A minute is what an API server itself allows a request (`--request-timeout` of kube-apiserver, 60 s); a page of 500 objects of the
    /// largest size that etcd takes (1.5 MiB, `--max-request-bytes`) is far larger than any that was ever met, so the limit is lower.
    fn default() -> Self {
        Limits { time: Duration::seconds(60), size: 256 << 20 }
    }
}

/// A server that can be asked.
#[derive(Clone)]
pub(crate) struct Wire {
    client: kube::Client,
    server: Arc<Server>,
    traffic: Traffic,
    limits: Limits,
}

/// An answer, whatever its status.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// What the header `Retry-After` says, where it says seconds.
    pub(crate) retry_after: Option<Duration>,
    /// What time it is to whoever answered, as the header `Date` says.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: Vec<u8>,
}

/// No whole answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The server was not reached, or did not answer to the end: what it did is not known.
    #[error("{0}")]
    Silent(String),
    /// What proves who we are could not be had (a token file, a credential plugin): nothing was sent.
    #[error("{0}")]
    Credentials(String),
}

impl Wire {
    pub(crate) fn new(client: kube::Client, server: Server, traffic: Traffic, limits: Limits) -> Self {
        Wire { client, server: Arc::new(server), traffic, limits }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The same server with other limits.
    pub(crate) fn limited(&self, limits: Limits) -> Wire {
        Wire { limits, ..self.clone() }
    }

    pub(crate) fn client(&self) -> &kube::Client {
        &self.client
    }

    /// Send one request and take its answer.
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Result<Reply, Failure> {
        let (method, path) = (method_of(&request), path_of(request.uri()));
        let sent = self.traffic.sent(&self.server, &method);
        let time = std::time::Duration::from_millis(self.limits.time.0);
        let answer = match tokio::time::timeout(time, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Silent(format!("{} did not answer within {}", self.server, self.limits.time))),
        };
        let came = match &answer {
            Ok(reply) => format!("{} {} B", reply.status.as_u16(), reply.body.len()),
            Err(failure) => failure.to_string(),
        };
        self.traffic.answered(&self.server, &method, &path, sent, &came);
        answer
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Reply, Failure> {
        let answer = self.client.send(request.map(Body::from)).await.map_err(|error| self.failure(&error))?;
        let status = answer.status();
        let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let date = answer.headers().get(header::DATE).and_then(|value| date(value.as_bytes()));
        let body = self.read(answer.into_body()).await?;
        Ok(Reply { status, retry_after: retry_after.map(Duration::seconds), date, body })
    }

    /// A body, piece by piece into one buffer: a page of a list is large, and is never kept twice.
    async fn read(&self, body: Body) -> Result<Vec<u8>, Failure> {
        let mut body = Limited::new(body, self.limits.size);
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.cut_off(&*error))?;
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        Ok(bytes)
    }

    fn cut_off(&self, error: &(dyn Error + 'static)) -> Failure {
        Failure::Silent(if error.is::<LengthLimitError>() {
            format!("{} answered with more than {} MiB, and the rest was not read", self.server, self.limits.size >> 20)
        } else {
            format!("{} answered, and its answer broke off: {}", self.server, innermost(error))
        })
    }

    /// Why no answer came, in words that say what can be done about it.
    pub(crate) fn failure(&self, error: &kube::Error) -> Failure {
        let why = innermost(error);
        if let kube::Error::Auth(_) = error {
            return Failure::Credentials(format!("{}: what proves who we are could not be had: {why}", self.server));
        }
        Failure::Silent(format!("{} does not answer: {why}{}", self.server, remedy(&why)))
    }
}

/// A time as the header `Date` has it (RFC 9110, 5.6.7).
fn date(text: &[u8]) -> Option<Timestamp> {
    let at = DateTimeParser::new().parse_timestamp(text).ok()?;
    at.as_millisecond().try_into().ok().map(Timestamp)
}

/// What the request is counted as. Nothing stays of a dry run, so it is no write.
fn method_of(request: &Request<Vec<u8>>) -> String {
    let is_dry_run = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == "dryRun=All"));
    if is_dry_run { "DRY-RUN".to_owned() } else { request.method().to_string() }
}

/// Path and query; the address is known.
fn path_of(uri: &http::Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

/// The text of the innermost cause: those around it say only that something failed.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text = inner.to_string();
    // "Connection refused (os error 111)": the number says nothing to whoever reads it.
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What can be done about the commonest causes.
pub(crate) fn remedy(why: &str) -> &'static str {
    let has = |word: &str| why.contains(word);
    if has("UnknownIssuer") {
        "; its certificate is signed by an authority that nobody here trusts: name the authority's file (`certificateAuthority` in \
         the spec, `certificate-authority` in a kubeconfig)"
    } else if has("certificate expired") || has("Expired") {
        "; its certificate has to be renewed, or a clock is wrong"
    } else if has("NotValidForName") || has("not valid for name") {
        "; its certificate is for another name: use the name that stands in it"
    } else if has("fatal alert: CertificateExpired") || has("fatal alert: BadCertificate") || has("fatal alert: UnknownCA") {
        "; it does not take our own certificate: renew it"
    } else if has("refused") {
        "; does it run, and is this its address?"
    } else if has("lookup") || has("Name or service not known") {
        "; is its name spelled right?"
    } else if has("InvalidMessage") || has("InvalidContentType") {
        "; it speaks no TLS: its address may have to begin with http://"
    } else {
        ""
    }
}

#[cfg(test)]
pub(crate) mod fake;

#[cfg(test)]
mod tests;
