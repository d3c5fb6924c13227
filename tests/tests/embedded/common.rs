//! A small platform, and a driver as simple as can be: one request after the other.

use embedded::{EmbeddedPlatform, Inputs};
use model::connection::{Capacity, Connection, Endpoint};
use model::observation::{Listing, Snapshot};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::plan::Action;
use model::resource::Scope;
use model::{Address, Kind, SecretReference, Timestamp, Value};
use port::{Event, Holder, Ledger, Observe, Platform, PlatformError, Request, Secret, Ticket};
use std::path::Path;
use std::sync::Arc;

/// The canary that must never reach a disk.
pub(crate) const CANARY: &str = "canary-5f1c-secret";

/// Secrets that are known, and entropy that counts.
pub(crate) fn inputs() -> Inputs {
    let mut count = 0_u8;
    Inputs {
        secrets: Box::new(|reference| match reference {
            SecretReference::Env(name) if name == "ACME" => Ok(Secret::new(CANARY.to_owned())),
            other => Err(format!("{other} is not set")),
        }),
        entropy: Box::new(move |bytes| {
            count += 1;
            bytes.fill(count);
        }),
        seed: 1,
    }
}

/// Somebody.
pub(crate) fn holder(name: &str) -> Holder {
    Holder {
        name: name.to_owned(),
        host: "bench".to_owned(),
        process: std::process::id(),
        command: "apply".to_owned(),
        since: Timestamp(0),
        expires: Timestamp(0),
    }
}

/// External stores, all embedded.
pub(crate) fn connections() -> Vec<Connection> {
    ["vault", "mysql", "elasticsearch.central"].map(connection).to_vec()
}

fn connection(system: &str) -> Connection {
    let capacity = Capacity { durable: true, ..Capacity::default() };
    let system = system.parse().unwrap();
    Connection { capacity, ..Connection::new(system, Endpoint::Embedded) }
}

/// A document with one field.
pub(crate) fn document(field: &str, value: impl Into<Value>) -> Arc<Value> {
    let mut document = Value::EMPTY_MAP;
    document.set(&["data", field], value);
    Arc::new(document)
}

/// Bring `address` to `document`, as platform acme.
pub(crate) fn apply(address: &str, document: &Arc<Value>) -> Operation {
    Operation::Apply {
        address: address.parse().unwrap(),
        document: document.clone(),
        mark: Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM },
        expected: Expectation::Unseen,
        force: false,
    }
}

/// What the small platform consists of, in order.
pub(crate) fn operations() -> Vec<Operation> {
    let plain = document("text", "x");
    let addresses = [
        "mysql/schema/acme-shop",
        "mysql/table/acme-shop/artifacts",
        "mysql/user/acme-shop",
        "mysql/grant/acme-shop/acme-shop",
        "vault/mount/acme",
        "vault/kv/acme/shop/configuration",
        "elasticsearch.central/index-template/acme-shop-traffic",
    ];
    addresses.iter().map(|address| apply(address, &plain)).collect()
}

/// Carry out `operations` one after the other, each journalled before and after.
pub(crate) async fn run(platform: &mut EmbeddedPlatform, operations: &[Operation]) -> Result<Vec<Receipt>, PlatformError> {
    let run = platform.begin(holder("alice")).await.map_err(|error| match error {
        port::LedgerError::Platform(error) => error,
        port::LedgerError::Held(holder) => panic!("held by {}", holder.name),
    })?;
    let mut receipts = Vec::new();
    record(platform, run, JournalEvent::RunStarted { steps: operations.len() as u64, plan: "plan".into(), audit: Vec::new() })
        .await?;
    for operation in operations {
        let address = operation.address().clone();
        record(
            platform,
            run,
            JournalEvent::StepStarted {
                address: address.clone(),
                action: Action::Create,
                scope: Scope::PLATFORM,
                before: None,
                after: None,
            },
        )
        .await?;
        let receipt = execute(platform, operation).await?.expect("the step succeeds");
        let result = StepResult::Done { changed: receipt.changed };
        record(platform, run, JournalEvent::StepEnded { address, result }).await?;
        receipts.push(receipt);
    }
    record(platform, run, JournalEvent::RunEnded { verdict: Verdict::Converged }).await?;
    platform.end().await.map_err(|error| PlatformError { message: error.to_string(), help: None, source: None })?;
    Ok(receipts)
}

async fn record(platform: &mut EmbeddedPlatform, run: u64, event: JournalEvent) -> Result<(), PlatformError> {
    let entry = JournalEntry { at: platform.now(), run, event };
    platform.submit(Request::Record { ticket: Ticket(0), entries: vec![entry] });
    assert_eq!(platform.next().await?, [Event::Recorded { ticket: Ticket(0) }]);
    Ok(())
}

/// Carry out one operation.
pub(crate) async fn execute(
    platform: &mut EmbeddedPlatform,
    operation: &Operation,
) -> Result<Result<Receipt, OperationError>, PlatformError> {
    platform.submit(Request::Execute { ticket: Ticket(1), operation: operation.clone() });
    match platform.next().await?.as_slice() {
        [Event::Executed { result, .. }] => Ok(result.clone()),
        other => panic!("unexpected events {other:?}"),
    }
}

/// Everything in the stores.
pub(crate) async fn look(platform: &mut EmbeddedPlatform) -> Snapshot {
    platform.observe(&connections(), Kind::ALL).await.unwrap()
}

/// Addresses of everything in the stores.
pub(crate) async fn addresses(platform: &mut EmbeddedPlatform) -> Vec<Address> {
    let snapshot = look(platform).await;
    assert!(snapshot.listings().all(|(_, _, listing)| matches!(listing, Listing::Complete(_))));
    snapshot.objects().map(|(address, _)| address.clone()).collect()
}

/// A platform on a file, furnished.
pub(crate) async fn open(path: &Path) -> EmbeddedPlatform {
    let mut platform = EmbeddedPlatform::open(path, inputs()).await.unwrap();
    look(&mut platform).await;
    platform
}
