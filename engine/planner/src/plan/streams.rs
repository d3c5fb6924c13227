//! Data streams: what stays because documents stand on it. A stream has one name for good, a template that fits it, and a lifecycle policy
//! that says when its documents go; Elasticsearch lets go of neither before the stream.

use crate::plan::Request;
use model::observation::{Listing, Observed};
use model::{Address, Kind};

/// The lifecycle policy that indices of an index template live by, as it is there.
pub(crate) fn policy_of(template: &Address, seen: &Observed) -> Option<Address> {
    let name = seen.document.str_at(&["template", "settings", "index", "lifecycle", "name"])?;
    (template.kind() == Kind::IndexTemplate).then(|| Address::new(&template.system(), Kind::LifecyclePolicy, name))
}

/// Whether a data stream stands on an object, or lives by it.
pub(crate) fn needs(request: &Request<'_>, address: &Address, seen: &Observed) -> bool {
    if address.kind() != Kind::LifecyclePolicy {
        return !seen.streams.is_empty();
    }
    match request.snapshot.listing(&address.system(), Kind::IndexTemplate) {
        Some(Listing::Complete(templates)) => {
            let lives_by = |(template, seen)| policy_of(template, seen).as_ref() == Some(address);
            templates.iter().filter(|(_, seen)| !seen.streams.is_empty()).any(lives_by)
        }
        Some(Listing::Unknown(_)) | None => false,
    }
}
