//! One cluster: the requests that everything else here is made of.

use super::kinds::{Api, is_plain};
use super::object::{self, Facts};
use super::page;
use super::refusal::{Trouble, success};
use crate::json::{Json, looks_like, parse};
use crate::secret::Secrets;
use crate::server::Server;
use crate::wanted::Wanted;
use crate::wire::Wire;
use http::Request;
use kube::core::params::{DeleteParams, GetParams, ListParams, PatchParams, PostParams, Preconditions, PropagationPolicy};
use kube::core::request::Request as Build;
use model::observation::Observed;
use model::operation::OperationError;
use model::value::Text;
use model::{Address, Kind, System, Value};
use port::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Objects a page. The API server's own clients ask for as many (client-go, `tools/pager`, `defaultPageSize`).
const PAGE: u32 = 500;
/// How often a list is begun anew because what it is continued with grew too old.
const RESTARTS: u32 = 3;

/// A cluster that can be asked.
pub(crate) struct Cluster {
    wire: Wire,
    pub(super) secrets: Rc<Secrets>,
    pub(super) wanted: Wanted,
    /// The version of what this process wrote last: what is heard of an older one is no news.
    pub(super) written: RefCell<BTreeMap<Address, Text>>,
}

/// An object with what the server keeps of it.
pub(crate) struct Found {
    pub(crate) observed: Observed,
    pub(crate) facts: Facts,
    pub(crate) raw: Value,
}

impl Cluster {
    pub(crate) fn new(wire: Wire, secrets: Rc<Secrets>, wanted: Wanted) -> Self {
        Cluster { wire, secrets, wanted, written: RefCell::default() }
    }

    pub(crate) fn system(&self) -> &System {
        &self.wire.server().system
    }

    pub(crate) fn server(&self) -> &Server {
        self.wire.server()
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The API of the object at `address`.
    ///
    /// # Errors
    /// [`OperationError::Refused`] for what no cluster holds.
    pub(crate) fn api(&self, address: &Address) -> Result<Api, OperationError> {
        let api = Api::of(address.kind()).filter(|_| is_plain(address));
        api.ok_or_else(|| OperationError::Refused(format!("{address} cannot be an object of a cluster")))
    }

    async fn ask(&self, request: Result<Request<Vec<u8>>, kube::core::request::Error>) -> Result<Vec<u8>, Trouble> {
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

    fn parsed(&self, body: &[u8]) -> Result<Json, Trouble> {
        parse(body).map_err(|_| self.nonsense(body))
    }

    fn nonsense(&self, body: &[u8]) -> Trouble {
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

    /// One object, nothing if it is not there.
    pub(crate) async fn get(&self, address: &Address, api: Api) -> Result<Option<Found>, Trouble> {
        let request = Build::new(api.beside(address)).get(address.name(), &GetParams::default());
        let body = match self.ask(request).await {
            Ok(body) => body,
            Err(Trouble::Refusal(refusal)) if refusal.is_not_found() => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        self.found(address, &body).map(Some)
    }

    fn found(&self, address: &Address, body: &[u8]) -> Result<Found, Trouble> {
        let Json(raw) = self.parsed(body)?;
        let (observed, facts) = self.read(address, raw.clone());
        Ok(Found { observed, facts, raw })
    }

    /// An object as the engine sees it.
    pub(super) fn read(&self, address: &Address, object: Value) -> (Observed, Facts) {
        object::read(address.kind(), object, self.wanted.shared(address), &self.secrets)
    }

    /// Make an object that is not there.
    pub(crate) async fn create(&self, address: &Address, api: Api, body: Vec<u8>) -> Result<Found, Trouble> {
        let parameters = PostParams { field_manager: Some(super::fields::FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let answer = self.ask(Build::new(api.beside(address)).create(&parameters, body)).await?;
        self.written(address, &answer)
    }

    /// Server-side apply.
    pub(crate) async fn patch(&self, address: &Address, api: Api, body: Vec<u8>, force: bool) -> Result<Found, Trouble> {
        let manager = Some(super::fields::FIELD_MANAGER.to_owned());
        let parameters = PatchParams { field_manager: manager, force, ..PatchParams::default() };
        let patch = kube::core::params::Patch::Apply(());
        let request = Build::new(api.beside(address)).patch(address.name(), &parameters, &patch);
        let answer = self.ask(request.map(|request| request.map(|_| body))).await?;
        self.written(address, &answer)
    }

    /// Server-side apply of which nothing stays: what the object would be.
    pub(crate) async fn dry_run(&self, address: &Address, api: Api, body: Vec<u8>) -> Result<Found, Trouble> {
        let manager = Some(super::fields::FIELD_MANAGER.to_owned());
        // Fields of others are told of by the look, and taken back by the step.
        let parameters = PatchParams { field_manager: manager, force: true, dry_run: true, ..PatchParams::default() };
        let patch = kube::core::params::Patch::Apply(());
        let request = Build::new(api.beside(address)).patch(address.name(), &parameters, &patch);
        let answer = self.ask(request.map(|request| request.map(|_| body))).await?;
        self.found(address, &answer)
    }

    /// Replace the account of who owns which fields.
    pub(crate) async fn account(&self, address: &Address, api: Api, found: &Found) -> Result<Found, Trouble> {
        let fields = found.raw.at(&["metadata", "managedFields"]).cloned().unwrap_or_default();
        let mut body = Value::EMPTY_MAP;
        body.set(&["metadata", "uid"], found.facts.uid.clone());
        body.set(&["metadata", "resourceVersion"], found.facts.resource_version.clone());
        body.set(&["metadata", "managedFields"], super::fields::as_applied(&fields));
        let patch = kube::core::params::Patch::Merge(body);
        let request = Build::new(api.beside(address)).patch(address.name(), &PatchParams::default(), &patch);
        let answer = self.ask(request).await?;
        self.written(address, &answer)
    }

    fn written(&self, address: &Address, answer: &[u8]) -> Result<Found, Trouble> {
        let found = self.found(address, answer)?;
        self.written.borrow_mut().insert(address.clone(), found.facts.resource_version.clone());
        Ok(found)
    }

    /// Ask an object to go, if it is still as it was found.
    pub(crate) async fn delete(&self, address: &Address, api: Api, found: &Facts) -> Result<(), Trouble> {
        // What runs pods goes after them, so that whatever takes its place does not meet them.
        let policy = if address.kind().runs_pods() { PropagationPolicy::Foreground } else { PropagationPolicy::Background };
        let preconditions =
            Preconditions { uid: Some(found.uid.to_string()), resource_version: Some(found.resource_version.to_string()) };
        let parameters =
            DeleteParams { propagation_policy: Some(policy), preconditions: Some(preconditions), ..DeleteParams::default() };
        match self.ask(Build::new(api.beside(address)).delete(address.name(), &parameters)).await {
            Ok(_) => Ok(()),
            Err(Trouble::Refusal(refusal)) if refusal.is_not_found() => Ok(()),
            Err(trouble) => Err(trouble),
        }
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

    /// One entry of a Secret.
    ///
    /// # Errors
    /// `NotYet` if it is not there.
    pub(crate) async fn secret_entry(&self, namespace: &str, name: &str, field: &str) -> Result<Secret, OperationError> {
        let address = Address::new(self.system(), Kind::Secret, &format!("{namespace}/{name}"));
        let api = self.api(&address)?;
        let found = self.get(&address, api).await.map_err(|trouble| trouble.into_operation_error(self.server()))?;
        let bytes = found.and_then(|found| object::entry(&found.raw, field));
        bytes.map(Secret::of_bytes).ok_or_else(|| OperationError::NotYet(format!("{address} has no entry {field} yet")))
    }
}
