//! What programs in clusters find around them: whether the stores let them in and hold what they need to start.

use super::Stores;
use crate::kubernetes::{Program, Starting, Surroundings};
use crate::vault::{Storage, policy};
use model::{System, Value};

impl Surroundings for Stores {
    fn can_start(&self, starting: &Starting<'_>) -> Result<(), String> {
        match starting.program {
            // The world runs its process, which asks by itself.
            Program::GatewayAgent => Ok(()),
            Program::WorkflowAgent => {
                self.answers(&System::Vault)?;
                starting.path.map_or(Ok(()), |path| self.reads(starting, path))
            }
            Program::Lifter => self.answers(&System::Vault),
            // VMP-2: Vamp is started only when MySQL and Vault answer.
            Program::Vamp => self.answers(&System::Mysql).and_then(|()| self.answers(&System::Vault)),
            // Observed on Vault 1.21.0: without its MySQL it exits at once.
            Program::Vault if self.vault.state().storage == Storage::Mysql => {
                self.answers(&System::Mysql).map_err(|why| format!("Error initializing storage of type mysql: {why}"))
            }
            Program::Vault | Program::Mysql | Program::Elasticsearch | Program::Other => Ok(()),
        }
    }

    fn runs(&self, program: Program) -> bool {
        program == Program::GatewayAgent
    }
}

impl Stores {
    fn answers(&self, system: &System) -> Result<(), String> {
        self.gap(system).map_or(Ok(()), |gap| Err(format!("{system}: {gap}")))
    }

    /// Whether the program may log in with its service account, read its entry, and finds it.
    fn reads(&self, starting: &Starting<'_>, path: &str) -> Result<(), String> {
        let mount = path.split('/').next().unwrap_or_default();
        let method = format!("{mount}-{}", starting.cluster);
        let policies = self.log_in(&method, starting).ok_or_else(|| {
            let Starting { namespace, service_account, .. } = starting;
            format!("vault: permission denied: no role of {method} is bound to service account {namespace}/{service_account}")
        })?;
        let allowed = policies.iter().filter_map(|name| self.vault.policy(name)).any(|text| policy::may_read(text, path));
        if !allowed {
            return Err(format!("vault: permission denied: policies {} do not allow to read {path}", policies.join(", ")));
        }
        self.vault.read(path).map(drop).map_err(|refusal| format!("{path}: {}", refusal.into_operation_error()))
    }

    /// Policies of the role of `method` that lets the program in.
    fn log_in(&self, method: &str, starting: &Starting<'_>) -> Option<Vec<String>> {
        let lists = |role: &Value, field: &str, name: &str| {
            let listed = role.get(field).and_then(Value::as_list).unwrap_or_default();
            listed.iter().filter_map(Value::as_str).any(|listed| listed == "*" || listed == name)
        };
        let (_, role) = self.vault.roles_of(method).find(|(_, role)| {
            lists(role, "bound_service_account_names", starting.service_account)
                && lists(role, "bound_service_account_namespaces", starting.namespace)
        })?;
        let policies = role.get("token_policies").and_then(Value::as_list).unwrap_or_default();
        Some(policies.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}
