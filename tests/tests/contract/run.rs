//! Going through the cases on one arm.

use super::arm::{Arm, Question, seen};
use super::case::{Case, File, Names, Step, Subject, document};
use super::matching::{amiss, at, plain};
use super::real::{Real, Servers};
use super::simulated::{self, Simulated};
use futures::StreamExt;
use model::observation::{Observed, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Address, Value};
use port::Until;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many cases are under way on the real servers at once.
const AT_ONCE: usize = 8;
/// How long it takes until a question is asked again whose answer is not there yet.
const PAUSE: Duration = Duration::from_millis(200);
/// How often a step is tried that is answered with "busy".
const ROUNDS: u32 = 10;

/// What came of the cases.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Whether the servers of the arm are there.
    pub(crate) up: bool,
    arm: &'static str,
    pub(crate) failures: Vec<String>,
    /// How long each case took.
    pub(crate) took: Vec<(Duration, String)>,
}

impl Report {
    fn of(arm: &'static str) -> Self {
        Report { up: true, arm, ..Report::default() }
    }

    fn add(&mut self, case: &Case, took: Duration, result: Result<(), String>) {
        self.took.push((took, case.case.clone()));
        if let Err(why) = result {
            self.failures.push(format!("{}: {}: {why}", self.arm, case.case));
        }
    }

    /// The cases that were gone through, by name.
    pub(crate) fn asked(&self) -> BTreeSet<&str> {
        self.took.iter().map(|(_, case)| case.as_str()).collect()
    }
}

/// All cases in worlds of their own.
pub(crate) async fn simulated(files: &[File]) -> Report {
    let mut report = Report::of("simulated");
    for (number, (file, case)) in cases(files, "simulated").into_iter().enumerate() {
        let mut names = names(&format!("c{number}"), simulated::CLUSTER);
        let mut arm = Simulated::new().await;
        let (begun, result) = (Instant::now(), run(&mut arm, file.system, case, &mut names).await);
        report.add(case, begun.elapsed(), result);
    }
    report
}

/// All cases on the bench, several at once; those that need it for themselves one after the other, at the end.
pub(crate) async fn real(files: &[File]) -> Report {
    let Some(servers) = Servers::of_bench().await.map(Rc::new) else { return Report::default() };
    let mut report = Report::of("real");
    let all: Vec<(usize, (&File, &Case))> = cases(files, "real").into_iter().enumerate().collect();
    let (alone, together): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, (file, _))| file.alone);
    let on_bench = |(number, (file, case))| {
        let servers = servers.clone();
        async move {
            let begun = Instant::now();
            let result = one_on_bench(servers, number, file, case).await;
            (case, begun.elapsed(), result)
        }
    };
    let mut results = futures::stream::iter(together.into_iter().map(on_bench)).buffer_unordered(AT_ONCE);
    while let Some((case, took, result)) = results.next().await {
        report.add(case, took, result);
    }
    for one in alone {
        let (case, took, result) = on_bench(one).await;
        report.add(case, took, result);
    }
    report.failures.sort();
    report.took.sort();
    report
}

async fn one_on_bench(servers: Rc<Servers>, number: usize, file: &File, case: &Case) -> Result<(), String> {
    let name = format!("c{number}x{}", std::process::id());
    let mut names = names(&name, &servers.cluster);
    let mut arm = Real::new(servers, &name, file.system, wanted(case, &names)).await;
    let result = run(&mut arm, file.system, case, &mut names).await;
    arm.leave().await;
    result
}

fn cases<'a>(files: &'a [File], arm: &str) -> Vec<(&'a File, &'a Case)> {
    let all = files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case)));
    all.filter(|(_, case)| !case.not.contains_key(arm)).collect()
}

fn names(name: &str, cluster: &str) -> Names {
    Names(BTreeMap::from([("n".to_owned(), name.to_owned()), ("c".to_owned(), cluster.to_owned())]))
}

/// What the platform wants, as whoever looks has to know it: the last document of every address.
fn wanted(case: &Case, names: &Names) -> BTreeMap<Address, Arc<Value>> {
    let mut wanted = BTreeMap::new();
    for step in &case.steps {
        if let Some(address) = step.apply.as_ref().or(step.to.as_ref()).map(|address| names.address(address)) {
            let document = document(names, &address, step.body.as_ref());
            wanted.insert(address, Arc::new(document));
        }
    }
    wanted
}

async fn run(arm: &mut impl Arm, subject: Subject, case: &Case, names: &mut Names) -> Result<(), String> {
    prepare(arm, subject, names).await?;
    let mut looks = BTreeMap::new();
    for (index, step) in case.steps.iter().enumerate() {
        let result = settled(arm, subject, step, names, &mut looks).await;
        result.map_err(|why| format!("step {}: {why}", index + 1))?;
    }
    Ok(())
}

/// What every case finds: a namespace of its own, a mount of its own.
async fn prepare(arm: &mut impl Arm, subject: Subject, names: &Names) -> Result<(), String> {
    match subject {
        Subject::Kubernetes => {
            let step = Step { body: Some(json!({"metadata": {"name": "$n"}})), ..Step::default() };
            let (status, body) = arm.ask(&question(subject, &step, "POST /api/v1/namespaces", names)).await;
            if status == 201 { Ok(()) } else { Err(format!("no namespace: {status} {body}")) }
        }
        Subject::Vault => {
            let body = Some(json!({"type": "kv", "description": "", "options": {"version": "2"}}));
            let step = Step { apply: Some("vault/mount/$n".to_owned()), body, ..Step::default() };
            let operation = operation(arm, &step, names, &mut BTreeMap::new()).await?;
            let made = arm.execute(operation).await;
            made.map_err(|error| format!("no mount: {error}"))?;
            // A fresh mount is not ready for a moment.
            while arm.ask(&question(subject, &Step::default(), "LIST /v1/$n/metadata", names)).await.0 == 400 {
                arm.pass(PAUSE).await;
            }
            Ok(())
        }
        Subject::Mysql | Subject::Elasticsearch => Ok(()),
    }
}

/// One step, again and again where its answer may take a while.
async fn settled(
    arm: &mut impl Arm,
    subject: Subject,
    step: &Step,
    names: &mut Names,
    looks: &mut BTreeMap<Address, Option<Observed>>,
) -> Result<(), String> {
    let rounds = step.within.map_or(0, |seconds| seconds * 1000 / PAUSE.as_millis() as u64);
    for _ in 0..rounds {
        if one(arm, subject, step, names, looks).await.is_ok() {
            return Ok(());
        }
        arm.pass(PAUSE).await;
    }
    one(arm, subject, step, names, looks).await
}

async fn one(
    arm: &mut impl Arm,
    subject: Subject,
    step: &Step,
    names: &mut Names,
    looks: &mut BTreeMap<Address, Option<Observed>>,
) -> Result<(), String> {
    let (gives, answer) = if let Some(ask) = &step.ask {
        let (status, body) = arm.ask(&question(subject, step, ask, names)).await;
        (json!(status), body)
    } else if let Some(address) = &step.look {
        look(arm, &names.address(address), looks).await
    } else if let Some(address) = &step.wait {
        let until = if step.until.as_deref() == Some("gone") { Until::Gone } else { Until::Ready };
        match arm.wait(&names.address(address), until).await {
            Ok(()) => (json!("ready"), json!({})),
            Err(why) => (json!("not ready"), json!({ "why": why })),
        }
    } else if step.sql.is_some() || step.edit.is_some() {
        arm.edit(names, step.sql.as_deref(), step.edit.as_ref()).await?;
        return Ok(());
    } else if let Some(what) = &step.fault {
        return arm.fault(what).await;
    } else if let Some(what) = &step.lock {
        let (word, rest) = arm.lock(what, step.who.as_deref().unwrap_or("anna")).await?;
        (json!(word), rest)
    } else if let Some(seconds) = step.pass {
        arm.pass(Duration::from_secs(seconds)).await;
        return Ok(());
    } else {
        let operation = operation(arm, step, names, looks).await?;
        executed(patiently(arm, operation).await)
    };
    check(step, names, &gives, &answer)
}

fn check(step: &Step, names: &mut Names, gives: &serde_json::Value, answer: &serde_json::Value) -> Result<(), String> {
    let what = || {
        [&step.ask, &step.apply, &step.delete, &step.from, &step.look, &step.wait, &step.lock]
            .into_iter()
            .flatten()
            .next()
            .cloned()
    };
    let said = || format!("{}: {gives} {answer}", what().unwrap_or_default());
    if let Some(wanted) = &step.gives
        && plain(wanted) != plain(gives)
    {
        return Err(format!("{}\n    instead of {}", said(), plain(wanted)));
    }
    if let Some(wanted) = &step.with
        && let Some(why) = amiss(Some(answer), &names.fill_value(wanted), "")
    {
        return Err(format!("{}\n    {why}", said()));
    }
    for (name, path) in &step.keep {
        let found = at(answer, path).ok_or_else(|| format!("{}\n    has nothing at {path}", said()))?;
        names.0.insert(name.clone(), plain(found));
    }
    Ok(())
}

fn question(subject: Subject, step: &Step, ask: &str, names: &Names) -> Question {
    let ask = names.fill(ask);
    let (method, path) = ask.split_once(' ').unwrap_or_else(|| panic!("{ask}: no method"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key.to_owned(), value.to_owned())
    };
    Question {
        subject,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.split('&').filter(|part| !part.is_empty()).map(pair).collect(),
        content: step.content.clone().unwrap_or_else(|| "application/json".to_owned()),
        body: step.body.as_ref().map(|body| names.fill_value(body)),
        token: step.token.as_ref().map(|token| names.fill(token)),
    }
}

async fn look(
    arm: &mut impl Arm,
    address: &Address,
    looks: &mut BTreeMap<Address, Option<Observed>>,
) -> (serde_json::Value, serde_json::Value) {
    let snapshot = arm.look(address.kind()).await;
    match seen(&snapshot, address) {
        Err(why) => (json!("unknown"), json!({ "why": why })),
        Ok(found) => {
            looks.insert(address.clone(), found.clone());
            let Some(found) = found else { return (json!("absent"), json!({})) };
            let owner = match &found.owner {
                Owner::Foreign => "foreign".to_owned(),
                Owner::Platform(_) => "ours".to_owned(),
            };
            let platform = match &found.owner {
                Owner::Platform(name) => json!(name.as_str()),
                Owner::Foreign => json!(null),
            };
            let document = serde_json::to_value(&*found.document).unwrap();
            let foreign: Vec<String> = found.foreign.iter().map(|(path, who)| format!("{who} {path}")).collect();
            let condition = format!("{:?}", found.condition);
            let version = found.version.to_string();
            let seen = json!({"document": document, "foreign": foreign, "condition": condition, "version": version, "platform": platform});
            (json!(owner), seen)
        }
    }
}

/// As the driver does: what is busy is asked again.
async fn patiently(arm: &mut impl Arm, operation: Operation) -> Result<Receipt, OperationError> {
    for _ in 0..ROUNDS {
        match arm.execute(operation.clone()).await {
            Err(OperationError::Busy { .. }) => arm.pass(PAUSE).await,
            answer => return answer,
        }
    }
    arm.execute(operation).await
}

async fn operation(
    arm: &mut impl Arm,
    step: &Step,
    names: &Names,
    looks: &mut BTreeMap<Address, Option<Observed>>,
) -> Result<Operation, String> {
    let from = step.from.as_ref().or(step.delete.as_ref()).or(step.apply.as_ref()).ok_or("a step without a verb")?;
    let from = names.address(from);
    let expected = expectation(arm, step, &from, names, looks).await?;
    if step.delete.is_some() {
        return Ok(Operation::Delete { address: from, expected, with_data: step.with_data });
    }
    let to = step.to.as_ref().map_or_else(|| from.clone(), |to| names.address(to));
    let document = Arc::new(document(names, &to, step.body.as_ref()));
    let platform = names.fill(step.platform.as_deref().unwrap_or("$n"));
    let scope = Scope { tenant: Some("shop".into()), ..Scope::PLATFORM };
    let mark = Mark { platform: platform.as_str().into(), applied: document.digest(), scope };
    Ok(match step.from {
        Some(_) => Operation::Move { from, to, document, mark, expected },
        None => Operation::Apply { address: to, document, mark, expected, force: step.force },
    })
}

async fn expectation(
    arm: &mut impl Arm,
    step: &Step,
    address: &Address,
    names: &Names,
    looks: &mut BTreeMap<Address, Option<Observed>>,
) -> Result<Expectation, String> {
    match step.expected.as_deref().unwrap_or("unseen") {
        "unseen" => Ok(Expectation::Unseen),
        "absent" => Ok(Expectation::Absent),
        "seen" => {
            if !looks.contains_key(address) {
                look(arm, address, looks).await;
            }
            let seen = looks.get(address).and_then(Option::as_ref);
            Ok(seen.map_or(Expectation::Absent, |seen| Expectation::Version(seen.pin(address.kind().family()))))
        }
        version => Ok(Expectation::Version(names.fill(version).into())),
    }
}

fn executed(result: Result<Receipt, OperationError>) -> (serde_json::Value, serde_json::Value) {
    let error = match result {
        Ok(receipt) => {
            let word = if receipt.changed { "changed" } else { "same" };
            return (json!(word), json!({"version": receipt.version.map(|version| version.to_string())}));
        }
        Err(error) => error,
    };
    let word = match &error {
        OperationError::Unreachable(_) => "unreachable",
        OperationError::Busy { .. } => "busy",
        OperationError::NotYet(_) => "not yet",
        OperationError::Stale { .. } => "stale",
        OperationError::Conflict(_) => "conflict",
        OperationError::Refused(_) => "refused",
        OperationError::Secret(_) => "secret",
    };
    let fields: Vec<String> = match &error {
        OperationError::Conflict(fields) => fields.iter().map(|(who, field)| format!("{who} {field}")).collect(),
        _ => Vec::new(),
    };
    (json!(word), json!({"why": error.to_string(), "fields": fields}))
}
