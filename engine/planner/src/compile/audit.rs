//! Where audit documents of what is applied belong: a chain for each environment, on the Elasticsearch that takes its audit log, and one for
//! the platform as a whole.
//!
//! They stand in indices of their own, beside the data streams of the audit log: in a data stream an identifier may come again after a
//! roll-over, and it is the identifier by which a second writer is refused.

use super::names::Names;
use crate::spec::Spec;
use model::System;
use model::audit::Chain;
use model::resource::Scope;
use std::collections::BTreeMap;

/// The chains of a platform: its own first.
pub fn chains(spec: &Spec) -> Vec<Chain> {
    let names = Names::of(spec);
    let environments = spec.tenants.iter().flat_map(|(tenant, declared)| {
        declared.environments.iter().map(move |(name, environment)| (tenant.as_str(), name.as_str(), &environment.value))
    });
    let of_environments: Vec<Chain> = environments
        .map(|(tenant, name, environment)| Chain {
            store: System::Elasticsearch(environment.audit_sink.as_str().into()),
            index: index(&names.environment(tenant, name)),
            scope: Scope { tenant: Some(tenant.into()), environment: Some(name.into()), cluster: None },
        })
        .collect();
    let own = main_store(&of_environments).map(|store| Chain { store, index: index(names.platform), scope: Scope::PLATFORM });
    own.into_iter().chain(of_environments).collect()
}

fn index(name: &str) -> model::value::Text {
    format!("{name}-applies").into()
}

/// The store that most environments use, the first by name of those that as many use: what is the platform's own belongs there.
fn main_store(chains: &[Chain]) -> Option<System> {
    let mut users: BTreeMap<&System, usize> = BTreeMap::new();
    for chain in chains {
        *users.entry(&chain.store).or_default() += 1;
    }
    let most = users.values().copied().max()?;
    users.into_iter().find(|(_, count)| *count == most).map(|(store, _)| store.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::fixture::{MODELS, spec};

    #[test]
    fn every_environment_has_a_chain_on_its_audit_sink_and_the_platform_one_where_most_are() {
        for model in MODELS {
            let spec = spec(model);
            let chains = chains(&spec);
            let (own, rest) = chains.split_first().unwrap();
            assert!(own.scope.is_platform() && own.index == "acme-applies", "{own:?}");
            let environments = spec.tenants.values().flat_map(|tenant| tenant.environments.values());
            let sinks: Vec<System> =
                environments.map(|environment| System::Elasticsearch(environment.audit_sink.as_str().into())).collect();
            assert_eq!(rest.iter().map(|chain| chain.store.clone()).collect::<Vec<_>>(), sinks);
            assert!(sinks.contains(&own.store));
            assert!(chains.iter().all(|chain| chain.index.ends_with("-applies")));
        }
    }

    #[test]
    fn the_platforms_own_goes_where_most_environments_are() {
        let chain = |store: &str| Chain { store: System::Elasticsearch(store.into()), index: "i".into(), scope: Scope::PLATFORM };
        assert_eq!(main_store(&[chain("b"), chain("a"), chain("b")]), Some(System::Elasticsearch("b".into())));
        assert_eq!(main_store(&[chain("b"), chain("a")]), Some(System::Elasticsearch("a".into())));
        assert_eq!(main_store(&[]), None);
    }
}
