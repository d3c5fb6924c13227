//! The world as a whole: furnished, failing, edited, kept, and the same again for the same seed.

mod agents;
mod clusters;
mod equivalence;
mod quiet;
mod traffic;
mod workflow;

use super::*;
use crate::fault::{Fault, Injection, Schedule};
use crate::kept::tests::{document, mark};
use model::connection::{Capacity, Connection, Endpoint};
use model::operation::Expectation;

fn connection(system: &str, endpoint: Endpoint) -> Connection {
    let capacity = Capacity { durable: true, in_mysql: system == "vault", ..Capacity::default() };
    Connection { capacity, ..Connection::new(system.parse().unwrap(), endpoint) }
}

fn furnished() -> World {
    let mut world = World::new(7);
    let connections = ["vault", "mysql", "elasticsearch.central"].map(|system| connection(system, Endpoint::Embedded));
    assert!(world.furnish(&connections));
    assert!(!world.furnish(&connections));
    world
}

fn apply(world: &mut World, address: &str, text: &str) -> Result<Receipt, OperationError> {
    let document = document(text);
    let mark = mark(&document);
    let address = address.parse().unwrap();
    world.execute(&Operation::Apply { address, mark, document, expected: Expectation::Unseen, force: false })
}

fn run(world: &mut World) {
    apply(world, "mysql/schema/acme-shop", "x").unwrap();
    apply(world, "vault/mount/acme", "x").unwrap();
    let fault = Fault::by_hand("mysql", None).unwrap();
    let injection = Injection { id: 1, at: Duration::seconds(5), fault, lasts: Some(Duration::seconds(4)) };
    world.install(&Schedule::from(vec![injection]));
}

fn finish(world: &mut World) {
    world.advance(Duration::seconds(6));
    assert!(matches!(apply(world, "mysql/schema/acme-blog", "x"), Err(OperationError::Unreachable(_))));
    world.advance(Duration::minutes(1));
    apply(world, "mysql/schema/acme-blog", "x").unwrap();
}

#[test]
fn the_same_seed_gives_the_same_hash_even_if_it_was_kept_in_the_middle() {
    let (mut whole, mut halved) = (furnished(), furnished());
    run(&mut whole);
    finish(&mut whole);
    run(&mut halved);
    let mut restored = World::new(0);
    for record in halved.drain_changes() {
        restored.restore(record.table, &record.key, &record.value.unwrap()).unwrap();
    }
    restored.restored();
    finish(&mut restored);
    assert_eq!(restored.hash(), whole.hash());
    assert_eq!(restored.show(), whole.show());
}

#[test]
fn a_store_that_no_spec_named_is_unknown_not_empty() {
    let world = World::new(1);
    assert!(matches!(world.list(&System::Vault, Kind::Kv), Listing::Unknown(Gap::Unreachable(_))));
    assert_eq!(world.show()["vault"], serde_json::Value::Null);
}

#[test]
fn vault_on_mysql_shares_its_fate() {
    let mut world = furnished();
    apply(&mut world, "vault/mount/acme", "x").unwrap();
    world.inject(&Fault::by_hand("mysql", None).unwrap()).unwrap();
    assert!(matches!(world.list(&System::Vault, Kind::Mount), Listing::Unknown(Gap::Unavailable(_))));
    assert!(matches!(apply(&mut world, "vault/kv/acme/a", "x"), Err(OperationError::Busy { .. })));
    assert_eq!(world.stores().vault.health(), Some(200));
    world.mend(&Fault::by_hand("mysql", None).unwrap()).unwrap();
    assert!(apply(&mut world, "vault/kv/acme/a", "x").is_ok());
}

#[test]
fn a_sealed_vault_is_unavailable_until_it_is_unsealed() {
    let mut world = furnished();
    world.seal().unwrap();
    assert!(matches!(world.list(&System::Vault, Kind::Mount), Listing::Unknown(Gap::Unavailable(_))));
    world.unseal().unwrap();
    assert!(matches!(world.list(&System::Vault, Kind::Mount), Listing::Complete(_)));
}

#[test]
fn a_vault_that_restarts_without_its_auto_unseal_is_sealed_until_somebody_unseals_it() {
    for (sealed, health) in [(0, Some(200)), (1, Some(503))] {
        let mut world = furnished();
        let fault = Fault::by_hand("vault-restarted", None).unwrap().with("sealed", sealed);
        let injection = Injection { id: 1, at: Duration::ZERO, fault, lasts: Some(Duration::minutes(5)) };
        world.install(&Schedule::from(vec![injection]));
        world.advance(Duration::minutes(4));
        assert_eq!(world.stores().vault.health(), health);
        world.advance(Duration::minutes(2));
        assert_eq!(world.stores().vault.health(), Some(200));
    }
}

#[test]
fn what_takes_no_writes_takes_none_by_hand_either() {
    let mut world = furnished();
    let (mysql, role) = ("mysql/schema/acme-shop", "elasticsearch.central/search-role/acme");
    apply(&mut world, mysql, "x").unwrap();
    apply(&mut world, role, "x").unwrap();
    world.inject(&Fault::by_hand("mysql-read-only", None).unwrap()).unwrap();
    world.inject(&Fault::by_hand("elasticsearch-read-only", Some("central")).unwrap()).unwrap();
    for address in [mysql, role] {
        let address: Address = address.parse().unwrap();
        let edit = Edit::Set { path: vec!["text".into()], value: "edited".into() };
        assert!(matches!(world.edit(&address, &edit), Err(EditError::System { .. })), "{address}");
        assert_eq!(world.document(&address).unwrap().str_at(&["text"]), Some("x"));
    }
}

#[test]
fn what_cannot_break_says_so() {
    let mut world = World::new(1);
    assert_eq!(
        world.inject(&Fault::by_hand("vault", None).unwrap()),
        Err(FaultError::Cannot { message: "there is no vault".into(), help: "the platform has none".into() })
    );
    assert!(Fault::by_hand("moon", None).unwrap_err().to_string().contains("\"moon\""));
    assert!(Fault::by_hand("node", Some("eu-1")).is_err());
    let written = |word, name| Fault::by_hand(word, Some(name)).unwrap().to_string();
    assert_eq!(written("node", "eu-1/node-1"), "node-dead node eu-1/node-1");
    assert_eq!(written("node-cordoned", "eu-1/node-1"), "node-cordoned node eu-1/node-1");
    assert_eq!(written("network-cut", "from engine to vault"), "network-cut from engine to vault");
    let simulated = world.inject(&Fault::by_hand("api-stale", Some("eu-1")).unwrap());
    assert!(matches!(simulated, Err(FaultError::Cannot { message, .. }) if message.contains("cluster eu-1")));
}

#[test]
fn an_edit_by_hand_is_a_drift_and_keeps_the_mark() {
    let mut world = furnished();
    apply(&mut world, "mysql/schema/acme-shop", "x").unwrap();
    let address: Address = "mysql/schema/acme-shop".parse().unwrap();
    world.edit(&address, &Edit::Set { path: vec!["text".into()], value: "edited".into() }).unwrap();
    assert_eq!(world.document(&address).unwrap().str_at(&["text"]), Some("edited"));
    let Listing::Complete(objects) = world.list(&System::Mysql, Kind::Schema) else { panic!("mysql answers") };
    let seen = objects.get(&address).unwrap();
    assert_eq!(seen.applied.as_deref(), Some(document("x").digest().as_str()));
    assert_ne!(seen.document.digest().as_str(), seen.applied.as_deref().unwrap());
    assert_eq!(seen.version, "2");
}

#[test]
fn a_foreign_object_can_be_made_and_taken_away_by_hand() {
    let mut world = furnished();
    let address: Address = "vault/policy/theirs".parse().unwrap();
    let create = Edit::Create { document: Value::EMPTY_MAP };
    world.edit(&address, &create).unwrap();
    assert_eq!(world.edit(&address, &create), Err(EditError::Present(address.clone())));
    assert!(matches!(apply(&mut world, address.as_str(), "x"), Err(OperationError::Refused(_))));
    let remove = Edit::Remove { path: vec!["nothing".into()] };
    assert!(matches!(world.edit(&address, &remove), Err(EditError::NoSuchField { .. })));
    world.edit(&address, &Edit::Delete).unwrap();
    assert_eq!(world.edit(&address, &Edit::Delete), Err(EditError::Missing(address)));
}
