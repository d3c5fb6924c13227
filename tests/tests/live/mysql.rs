//! Steps on a real MySQL server: schemas, tables, users and grants, whose they are, and what is drift.

use super::bench::{Bare, Bench, document, unique};
use model::Value;
use model::observation::{Observed, Owner};
use model::operation::{Expectation, Operation, OperationError};
use serde_json::json;
use std::sync::Arc;
use tests::block_on;

/// A schema and a user of its own, which go when the test is over.
struct Place {
    bench: Bench,
    name: String,
}

impl Place {
    fn new(name: &str) -> Option<Place> {
        let bench = Bench::with("VAMP_BENCH_MYSQL_HOST")?;
        Some(Place { bench, name: unique(name).replace('-', "_") })
    }

    fn schema(&self) -> (String, Arc<Value>) {
        let shape = json!({"character_set": "utf8mb4", "collation": "utf8mb4_unicode_ci"});
        (format!("mysql/schema/{}", self.name), document(shape))
    }

    fn table(&self) -> (String, Arc<Value>) {
        let column = |name: &str, kind: &str, counts: bool| json!({"auto_increment": counts, "name": name, "nullable": false, "type": kind});
        let columns = [column("ID", "int", true), column("Record", "mediumtext", false)];
        (format!("mysql/table/{}/artifacts", self.name), document(json!({"columns": columns, "primary_key": ["ID"]})))
    }

    fn user(&self) -> (String, Arc<Value>) {
        (format!("mysql/user/{}", self.name), document(json!({"host": "%", "password": {"$secret": {"env": "P"}}})))
    }

    fn grant(&self) -> (String, Arc<Value>) {
        let shape = json!({"host": "%", "privileges": ["DELETE", "INSERT", "SELECT", "UPDATE"]});
        (format!("mysql/grant/{0}/{0}", self.name), document(shape))
    }

    fn all(&self) -> Vec<(String, Arc<Value>)> {
        vec![self.schema(), self.table(), self.user(), self.grant()]
    }

    async fn platform(&self) -> Bare {
        let all = self.all();
        let wanted: Vec<(&str, Arc<Value>)> =
            all.iter().map(|(address, document)| (address.as_str(), document.clone())).collect();
        Bare::new(&self.bench, vec![self.bench.mysql()], &self.name, &wanted).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let name = &self.name;
        self.bench.sql(&format!(
            "DROP DATABASE IF EXISTS `{name}`; DROP DATABASE IF EXISTS `{name}_new`; DROP USER IF EXISTS '{name}'@'%'"
        ));
    }
}

fn version(seen: &Observed) -> Expectation {
    Expectation::Version(seen.version.clone())
}

#[test]
fn everything_comes_back_as_it_was_written_and_a_second_time_changes_nothing() {
    let Some(place) = Place::new("written") else { return };
    block_on(async {
        let mut platform = place.platform().await;
        for (address, document) in place.all() {
            let written = platform.apply(&address, &document, Expectation::Absent, false).await.unwrap();
            assert!(written.changed, "{address}");
            let seen = platform.seen(&address).await.unwrap();
            assert_eq!(
                (&seen.owner, seen.applied.clone()),
                (&Owner::Platform(place.name.as_str().into()), Some(document.digest()))
            );
            assert_eq!(Some(seen.version.clone()), written.version, "{address}");
            if !address.contains("/user/") {
                assert_eq!(seen.document, document, "{address}");
            }
            let again = platform.apply(&address, &document, Expectation::Absent, false).await.unwrap();
            assert!(!again.changed, "{address}");
        }
        let seen = platform.seen(&place.user().0).await.unwrap();
        assert!(matches!(seen.document.get("password"), Some(Value::Digest(_))));
        for (address, _) in place.all().into_iter().rev() {
            let seen = platform.seen(&address).await.unwrap();
            let stale = platform.delete(&address, Expectation::Version("other".into())).await.unwrap_err();
            assert!(matches!(stale, OperationError::Stale { .. }), "{stale:?}");
            assert!(platform.delete(&address, version(&seen)).await.unwrap().changed, "{address}");
            assert!(platform.seen(&address).await.is_none(), "{address}");
        }
    });
}

#[test]
fn drift_shows_and_is_mended() {
    let Some(place) = Place::new("drift") else { return };
    block_on(async {
        let mut platform = place.platform().await;
        for (address, document) in place.all() {
            platform.apply(&address, &document, Expectation::Absent, false).await.unwrap();
        }
        let name = &place.name;
        place.bench.sql(&format!("REVOKE UPDATE ON `{}`.* FROM '{name}'@'%'", name.replace('_', "\\_")));
        place.bench.sql(&format!("ALTER USER '{name}'@'%' IDENTIFIED BY 'other'"));
        place.bench.sql(&format!("ALTER TABLE `{name}`.artifacts MODIFY COLUMN Record text NOT NULL, ADD COLUMN more int"));
        place.bench.sql(&format!("ALTER DATABASE `{name}` COLLATE utf8mb4_bin"));
        let digests = port::Observe::digests(&mut platform.live, &[model::SecretReference::Env("P".into())]).await.unwrap();
        let wanted = Value::Digest(Box::new(*digests.values().next().unwrap()));
        for (address, document) in place.all() {
            let seen = platform.seen(&address).await.unwrap();
            assert_ne!(seen.document, document, "{address}");
            assert_ne!(seen.document.get("password"), Some(&wanted), "{address}");
            assert!(platform.apply(&address, &document, version(&seen), false).await.unwrap().changed, "{address}");
        }
        assert_eq!(platform.seen(&place.grant().0).await.unwrap().document, place.grant().1);
        assert_eq!(platform.seen(&place.schema().0).await.unwrap().document, place.schema().1);
        assert_eq!(platform.seen(&place.user().0).await.unwrap().document.get("password"), Some(&wanted));
        let table = platform.seen(&place.table().0).await.unwrap();
        assert_eq!(table.document.get("columns").unwrap().as_list().unwrap().len(), 3, "a column that nobody wants stays");
    });
}

#[test]
fn what_somebody_else_made_is_left_alone_and_what_is_missing_is_waited_for() {
    let Some(place) = Place::new("theirs") else { return };
    block_on(async {
        let mut platform = place.platform().await;
        let (table, shape) = place.table();
        let not_yet = platform.apply(&table, &shape, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(why) if why.contains("1049")), "{not_yet:?}");
        let (grant, allowed) = place.grant();
        let not_yet = platform.apply(&grant, &allowed, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(_)), "{not_yet:?}");
        place.bench.sql(&format!("CREATE DATABASE `{0}`; CREATE TABLE `{0}`.artifacts (a int)", place.name));
        assert_eq!(
            platform.seen(&table).await.unwrap().owner,
            Owner::Foreign,
            "what could not be made is not ours when it comes"
        );
        let (schema, shape) = place.schema();
        let seen = platform.seen(&schema).await.unwrap();
        assert_eq!(seen.owner, Owner::Foreign);
        let refused = platform.apply(&schema, &shape, version(&seen), false).await.unwrap_err();
        assert!(matches!(refused, OperationError::Refused(_)), "{refused:?}");
        assert!(matches!(platform.delete(&schema, version(&seen)).await.unwrap_err(), OperationError::Refused(_)));
        assert!(platform.apply(&schema, &shape, version(&seen), true).await.unwrap().changed);
    });
}

#[test]
fn a_schema_moves_with_its_tables_and_their_rows() {
    let Some(place) = Place::new("moved") else { return };
    block_on(async {
        let mut platform = place.platform().await;
        for (address, document) in place.all() {
            platform.apply(&address, &document, Expectation::Absent, false).await.unwrap();
        }
        place.bench.sql(&format!("INSERT INTO `{}`.artifacts (Record) VALUES ('kept')", place.name));
        let (from, document) = place.schema();
        let expected = version(&platform.seen(&from).await.unwrap());
        let to = format!("mysql/schema/{}_new", place.name);
        let moved = Operation::Move {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            document: document.clone(),
            mark: platform.mark(&document),
            expected,
        };
        assert!(platform.execute(moved.clone()).await.unwrap().changed);
        assert_eq!(place.bench.sql(&format!("SELECT Record FROM `{}_new`.artifacts", place.name)), "kept");
        assert!(platform.seen(&from).await.is_none());
        assert!(!platform.execute(moved).await.unwrap().changed);
    });
}
