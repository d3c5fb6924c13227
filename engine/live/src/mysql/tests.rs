//! Against a real server, where the test bench is up: a process that dies between any two statements, and what the next one makes of it.

use super::catalogue::Which;
use super::connect::MysqlServer;
use super::server::Access;
use super::server::Mysql;
use super::text::{account, identifier};
use crate::bench::{Bench, run};
use crate::secret::tests::secrets;
use crate::server::Server;
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::Limits;
use model::observation::{Listing, Observed, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Address, Kind, SecretReference, System, Timestamp, Value};
use port::Secret;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The bench's server, as one process sees it.
fn server(wanted: &[(Address, Arc<Value>)]) -> Option<Mysql> {
    let bench = Bench::found()?;
    let get = |name: &str| bench.get(name);
    let address = format!("{}:{}", get("VAMP_BENCH_MYSQL_HOST"), get("VAMP_BENCH_MYSQL_PORT"));
    let login = Secret::new(format!("{}:{}", get("VAMP_BENCH_MYSQL_USER"), get("VAMP_BENCH_MYSQL_PASSWORD")));
    let nobody = Box::new(|| Err("not asked here".to_owned()));
    let located = MysqlServer::new(&address, nobody, Some(get("VAMP_BENCH_CA_FILE").into())).unwrap();
    let access = Access { way: located.way(), options: located.options(&login) };
    let traffic = Traffic::new(Arc::new(|| Timestamp(0)), None);
    let wanted: Wanted = wanted.iter().cloned().collect();
    let server = Server { system: System::Mysql, address };
    Some(Mysql::new(access, server, traffic, Limits::default(), Rc::new(secrets()), wanted))
}

fn value(json: serde_json::Value) -> Arc<Value> {
    Arc::new(serde_json::from_value(json).unwrap())
}

fn mark(platform: &str, document: &Value) -> Mark {
    Mark { platform: platform.into(), applied: document.digest(), scope: Scope::PLATFORM }
}

/// The secrets that a document refers to; each is its own text.
fn fetched(document: &Value) -> BTreeMap<SecretReference, Secret> {
    let mut all = BTreeMap::new();
    document.for_each_secret(&mut |reference| {
        all.insert(reference.clone(), Secret::new(format!("the {reference}")));
    });
    all
}

async fn seen(mysql: &Mysql, address: &Address, document: &Value) -> Option<Observed> {
    let passwords = fetched(document).into_values().map(|secret| (address.clone(), secret)).collect();
    match mysql.list(address.kind(), &passwords).await {
        Listing::Complete(objects) => objects.get(address).cloned(),
        other => panic!("{other:?}"),
    }
}

async fn carry_out(mysql: &Mysql, operation: &Operation) -> Result<Receipt, OperationError> {
    let document = match operation {
        Operation::Apply { document, .. } | Operation::Move { document, .. } => document.clone(),
        Operation::Delete { .. } => Arc::default(),
    };
    mysql.execute(operation, fetched(&document)).await
}

/// A step of a scenario: what there is before it, and the operation, given what is seen then.
struct Scenario {
    name: &'static str,
    before: Vec<(Address, Arc<Value>)>,
    after: (Address, Arc<Value>),
    moved_from: Option<Address>,
    deletes: bool,
}

fn table(kind: &str) -> Arc<Value> {
    value(json!({"columns": [{"name": "ID", "type": "int", "nullable": false, "auto_increment": true},
        {"name": "Record", "type": kind, "nullable": false, "auto_increment": false}], "primary_key": ["ID"]}))
}

fn scenarios(p: &str) -> Vec<Scenario> {
    let at = |text: String| -> Address { text.parse().unwrap() };
    let schema = |collation: &str| value(json!({"character_set": "utf8mb4", "collation": collation}));
    let user = |host: &str, secret: &str| value(json!({"host": host, "password": {"$secret": {"env": secret}}}));
    let grant = |host: &str, words: &[&str]| value(json!({"host": host, "privileges": words}));
    let (a_schema, a_user) = (at(format!("mysql/schema/{p}_s")), at(format!("mysql/user/{p}")));
    let (a_table, a_grant) = (at(format!("mysql/table/{p}_s/t")), at(format!("mysql/grant/{p}/{p}_s")));
    let base = [
        (a_schema.clone(), schema("utf8mb4_unicode_ci")),
        (a_user.clone(), user("%", "ONE")),
        (a_table.clone(), table("text")),
        (a_grant.clone(), grant("%", &["SELECT", "DROP"])),
    ];
    let to = |name, count: usize, address: &Address, document| Scenario {
        name,
        before: base[..count].to_vec(),
        after: (address.clone(), document),
        moved_from: None,
        deletes: false,
    };
    let gone = |name, address: &Address, count: usize| Scenario { deletes: true, ..to(name, count, address, Arc::default()) };
    let moved = |name, from: &Address, text: String, document| Scenario {
        moved_from: Some(from.clone()),
        ..to(name, 4, &at(text), document)
    };
    vec![
        to("a schema is made", 0, &a_schema, schema("utf8mb4_unicode_ci")),
        to("a schema is changed", 1, &a_schema, schema("utf8mb4_bin")),
        to("a user is made", 1, &a_user, user("%", "ONE")),
        to("a user is changed", 2, &a_user, user("10.%", "TWO")),
        to("a table is made", 2, &a_table, table("text")),
        to("a table is changed", 3, &a_table, table("mediumtext")),
        to("a grant is made", 3, &a_grant, grant("%", &["SELECT", "DROP"])),
        to("a grant is changed", 4, &a_grant, grant("%", &["SELECT", "INSERT"])),
        gone("a grant is taken", &a_grant, 4),
        gone("a table is dropped", &a_table, 4),
        gone("a user is dropped", &a_user, 4),
        gone("a schema is dropped", &a_schema, 1),
        moved("a table moves", &a_table, format!("mysql/table/{p}_s/u"), table("text")),
        moved("a schema moves", &a_schema, format!("mysql/schema/{p}_r"), schema("utf8mb4_unicode_ci")),
        moved("a user moves", &a_user, format!("mysql/user/{p}2"), user("%", "ONE")),
        moved("a grant moves", &a_grant, format!("mysql/grant/{p}/{p}_r"), grant("%", &["SELECT", "DROP"])),
    ]
}

/// Take away all of a scenario, whoever owns it.
async fn clean(mysql: &Mysql, p: &str) {
    let mut session = mysql.session().await.unwrap();
    for schema in [format!("{p}_s"), format!("{p}_r")] {
        session.run(format!("DROP DATABASE IF EXISTS {}", identifier(&schema))).await.unwrap();
    }
    for user in [p.to_owned(), format!("{p}2")] {
        for host in ["%", "10.%"] {
            session.run(format!("DROP USER IF EXISTS {}", account(&user, host))).await.unwrap();
        }
    }
    session.make_marks().await.unwrap();
    session.run(format!("DELETE FROM vamp.marks WHERE name LIKE '{p}%'")).await.unwrap();
}

async fn operation(mysql: &Mysql, platform: &str, scenario: &Scenario) -> Operation {
    let (address, document) = scenario.after.clone();
    let source = scenario.moved_from.clone().unwrap_or_else(|| address.clone());
    let expected = match seen(mysql, &source, &document).await {
        Some(observed) => Expectation::Version(observed.version),
        None => Expectation::Absent,
    };
    let mark = mark(platform, &document);
    match (&scenario.moved_from, scenario.deletes) {
        (Some(from), _) => Operation::Move { from: from.clone(), to: address, document, mark, expected },
        (None, true) => Operation::Delete { address, expected, with_data: false },
        (None, false) => Operation::Apply { address, document, mark, expected, force: false },
    }
}

/// What must hold when a step is done, however often it was begun.
async fn check(mysql: &Mysql, platform: &str, scenario: &Scenario, when: &str) {
    let (address, document) = &scenario.after;
    let there = seen(mysql, address, document).await;
    if scenario.deletes {
        assert!(there.is_none(), "{when}: {there:?}");
        return;
    }
    let there = there.unwrap_or_else(|| panic!("{when}: not there"));
    assert_eq!(there.owner, Owner::Platform(platform.into()), "{when}");
    assert_eq!(there.applied, Some(document.digest()), "{when}");
    for (key, wanted) in document.as_map().unwrap().iter().filter(|(key, _)| key.as_str() != "password") {
        assert_eq!(there.document.get(key), Some(wanted), "{when}");
    }
    if address.kind() == Kind::User {
        let password = fetched(document).into_values().next().unwrap();
        assert_eq!(there.document.get("password"), Some(&mysql.secrets.digest(password.expose())), "{when}");
    }
    if let Some(from) = &scenario.moved_from {
        assert!(seen(mysql, from, document).await.is_none(), "{when}: still at {from}");
    }
}

/// A process dies after each number of statements. Then, once, the same step is repeated (its answer was lost), and once, another process
/// looks anew and makes a step of what it sees.
#[test]
fn a_step_that_dies_between_any_two_statements_is_ended_by_the_next_one() {
    let p = format!("kill{}", std::process::id());
    let mut deaths = 0;
    for scenario in scenarios(&p) {
        let mut wanted = scenario.before.clone();
        wanted.push(scenario.after.clone());
        for anew in [false, true] {
            for statements in 0.. {
                let Some(mysql) = server(&wanted) else { return };
                let ended = run(async {
                    clean(&mysql, &p).await;
                    for (address, document) in &scenario.before {
                        let mark = mark(&p, document);
                        let (address, document) = (address.clone(), document.clone());
                        let expected = Expectation::Absent;
                        carry_out(&mysql, &Operation::Apply { address, document, mark, expected, force: false }).await.unwrap();
                    }
                    let first = operation(&mysql, &p, &scenario).await;
                    mysql.fuse.set(Some(statements));
                    let ended = carry_out(&mysql, &first).await.is_ok();
                    mysql.fuse.set(None);
                    let when = format!("{} (died after {statements} statements)", scenario.name);
                    let second = server(&wanted).unwrap();
                    let next = if anew { operation(&second, &p, &scenario).await } else { first };
                    // A new look at a move that was done but not noted shows it at its new name: then it is brought to its document there.
                    let next = match next {
                        Operation::Move { to, document, mark, expected: Expectation::Absent, .. } if anew => {
                            let expected = Expectation::Version(seen(&second, &to, &document).await.unwrap().version);
                            Operation::Apply { address: to, document, mark, expected, force: false }
                        }
                        other => other,
                    };
                    carry_out(&second, &next).await.unwrap_or_else(|error| panic!("{when}: {error}"));
                    check(&second, &p, &scenario, &when).await;
                    ended
                });
                if ended {
                    break;
                }
                deaths += 1;
            }
        }
    }
    run(async { clean(&server(&[]).unwrap(), &p).await });
    eprintln!("{deaths} deaths survived");
    assert!(deaths > 100);
}

#[test]
fn what_is_quoted_is_what_the_server_reads() {
    let Some(mysql) = server(&[]) else { return };
    run(async {
        let mut session = mysql.session().await.unwrap();
        for text in ["it's", "back\\slash", "\\'; DROP DATABASE mysql; --", "nul\0", "ü🙂", "%_\\%", "\u{1a}\r\n\t\"`"] {
            let literal = super::text::literal(text);
            let rows = session.rows(format!("SELECT {} AS {}", literal.as_str(), identifier("na`me"))).await.unwrap();
            assert_eq!(rows[0][0].as_deref(), Some(text));
        }
    });
}

#[test]
fn a_refusal_leaves_the_connection_and_tells_no_password() {
    let Some(mysql) = server(&[]) else { return };
    run(async {
        let mut session = mysql.session().await.unwrap();
        let broken = "CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2' IDENTIFIED BY".to_owned();
        let statement = super::server::Statement::secret(broken.into(), "CREATE USER a".into());
        let why = session.run(statement).await.unwrap_err().into_operation_error().to_string();
        assert!(!why.contains("hunter2") && why.contains("CREATE USER a failed"), "{why}");
        let why = session.run("SELECT 'hunter2' FROM").await.unwrap_err().into_operation_error().to_string();
        assert!(!why.contains("hunter2"), "{why}");
        assert!(session.seen(Kind::Schema, &Which::All).await.is_ok());
    });
}
