//! What of the older spec is what in the newer one: by name, and through the renames that the newer one declares.

use super::case::{Case, Older};
use super::subject::{Environment, Tenant};
use crate::spec::Spec;
use crate::spec::types::MovedName;
use model::Place;

/// Something of the older spec, and what became of it: nothing if it is no longer there.
pub type Pair<T> = (T, Option<T>);

/// What a tenant of the older spec is called now.
fn tenant_now<'a>(spec: &'a Spec, name: &'a str) -> &'a str {
    let renamed = spec.moved.iter().find_map(|moved| match (&moved.from.value, &moved.to.value) {
        (MovedName::Tenant(from), MovedName::Tenant(to)) if from == name => Some(to.as_str()),
        _ => None,
    });
    renamed.unwrap_or(name)
}

/// What an environment of the older spec is called now, under the tenant that is now called `tenant`.
fn environment_now<'a>(spec: &'a Spec, tenant: &str, name: &'a str) -> (String, &'a str) {
    let renamed = spec.moved.iter().find_map(|moved| match (&moved.from.value, &moved.to.value) {
        (
            MovedName::Environment { tenant: from_tenant, environment: from },
            MovedName::Environment { tenant: to_tenant, environment: to },
        ) if from == name && tenant_now(spec, from_tenant) == tenant => Some((to_tenant.clone(), to.as_str())),
        _ => None,
    });
    renamed.unwrap_or_else(|| (tenant.to_owned(), name))
}

/// The tenant that is called so now.
fn tenant<'a>(spec: &'a Spec, name: &str) -> Option<Tenant<'a>> {
    spec.tenants.get_key_value(name).map(|(name, declared)| Tenant { name, declared })
}

impl<'a> Older<'a> {
    /// Its tenants, and what became of each.
    pub fn tenants(&self, case: &Case<'a>) -> impl Iterator<Item = Pair<Tenant<'a>>> + use<'a> {
        let spec = case.spec;
        self.spec.tenants.iter().map(move |(name, declared)| (Tenant { name, declared }, tenant(spec, tenant_now(spec, name))))
    }

    /// The environments of the tenants that are still there, and what became of each.
    pub fn environments(&self, case: &Case<'a>) -> impl Iterator<Item = Pair<Environment<'a>>> + use<'a> {
        let spec = case.spec;
        let kept = self.tenants(case).filter_map(|(before, now)| Some((before, now?)));
        kept.flat_map(move |(before, now)| {
            before.environments().map(move |old| {
                let (of, name) = environment_now(spec, now.name, old.name);
                let found = tenant(spec, &of).and_then(|tenant| {
                    let (name, declared) = tenant.declared.value.environments.get_key_value(name)?;
                    Some(Environment { tenant, name, declared })
                });
                (old, found)
            })
        })
    }

    /// The environments that are still there, before and now.
    pub fn kept_environments(&self, case: &Case<'a>) -> impl Iterator<Item = (Environment<'a>, Environment<'a>)> + use<'a> {
        self.environments(case).filter_map(|(before, now)| Some((before, now?)))
    }

    /// How this spec is named, for results.
    pub fn file(&self) -> &'a str {
        &self.spec.file
    }

    /// The country that an Elasticsearch of a spec keeps its data in, with every field on the way to it: its region, and that region's
    /// country.
    pub(super) fn country_of(spec: &'a Spec, sink: &str) -> Option<Kept<'a>> {
        let server = spec.dependencies.elasticsearch.get(sink)?;
        let region = spec.regions.get(server.value.region.value.as_str())?;
        let country = &region.value.country;
        Some(Kept {
            region: &server.value.region.value,
            region_at: server.value.region.place,
            country: &country.value,
            country_at: country.place,
        })
    }
}

/// Where an Elasticsearch keeps its data.
pub(super) struct Kept<'a> {
    pub(super) region: &'a str,
    pub(super) region_at: Place,
    pub(super) country: &'a str,
    pub(super) country_at: Place,
}
