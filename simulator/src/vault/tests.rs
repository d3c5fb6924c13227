//! The answers that were observed on a real Vault, and the rules of steps on Vault.

use super::*;
use crate::kept::receipt;
use crate::kept::tests::{document, mark};
use model::observation::Gap;
use model::operation::{Expectation, Operation, OperationError, Receipt};
use model::{Kind, Timestamp, Value};

const NOW: Timestamp = Timestamp(1);

fn apply(vault: &mut Vault, address: &str, text: &str, expected: Expectation) -> Result<Receipt, OperationError> {
    let document = document(text);
    let mark = mark(&document);
    let address = address.parse().unwrap();
    vault.execute(&Operation::Apply { address, mark, document, expected, force: false }, NOW)
}

fn mounted() -> Vault {
    let mut vault = Vault::new();
    apply(&mut vault, "vault/mount/acme", "kv", Expectation::Absent).unwrap();
    vault
}

fn write(vault: &mut Vault, path: &str, cas: Option<u64>) -> Result<u64, Refusal> {
    vault.write(path, Value::from("x").into(), cas, NOW)
}

#[test]
fn check_and_set_lets_one_writer_through() {
    let mut vault = mounted();
    assert_eq!(write(&mut vault, "acme/a", Some(0)), Ok(1));
    assert_eq!(write(&mut vault, "acme/a", Some(0)), Err(Refusal::CheckAndSet));
    assert_eq!(write(&mut vault, "acme/a", Some(1)), Ok(2));
    assert_eq!(write(&mut vault, "acme/a", None), Ok(3));
    vault.write_metadata("acme/a", |entry| entry.cas_required = true).unwrap();
    assert_eq!(write(&mut vault, "acme/a", None), Err(Refusal::CheckAndSetRequired));
    assert_eq!(Refusal::CheckAndSet.status(), Some(400));
    assert_eq!(Refusal::CheckAndSet.errors(), ["check-and-set parameter did not match the current version"]);
    assert_eq!(Refusal::CheckAndSetRequired.errors(), ["check-and-set parameter required for this call"]);
}

#[test]
fn deleted_destroyed_and_never_written_are_told_apart() {
    let mut vault = mounted();
    assert_eq!(vault.read("acme/a"), Err(Refusal::NeverWritten));
    write(&mut vault, "acme/a", Some(0)).unwrap();
    vault.delete_latest("acme/a", NOW).unwrap();
    assert_eq!(vault.read("acme/a"), Err(Refusal::Gone { version: 1, deleted: Some(NOW), destroyed: false }));
    assert_eq!(write(&mut vault, "acme/a", Some(0)), Err(Refusal::CheckAndSet));
    assert_eq!(write(&mut vault, "acme/a", Some(1)), Ok(2));
    vault.destroy_latest("acme/a").unwrap();
    assert_eq!(vault.read("acme/a"), Err(Refusal::Gone { version: 2, deleted: None, destroyed: true }));
    assert_eq!(vault.delete_metadata("acme/a"), Ok(true));
    assert_eq!(write(&mut vault, "acme/a", Some(0)), Ok(1));
}

#[test]
fn a_path_without_its_mount_has_no_route() {
    let mut vault = Vault::new();
    let refusal = vault.read("nomount/x").unwrap_err();
    assert_eq!(refusal.status(), Some(404));
    assert_eq!(refusal.errors(), ["no handler for route \"nomount/x\". route entry not found."]);
    assert!(matches!(apply(&mut vault, "vault/kv/nomount/x", "a", Expectation::Absent), Err(OperationError::NotYet(_))));
    let role = |vault: &mut Vault| apply(vault, "vault/auth-role/acme-eu-1/shop", "a", Expectation::Absent);
    // Its mark is kept in the mount of its platform.
    apply(&mut vault, "vault/auth-method/acme-eu-1", "a", Expectation::Absent).unwrap();
    assert!(matches!(role(&mut vault), Err(OperationError::NotYet(why)) if why.contains("acme/metadata/")));
    let mut vault = mounted();
    assert!(matches!(role(&mut vault), Err(OperationError::NotYet(why)) if why.contains("auth/acme-eu-1/role/shop")));
    apply(&mut vault, "vault/auth-method/acme-eu-1", "a", Expectation::Absent).unwrap();
    assert_eq!(role(&mut vault).map(|receipt| receipt.changed), Ok(true));
}

#[test]
fn health_follows_the_order_of_vaults_own_checks() {
    let mut vault = Vault::new();
    assert_eq!(vault.health(), Some(200));
    vault.change(|state| state.standby = true);
    assert_eq!(vault.health(), Some(429));
    vault.change(|state| state.sealed = true);
    assert_eq!(vault.health(), Some(503));
    vault.change(|state| state.initialised = false);
    assert_eq!(vault.health(), Some(501));
    vault.change(|state| state.unavailable = true);
    assert_eq!(vault.health(), None);
}

#[test]
fn a_sealed_vault_says_so_and_cannot_be_looked_at() {
    let mut vault = mounted();
    vault.change(|state| state.sealed = true);
    let refusal = vault.read("acme/a").unwrap_err();
    assert_eq!((refusal.status(), refusal.errors()), (Some(503), vec!["Vault is sealed".to_owned()]));
    assert!(matches!(vault.list(Kind::Kv), Err(Gap::Unavailable(why)) if why.contains("sealed")));
    assert!(matches!(apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent), Err(OperationError::Busy { .. })));
}

#[test]
fn a_vault_that_is_not_there_is_unreachable() {
    let mut vault = mounted();
    vault.change(|state| state.unavailable = true);
    assert_eq!(vault.read("acme/a").unwrap_err().status(), None);
    assert!(matches!(vault.list(Kind::Kv), Err(Gap::Unreachable(_))));
    assert!(matches!(apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent), Err(OperationError::Unreachable(_))));
}

#[test]
fn without_its_mysql_an_active_vault_lives_on_by_half() {
    let mut vault = mounted();
    for path in ["acme/cached", "acme/cold"] {
        write(&mut vault, path, None).unwrap();
    }
    vault.change(|state| state.restarts += 1);
    vault.remember_read("acme/cached");
    vault.change(|state| (state.storage, state.storage_away) = (Storage::Mysql, true));
    assert_eq!(vault.health(), Some(200));
    assert!(vault.read("acme/cached").is_ok());
    assert_eq!(vault.read("acme/cold"), Err(Refusal::StorageAway { write: false }));
    assert_eq!(write(&mut vault, "acme/cached", None), Err(Refusal::StorageAway { write: true }));
    assert_eq!(Refusal::StorageAway { write: true }.errors(), ["internal error"]);
    assert_eq!(Refusal::StorageAway { write: true }.status(), Some(500));
    vault.change(|state| state.storage_away = false);
    assert!(vault.read("acme/cold").is_ok());
}

#[test]
fn log_in_again_and_ask_for_the_right_can_be_told_apart() {
    assert_eq!(Refusal::NoToken.errors(), ["permission denied"]);
    assert_eq!(Refusal::InvalidToken.errors(), ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]);
    assert_eq!(Refusal::NotAllowed.errors(), ["1 error occurred:\n\t* permission denied\n\n"]);
    for refusal in [Refusal::NoToken, Refusal::InvalidToken, Refusal::NotAllowed] {
        assert_eq!(refusal.status(), Some(403));
    }
}

#[test]
fn a_restart_empties_what_is_not_durable_and_seals_what_is_unless_it_unseals_itself() {
    let mut memory = mounted();
    memory.change(|state| state.durable = false);
    memory.restart();
    assert!(memory.list(Kind::Mount).unwrap().is_empty());
    let mut shamir = mounted();
    shamir.change(|state| state.auto_unseal = false);
    shamir.restart();
    assert_eq!(shamir.health(), Some(503));
    let mut automatic = mounted();
    automatic.restart();
    assert_eq!(automatic.list(Kind::Mount).unwrap().len(), 1);
}

#[test]
fn an_entry_is_applied_by_check_and_set_and_a_repetition_changes_nothing() {
    let mut vault = mounted();
    assert_eq!(apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent), Ok(receipt(Some(1), true)));
    assert_eq!(apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent), Ok(receipt(Some(1), false)));
    assert!(matches!(apply(&mut vault, "vault/kv/acme/a", "y", Expectation::Absent), Err(OperationError::Stale { .. })));
    vault.delete_latest("acme/a", NOW).unwrap();
    assert!(vault.list(Kind::Kv).unwrap().is_empty());
    assert_eq!(apply(&mut vault, "vault/kv/acme/a", "y", Expectation::Absent), Ok(receipt(Some(2), true)));
}

#[test]
fn what_others_wrote_is_left_alone() {
    let mut vault = mounted();
    write(&mut vault, "acme/theirs", None).unwrap();
    assert!(matches!(apply(&mut vault, "vault/kv/acme/theirs", "y", Expectation::Unseen), Err(OperationError::Refused(_))));
    let delete =
        Operation::Delete { address: "vault/kv/acme/theirs".parse().unwrap(), expected: Expectation::Unseen, with_data: false };
    assert!(matches!(vault.execute(&delete, NOW), Err(OperationError::Refused(_))));
}

#[test]
fn a_mount_takes_its_entries_along_and_away() {
    let mut vault = mounted();
    apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent).unwrap();
    let document = document("kv");
    let mark = mark(&document);
    let (from, to) = ("vault/mount/acme".parse().unwrap(), "vault/mount/globex".parse().unwrap());
    vault.execute(&Operation::Move { from, to, document, mark, expected: Expectation::Unseen }, NOW).unwrap();
    assert!(vault.list(Kind::Kv).unwrap().contains("vault/kv/globex/a"));
    let delete =
        Operation::Delete { address: "vault/mount/globex".parse().unwrap(), expected: Expectation::Unseen, with_data: false };
    assert!(vault.execute(&delete, NOW).unwrap().changed);
    assert!(vault.list(Kind::Kv).unwrap().is_empty());
}

#[test]
fn an_entry_moves_with_its_content() {
    let mut vault = mounted();
    apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent).unwrap();
    let document = document("x");
    let mark = mark(&document);
    let (from, to) = ("vault/kv/acme/a".parse().unwrap(), "vault/kv/acme/b".parse().unwrap());
    let operation = Operation::Move { from, to, document, mark, expected: Expectation::Version("1".into()) };
    assert_eq!(vault.execute(&operation, NOW), Ok(receipt(Some(1), true)));
    assert_eq!(vault.execute(&operation, NOW), Ok(receipt(Some(1), false)));
    assert_eq!(vault.read("acme/a"), Err(Refusal::NeverWritten));
}

#[test]
fn a_vault_that_was_kept_is_the_same_again() {
    let mut vault = mounted();
    apply(&mut vault, "vault/kv/acme/a", "x", Expectation::Absent).unwrap();
    vault.delete_latest("acme/a", NOW).unwrap();
    let mut records = Vec::new();
    vault.drain_changes("", &mut records);
    let mut restored = Vault::new();
    for record in &records {
        assert!(restored.restore(record.table, &record.key, record.value.as_deref().unwrap()).unwrap());
    }
    assert_eq!(restored.list(Kind::Mount), vault.list(Kind::Mount));
    assert_eq!(restored.entry("acme/a"), vault.entry("acme/a"));
    assert_eq!(restored.state(), vault.state());
}
