//! Least means least: what is printed for a cluster is held against what `vamp` sends there while a platform is made, mended and taken away.

use super::inside::what_holds_data;
use super::platform::Platform;
use super::stores::{Program, Stores};
use serde_json::Value;
use std::collections::BTreeSet;

/// Group, resource and verb.
type Right = (String, String, String);

fn right(group: &str, resource: &str, verb: &str) -> Right {
    (group.to_owned(), resource.to_owned(), verb.to_owned())
}

/// What a line of the trace asks `cluster` for, if it does. A port that is forwarded is asked for twice: to get it, and to connect.
fn asked(line: &str, cluster: &str) -> Vec<Right> {
    let forwards = line.strip_prefix(cluster).is_some_and(|rest| rest.starts_with("FORWARD "));
    if forwards {
        return ["create", "get"].map(|verb| right("", "pods/portforward", verb)).to_vec();
    }
    asked_once(line, cluster).into_iter().collect()
}

fn asked_once(line: &str, cluster: &str) -> Option<Right> {
    let mut words = line.strip_prefix(cluster)?.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        // A path, and no resource.
        [".well-known" | "openid", ..] => return Some(right("", path, "get")),
        _ => return None,
    };
    let (resource, named) = match rest {
        ["namespaces", _, resource] => (*resource, false),
        ["namespaces", _, resource, _] => (*resource, true),
        [resource] => (*resource, false),
        [resource, _] => (*resource, true),
        _ => return None,
    };
    let verb = match method {
        "GET" if query.contains("watch=") => "watch",
        "GET" if named => "get",
        "GET" => "list",
        "POST" => "create",
        "PATCH" | "DRY-RUN" => "patch",
        "DELETE" => "delete",
        other => panic!("{other} {target}"),
    };
    Some(right(group, resource, verb))
}

/// Every right of the ClusterRole that is printed first.
fn printed(rules: &Value) -> BTreeSet<Right> {
    let words = |rule: &Value, key: &str| -> Vec<String> {
        rule[key].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut all = BTreeSet::new();
    for rule in rules.as_array().unwrap() {
        let group = words(rule, "apiGroups").pop().unwrap_or_default();
        for what in words(rule, "resources").into_iter().chain(words(rule, "nonResourceURLs")) {
            all.extend(words(rule, "verbs").iter().map(|verb| right(&group, &what, verb)));
        }
    }
    all
}

#[test]
fn every_right_in_a_cluster_is_used_or_given_to_others() {
    let Some(platform) = Platform::shared("least") else { return };
    let cluster = platform.bench.clusters().remove(1);
    holds(&platform, &cluster, &[&platform.namespace()], &[]);
}

#[test]
fn every_right_in_a_cluster_that_runs_stores_is_used_or_given_to_others() {
    let Some(platform) = Platform::inside("leastinside", "storage: memory") else { return };
    let _stores = Stores::of(&platform, Program::VaultInMemory);
    holds(&platform, &platform.home(), &[&platform.name, &platform.namespace()], &what_holds_data(&platform));
}

/// What is printed for `cluster` and what is asked for there, in these namespaces, is the same. What holds data goes if it is among `lost`.
fn holds(platform: &Platform, cluster: &str, namespaces: &[&str], lost: &[String]) {
    let system = format!("cluster.{cluster}");
    let permissions = platform.vamp(&["permissions", "SPEC", "--system", &system, "--format", "json"]).done().json();
    let printed = printed(&permissions["systems"][0]["objects"][0]["rules"]);
    let plan = platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
    let is_role = |step: &&Value| step["address"].as_str().unwrap().starts_with(&format!("{system}/role/"));
    let roles = plan["steps"].as_array().unwrap().iter().filter(is_role);
    let given: BTreeSet<Right> = roles.flat_map(|role| self::printed(&role["document"]["rules"])).collect();

    let mut said = platform.vamp(&["apply", "SPEC", "--yes", "--trace-requests"]).done().err;
    // Somebody takes a label of ours from everything, so that everything is written anew. The lock has none.
    let kinds: BTreeSet<&str> = printed.iter().filter(|(_, _, verb)| verb == "patch").map(|(_, kind, _)| kind.as_str()).collect();
    let inside: Vec<&str> = kinds.into_iter().filter(|kind| !matches!(*kind, "namespaces" | "leases")).collect();
    for namespace in namespaces {
        platform.bench.kubectl_in(cluster, &["label", "namespace", namespace, LABEL], "");
        let label = ["--namespace", namespace, "label", "--all", &inside.join(","), LABEL];
        platform.bench.kubectl_in(cluster, &label, "");
    }
    said += &platform.vamp(&["apply", "SPEC", "--yes", "--trace-requests"]).done().err;
    let consent: Vec<&str> = lost.iter().flat_map(|address| ["--allow-destroy", address]).collect();
    said += &platform.vamp(&[&["destroy", "SPEC", "--yes", "--trace-requests"], &consent[..]].concat()).err;

    let used: BTreeSet<Right> = said.lines().flat_map(|line| asked(line, &format!("{system} "))).collect();
    assert!(used.is_subset(&printed), "{:?}", used.difference(&printed).collect::<Vec<_>>());
    // What is gone at the first look is not watched: that depends on how quick the server is.
    let is_due = |right: &&Right| right.2 != "watch" && !given.contains(*right);
    let unused: Vec<&Right> = printed.difference(&used).filter(is_due).collect();
    eprintln!("{} rights printed, {} used, {} given to others", printed.len(), used.len(), given.len());
    assert!(unused.is_empty(), "printed, and neither used nor given: {unused:?}");
}

/// A label that everything of ours has, and how kubectl is told to take it away.
const LABEL: &str = "app.kubernetes.io/part-of-";
