//! Documents of an environment are in its own Elasticsearch only: the one that a spec so far has named for its traffic (I6).

use super::moment::name;
use super::{Breach, Moment, Promise};
use crate::world::Cell;
use model::value::Text;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Residency {
    told: BTreeSet<(Text, Text)>,
}

impl Residency {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for (_, cell) in moment.changed_cells() {
            if cell.documents.stored.is_empty() {
                continue;
            }
            let allowed = allowed(moment, cell);
            let elsewhere = cell.documents.stored.iter().find(|(sink, count)| **count > 0 && !allowed.contains(sink.as_str()));
            if let Some((sink, count)) = elsewhere
                && self.told.insert((cell.cluster.clone(), cell.namespace.clone()))
            {
                let own: Vec<&str> = allowed.into_iter().collect();
                let message = format!("{count} documents went to {sink}; they belong into {}", own.join(" or "));
                breaches.push(moment.breach(Promise::Residency, name(cell), message));
            }
        }
    }
}

fn allowed<'a>(moment: &'a Moment<'_>, cell: &Cell) -> BTreeSet<&'a str> {
    let (Some(tenant), Some(environment)) = (&cell.tenant, &cell.environment) else { return BTreeSet::new() };
    let declared = |wanted: &'a std::sync::Arc<crate::operator::Desired>| {
        let tenant = wanted.spec.tenants.get(tenant.as_str())?;
        Some(tenant.value.environments.get(environment.as_str())?.value.traffic_sink.as_str())
    };
    moment.wanted.iter().filter_map(declared).collect()
}
