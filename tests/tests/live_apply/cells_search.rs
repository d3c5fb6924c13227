//! The same in an Elasticsearch: OpenSearch, for the bench has no other that knows rights. Roles are put there by the adapter, with the
//! role that `vamp permissions` prints.

use super::cells::{curl, two_cells};
use super::platform::Platform;
use super::rights;
use crate::bench::{Bare, Bench, document};
use model::connection::{Connection, Endpoint};
use model::operation::{Expectation, Operation, OperationError};
use model::{SecretReference, System};
use serde_json::{Value, json};
use std::sync::Arc;

/// A password that OpenSearch takes.
const PASSWORD: &str = "Of-a-cell-4711-hunter2";

/// OpenSearch, and a platform whose objects go there.
struct Search {
    platform: Platform,
    address: String,
}

/// Whether curl was answered with a success.
fn is_done(status: u16) -> bool {
    (200..300).contains(&status)
}

impl Search {
    fn new(name: &str) -> Option<Search> {
        let platform = two_cells(name)?;
        let address = platform.bench.0.get("VAMP_BENCH_ELASTICSEARCH_ADDRESS")?.clone();
        Some(Search { platform, address })
    }

    /// Ask as somebody.
    fn ask(&self, login: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (url, body) = (format!("{}{path}", self.address), body.to_string());
        let arguments = ["--header", "content-type: application/json", "--user", login, "--request", method];
        let data = ["--data", &body];
        curl(&self.platform, &[&arguments[..], if method == "GET" { &[] } else { &data }, &[&url]].concat())
    }

    /// Ask as the administrator of the bench.
    fn administer(&self, path: &str, body: &Value) {
        let get = |name: &str| self.platform.bench.get(name);
        let login = format!("{}:{}", get("VAMP_BENCH_ELASTICSEARCH_USER"), get("VAMP_BENCH_ELASTICSEARCH_PASSWORD"));
        let (status, said) = self.ask(&login, "PUT", path, body);
        assert!(is_done(status), "{path}: {said}");
    }

    /// A user with these roles; how it logs in.
    fn user(&self, name: &str, roles: &[&str]) -> String {
        let user = json!({ "password": PASSWORD, "opendistro_security_roles": roles });
        self.administer(&format!("/_plugins/_security/api/internalusers/{name}"), &user);
        format!("{name}:{PASSWORD}")
    }

    /// What the platform wants of one kind, by address.
    fn wanted(&self, kind: &str) -> Vec<(String, Arc<model::Value>)> {
        let plan = self.platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
        let steps = plan["steps"].as_array().unwrap().iter();
        let of_kind = steps.filter(|step| step["address"].as_str().unwrap().contains(&format!("/{kind}/")));
        of_kind.map(|step| (step["address"].as_str().unwrap().to_owned(), document(step["document"].clone()))).collect()
    }

    /// The operator's own role, as it is printed, and a user who has it and may write roles.
    fn operator(&self) -> String {
        let name = rights::name(&self.platform);
        let printed =
            self.platform.vamp(&["permissions", "SPEC", "--system", "elasticsearch.central", "--opensearch"]).done().json();
        self.administer(&format!("/_plugins/_security/api/roles/{name}"), &printed);
        self.administer("/_plugins/_security/api/roles/writes_roles", &json!({ "cluster_permissions": [] }));
        self.user(&name, &[&name, "writes_roles"])
    }

    /// Make objects by the adapter, logged in so.
    async fn make(&self, login: &str, objects: &[(String, Arc<model::Value>)]) -> Result<(), OperationError> {
        let mut bare = self.driven(login, objects).await;
        for (address, object) in objects {
            bare.apply(address, object, Expectation::Absent, false).await?;
        }
        Ok(())
    }

    /// What the adapter does, logged in so.
    async fn driven(&self, login: &str, objects: &[(String, Arc<model::Value>)]) -> Bare {
        let connection = Connection {
            credentials: Some(SecretReference::Env("SEARCH".into())),
            certificate_authority: Some(self.platform.bench.get("VAMP_BENCH_CA_FILE").to_owned()),
            ..Connection::new(System::Elasticsearch("central".into()), Endpoint::Server(self.address.clone()))
        };
        let mut known = Bench(self.platform.bench.0.clone());
        known.0.insert("SEARCH".to_owned(), login.to_owned());
        let wanted: Vec<(&str, Arc<model::Value>)> =
            objects.iter().map(|(address, object)| (address.as_str(), object.clone())).collect();
        Bare::new(&known, vec![connection], &self.platform.name, &wanted).await
    }
}

#[test]
fn the_roles_of_a_cell_write_and_read_its_own_indices_and_those_of_no_other() {
    let Some(search) = Search::new("cellsearch") else { return };
    let (roles, operator) = (search.wanted("search-role"), search.operator());
    assert_eq!(roles.len(), 4);
    tests::block_on(search.make(&operator, &roles)).unwrap();
    let index = |tenant: &str| format!("{}-{tenant}-staging-audit", search.platform.name);
    let template = |tenant: &str| {
        let template = json!({ "index_patterns": [index(tenant)], "data_stream": {}, "priority": 500 });
        (format!("elasticsearch.central/index-template/{}", index(tenant)), document(template))
    };
    let templates = ["shop", "bank"].map(template);
    tests::block_on(search.make(&operator, &templates)).unwrap();
    let login = |tenant: &str, word: &str| {
        let role = format!("{}-{tenant}-staging-{word}", search.platform.name);
        search.user(&role, &[&role])
    };
    let write = |login: &str, tenant: &str| {
        let line = json!({ "@timestamp": "2026-11-26T00:00:00Z" });
        search.ask(login, "POST", &format!("/{}/_doc?op_type=create", index(tenant)), &line)
    };
    let read = |login: &str, tenant: &str| search.ask(login, "GET", &format!("/{}/_search", index(tenant)), &Value::Null);
    for (own, other) in [("shop", "bank"), ("bank", "shop")] {
        let writer = login(own, "writer");
        let (status, said) = write(&writer, own);
        assert_eq!(status, 201, "{said}");
        assert_eq!(write(&writer, other).0, 403);
        assert_eq!((read(&writer, own).0, read(&writer, other).0), (403, 403), "a writer reads");
    }
    for (own, other) in [("shop", "bank"), ("bank", "shop")] {
        let reader = login(own, "reader");
        let (status, said) = read(&reader, own);
        assert_eq!(status, 200, "{said}");
        assert_eq!(read(&reader, other).0, 403);
        assert_eq!((write(&reader, own).0, write(&reader, other).0), (403, 403), "a reader writes");
        assert_eq!(search.ask(&reader, "GET", "/_plugins/_security/api/roles", &Value::Null).0, 403);
    }
    // Nor does whoever makes all that see what is in it.
    assert_eq!((read(&operator, "shop").0, write(&operator, "shop").0), (403, 403));
    tests::block_on(goes_with_its_documents(&search, &operator, &templates));
}

/// Whoever makes all that can take a template away, with its data stream where that is said, and touches no other.
async fn goes_with_its_documents(search: &Search, operator: &str, templates: &[(String, Arc<model::Value>)]) {
    let mut bare = search.driven(operator, templates).await;
    let [(shop, _), (bank, _)] = templates else { panic!("two") };
    let streams = async |bare: &mut Bare, address: &str| bare.seen(address).await.map(|seen| seen.streams);
    for template in [shop, bank] {
        let name = template.rsplit('/').next().unwrap();
        assert_eq!(streams(&mut bare, template).await, Some(vec![name.into()]));
    }
    let why = bare.delete(shop, Expectation::Unseen).await.unwrap_err().to_string();
    assert!(why.contains(" answers 400") && why.contains("in use by a data streams"), "{why}");
    let delete = Operation::Delete { address: shop.parse().unwrap(), expected: Expectation::Unseen, with_data: true };
    assert!(bare.execute(delete.clone()).await.unwrap().changed);
    assert!(!bare.execute(delete).await.unwrap().changed);
    assert_eq!((streams(&mut bare, shop).await, streams(&mut bare, bank).await.map(|streams| streams.len())), (None, Some(1)));
    let foreign =
        Operation::Delete { address: bank.parse().unwrap(), expected: Expectation::Version("0".into()), with_data: true };
    assert!(matches!(bare.execute(foreign).await, Err(OperationError::Stale { .. })));
    assert_eq!(streams(&mut bare, bank).await.map(|streams| streams.len()), Some(1));
}

#[test]
fn a_role_that_lacks_is_told_with_system_and_remedy() {
    let Some(search) = Search::new("roleless") else { return };
    let roles = search.wanted("search-role");
    let nobody = search.user(&format!("{}-nobody", search.platform.name), &[]);
    let error = tests::block_on(search.make(&nobody, &roles)).unwrap_err().to_string();
    for word in ["elasticsearch.central (https://", " answers 403", "`vamp permissions` prints the role that vamp needs"] {
        assert!(error.contains(word), "{word}: {error}");
    }
}
