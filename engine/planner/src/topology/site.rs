//! Where a part of the platform stands.

use crate::spec::types::{Placement, Spec};

/// Members of the European Union (ISO 3166-1 alpha-2), since 2020-02-01.
const EUROPEAN_UNION: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

/// Whether a country is a member of the European Union.
pub fn is_in_european_union(country: &str) -> bool {
    EUROPEAN_UNION.split(' ').any(|member| member == country)
}

/// Where a part of the platform stands: in a cluster, or outside of all, in a region if the spec says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// Country whose law applies.
    pub country: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Cluster; nothing for what runs outside of all clusters.
    pub cluster: Option<String>,
}

impl Site {
    /// In a cluster of the spec.
    pub(super) fn in_cluster(spec: &Spec, cluster: &str) -> Self {
        let region = spec.clusters.get(cluster).map(|found| found.region.value.as_str());
        Site { cluster: Some(cluster.to_owned()), ..region.map(|region| Site::in_region(spec, region)).unwrap_or_default() }
    }

    /// Outside of all clusters, in a region of the spec.
    pub(super) fn in_region(spec: &Spec, region: &str) -> Self {
        let country = spec.regions.get(region).map(|found| found.country.value.clone());
        Site { country, region: Some(region.to_owned()), cluster: None }
    }

    /// Where something is placed; outside of all clusters it stands in `region`, if that is known.
    pub(super) fn of(spec: &Spec, placement: &Placement, region: Option<&str>) -> Self {
        match (placement, region) {
            (Placement::InCluster(cluster), _) => Site::in_cluster(spec, cluster),
            (Placement::External { .. }, Some(region)) => Site::in_region(spec, region),
            (Placement::External { .. }, None) => Site::default(),
        }
    }

    /// Whether what goes from here to `other` leaves the country, as far as both are known.
    pub fn leaves_country_to(&self, other: &Site) -> bool {
        matches!((&self.country, &other.country), (Some(here), Some(there)) if here != there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_union_has_27_members_and_neither_the_united_kingdom_nor_norway_is_one() {
        assert_eq!(EUROPEAN_UNION.split(' ').count(), 27);
        assert!(["DE", "IE", "HR"].into_iter().all(is_in_european_union));
        assert!(!is_in_european_union("GB") && !is_in_european_union("NO"));
    }
}
