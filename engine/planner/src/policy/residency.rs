//! Where the data of an environment may lie: what the countries of its users ask for, the strongest first (RES-5).

use super::case::Case;
use super::subject::Environment;
use crate::topology::is_in_european_union;
use model::source::Located;

/// Where data of an environment has to stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jurisdiction<'a> {
    /// Inside each of several countries, which one Elasticsearch cannot do (RES-5).
    Several(Vec<&'a Located<String>>),
    /// Inside a country with a law of its own (RES-3).
    Country(&'a Located<String>),
    /// Inside the European Union (RES-2).
    Union(&'a Located<String>),
    /// Anywhere (RES-1, RES-4).
    Anywhere,
}

impl<'a> Jurisdiction<'a> {
    /// Where the data of `environment` has to stay. Of several that ask, the strongest decides: a country before the union, the
    /// union before volume, volume before the rest.
    pub fn of(case: &Case<'_>, environment: &Environment<'a>) -> Self {
        let countries = &environment.declared.value.user_countries;
        let own_law = &case.spec.policies.residency_countries;
        let has_own_law = |country: &&Located<String>| own_law.iter().any(|known| known.value == country.value);
        let strict: Vec<&Located<String>> = countries.iter().filter(has_own_law).collect();
        match strict[..] {
            [] => {}
            [only] => return Jurisdiction::Country(only),
            _ => return Jurisdiction::Several(strict),
        }
        let member = countries.iter().find(|country| is_in_european_union(&country.value));
        member.map_or(Jurisdiction::Anywhere, Jurisdiction::Union)
    }

    /// Whether data may lie in `country`.
    pub fn allows(&self, country: &str) -> bool {
        match self {
            Jurisdiction::Several(_) | Jurisdiction::Anywhere => true,
            Jurisdiction::Country(own) => own.value == country,
            Jurisdiction::Union(_) => is_in_european_union(country),
        }
    }

    /// Why, for evidence: the rule that decides.
    pub fn because(&self) -> String {
        match self {
            Jurisdiction::Several(_) => "several countries with laws of their own (RES-5)".to_owned(),
            Jurisdiction::Country(country) => format!("the law of {} (RES-3), before all else", country.value),
            Jurisdiction::Union(_) => "the European Union (RES-2), before volume".to_owned(),
            Jurisdiction::Anywhere => "no country of its users (RES-1)".to_owned(),
        }
    }
}
