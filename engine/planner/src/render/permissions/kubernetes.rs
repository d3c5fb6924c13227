//! Objects of a cluster: the rights, who has them, and what keeps the writes of that user to the platform's namespaces.

use crate::permissions::Permissions;
use crate::permissions::kubernetes::Rights;
use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec, Validation,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use model::login::SERVICE_ACCOUNT;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use serde_yaml::FlowSeq;

/// Group of the rights API (Kubernetes, "Using RBAC Authorization").
const RIGHTS_GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn yaml(permissions: &Permissions, rights: &Rights) -> String {
    let objects = objects(permissions, rights);
    serde_yaml::to_string_multiple(&objects.iter().map(Compact).collect::<Vec<_>>()).unwrap_or_default()
}

/// A value whose lists of words stand on one line each.
struct Compact<'a>(&'a Value);

impl Serialize for Compact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => serializer.collect_map(map.iter().map(|(key, value)| (key, Compact(value)))),
            Value::Array(items) if items.iter().all(Value::is_string) => FlowSeq(items).serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Compact)),
            other => other.serialize(serializer),
        }
    }
}

pub(super) fn objects(permissions: &Permissions, rights: &Rights) -> Vec<Value> {
    let metadata = || named(&permissions.name);
    let [role, binding] = given(&permissions.name, rights.rules.clone(), vec![subject(&permissions.user)]);
    let policy = ValidatingAdmissionPolicy { metadata: metadata(), spec: Some(fence(permissions, rights)), status: None };
    let in_force = ValidatingAdmissionPolicyBindingSpec {
        policy_name: Some(permissions.name.clone()),
        validation_actions: Some(vec!["Deny".to_owned()]),
        ..ValidatingAdmissionPolicyBindingSpec::default()
    };
    let in_force = ValidatingAdmissionPolicyBinding { metadata: metadata(), spec: Some(in_force) };
    vec![role, binding, json!(policy), json!(in_force)]
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() }
}

/// Rights by this name, and who has them.
fn given(name: &str, rules: Vec<PolicyRule>, subjects: Vec<Subject>) -> [Value; 2] {
    let role = ClusterRole { aggregation_rule: None, metadata: named(name), rules: Some(rules) };
    let role_ref = RoleRef { api_group: RIGHTS_GROUP.to_owned(), kind: "ClusterRole".to_owned(), name: name.to_owned() };
    let binding = ClusterRoleBinding { metadata: named(name), role_ref, subjects: Some(subjects) };
    [json!(role), json!(binding)]
}

fn service_account(namespace: &str, name: &str) -> Subject {
    Subject { api_group: None, kind: "ServiceAccount".to_owned(), name: name.to_owned(), namespace: Some(namespace.to_owned()) }
}

fn subject(user: &str) -> Subject {
    match user.strip_prefix(SERVICE_ACCOUNT).and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => service_account(namespace, name),
        None => {
            Subject { api_group: Some(RIGHTS_GROUP.to_owned()), kind: "User".to_owned(), name: user.to_owned(), namespace: None }
        }
    }
}

/// Whatever is written, or connected to, outside of the platform's namespaces is refused. A namespace itself is in none when it is made: then
/// its name counts.
fn fence(permissions: &Permissions, rights: &Rights) -> ValidatingAdmissionPolicySpec {
    let any = || Some(vec!["*".to_owned()]);
    let writes = NamedRuleWithOperations {
        api_groups: any(),
        api_versions: any(),
        operations: Some(["CREATE", "UPDATE", "DELETE", "CONNECT"].map(ToOwned::to_owned).to_vec()),
        // With what belongs to an object (its status, say).
        resources: Some(vec!["*/*".to_owned()]),
        ..NamedRuleWithOperations::default()
    };
    let is_user = format!("request.userInfo.username == {}", json!(permissions.user));
    let message = format!("{} works in the namespaces of the platform {} only", permissions.user, permissions.platform);
    ValidatingAdmissionPolicySpec {
        failure_policy: Some("Fail".to_owned()),
        match_conditions: Some(vec![MatchCondition { name: "who".to_owned(), expression: is_user }]),
        match_constraints: Some(MatchResources { resource_rules: Some(vec![writes]), ..MatchResources::default() }),
        validations: Some(vec![Validation {
            expression: format!("(request.namespace == \"\" ? request.name : request.namespace) in {}", json!(rights.namespaces)),
            message: Some(message),
            reason: Some("Forbidden".to_owned()),
            ..Validation::default()
        }]),
        ..ValidatingAdmissionPolicySpec::default()
    }
}
