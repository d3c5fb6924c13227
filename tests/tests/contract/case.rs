//! Cases as they are written: a file a subject, a case a promise, a step a question with its answer.

use model::{Address, System, Value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The cases about one subject.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// What the cases are about, for people.
    #[allow(dead_code, reason = "for whoever reads the file")]
    pub(crate) about: String,
    pub(crate) system: Subject,
    /// Another system of which the same is promised, where a real one does the same in its own way.
    #[serde(default)]
    also: Option<Subject>,
    /// Whether its cases need the server for themselves.
    #[serde(default)]
    pub(crate) alone: bool,
    pub(crate) cases: Vec<Case>,
}

/// Which system a question goes to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Subject {
    Kubernetes,
    Vault,
    Mysql,
    Elasticsearch,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What is promised.
    pub(crate) case: String,
    /// Why one arm cannot be asked: `simulated: WHY` leaves that arm out.
    #[serde(default)]
    pub(crate) not: BTreeMap<String, String>,
    pub(crate) steps: Vec<Step>,
}

/// One step; exactly one of its verbs is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Step {
    /// `POST /api/v1/…?dryRun=All`: ask the server itself.
    pub(crate) ask: Option<String>,
    /// The body of a question, or the document of an operation.
    pub(crate) body: Option<serde_json::Value>,
    /// The type of the body.
    pub(crate) content: Option<String>,
    /// The token to ask with; `none` for no token.
    pub(crate) token: Option<String>,

    /// Bring the object at this address to `body`, as a step of the engine does.
    pub(crate) apply: Option<String>,
    /// Take the object at this address away, as a step of the engine does.
    pub(crate) delete: Option<String>,
    /// Give the object at this address another name (`to`), as a step of the engine does.
    #[serde(rename = "move")]
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// `absent`, `unseen`, `seen` (as the last look showed it), or a version.
    pub(crate) expected: Option<String>,
    pub(crate) force: bool,
    /// What stands on it may go with it.
    pub(crate) with_data: bool,
    /// The platform that does it; the case's own if nothing is said.
    pub(crate) platform: Option<String>,

    /// Look at the object at this address.
    pub(crate) look: Option<String>,
    /// Wait until the object at this address is ready, or (`until: gone`) gone.
    pub(crate) wait: Option<String>,
    pub(crate) until: Option<String>,
    /// Change something behind the platform's back, where the server has a language of its own: statements for the real one…
    pub(crate) sql: Option<String>,
    /// … and the same change for the world: address, field, value (none: it goes).
    pub(crate) edit: Option<Edit>,
    /// Break something, or mend it: `seal`, `unseal`, `mysql away`, `mysql back`, `compact`.
    pub(crate) fault: Option<String>,
    /// The platform's own lock: `take` it and begin a run, `write` into the run's journal, `give` it back, `die` with it, or let it be
    /// `late`: not heard of for longer than it said.
    pub(crate) lock: Option<String>,
    /// Who does that.
    pub(crate) who: Option<String>,
    /// Let so many seconds pass.
    pub(crate) pass: Option<u64>,

    /// The answer: a status, or what came of an operation (`changed`, `same`, `stale`, `refused`, `conflict`, `not yet`, `busy`,
    /// `unreachable`), or of a look (`ours`, `foreign`, `absent`, `unknown`).
    pub(crate) gives: Option<serde_json::Value>,
    /// What the answer must hold; see [`super::matching`].
    pub(crate) with: Option<serde_json::Value>,
    /// Values to remember: name, and where in the answer.
    pub(crate) keep: BTreeMap<String, String>,
    /// How many seconds it may take until the answer is so.
    pub(crate) within: Option<u64>,
}

/// A change by hand in the world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) set: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub(crate) delete: bool,
    #[serde(default)]
    pub(crate) create: Option<serde_json::Value>,
}

/// All files; of their cases those whose name holds `picked`.
pub(crate) fn files(picked: Option<&str>) -> Vec<File> {
    let folder = std::fs::read_dir(tests::root().join("tests/contract")).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut file: File = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        file.cases.retain(|case| picked.is_none_or(|picked| case.case.contains(picked)));
        file
    };
    paths.iter().map(read).flat_map(|file| also(&file).into_iter().chain([file])).collect()
}

/// The same cases of the other system of which they are promised.
fn also(file: &File) -> Option<File> {
    let system = file.also?;
    let why = "the world keeps it in its file, whichever system does in earnest";
    let of_other = |case: &Case| Case {
        case: format!("{} ({system:?})", case.case),
        not: BTreeMap::from([("simulated".to_owned(), why.to_owned())]),
        ..case.clone()
    };
    Some(File { system, also: None, cases: file.cases.iter().map(of_other).collect(), ..file.clone() })
}

/// Values that a case knows by name: `$n` is its own name, `$c` the cluster's, others are kept from answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(pub(crate) BTreeMap<String, String>);

impl Names {
    /// `text` with every `$name`, or `$(name)`, replaced.
    pub(crate) fn fill(&self, text: &str) -> String {
        // The longest first: `$name` is not `$n` with `ame` after it.
        let mut names: Vec<&String> = self.0.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let put = |text: String, name: &String| {
            text.replace(&format!("$({name})"), &self.0[name]).replace(&format!("${name}"), &self.0[name])
        };
        names.into_iter().fold(text.to_owned(), put)
    }

    pub(crate) fn fill_value(&self, value: &serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::String(text) => self.fill(text).into(),
            serde_json::Value::Array(items) => items.iter().map(|item| self.fill_value(item)).collect(),
            serde_json::Value::Object(map) => {
                map.iter().map(|(key, value)| (self.fill(key), self.fill_value(value))).collect::<serde_json::Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }

    /// An address: `config-map/a` lies in the case's own namespace and cluster, everything else is written whole.
    pub(crate) fn address(&self, text: &str) -> Address {
        let text = self.fill(text);
        let whole = match text.split_once('/') {
            Some(("namespace", name)) => format!("cluster.{}/namespace/{name}", self.0["c"]),
            Some((kind, name)) if is_in_namespace(kind) => format!("cluster.{}/{kind}/{}/{name}", self.0["c"], self.0["n"]),
            _ => text.clone(),
        };
        whole.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }
}

fn is_in_namespace(kind: &str) -> bool {
    kind.parse().is_ok_and(|kind: model::Kind| kind.family() == model::kind::Family::Kubernetes)
}

/// A document as a step carries it: a Kubernetes object says what it is and where.
pub(crate) fn document(names: &Names, address: &Address, body: Option<&serde_json::Value>) -> Value {
    let body = names.fill_value(body.unwrap_or(&serde_json::Value::Null));
    let mut document: Value = serde_json::from_value(body).unwrap();
    if matches!(address.system(), System::Cluster(_)) {
        document.make_map();
        let (version, kind) = api(address.kind());
        document.set(&["apiVersion"], version);
        document.set(&["kind"], kind);
        document.set(&["metadata", "name"], address.key().rsplit('/').next().unwrap_or_default());
        if let Some((namespace, _)) = address.key().split_once('/') {
            document.set(&["metadata", "namespace"], namespace);
        }
    }
    document
}

fn api(kind: model::Kind) -> (&'static str, &'static str) {
    use model::Kind;
    match kind {
        Kind::Namespace => ("v1", "Namespace"),
        Kind::ServiceAccount => ("v1", "ServiceAccount"),
        Kind::ConfigMap => ("v1", "ConfigMap"),
        Kind::Secret => ("v1", "Secret"),
        Kind::Service => ("v1", "Service"),
        Kind::PersistentVolumeClaim => ("v1", "PersistentVolumeClaim"),
        Kind::Role => ("rbac.authorization.k8s.io/v1", "Role"),
        Kind::RoleBinding => ("rbac.authorization.k8s.io/v1", "RoleBinding"),
        Kind::NetworkPolicy => ("networking.k8s.io/v1", "NetworkPolicy"),
        Kind::PodDisruptionBudget => ("policy/v1", "PodDisruptionBudget"),
        Kind::Deployment => ("apps/v1", "Deployment"),
        Kind::StatefulSet => ("apps/v1", "StatefulSet"),
        Kind::Job => ("batch/v1", "Job"),
        other => panic!("{other} is no object of a cluster"),
    }
}
