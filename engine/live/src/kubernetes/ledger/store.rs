//! The requests of the ledger: one Lease, and ConfigMaps beside it, in a namespace of `vamp`'s own. Nothing here tries again.

use super::failure::Failed;
use super::lease::{self, Lease};
use crate::kubernetes::api_server::ApiServer;
use crate::kubernetes::fields::FIELD_MANAGER;
use crate::server::Server;
use crate::wire::{Limits, Wire};
use http::Request;
use kube::core::params::{DeleteParams, GetParams, Patch, PatchParams, PostParams};
use kube::core::request::{Error, Request as Build};
use model::value::Text;
use model::{Duration, Timestamp, mark};
use serde_json::{Value, json};

/// The namespace of all ledgers in a cluster.
pub const NAMESPACE: &str = "vamp-ledger";
const NAMESPACES: &str = "/api/v1/namespaces";
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/vamp-ledger/leases";
const CONFIG_MAPS: &str = "/api/v1/namespaces/vamp-ledger/configmaps";
/// Label with the platform's name. It is not that of the platform's own objects: what carries that one is part of what the spec wants, and
/// taken away with it.
const PLATFORM: &str = "ledger.vamp.io/platform";
/// How long a request about the lock may take: what does not come within a fourth of the time that the lock holds is asked once more.
const BRIEFLY: Duration = Duration::seconds(10);

/// Where the ledger of a platform is.
#[derive(Clone)]
pub(super) struct Store {
    api_server: ApiServer,
    /// The same for requests that must not take long.
    brief: ApiServer,
    platform: Text,
}

impl Store {
    pub(super) fn new(wire: Wire, platform: Text) -> Self {
        let limits = wire.limits();
        let brief = wire.limited(Limits { time: limits.time.min(BRIEFLY), ..limits });
        Store { api_server: ApiServer::new(wire), brief: ApiServer::new(brief), platform }
    }

    pub(super) fn server(&self) -> &Server {
        self.api_server.server()
    }

    pub(super) fn platform(&self) -> &str {
        &self.platform
    }

    /// The same of another platform.
    pub(super) fn of(&self, platform: &str) -> Self {
        Store { platform: platform.into(), ..self.clone() }
    }

    /// Now, on the wall clock.
    pub(super) fn now(&self) -> Timestamp {
        self.api_server.wire().traffic().now()
    }

    /// What all parts of the ledger of a platform carry.
    pub(super) fn labels(&self) -> Value {
        json!({mark::MANAGED_BY: mark::MANAGER, PLATFORM: self.platform})
    }

    /// The Lease, if there is one.
    pub(super) async fn lease(&self) -> Result<Option<Lease>, Failed> {
        let request = Build::new(LEASES).get(&self.platform, &GetParams::default());
        match self.brief.ask(request).await.map_err(Failed::from) {
            Ok(body) => self.read(&body).map(Some),
            Err(failed) if failed.is_not_found() => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// What a body says that is to be a Lease.
    fn read(&self, body: &[u8]) -> Result<Lease, Failed> {
        let found = lease::read(&self.brief.parsed(body)?.0)?;
        found.ok_or_else(|| self.brief.nonsense(body).into())
    }

    /// Make the Lease, and before it the namespace where that is missing.
    pub(super) async fn make_lease(&self, object: &Value) -> Result<Lease, Failed> {
        match self.make(LEASES, object).await {
            Err(failed) if failed.is_not_found() => {
                self.make_namespace().await?;
                self.read(&self.make(LEASES, object).await?)
            }
            made => self.read(&made?),
        }
    }

    async fn make_namespace(&self) -> Result<(), Failed> {
        let labels = json!({mark::MANAGED_BY: mark::MANAGER});
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}});
        match self.make(NAMESPACES, &object).await {
            Err(failed) if failed.is_already_there() => Ok(()),
            made => made.map(drop),
        }
    }

    /// Change the Lease: [`Failed::Changed`] if somebody else did meanwhile.
    pub(super) async fn change_lease(&self, change: &Value) -> Result<Lease, Failed> {
        match self.merge(&self.brief, LEASES, &self.platform, change).await {
            Err(failed) if failed.is_not_found() => Err(Failed::Gone),
            changed => self.read(&changed?),
        }
    }

    /// One ConfigMap, if it is there.
    pub(super) async fn config_map(&self, name: &str) -> Result<Option<model::Value>, Failed> {
        let request = Build::new(CONFIG_MAPS).get(name, &GetParams::default());
        match self.api_server.ask(request).await.map_err(Failed::from) {
            Ok(body) => Ok(Some(self.api_server.parsed(&body)?.0)),
            Err(failed) if failed.is_not_found() => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Make a ConfigMap.
    pub(super) async fn make_config_map(&self, object: &Value) -> Result<(), Failed> {
        self.make(CONFIG_MAPS, object).await.map(drop)
    }

    /// Change a ConfigMap.
    pub(super) async fn change_config_map(&self, name: &str, change: &Value) -> Result<(), Failed> {
        self.merge(&self.api_server, CONFIG_MAPS, name, change).await.map(drop)
    }

    /// Take a ConfigMap away, if it is there.
    pub(super) async fn remove_config_map(&self, name: &str) -> Result<(), Failed> {
        let request = Build::new(CONFIG_MAPS).delete(name, &DeleteParams::default());
        match self.api_server.ask(request).await.map_err(Failed::from) {
            Err(failed) if failed.is_not_found() => Ok(()),
            removed => removed.map(drop),
        }
    }

    /// The ConfigMaps of the platform that have these labels too, or of each the metadata alone.
    pub(super) async fn config_maps(&self, labels: &[(&str, &str)], metadata_only: bool) -> Result<Vec<model::Value>, Failed> {
        let labels = labels.iter().map(|(name, value)| format!(",{name}={value}")).collect::<String>();
        let selector = format!("{PLATFORM}={}{labels}", self.platform);
        let found = std::cell::RefCell::new(Vec::new());
        let (mut take, mut begin) = (|object| found.borrow_mut().push(object), || found.borrow_mut().clear());
        self.api_server.each(CONFIG_MAPS, Some(&selector), metadata_only, &mut take, &mut begin).await?;
        Ok(found.into_inner())
    }

    async fn make(&self, path: &str, object: &Value) -> Result<Vec<u8>, Failed> {
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let body = object.to_string().into_bytes();
        Ok(self.api_server.ask(Build::new(path).create(&parameters, body)).await?)
    }

    async fn merge(&self, by: &ApiServer, path: &str, name: &str, change: &Value) -> Result<Vec<u8>, Failed> {
        let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        let request: Result<Request<Vec<u8>>, Error> = Build::new(path).patch(name, &parameters, &Patch::Merge(change));
        Ok(by.ask(request).await?)
    }
}

/// The version of an object that was read.
pub(super) fn version_of(object: &model::Value) -> &str {
    object.str_at(&["metadata", "resourceVersion"]).unwrap_or_default()
}

/// Its name.
pub(super) fn name_of(object: &model::Value) -> &str {
    object.str_at(&["metadata", "name"]).unwrap_or_default()
}
