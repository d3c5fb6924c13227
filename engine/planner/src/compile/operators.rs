//! What Vamp and Lifter may do in the namespace of a cell.

use super::cell::Cell;
use super::compiler::Compiler;
use super::{lifter, pods, vamp};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use model::address::Address;
use model::graph::EdgeReason::References;

/// Group of the rights API (Kubernetes, "Using RBAC Authorization").
const RIGHTS_GROUP: &str = "rbac.authorization.k8s.io";
/// Role of both.
const NAME: &str = "operators";

/// The Role and who has it: in the management cluster the ServiceAccounts that Vamp and Lifter run as, in other clusters
/// ServiceAccounts of the cell itself, whose tokens are given to them.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell) {
    let home = &cell.home;
    let local = cell.cluster == compiler.topology.management;
    let components = [vamp::NAME, lifter::NAME];
    let accounts: Vec<Address> = components
        .iter()
        .map(|component| {
            if local {
                return vamp::account(compiler, component);
            }
            let account = pods::service_account(home, component, false, false);
            compiler.add(home.draft(&account))
        })
        .collect();
    let role = Role { metadata: home.metadata(NAME, None), rules: Some(rules()) };
    let role = compiler.add(home.draft(&role));
    let binding = RoleBinding {
        metadata: home.metadata(NAME, None),
        role_ref: RoleRef { api_group: RIGHTS_GROUP.to_owned(), kind: "Role".to_owned(), name: NAME.to_owned() },
        subjects: Some(accounts.iter().map(subject).collect()),
    };
    compiler.add(home.draft(&binding).after(&role, References).after_all(&accounts, References));
}

fn subject(account: &Address) -> Subject {
    Subject {
        api_group: None,
        kind: "ServiceAccount".to_owned(),
        name: account.name().to_owned(),
        namespace: account.namespace().map(str::to_owned),
    }
}

fn rules() -> Vec<PolicyRule> {
    const SEE: &[&str] = &["get", "list", "watch"];
    const MANAGE: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
    let rule = |group: &str, resources: &[&str], verbs: &[&str]| {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        PolicyRule {
            api_groups: Some(owned(&[group])),
            resources: Some(owned(resources)),
            verbs: owned(verbs),
            ..PolicyRule::default()
        }
    };
    vec![
        rule("", &["pods", "events", "endpoints"], SEE),
        rule("", &["services"], MANAGE),
        rule("apps", &["deployments"], MANAGE),
        rule("apps", &["replicasets"], SEE),
        rule("batch", &["jobs"], MANAGE),
    ]
}
