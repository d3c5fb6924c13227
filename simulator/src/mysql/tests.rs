//! What MySQL keeps, what goes with what, and what it answers.

use super::*;
use crate::kept::receipt;
use crate::kept::tests::{document, mark};
use model::operation::Expectation;

fn apply(server: &mut Mysql, address: &str) -> Result<Receipt, OperationError> {
    let document = document("x");
    let mark = mark(&document);
    let address = address.parse().unwrap();
    server.execute(&Operation::Apply { address, mark, document, expected: Expectation::Unseen, force: false })
}

fn rename(server: &mut Mysql, from: &str, to: &str) -> Result<Receipt, OperationError> {
    let document = document("x");
    let mark = mark(&document);
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    server.execute(&Operation::Move { from, to, document, mark, expected: Expectation::Unseen })
}

fn delete(server: &mut Mysql, address: &str) -> Result<Receipt, OperationError> {
    server.execute(&Operation::Delete { address: address.parse().unwrap(), expected: Expectation::Unseen, with_data: false })
}

fn furnished() -> Mysql {
    let mut server = Mysql::new();
    for address in ["mysql/schema/shop", "mysql/table/shop/artifacts", "mysql/user/shop", "mysql/grant/shop/shop"] {
        assert!(apply(&mut server, address).unwrap().changed);
    }
    server.insert_rows("shop", "artifacts", 12).unwrap();
    server
}

#[test]
fn a_table_waits_for_its_schema_and_a_grant_for_its_user() {
    let mut server = Mysql::new();
    assert!(matches!(apply(&mut server, "mysql/table/shop/artifacts"), Err(OperationError::NotYet(why)) if why.contains("1049")));
    assert!(matches!(apply(&mut server, "mysql/grant/shop/shop"), Err(OperationError::NotYet(why)) if why.contains("1410")));
}

#[test]
fn a_schema_that_moves_takes_its_tables_and_their_rows_along() {
    let mut server = furnished();
    assert!(rename(&mut server, "mysql/schema/shop", "mysql/schema/store").unwrap().changed);
    assert_eq!((server.rows_in("store"), server.rows_in("shop")), (12, 0));
    assert_eq!(
        server.list(Kind::Table).unwrap().addresses().map(Address::as_str).collect::<Vec<_>>(),
        ["mysql/table/store/artifacts"]
    );
    assert!(!rename(&mut server, "mysql/schema/shop", "mysql/schema/store").unwrap().changed);
}

#[test]
fn a_table_and_a_user_move_with_what_hangs_on_them() {
    let mut server = furnished();
    rename(&mut server, "mysql/table/shop/artifacts", "mysql/table/shop/production").unwrap();
    assert_eq!(server.rows("shop", "production"), 12);
    rename(&mut server, "mysql/user/shop", "mysql/user/store").unwrap();
    assert!(server.list(Kind::Grant).unwrap().contains("mysql/grant/store/shop"));
}

#[test]
fn dropping_takes_what_hangs_on_it() {
    let mut server = furnished();
    delete(&mut server, "mysql/user/shop").unwrap();
    assert!(server.list(Kind::Grant).unwrap().is_empty());
    delete(&mut server, "mysql/schema/shop").unwrap();
    assert!(server.list(Kind::Table).unwrap().is_empty());
    assert_eq!(server.rows_in("shop"), 0);
    assert_eq!(delete(&mut server, "mysql/schema/shop"), Ok(receipt(None, false)));
}

#[test]
fn a_server_that_is_away_answers_nothing() {
    let mut server = furnished();
    server.change(|state| state.unavailable = true);
    assert!(matches!(apply(&mut server, "mysql/schema/other"), Err(OperationError::Unreachable(_))));
    assert!(matches!(server.list(Kind::Schema), Err(Gap::Unreachable(_))));
    assert!(server.insert_rows("shop", "artifacts", 1).is_err());
}

#[test]
fn a_server_that_was_kept_is_the_same_again() {
    let mut server = furnished();
    let mut records = Vec::new();
    server.drain_changes("", &mut records);
    let mut restored = Mysql::new();
    for record in &records {
        assert!(restored.restore(record.table, &record.key, record.value.as_deref().unwrap()).unwrap());
    }
    for kind in [Kind::Schema, Kind::Table, Kind::User, Kind::Grant] {
        assert_eq!(server.list(kind), restored.list(kind));
    }
    assert_eq!(restored.rows("shop", "artifacts"), 12);
    assert_eq!(restored.state(), server.state());
}
