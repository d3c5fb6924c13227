//! Secrets come in and go no further.

use crate::common::{CANARY, apply, document, execute, inputs, look, open, run};
use model::operation::OperationError;
use model::{SecretReference, Value};
use port::Observe;

fn reference(name: &str) -> SecretReference {
    SecretReference::Env(name.to_owned())
}

#[tokio::test]
async fn a_secret_reaches_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let operations = [
        apply("vault/mount/acme", &document("text", "x")),
        apply("vault/kv/acme/shop/credentials/mysql", &document("password", reference("ACME"))),
        apply("mysql/user/acme-shop", &document("password", reference("ACME"))),
    ];
    run(&mut platform, &operations).await.unwrap();
    let shown = platform.world().show().to_string();
    assert!(shown.contains("$digest") && !shown.contains(CANARY));
    // Looked at while the write-ahead log is still there, and again when everything is in its place.
    for round in 0..2 {
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "round {round}");
        }
        if round == 0 {
            platform = {
                platform.close().await.unwrap();
                open(&directory.path().join("world.db")).await
            };
        }
    }
}

#[tokio::test]
async fn a_secret_is_the_same_until_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    run(&mut platform, &[apply("mysql/user/acme", &document("password", reference("ACME")))]).await.unwrap();
    let digests = platform.digests(&[reference("ACME"), reference("MISSING")]).await.unwrap();
    let seen = look(&mut platform).await;
    let (_, user) = seen.objects().next().unwrap();
    assert_eq!(user.document.at(&["data", "password"]), Some(&Value::Digest(Box::new(digests[&reference("ACME")]))));
    assert_eq!(digests.len(), 1);
}

#[tokio::test]
async fn a_generated_secret_is_made_once_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let generated = document("password", SecretReference::Generated { length: 32 });
    let mount = apply("vault/mount/acme", &document("text", "x"));
    let entry = apply("vault/kv/acme/shop/credentials/mysql", &generated);
    assert!(run(&mut platform, &[mount, entry.clone()]).await.unwrap()[1].changed);
    assert!(!run(&mut platform, &[entry]).await.unwrap()[0].changed);

    let path = "acme/shop/credentials/mysql".to_owned();
    let user = document("password", SecretReference::Vault { path, field: "password".to_owned() });
    run(&mut platform, &[apply("mysql/user/acme-shop", &user)]).await.unwrap();
    let seen = look(&mut platform).await;
    let passwords: Vec<_> = seen.objects().filter_map(|(_, seen)| seen.document.at(&["data", "password"]).cloned()).collect();
    assert_eq!(passwords.len(), 2);
    assert_eq!(passwords[0], passwords[1]);
}

#[tokio::test]
async fn a_secret_that_is_not_there_says_which() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let unset = apply("mysql/user/acme", &document("password", reference("MISSING")));
    let error = execute(&mut platform, &unset).await.unwrap().unwrap_err();
    assert_eq!(error, OperationError::Secret("environment variable MISSING is not set".into()));
    let path = SecretReference::Vault { path: "acme/none".to_owned(), field: "password".to_owned() };
    let error = execute(&mut platform, &apply("mysql/user/acme", &document("password", path))).await.unwrap().unwrap_err();
    assert!(matches!(error, OperationError::NotYet(_)));
    assert!(crate::common::addresses(&mut platform).await.is_empty());
    drop(inputs());
}
