//! One cluster: the requests that everything else here is made of.

use super::api_server::ApiServer;
use super::kinds::{Api, is_plain};
use super::object::{self, Facts};
use super::refusal::Trouble;
use crate::json::Json;
use crate::secret::Secrets;
use crate::server::Server;
use crate::wanted::Wanted;
use crate::wire::Wire;
use kube::core::params::{DeleteParams, GetParams, PatchParams, PostParams, Preconditions, PropagationPolicy};
use kube::core::request::Request as Build;
use model::observation::Observed;
use model::operation::OperationError;
use model::value::Text;
use model::{Address, Kind, System, Value};
use port::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A cluster that can be asked.
pub(crate) struct Cluster {
    api_server: ApiServer,
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
        Cluster { api_server: ApiServer::new(wire), secrets, wanted, written: RefCell::default() }
    }

    pub(crate) fn system(&self) -> &System {
        &self.server().system
    }

    pub(crate) fn server(&self) -> &Server {
        self.api_server.server()
    }

    pub(crate) fn api_server(&self) -> &ApiServer {
        &self.api_server
    }

    /// The API of the object at `address`.
    ///
    /// # Errors
    /// [`OperationError::Refused`] for what no cluster holds.
    pub(crate) fn api(&self, address: &Address) -> Result<Api, OperationError> {
        let api = Api::of(address.kind()).filter(|_| is_plain(address));
        api.ok_or_else(|| OperationError::Refused(format!("{address} cannot be an object of a cluster")))
    }

    /// One object, nothing if it is not there.
    pub(crate) async fn get(&self, address: &Address, api: Api) -> Result<Option<Found>, Trouble> {
        let request = Build::new(api.beside(address)).get(address.name(), &GetParams::default());
        let body = match self.api_server.ask(request).await {
            Ok(body) => body,
            Err(Trouble::Refusal(refusal)) if refusal.is_not_found() => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        self.found(address, &body).map(Some)
    }

    fn found(&self, address: &Address, body: &[u8]) -> Result<Found, Trouble> {
        let Json(raw) = self.api_server.parsed(body)?;
        let (observed, facts) = self.read(address, raw.clone());
        Ok(Found { observed, facts, raw })
    }

    /// An object as the engine sees it.
    pub(super) fn read(&self, address: &Address, object: Value) -> (Observed, Facts) {
        object::read(address.kind(), object, self.wanted.shared(address).map(|(_, document)| document), &self.secrets)
    }

    /// Make an object that is not there.
    pub(crate) async fn create(&self, address: &Address, api: Api, body: Vec<u8>) -> Result<Found, Trouble> {
        let parameters = PostParams { field_manager: Some(super::fields::FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let answer = self.api_server.ask(Build::new(api.beside(address)).create(&parameters, body)).await?;
        self.written(address, &answer)
    }

    /// Server-side apply.
    pub(crate) async fn patch(&self, address: &Address, api: Api, body: Vec<u8>, force: bool) -> Result<Found, Trouble> {
        let manager = Some(super::fields::FIELD_MANAGER.to_owned());
        let parameters = PatchParams { field_manager: manager, force, ..PatchParams::default() };
        let patch = kube::core::params::Patch::Apply(());
        let request = Build::new(api.beside(address)).patch(address.name(), &parameters, &patch);
        let answer = self.api_server.ask(request.map(|request| request.map(|_| body))).await?;
        self.written(address, &answer)
    }

    /// Server-side apply of which nothing stays: what the object would be.
    pub(crate) async fn dry_run(&self, address: &Address, api: Api, body: Vec<u8>) -> Result<Found, Trouble> {
        let manager = Some(super::fields::FIELD_MANAGER.to_owned());
        // Fields of others are told of by the look, and taken back by the step.
        let parameters = PatchParams { field_manager: manager, force: true, dry_run: true, ..PatchParams::default() };
        let patch = kube::core::params::Patch::Apply(());
        let request = Build::new(api.beside(address)).patch(address.name(), &parameters, &patch);
        let answer = self.api_server.ask(request.map(|request| request.map(|_| body))).await?;
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
        let answer = self.api_server.ask(request).await?;
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
        match self.api_server.ask(Build::new(api.beside(address)).delete(address.name(), &parameters)).await {
            Ok(_) => Ok(()),
            Err(Trouble::Refusal(refusal)) if refusal.is_not_found() => Ok(()),
            Err(trouble) => Err(trouble),
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
