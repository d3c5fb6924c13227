//! What is needed in a cluster.
//!
//! A look is one list of each kind in the whole cluster, and a wait a watch of it, so both are rights in all namespaces. Everything else is
//! done in the platform's namespaces only. Kubernetes has no right that says so before a namespace is there (a Role lies in it), and the
//! platform makes its namespaces itself; therefore the rights are a ClusterRole's, and an admission policy keeps the user's writes, and
//! what he connects to, to the namespaces that are listed here.

use super::Wanted;
use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding};
use model::kind::Family;
use model::login::signer;
use model::{Kind, SecretReference, System};
use std::collections::{BTreeMap, BTreeSet};

/// The namespace by which a cluster is known again.
const ORIGIN: &str = "kube-system";
/// The namespace of the ledgers of platforms that run their own MySQL.
const LEDGER: &str = "vamp-ledger";
/// Where an API server says who signs the tokens of ServiceAccounts, and by which keys.
const ISSUER: [&str; 2] = ["/.well-known/openid-configuration", "/openid/v1/jwks"];

/// What is needed in one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Rights {
    /// Rules of the ClusterRole.
    pub rules: Vec<PolicyRule>,
    /// The platform's namespaces, and that of its ledger if the cluster keeps it: nothing is written anywhere else.
    pub namespaces: BTreeSet<String>,
}

/// Group and plural of a kind, as the API has them.
fn api(kind: Kind) -> Option<(&'static str, &'static str)> {
    const fn of<T: Resource>() -> (&'static str, &'static str) {
        (T::GROUP, T::URL_PATH_SEGMENT)
    }
    Some(match kind {
        Kind::Namespace => of::<Namespace>(),
        Kind::ServiceAccount => of::<ServiceAccount>(),
        Kind::Role => of::<Role>(),
        Kind::RoleBinding => of::<RoleBinding>(),
        Kind::Secret => of::<Secret>(),
        Kind::ConfigMap => of::<ConfigMap>(),
        Kind::PersistentVolumeClaim => of::<PersistentVolumeClaim>(),
        Kind::NetworkPolicy => of::<NetworkPolicy>(),
        Kind::Service => of::<Service>(),
        Kind::PodDisruptionBudget => of::<PodDisruptionBudget>(),
        Kind::Deployment => of::<Deployment>(),
        Kind::StatefulSet => of::<StatefulSet>(),
        Kind::Job => of::<Job>(),
        _ => return None,
    })
}

/// Verbs by what they are for: group, plural, and names if it is only some.
#[derive(Default)]
struct Rules(BTreeMap<(String, Vec<String>, String), BTreeSet<String>>);

impl Rules {
    fn allow<'a>(&mut self, kinds: impl IntoIterator<Item = (&'a str, &'a str)>, names: &[&str], verbs: &[&str]) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        for (group, plural) in kinds {
            let verbs = verbs.iter().map(|verb| (*verb).to_owned());
            self.0.entry((group.to_owned(), names.clone(), plural.to_owned())).or_default().extend(verbs);
        }
    }

    /// As few rules as say it: what has the same verbs stands in one, and what may be done by any name is not said of some.
    fn into_rules(mut self) -> Vec<PolicyRule> {
        let any = self.0.clone();
        self.0.retain(|(group, names, plural), verbs| {
            let by_any_name = any.get(&(group.clone(), Vec::new(), plural.clone()));
            names.is_empty() || !by_any_name.is_some_and(|all| verbs.is_subset(all))
        });
        let mut alike: BTreeMap<(String, Vec<String>, BTreeSet<String>), Vec<String>> = BTreeMap::new();
        for ((group, names, plural), verbs) in self.0 {
            alike.entry((group, names, verbs)).or_default().push(plural);
        }
        let rule = |((group, names, verbs), plurals): ((String, Vec<String>, BTreeSet<String>), Vec<String>)| PolicyRule {
            api_groups: Some(vec![group]),
            resources: Some(plurals),
            resource_names: Some(names).filter(|names| !names.is_empty()),
            verbs: verbs.into_iter().collect(),
            non_resource_urls: None,
        };
        alike.into_iter().map(rule).collect()
    }
}

pub(super) fn needs(wanted: &Wanted<'_>, system: &System, cluster: &str) -> Rights {
    let kinds: BTreeSet<Kind> = wanted.addresses(system).map(model::Address::kind).collect();
    let mut namespaces: BTreeSet<String> =
        wanted.addresses(system).map(|address| address.namespace().unwrap_or_else(|| address.key()).to_owned()).collect();
    let every = Kind::of(Family::Kubernetes).filter_map(api);
    let ours = || kinds.iter().copied().filter_map(api);
    let inside = ours().filter(|kind| Some(*kind) != api(Kind::Namespace));
    let names: Vec<&str> = namespaces.iter().map(String::as_str).collect();
    let mut rules = Rules::default();
    rules.allow(every.chain([("", "nodes")]), &[], &["list"]);
    rules.allow(ours(), &[], &["watch"]);
    rules.allow(api(Kind::Namespace), &[ORIGIN], &["get"]);
    if kinds.contains(&Kind::Namespace) {
        rules.allow(api(Kind::Namespace), &[], &["create"]);
        rules.allow(api(Kind::Namespace), &names, &["delete", "get", "patch"]);
    }
    rules.allow(inside, &[], &["create", "delete", "get", "patch"]);
    read(wanted, cluster, &mut rules);
    granted(wanted, system, &mut rules);
    forwarded(wanted, system, &mut rules);
    if wanted.keeps_ledger(system) {
        ledger(wanted.platform, &mut rules);
        namespaces.insert(LEDGER.to_owned());
    }
    let mut rules = rules.into_rules();
    rules.extend(issuer(wanted, system));
    Rights { rules, namespaces }
}

/// The lock, the journal and the history of the platform, where this cluster runs its MySQL: one Lease, and ConfigMaps beside it.
fn ledger(platform: &str, rules: &mut Rules) {
    const fn of<T: Resource>() -> (&'static str, &'static str) {
        (T::GROUP, T::URL_PATH_SEGMENT)
    }
    rules.allow([of::<Namespace>(), of::<Lease>()], &[], &["create"]);
    rules.allow([of::<Lease>()], &[platform], &["get", "patch"]);
    rules.allow([of::<ConfigMap>()], &[], &["create", "delete", "get", "list", "patch"]);
}

/// Secrets that something elsewhere refers to.
fn read(wanted: &Wanted<'_>, cluster: &str, rules: &mut Rules) {
    let named = |secret: &'_ SecretReference| match secret {
        SecretReference::Kubernetes { cluster: of, name, .. } if of == cluster => Some(name.clone()),
        _ => None,
    };
    let names: BTreeSet<String> = wanted.secrets.iter().filter_map(named).collect();
    if !names.is_empty() {
        rules.allow(api(Kind::Secret), &names.iter().map(String::as_str).collect::<Vec<_>>(), &["get"]);
    }
}

/// The way to the stores that the platform runs here: a pod is looked for and its port forwarded. Who asks by websocket needs `get` (Kubernetes
/// before 1.35), and later `create` (KEP-5394, feature gate `AuthorizePodWebsocketUpgradeCreatePermission`).
fn forwarded(wanted: &Wanted<'_>, system: &System, rules: &mut Rules) {
    if wanted.runs_stores(system) {
        rules.allow([(Pod::GROUP, Pod::URL_PATH_SEGMENT)], &[], &["list"]);
        rules.allow([(Pod::GROUP, "pods/portforward")], &[], &["create", "get"]);
    }
}

/// What the platform's Roles give to others: the API server lets nobody give what he has not himself (Kubernetes, "Using RBAC
/// Authorization", "Privilege escalation prevention and bootstrapping").
fn granted(wanted: &Wanted<'_>, system: &System, rules: &mut Rules) {
    let roles = wanted.graph.resources().filter(|one| one.address.kind() == Kind::Role && one.address.system() == *system);
    for role in roles {
        let parsed = serde_json::to_value(&*role.document).and_then(serde_json::from_value::<Role>);
        for rule in parsed.ok().and_then(|role| role.rules).unwrap_or_default() {
            let words = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
            let (groups, plurals, names) = (words(&rule.api_groups), words(&rule.resources), words(&rule.resource_names));
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let verbs: Vec<&str> = rule.verbs.iter().map(String::as_str).collect();
            for group in &groups {
                rules.allow(plurals.iter().map(|plural| (group.as_str(), plural.as_str())), &names, &verbs);
            }
        }
    }
}

/// By which keys the cluster signs the tokens of its ServiceAccounts: Vault is told, to know pods by them. These are no resources but paths
/// (Kubernetes, "Managing Service Accounts", "Service account issuer discovery").
fn issuer(wanted: &Wanted<'_>, system: &System) -> Option<PolicyRule> {
    let is_told = wanted.graph.resources().any(|one| signer(&one.address, &one.document).as_ref() == Some(system));
    is_told.then(|| PolicyRule {
        non_resource_urls: Some(ISSUER.map(ToOwned::to_owned).to_vec()),
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    })
}
