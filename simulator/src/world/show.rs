//! The world as one JSON document, for people and scripts that look at it.

use super::World;
use crate::kubernetes::Key;
use model::observation::{Listing, Owner};
use model::{Address, Kind, System};
use serde_json::{Map, Value, json};

impl World {
    /// Everything, as JSON: `time`, `hash`, `clusters` (a map by name), `vault`, `mysql`, `elasticsearch` (a map by name).
    /// A store that this world does not have is `null`.
    pub fn show(&self) -> Value {
        json!({
            "time": model::time::rfc3339(self.now()),
            "hash": self.hash().to_string(),
            "clusters": self.show_clusters(),
            "vault": self.show_vault(),
            "mysql": self.show_mysql(),
            "elasticsearch": self.show_elasticsearch(),
        })
    }

    fn show_clusters(&self) -> Value {
        let clusters = self.clusters.iter().map(|(name, cluster)| {
            let mut shown = json!(cluster.summary());
            shown["namespaces"] = self.show_namespaces(name);
            shown["deployments"] = self.show_deployments(name);
            (name.to_string(), shown)
        });
        Value::Object(clusters.collect())
    }

    fn show_namespaces(&self, cluster: &str) -> Value {
        let Listing::Complete(namespaces) = self.list_cluster(cluster, Kind::Namespace) else { return Value::Null };
        namespaces.addresses().map(Address::key).collect()
    }

    /// Wanted and ready pods of each Deployment.
    fn show_deployments(&self, name: &str) -> Value {
        let Listing::Complete(deployments) = self.list_cluster(name, Kind::Deployment) else { return Value::Null };
        let shown = deployments.iter().map(|(address, seen)| {
            let key = Key::new(Kind::Deployment, address.key());
            let pods = self.clusters.get(name).map(|cluster| cluster.pods_of(&key)).unwrap_or_default();
            let ready = pods.iter().filter(|pod| pod.ready && !pod.terminating).count();
            let replicas = seen.document.integer_at(&["spec", "replicas"]).unwrap_or(1);
            (address.key().to_owned(), json!({ "replicas": replicas, "ready": ready }))
        });
        Value::Object(shown.collect())
    }

    /// What every store says of itself.
    fn show_store(&self, system: &System) -> Option<Map<String, Value>> {
        let host = self.stores.host(system)?;
        let mut shown = Map::new();
        shown.insert("workload".into(), host.workload.as_ref().map_or(Value::Null, |workload| json!(workload)));
        shown.insert("answers".into(), json!(self.stores.gap(system).is_none()));
        shown.insert("reason".into(), self.stores.gap(system).map_or(Value::Null, |gap| json!(gap.to_string())));
        Some(shown)
    }

    fn show_vault(&self) -> Value {
        let Some(mut shown) = self.show_store(&System::Vault) else { return Value::Null };
        let state = self.stores.vault.state();
        shown.insert("health".into(), json!(self.stores.vault.health()));
        shown.insert("sealed".into(), json!(state.sealed));
        shown.insert("storage".into(), json!(state.storage));
        for (name, kind) in [
            ("mounts", Kind::Mount),
            ("policies", Kind::Policy),
            ("authMethods", Kind::AuthMethod),
            ("authRoles", Kind::AuthRole),
            ("entries", Kind::Kv),
        ] {
            shown.insert(name.into(), self.show_kind(&System::Vault, kind));
        }
        Value::Object(shown)
    }

    fn show_mysql(&self) -> Value {
        let Some(mut shown) = self.show_store(&System::Mysql) else { return Value::Null };
        for (name, kind) in [("schemas", Kind::Schema), ("tables", Kind::Table), ("users", Kind::User), ("grants", Kind::Grant)] {
            shown.insert(name.into(), self.show_kind(&System::Mysql, kind));
        }
        if let Some(Value::Object(tables)) = shown.get_mut("tables") {
            for (key, table) in tables {
                let (schema, name) = key.split_once('/').unwrap_or((key, ""));
                table["rows"] = json!(self.stores.mysql.rows(schema, name));
            }
        }
        Value::Object(shown)
    }

    fn show_elasticsearch(&self) -> Value {
        let servers = self.stores.elasticsearch.iter().filter_map(|(name, server)| {
            let system = System::Elasticsearch(name.clone());
            let mut shown = self.show_store(&system)?;
            shown.insert("health".into(), json!(server.state().health));
            shown.insert("readOnly".into(), json!(server.state().read_only));
            for (key, kind) in [
                ("lifecyclePolicies", Kind::LifecyclePolicy),
                ("indexTemplates", Kind::IndexTemplate),
                ("roles", Kind::SearchRole),
            ] {
                shown.insert(key.into(), self.show_kind(&system, kind));
            }
            Some((name.to_string(), Value::Object(shown)))
        });
        Value::Object(servers.collect())
    }

    /// Objects of one kind by key: whose they are, their version, and the document. `null` while nobody can look.
    fn show_kind(&self, system: &System, kind: Kind) -> Value {
        let Listing::Complete(objects) = self.stores.list(system, kind) else { return Value::Null };
        let shown = objects.iter().map(|(address, seen)| {
            let owner = match &seen.owner {
                Owner::Platform(platform) => json!(platform),
                Owner::Foreign => Value::Null,
            };
            (address.key().to_owned(), json!({ "owner": owner, "version": seen.version, "document": *seen.document }))
        });
        Value::Object(shown.collect())
    }
}
