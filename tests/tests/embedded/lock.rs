//! One run at a time, and a lock that dies with its holder.

use crate::common::{addresses, document, holder, inputs, look, open, operations, run};
use embedded::EmbeddedPlatform;
use model::connection::{Capacity, Connection, Endpoint};
use model::{Place, SecretReference};
use port::{Account, Ledger, LedgerError};
use simulator::world::Edit;

#[tokio::test]
async fn a_second_run_is_refused_with_the_holders_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let (mut first, mut second) = (open(&path).await, open(&path).await);
    first.begin(holder("alice")).await.unwrap();
    let error = second.begin(holder("bob")).await.unwrap_err();
    assert!(matches!(&error, LedgerError::Held(holder) if holder.name == "alice"));
    assert!(error.to_string().contains("alice on bench holds the lock"));
    first.end().await.unwrap();
    second.begin(holder("bob")).await.unwrap();
}

#[tokio::test]
async fn a_lock_dies_with_its_holder() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut first = open(&path).await;
    let killed = first.begin(holder("alice")).await.unwrap();
    drop(first);
    let mut second = open(&path).await;
    assert_ne!(second.begin(holder("bob")).await.unwrap(), killed);
    let runs = second.runs(10).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.verdict).collect::<Vec<_>>(), [None, None]);
}

#[tokio::test]
async fn who_takes_the_lock_sees_what_others_did_before() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let (mut first, mut second) = (open(&path).await, open(&path).await);
    run(&mut first, &operations()).await.unwrap();
    second.begin(holder("bob")).await.unwrap();
    assert_eq!(addresses(&mut second).await.len(), 7);
    assert_eq!(second.world().hash(), first.world().hash());
}

#[tokio::test]
async fn what_was_looked_for_is_still_there_after_the_world_was_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut other = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    let mut platform = open(&path).await;
    other.alter(holder("eve"), |world| world.advance(model::Duration::minutes(1))).await.unwrap();
    platform.begin(holder("alice")).await.unwrap();
    assert_eq!(platform.world().now(), other.world().now());
    let vault = &platform.world().show()["vault"];
    assert_eq!(vault["health"], 200);
}

#[tokio::test]
async fn an_edit_within_a_run_leaves_the_run_its_lock() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let (mut first, mut second) = (open(&path).await, open(&path).await);
    first.begin(holder("alice")).await.unwrap();
    first.alter(holder("alice"), |_| ()).await.unwrap();
    assert!(matches!(second.begin(holder("bob")).await, Err(LedgerError::Held(_))));
}

#[tokio::test]
async fn an_edit_by_hand_is_kept_and_waits_for_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut platform = open(&path).await;
    let address = "vault/policy/theirs".parse().unwrap();
    let edit = Edit::Create { document: (*document("text", "theirs")).clone() };
    platform.alter(holder("eve"), |world| world.edit(&address, &edit)).await.unwrap().unwrap();
    let mut other = open(&path).await;
    assert_eq!(addresses(&mut other).await, [address]);
    other.begin(holder("alice")).await.unwrap();
    assert!(matches!(platform.alter(holder("eve"), |_| ()).await, Err(LedgerError::Held(_))));
}

#[tokio::test]
async fn an_embedded_platform_in_memory_has_a_ledger_too() {
    let mut platform = EmbeddedPlatform::in_memory(inputs()).await.unwrap();
    look(&mut platform).await;
    run(&mut platform, &operations()).await.unwrap();
    assert_eq!(platform.runs(1).await.unwrap()[0].done, 7);
}

#[tokio::test]
async fn an_account_of_what_was_made_is_kept_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.sqlite");
    let mut platform = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    look(&mut platform).await;
    run(&mut platform, &operations()).await.unwrap();
    assert_eq!(platform.account().await.unwrap(), Account::default());
    let run = platform.begin(holder("apply")).await.unwrap();
    let before = platform.runs_after(0).await.unwrap();
    let mut account = Account::default();
    account.take_in(before[0].run, platform.journal(before[0].run).await.unwrap());
    assert_eq!((before.len(), account.through, account.made.len()), (2, run - 1, 7));
    platform.keep_account(&account).await.unwrap();
    platform.end().await.unwrap();
    platform.close().await.unwrap();

    let mut later = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    assert_eq!(later.account().await.unwrap(), account);
    let after = later.runs_after(account.through).await.unwrap();
    assert_eq!(after.iter().map(|after| after.run).collect::<Vec<_>>(), [run]);
}

#[tokio::test]
async fn where_runs_acted_is_remembered_for_each_platform_until_it_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.sqlite");
    let systems = |known: Vec<Connection>| known.iter().map(|known| known.system.to_string()).collect::<Vec<_>>();
    let place = Place { line: 4, column: 2, length: 1 };
    let connection = |system: &str| Connection {
        credentials: Some(SecretReference::Env("TOKEN".to_owned())),
        place,
        capacity: Capacity { nodes: 3, ..Capacity::default() },
        ..Connection::new(system.parse().unwrap(), Endpoint::Embedded)
    };
    let mut platform = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    platform.begin(holder("apply")).await.unwrap();
    platform.remember("acme", &[connection("vault"), connection("cluster.eu-1")]).await.unwrap();
    platform.remember("acme", &[connection("cluster.eu-2"), connection("vault")]).await.unwrap();
    platform.end().await.unwrap();
    platform.close().await.unwrap();

    let mut later = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    let known = later.connections("acme").await.unwrap();
    assert_eq!(known[1], Connection { place: Place::NOWHERE, ..connection("cluster.eu-2") });
    assert_eq!(systems(known), ["cluster.eu-1", "cluster.eu-2", "vault"]);
    assert!(later.connections("other").await.unwrap().is_empty());
    later.forget(holder("forget"), "acme", &"cluster.eu-2".parse().unwrap()).await.unwrap();
    assert_eq!(systems(later.connections("acme").await.unwrap()), ["cluster.eu-1", "vault"]);

    later.begin(holder("apply")).await.unwrap();
    let mut other = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    let refused = other.forget(holder("forget"), "acme", &"vault".parse().unwrap()).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Held(_)), "{refused}");
    later.end().await.unwrap();
}
