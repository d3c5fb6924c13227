//! Steps on a real Vault: versions and check-and-set, what was deleted, whose things are, log-in and its end.

use super::bench::{Bare, Bench, document, unique};
use model::observation::{Gap, Listing, Owner};
use model::operation::{Expectation, Operation, OperationError};
use model::{Kind, Value};
use serde_json::json;
use std::sync::Arc;
use tests::block_on;

/// A mount of its own, which goes when the test is over.
struct Place {
    bench: Bench,
    name: String,
}

impl Place {
    fn new(name: &str) -> Option<Place> {
        let bench = Bench::with("VAMP_BENCH_VAULT_TOKEN")?;
        Some(Place { bench, name: unique(name) })
    }

    fn mount(&self) -> String {
        format!("vault/mount/{}", self.name)
    }

    fn entry(&self, path: &str) -> String {
        format!("vault/kv/{}/{path}", self.name)
    }

    async fn platform(&self, wanted: &[(&str, Arc<Value>)]) -> Bare {
        let mut platform = Bare::new(&self.bench, vec![self.bench.vault(0)], &self.name, wanted).await;
        platform.apply(&self.mount(), &mount("of a test"), Expectation::Unseen, false).await.unwrap();
        platform
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bench.curl_vault("DELETE", &format!("sys/mounts/{}", self.name), "");
    }
}

fn mount(description: &str) -> Arc<Value> {
    document(json!({"description": description, "options": {"version": "2"}, "type": "kv"}))
}

fn entry(data: serde_json::Value) -> Arc<Value> {
    document(json!({ "data": data }))
}

fn version(seen: &model::observation::Observed) -> Expectation {
    Expectation::Version(seen.version.clone())
}

fn ours(place: &Place) -> Owner {
    Owner::Platform(place.name.as_str().into())
}

#[test]
fn an_entry_is_written_with_check_and_set_and_seen_with_its_mark() {
    let Some(place) = Place::new("entry") else { return };
    block_on(async {
        let address = place.entry("shop/production/database");
        let one = entry(
            json!({"host": "db", "password": {"$secret": {"env": "P"}}, "salt": {"$secret": {"generated": {"length": 12}}}}),
        );
        let two = entry(
            json!({"host": "other", "password": {"$secret": {"env": "P"}}, "salt": {"$secret": {"generated": {"length": 12}}}}),
        );
        let mut platform = place.platform(&[(&address, two.clone())]).await;
        // A fresh mount is not ready for a moment.
        let made = loop {
            match platform.apply(&address, &one, Expectation::Absent, false).await {
                Err(OperationError::NotYet(_)) => {}
                made => break made.unwrap(),
            }
        };
        assert_eq!((made.version.as_deref(), made.changed), (Some("1"), true));
        let again = platform.apply(&address, &one, Expectation::Absent, false).await.unwrap();
        assert_eq!((again.version.as_deref(), again.changed), (Some("1"), false));
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!((&seen.owner, seen.applied.clone()), (&ours(&place), Some(one.digest())));
        assert_eq!((seen.version.as_str(), seen.document.str_at(&["data", "host"])), ("1", Some("db")));
        assert!(matches!(seen.document.at(&["data", "password"]), Some(Value::Digest(_))));
        let read = || -> serde_json::Value {
            let path = format!("{}/data/shop/production/database", place.name);
            serde_json::from_str(&place.bench.curl_vault("GET", &path, "")).unwrap()
        };
        let before = read();
        assert_eq!(before["data"]["data"]["password"], "secret-of-P");
        let stale = platform.apply(&address, &two, Expectation::Version("7".into()), false).await.unwrap_err();
        assert_eq!(stale, OperationError::Stale { expected: "version 7".into(), found: "version 1".into() });
        assert_eq!(platform.apply(&address, &two, version(&seen), false).await.unwrap().version.as_deref(), Some("2"));
        assert_eq!(read()["data"]["data"]["salt"], before["data"]["data"]["salt"], "what was generated once is kept");
    });
}

#[test]
fn a_version_that_was_deleted_counts_and_one_that_was_never_written_does_not() {
    let Some(place) = Place::new("deleted") else { return };
    block_on(async {
        let address = place.entry("a/b");
        let mut platform = place.platform(&[]).await;
        let document = entry(json!({"a": "1"}));
        while let Err(OperationError::NotYet(_)) = platform.apply(&address, &document, Expectation::Unseen, false).await {}
        place.bench.curl_vault("DELETE", &format!("{}/data/a/b", place.name), "");
        assert!(platform.seen(&address).await.is_none());
        let again = platform.apply(&address, &document, Expectation::Absent, false).await.unwrap();
        assert_eq!(again.version.as_deref(), Some("2"));
        let destroy = place.bench.curl_vault("POST", &format!("{}/destroy/a/b", place.name), r#"{"versions":[2]}"#);
        assert_eq!(destroy, "");
        assert!(platform.seen(&address).await.is_none());
        assert_eq!(platform.apply(&address, &document, Expectation::Absent, false).await.unwrap().version.as_deref(), Some("3"));
        let seen = platform.seen(&address).await.unwrap();
        assert!(platform.delete(&address, version(&seen)).await.unwrap().changed);
        assert!(!platform.delete(&address, version(&seen)).await.unwrap().changed);
        assert_eq!(platform.apply(&address, &document, Expectation::Absent, false).await.unwrap().version.as_deref(), Some("1"));
    });
}

#[test]
fn what_somebody_else_wrote_is_left_alone_until_it_is_adopted_and_its_metadata_stays() {
    let Some(place) = Place::new("theirs") else { return };
    block_on(async {
        let address = place.entry("a");
        let mut platform = place.platform(&[]).await;
        let theirs = || place.bench.curl_vault("POST", &format!("{}/data/a", place.name), r#"{"data":{"a":"theirs"}}"#);
        while theirs().contains("Upgrading") {}
        place.bench.curl_vault("POST", &format!("{}/metadata/a", place.name), r#"{"custom_metadata":{"team":"blue"}}"#);
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!(seen.owner, Owner::Foreign);
        assert!(matches!(seen.document.at(&["data", "a"]), Some(Value::Digest(_))), "what we did not write is a secret to us");
        let document = entry(json!({"a": "ours"}));
        let refused = platform.apply(&address, &document, version(&seen), false).await.unwrap_err();
        assert!(matches!(&refused, OperationError::Refused(why) if why.contains("not owned by platform")), "{refused:?}");
        assert!(matches!(platform.delete(&address, version(&seen)).await.unwrap_err(), OperationError::Refused(_)));
        platform.apply(&address, &document, version(&seen), true).await.unwrap();
        assert_eq!(platform.seen(&address).await.unwrap().owner, ours(&place));
        let metadata = place.bench.curl_vault("GET", &format!("{}/metadata/a", place.name), "");
        assert!(metadata.contains(r#""team":"blue""#), "{metadata}");
    });
}

#[test]
fn an_entry_moves_with_what_is_in_it() {
    let Some(place) = Place::new("moved") else { return };
    block_on(async {
        let (from, to) = (place.entry("old"), place.entry("new/name"));
        let mut platform = place.platform(&[]).await;
        let document = entry(json!({"salt": {"$secret": {"generated": {"length": 12}}}}));
        while let Err(OperationError::NotYet(_)) = platform.apply(&from, &document, Expectation::Unseen, false).await {}
        let read = |path: &str| place.bench.curl_vault("GET", &format!("{}/data/{path}", place.name), "");
        let salt = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["data"]["data"]["salt"].clone();
        let before = salt(&read("old"));
        let expected = version(&platform.seen(&from).await.unwrap());
        let moved = Operation::Move {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            document: document.clone(),
            mark: platform.mark(&document),
            expected,
        };
        assert!(platform.execute(moved.clone()).await.unwrap().changed);
        assert_eq!(salt(&read("new/name")), before);
        assert!(platform.seen(&from).await.is_none());
        assert!(!platform.execute(moved).await.unwrap().changed, "a move that was made before succeeds");
    });
}

/// A public key that is no cluster's.
const OTHER_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuHxPfI3YobASnaBK8rSxx4Y4s25e\n\
    oo+5+Im2wIxnOrXqwVNlZeYHoRBFHeWVw+pdqp51cvnryz2GpgMUNAgVyg==\n\
    -----END PUBLIC KEY-----";

#[test]
fn mounts_policies_methods_and_roles_come_back_as_they_were_written() {
    let Some(place) = Place::new("things") else { return };
    block_on(async {
        let (policy, method) = (format!("vault/policy/{}-p", place.name), format!("vault/auth-method/{}", place.name));
        let role = format!("vault/auth-role/{}/gateway", place.name);
        let cluster = place.bench.clusters().remove(0);
        let documents = [
            (place.mount(), mount("another description")),
            (policy.clone(), document(json!({"policy": "path \"acme/data/*\" {\n  capabilities = [\"read\"]\n}\n"}))),
            (method.clone(), document(json!({"config": {"cluster": cluster}, "description": "Pods", "type": "jwt"}))),
            (
                role.clone(),
                document(
                    json!({"bound_audiences": ["vault"], "bound_subject": "system:serviceaccount:shop:gateway", "role_type": "jwt",
                "token_max_ttl": 7200, "token_policies": ["p"], "token_ttl": 3600, "user_claim": "sub"}),
                ),
            ),
        ];
        let wanted: Vec<(&str, Arc<Value>)> =
            documents.iter().map(|(address, document)| (address.as_str(), document.clone())).collect();
        let connections = place.bench.connections().into_iter().chain([place.bench.vault(0)]).collect();
        let mut platform = Bare::new(&place.bench, connections, &place.name, &wanted).await;
        platform.apply(&place.mount(), &mount("a description"), Expectation::Absent, false).await.unwrap();
        for (address, document) in &documents {
            let written = platform.apply(address, document, Expectation::Unseen, false).await.unwrap();
            let seen = platform.seen(address).await.unwrap();
            assert_eq!((&seen.document, seen.applied.clone()), (document, Some(document.digest())), "{address}");
            assert_eq!((seen.owner.clone(), Some(seen.version.clone())), (ours(&place), written.version), "{address}");
            let again = platform.apply(address, document, Expectation::Absent, false).await.unwrap();
            assert!(!again.changed, "{address}");
        }
        let config = format!("auth/{}/config", place.name);
        let keys = place.bench.curl_vault("GET", &config, "");
        assert!(keys.contains("https://127.0.0.1:") && keys.contains("BEGIN PUBLIC KEY"), "{keys}");

        // Drift shows, and only drift.
        place.bench.curl_vault("POST", &format!("auth/{}/role/gateway", place.name), r#"{"role_type":"jwt","token_num_uses":5}"#);
        let seen = platform.seen(&role).await.unwrap();
        assert_eq!(seen.document.integer_at(&["token_num_uses"]), Some(5));
        let others = json!({"bound_issuer": "https://elsewhere", "jwt_validation_pubkeys": [OTHER_KEY]}).to_string();
        place.bench.curl_vault("POST", &config, &others);
        let seen = platform.seen(&method).await.unwrap();
        assert_eq!(seen.document.str_at(&["config", "bound_issuer"]), Some("https://elsewhere"));
        platform.apply(&method, &documents[2].1, version(&seen), false).await.unwrap();
        assert_eq!(&platform.seen(&method).await.unwrap().document, &documents[2].1);
        let stale = platform.apply(&role, &documents[3].1, Expectation::Version("other".into()), false).await.unwrap_err();
        assert!(matches!(stale, OperationError::Stale { .. }), "{stale:?}");
        for address in [&role, &method, &policy, &place.mount()] {
            let seen = platform.seen(address).await.unwrap();
            assert!(platform.delete(address, version(&seen)).await.unwrap().changed, "{address}");
            assert!(platform.seen(address).await.is_none(), "{address}");
        }
    });
}

#[test]
fn what_is_to_go_into_a_mount_waits_for_it() {
    let Some(place) = Place::new("waits") else { return };
    block_on(async {
        let mut platform = Bare::new(&place.bench, vec![place.bench.vault(0)], &place.name, &[]).await;
        let not_yet = platform.apply(&place.entry("a"), &entry(json!({"a": "1"})), Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(why) if why.contains("no handler for route")), "{not_yet:?}");
        let role = format!("vault/auth-role/{}/a", place.name);
        let not_yet = platform.apply(&role, &document(json!({"token_ttl": 60})), Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(_)), "{not_yet:?}");
    });
}

#[test]
fn a_standby_serves_and_is_the_same_vault() {
    let Some(place) = Place::new("standby") else { return };
    block_on(async {
        let mut identities = Vec::new();
        for server in 0..2 {
            let mut platform = Bare::new(&place.bench, vec![place.bench.vault(server)], &place.name, &[]).await;
            let snapshot = platform.look(&[Kind::Mount]).await;
            assert!(matches!(snapshot.listing(&model::System::Vault, Kind::Mount), Some(Listing::Complete(_))), "{snapshot:?}");
            identities.push(port::Observe::identities(&platform.live));
        }
        assert_eq!(identities[0], identities[1]);
    });
}

#[test]
fn a_wrong_token_is_told_from_a_right_that_is_lacking() {
    let Some(place) = Place::new("rights") else { return };
    block_on(async {
        let gap = async |credentials: &str| {
            let credentials = Some(model::SecretReference::Env(credentials.into()));
            let connection = model::connection::Connection { credentials, ..place.bench.vault(0) };
            let mut platform = Bare::new(&place.bench, vec![connection], &place.name, &[]).await;
            match platform.look(&[Kind::Mount]).await.listing(&model::System::Vault, Kind::Mount) {
                Some(Listing::Unknown(Gap::Unreachable(why))) => why.clone(),
                other => panic!("{other:?}"),
            }
        };
        let wrong = gap("WRONG").await;
        assert!(wrong.contains("does not take the token") && !wrong.contains("secret-of"), "{wrong}");
    });
}
