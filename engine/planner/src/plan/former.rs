//! Systems that earlier runs applied to and the spec no longer names. What was applied to them does not go away by itself: it is looked
//! for there, and pruned like everything else that nobody wants any more.

use crate::plan::Request;
use crate::spec::Spec;
use model::observation::{Gap, Listing, Owner, Snapshot};
use model::plan::{Note, NoteKind};
use model::value::Text;
use model::{Kind, System};

/// Whether the spec names `system`.
pub fn is_named(spec: &Spec, system: &System) -> bool {
    match system {
        System::Cluster(name) => spec.clusters.contains_key(name.as_str()),
        System::Elasticsearch(name) => spec.dependencies.elasticsearch.contains_key(name.as_str()),
        System::Vault | System::Mysql => true,
    }
}

/// Whether a complete look at `system` found nothing that belongs to `platform`. A system that does not exist holds nothing.
pub fn is_empty_of(platform: &str, system: &System, snapshot: &Snapshot) -> bool {
    let nothing_of_ours = |kind: Kind| match snapshot.listing(system, kind) {
        Some(Listing::Complete(objects)) => {
            !objects.values().any(|seen| matches!(&seen.owner, Owner::Platform(owner) if owner == platform))
        }
        Some(Listing::Unknown(Gap::NotYet { .. })) => true,
        Some(Listing::Unknown(_)) | None => false,
    };
    Kind::of(system.family()).all(nothing_of_ours)
}

/// The systems of the request that the spec no longer names.
fn former<'a>(request: &Request<'a>) -> impl Iterator<Item = &'a System> {
    let spec = request.spec;
    request.connections.iter().map(|connection| &connection.system).filter(|system| !is_named(spec, system))
}

/// Those of them that do not answer. One that does not exist any more holds nothing, and is nothing to speak of.
pub(crate) fn silent<'a>(request: &Request<'a>) -> impl Iterator<Item = (&'a System, &'a Gap)> {
    let gaps = request.snapshot.gaps();
    former(request)
        .filter_map(move |system| Some((system, *gaps.get(system)?)))
        .filter(|(_, gap)| !matches!(gap, Gap::NotYet { .. }))
}

/// A note for each system that does not answer.
pub(crate) fn out_of_sight(request: &Request<'_>) -> Vec<Note> {
    let note = |(system, gap): (&System, &Gap)| Note {
        kind: NoteKind::Unknown,
        subject: Text::from(system.to_string()),
        rule: None,
        message: format!("is no longer in the spec, and what earlier runs left there cannot be looked at: {gap}"),
        help: Some(format!(
            "when it answers again, the next apply clears it; if it is gone for good, `vamp forget {} {system}`",
            request.spec.file
        )),
    };
    silent(request).map(note).collect()
}
