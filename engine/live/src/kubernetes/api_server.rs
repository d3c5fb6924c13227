//! An API server that can be asked, whatever it is asked: what every request to one has in common, and lists page by page.

use super::page;
use super::refusal::{Trouble, success};
use crate::json::{Json, looks_like, parse};
use crate::server::Server;
use crate::wire::Wire;
use http::Request;
use kube::core::params::ListParams;
use kube::core::request::Request as Build;
use model::Value;

/// Objects a page. The API server's own clients ask for as many (client-go, `tools/pager`, `defaultPageSize`).
const PAGE: u32 = 500;
/// How often a list is begun anew because what it is continued with grew too old.
const RESTARTS: u32 = 3;

/// An API server that can be asked.
#[derive(Clone)]
pub(crate) struct ApiServer {
    wire: Wire,
}

impl ApiServer {
    pub(crate) fn new(wire: Wire) -> Self {
        ApiServer { wire }
    }

    pub(crate) fn server(&self) -> &Server {
        self.wire.server()
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Send a request; the body of an answer that is a success.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn ask(&self, request: Result<Request<Vec<u8>>, kube::core::request::Error>) -> Result<Vec<u8>, Trouble> {
        let request = request.map_err(|error| Trouble::Nonsense(format!("{}: {error}", self.server())))?;
        let reply = self.wire.call(request).await?;
        match success(reply) {
            Err(refusal) if refusal.code == 403 && refusal.is_for_want_of_a_right() && !self.is_started().await? => {
                let sentence = refusal.sentence(self.server());
                Err(Trouble::Starting(format!("{sentence}; it does not say that it is ready, and may not know all rights yet")))
            }
            answered => answered.map_err(Trouble::Refusal),
        }
    }

    /// Whether the API server has begun its work. Before, it answers, and allows nobody anything that roles allow: it has not read them yet.
    /// Everybody who is logged in may ask this (`system:public-info-viewer`), once it has.
    async fn is_started(&self) -> Result<bool, Trouble> {
        let request = Request::get("/readyz").body(Vec::new()).map_err(kube::core::request::Error::BuildRequest);
        let request = request.map_err(|error| Trouble::Nonsense(format!("{}: {error}", self.server())))?;
        Ok(self.wire.call(request).await?.status.is_success())
    }

    /// What a body says.
    pub(super) fn parsed(&self, body: &[u8]) -> Result<Json, Trouble> {
        parse(body).map_err(|_| self.nonsense(body))
    }

    /// Why a body that is a success says nothing.
    pub(super) fn nonsense(&self, body: &[u8]) -> Trouble {
        let seen = looks_like(body);
        Trouble::Nonsense(format!(
            "{} answers with {seen}, not with what Kubernetes answers: is a proxy or a login page in the way?",
            self.server()
        ))
    }

    /// Any document at a path of the API.
    pub(crate) async fn document(&self, path: &str) -> Result<Value, Trouble> {
        let request = Request::get(path).body(Vec::new()).map_err(kube::core::request::Error::BuildRequest);
        let body = self.ask(request).await?;
        Ok(self.parsed(&body)?.0)
    }

    /// Every object of an API, page by page; `selector` chooses by labels. Gives back the version of the list. Where this fails, what was taken
    /// is part of a list, which is none.
    pub(crate) async fn each(
        &self,
        path: &str,
        selector: Option<&str>,
        metadata_only: bool,
        take: &mut dyn FnMut(Value),
        begin: &mut dyn FnMut(),
    ) -> Result<String, Trouble> {
        let mut restarts = 0;
        let mut continued = None;
        begin();
        loop {
            let parameters = ListParams {
                label_selector: selector.map(ToOwned::to_owned),
                limit: Some(PAGE),
                continue_token: continued.take(),
                ..ListParams::default()
            };
            let build = Build::new(path);
            let request = if metadata_only { build.list_metadata(&parameters) } else { build.list(&parameters) };
            let body = match self.ask(request).await {
                Ok(body) => body,
                // What was read so far is of a state that the server no longer has: all of it is read anew.
                Err(Trouble::Refusal(refusal)) if refusal.is_expired() && restarts < RESTARTS => {
                    restarts += 1;
                    begin();
                    continue;
                }
                Err(trouble) => return Err(trouble),
            };
            let page = page::read(&body, take).map_err(|_| self.nonsense(&body))?;
            if page.continued.is_empty() {
                return Ok(page.resource_version);
            }
            continued = Some(page.continued);
        }
    }
}
