//! What is needed covers what is wanted, in every model, and nothing that is not.

use super::*;
use crate::compile::compile;
use crate::compile::fixture::{MODELS, spec};
use crate::render::permissions::{Dialect, json, text};
use crate::render::style::Style;
use k8s_openapi::api::rbac::v1::PolicyRule;
use model::Kind;
use model::kind::Family;
use model::resource::Resource;
use std::collections::BTreeSet;

/// A platform with what it needs.
struct Case {
    graph: Graph,
    needed: Permissions,
}

fn cases() -> impl Iterator<Item = Case> {
    MODELS.into_iter().map(|model| {
        let spec = spec(model);
        let compiled = compile(&spec).unwrap_or_else(|complaints| panic!("{model:?}: {complaints:#?}"));
        let needed = permissions(&spec, &compiled.graph, &compiled.connections, &[], None);
        Case { graph: compiled.graph, needed }
    })
}

fn clusters(needed: &Permissions) -> impl Iterator<Item = (&System, &kubernetes::Rights)> {
    needed.systems.iter().filter_map(|(system, needs)| match needs {
        Needs::Kubernetes(rights) => Some((system, rights)),
        _ => None,
    })
}

fn has(list: &Option<Vec<String>>, word: &str) -> bool {
    list.iter().flatten().any(|one| one == word)
}

fn allows(rules: &[PolicyRule], plural: &str, name: &str, verb: &str) -> bool {
    let fits = |rule: &&PolicyRule| {
        let by_name = rule.resource_names.is_none() || has(&rule.resource_names, name);
        has(&rule.resources, plural) && by_name && rule.verbs.iter().any(|one| one == verb)
    };
    rules.iter().any(|rule| fits(&rule))
}

#[test]
fn everything_in_a_cluster_may_be_made_changed_and_taken_away_in_the_platforms_namespaces_and_nowhere_else() {
    for Case { graph, needed } in cases() {
        for (system, rights) in clusters(&needed) {
            let here: Vec<&Resource> = graph.resources().filter(|one| one.address.system() == *system).collect();
            for resource in &here {
                let plural = format!("{}s", resource.address.kind().word().replace('-', "")).replace("policys", "policies");
                for verb in ["create", "delete", "get", "list", "patch", "watch"] {
                    assert!(allows(&rights.rules, &plural, resource.address.name(), verb), "{verb} {}", resource.address);
                }
                let namespace = resource.address.namespace().unwrap_or(resource.address.key());
                assert!(rights.namespaces.contains(namespace), "{namespace}");
            }
            let keeps_ledger = here.iter().any(|one| one.address.kind() == Kind::StatefulSet && one.address.name() == "mysql");
            let mut namespaces: BTreeSet<&str> = here.iter().filter_map(|one| one.address.namespace()).collect();
            namespaces.extend(keeps_ledger.then_some("vamp-ledger"));
            assert_eq!(rights.namespaces.iter().map(String::as_str).collect::<BTreeSet<_>>(), namespaces);
            assert!(!allows(&rights.rules, "namespaces", "default", "get"), "a namespace of others");
            assert!(!allows(&rights.rules, "namespaces", "kube-system", "patch"), "the namespace that a cluster is known by");
            assert!(
                !allows(&rights.rules, "persistentvolumeclaims", "any", "create") || has_kind(&here, Kind::PersistentVolumeClaim)
            );
        }
    }
}

#[test]
fn ports_are_forwarded_where_a_store_runs_and_nowhere_else() {
    for model in MODELS {
        let spec = spec(model);
        let compiled = compile(&spec).unwrap();
        let needed = permissions(&spec, &compiled.graph, &compiled.connections, &[], None);
        for (system, rights) in clusters(&needed) {
            let runs_a_store = compiled.connections.iter().any(
                |one| matches!(&one.endpoint, model::connection::Endpoint::InCluster { workload } if workload.system() == *system),
            );
            for verb in ["create", "get"] {
                assert_eq!(allows(&rights.rules, "pods/portforward", "any", verb), runs_a_store, "{model:?} {system}");
            }
        }
    }
}

/// The ledger is where MySQL runs: nobody else may write one, and nobody may take another's lock or its namespace.
#[test]
fn a_cluster_that_runs_mysql_lets_the_ledger_of_this_platform_be_kept_there() {
    let mut kept = 0;
    for Case { graph, needed } in cases() {
        for (system, rights) in clusters(&needed) {
            let runs = graph.resources().any(|one| {
                one.address.system() == *system && one.address.kind() == Kind::StatefulSet && one.address.name() == "mysql"
            });
            kept += usize::from(runs);
            for (plural, name, verb) in [("leases", "any", "create"), ("leases", "acme", "get"), ("leases", "acme", "patch")] {
                assert_eq!(allows(&rights.rules, plural, name, verb), runs, "{system} {verb} {plural} {name}");
            }
            assert!(!allows(&rights.rules, "leases", "acme", "delete") && !allows(&rights.rules, "leases", "other", "patch"));
            assert!(!allows(&rights.rules, "namespaces", "vamp-ledger", "delete"));
            let may_write = |verb: &&str| allows(&rights.rules, "configmaps", "any", verb);
            assert!(!runs || ["create", "delete", "get", "list", "patch"].iter().all(may_write));
            assert_eq!(rights.namespaces.contains("vamp-ledger"), runs);
        }
    }
    assert!(kept > 0, "no model runs MySQL");
}

#[test]
fn the_ledger_follows_mysql_and_no_other_store() {
    let of = |cluster: &str, name: &str| -> Address { format!("cluster.{cluster}/stateful-set/acme/{name}").parse().unwrap() };
    let (mysql, vault) = (of("main", "mysql"), of("eu", "vault"));
    let hosts = vec![(&System::Vault, &vault), (&System::Mysql, &mysql)];
    let graph = Graph::default();
    let mut wanted = Wanted { platform: "acme", graph: &graph, former: Vec::new(), secrets: BTreeSet::new(), hosts };
    let (main, eu, us) = (System::Cluster("main".into()), System::Cluster("eu".into()), System::Cluster("us".into()));
    let kept = |wanted: &Wanted<'_>| [&main, &eu, &us].map(|cluster| (wanted.runs_stores(cluster), wanted.keeps_ledger(cluster)));
    assert_eq!(kept(&wanted), [(true, true), (true, false), (false, false)]);
    wanted.hosts.pop();
    assert_eq!(kept(&wanted), [(false, false), (true, false), (false, false)], "MySQL is elsewhere, and so is the ledger");
}

fn has_kind(resources: &[&Resource], kind: Kind) -> bool {
    resources.iter().any(|one| one.address.kind() == kind)
}

#[test]
fn no_right_is_one_to_everything_or_to_give_more_than_one_has() {
    for Case { needed, .. } in cases() {
        for (_, rights) in clusters(&needed) {
            for rule in &rights.rules {
                for list in [&rule.api_groups, &rule.resources, &Some(rule.verbs.clone())] {
                    for word in ["*", "escalate", "bind", "impersonate"] {
                        assert!(!has(list, word), "{rule:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_role_gives_to_others_is_held() {
    for Case { graph, needed } in cases() {
        for (system, rights) in clusters(&needed) {
            if graph.resources().any(|one| one.address.system() == *system && one.address.kind() == Kind::Role) {
                assert!(allows(&rights.rules, "pods", "any", "watch") && allows(&rights.rules, "jobs", "any", "update"));
            } else {
                assert!(!allows(&rights.rules, "pods", "any", "get"), "{system}");
            }
        }
    }
}

#[test]
fn a_cluster_whose_keys_vault_is_told_may_be_asked_for_them() {
    for Case { graph, needed } in cases() {
        for (system, rights) in clusters(&needed) {
            let System::Cluster(name) = system else { panic!("{system}") };
            let is_told = graph.get(&format!("vault/auth-method/acme-{name}").parse().unwrap()).is_some();
            let paths = rights.rules.iter().filter_map(|rule| rule.non_resource_urls.as_ref()).flatten();
            assert_eq!(paths.filter(|path| *path == "/openid/v1/jwks").count(), usize::from(is_told), "{system}");
        }
    }
}

/// Whether a path of a policy stands for `asked`.
fn stands_for(path: &str, asked: &str) -> bool {
    path.strip_suffix('*').map_or(path == asked, |prefix| asked.starts_with(prefix))
}

#[test]
fn everything_in_vault_has_its_path_and_only_policies_of_the_platform_are_written() {
    for Case { graph, needed } in cases() {
        let Some((_, Needs::Vault(rules))) = needed.systems.iter().find(|(system, _)| *system == System::Vault) else {
            panic!("no Vault")
        };
        let may =
            |path: &str, word: &str| rules.iter().any(|rule| stands_for(&rule.path, path) && rule.capabilities.contains(&word));
        for resource in graph.resources().filter(|one| one.address.kind().family() == Family::Vault) {
            let key = resource.address.key();
            let path = match resource.address.kind() {
                Kind::Mount => format!("sys/mounts/{key}"),
                Kind::AuthMethod => format!("sys/auth/{key}"),
                Kind::Policy => format!("sys/policy/{key}"),
                Kind::AuthRole => format!("auth/{}", key.replacen('/', "/role/", 1)),
                _ => key.replacen('/', "/data/", 1),
            };
            assert!(may(&path, "create") && may(&path, "update"), "{path}");
        }
        assert!(!may("sys/policy/acme-of-somebody-else", "update") && !may("sys/policy/other", "read"));
        assert!(!may("other/data/shop", "read") && !may("sys/seal", "update") && !may("sys/policies/acl/acme-vamp", "update"));
    }
}

#[test]
fn on_a_schema_that_users_are_given_rights_on_those_may_be_passed_on() {
    for Case { graph, needed } in cases() {
        let Some((_, Needs::Mysql(grants))) = needed.systems.iter().find(|(system, _)| *system == System::Mysql) else {
            panic!("no MySQL")
        };
        for resource in graph.resources().filter(|one| one.address.kind() == Kind::Schema) {
            let on = mysql::Level::Schema(resource.address.key().to_owned());
            let grant = grants.iter().find(|grant| grant.on == on).unwrap_or_else(|| panic!("{}", resource.address));
            assert!(grant.grant_option && grant.privileges.iter().any(|word| word == "DROP"), "{grant:?}");
        }
        assert!(grants.iter().all(|grant| grant.on != mysql::Level::Server || grant.privileges == ["CREATE USER"]));
    }
}

#[test]
fn what_moves_may_still_be_reached_where_it_was() {
    let spec = spec(MODELS[0]);
    let compiled = compile(&spec).unwrap();
    let moved = [("mysql/table/acme-old/acme-old-production".parse().unwrap(), "mysql/table/acme-shop/x".parse().unwrap())];
    let needed = permissions(&spec, &compiled.graph, &compiled.connections, &moved, None);
    assert!(
        text(&needed, Dialect::Elasticsearch, Style::PLAIN)
            .contains("GRANT ALTER, CREATE, DROP ON `acme-old`.* TO 'vamp-acme'@'%';")
    );
}

#[test]
fn a_name_is_quoted_in_every_language() {
    let spec = spec(MODELS[0]);
    let compiled = compile(&spec).unwrap();
    let written = |user: &str| {
        let needed = permissions(&spec, &compiled.graph, &compiled.connections, &[], Some(user));
        (text(&needed, Dialect::OpenSearch, Style::PLAIN), json(&needed))
    };
    let (text, json) = written("o'brien\"\\");
    assert!(text.contains("TO 'o''brien\"\\\\'@'%'") && text.contains(r#"request.userInfo.username == "o'brien"#), "{text}");
    assert_eq!(json["systems"][0]["objects"][1]["subjects"][0]["name"], "o'brien\"\\");
    let (_, json) = written("system:serviceaccount:ci:vamp");
    let subject = serde_json::json!({ "kind": "ServiceAccount", "name": "vamp", "namespace": "ci" });
    assert_eq!(json["systems"][0]["objects"][1]["subjects"][0], subject);
}

#[test]
fn a_lifecycle_policy_of_opensearch_acts_with_the_rights_of_who_wrote_it() {
    let ism = |actions: &[&'static str]| -> Vec<&'static str> {
        actions.iter().filter_map(|action| action.strip_prefix("cluster:admin/opendistro/ism/")).collect()
    };
    let everything = elasticsearch::Rights {
        kinds: [Kind::IndexTemplate, Kind::LifecyclePolicy].into(),
        patterns: ["a".to_owned()].into(),
        chains: BTreeSet::new(),
    };
    // What `live` sends, each as OpenSearch calls it. Of those about indices, the last two are for such as no longer live by a policy.
    let indices = ["add", "change", "explain", "remove"].map(|word| format!("managedindex/{word}"));
    let policies = ["delete", "get", "search", "write"].map(|word| format!("policy/{word}"));
    assert_eq!(ism(&everything.open_search()), [indices, policies].concat());
    assert_eq!(everything.open_search_everywhere(), ["indices:admin/data_stream/get", "indices:admin/rollover"]);
    let acts = ["indices:admin/delete", "indices:admin/opensearch/ism/managedindex", "indices:monitor/stats"];
    assert_eq!(everything.open_search_streams(), [&["indices:admin/data_stream/delete"][..], &acts].concat());
    // Where none is wanted, it is looked at all the same.
    let nothing = elasticsearch::Rights { kinds: BTreeSet::new(), patterns: BTreeSet::new(), ..everything };
    assert_eq!(
        (ism(&nothing.open_search()), nothing.open_search_everywhere(), nothing.open_search_streams()),
        (vec!["policy/search"], vec![], vec![])
    );
}
