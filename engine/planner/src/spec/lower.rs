//! The spec as written to the spec as meant: defaults filled in, references followed, and everything checked that takes more
//! than one value to check.
//!
//! Nothing here stops at a complaint. What cannot be made is `None`, and whoever needs it is left out in silence: its own
//! complaint has been made.

mod clusters;
mod dependencies;
mod environments;
mod fields;
mod gateways;
mod images;
mod moved;
mod policies;
mod ports;
pub(super) mod rules;
mod secrets;
mod settings;
mod weights;

use super::reader::{Given, Reader, quote};
use super::types::{Durability, Lifetime, Named, Purpose, Region, Spec};
use super::written;
use model::Diagnostic;
use model::index::IndexMap;
use model::source::{Located, Place};

/// Entries of a map as written.
type Entries<T> = IndexMap<String, Located<T>>;

/// The document and the complaints about it.
struct Lower<'d> {
    document: &'d written::Document,
    /// The file's name and text.
    file: rules::File<'d>,
    reader: Reader,
    /// Clusters that environments may run on; nothing if the role of one is not known.
    serving: Option<Vec<&'d str>>,
}

/// The spec that `document` means, if nothing in it is missing or wrong; and every complaint.
pub(super) fn lower(
    document: &written::Document,
    file: rules::File<'_>,
    digest: String,
    reader: Reader,
) -> (Option<Spec>, Vec<Diagnostic>) {
    let mut lower = Lower { document, file, reader, serving: clusters::serving(document) };
    let spec = lower.spec(digest);
    (spec, lower.reader.into_complaints())
}

impl Lower<'_> {
    fn spec(&mut self, digest: String) -> Option<Spec> {
        let document = self.document;
        let regions = self.regions();
        let clusters = self.clusters();
        let dependencies = self.dependencies();
        let images = self.images();
        self.settings(document.defaults.yes().map(|defaults| &defaults.value));
        let tenants = self.tenants();
        let moved = self.moved();
        let fields = self.fields();
        self.secret_cycles();
        let policies = self.policies();
        Some(Spec {
            file: self.file.name.to_owned(),
            digest,
            platform: document.platform.yes()?.clone(),
            purpose: document.purpose.or(Purpose::Production),
            lifetime: document.lifetime.or(Lifetime::Lasting),
            durability: document.durability.or(Durability::Needed),
            regions: regions?,
            clusters: clusters?,
            dependencies: dependencies?,
            images: images?,
            tenants: tenants?,
            moved: moved?,
            fields: fields?,
            policies: policies?,
        })
    }

    fn regions(&mut self) -> Option<Named<Region>> {
        each(entries(&self.document.regions)?, |_, region| Some(Region { country: region.country.yes()?.clone() }))
    }

    /// Complains if `name` is none of `known`. Says nothing if there is no map to be known from.
    fn refer<T>(&mut self, name: &Located<String>, known: Option<&Entries<T>>, what: &str, code: &'static str) {
        let Some(known) = known.filter(|known| !known.contains_key(name.value.as_str())) else { return };
        let help = self.reader.did_you_mean(name, known.keys().map(String::as_str));
        let message = format!("there is no {what} {}", quote(name));
        self.reader.complain(Diagnostic { help, ..Diagnostic::error(code, name.place, message) });
    }

    fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.reader.error(code, place, message, help);
    }
}

/// The entries of a map, if it was given and is one.
fn entries<T>(given: &Given<Entries<T>>) -> Option<&Entries<T>> {
    given.yes().map(|entries| &entries.value)
}

/// The only name of a map that has one.
fn only<T>(entries: &Entries<T>) -> Option<&str> {
    match entries.len() {
        1 => entries.keys().next().map(String::as_str),
        _ => None,
    }
}

/// Every entry made, or nothing if one could not be; all are tried, so that all complaints are made.
fn each<'e, T, U>(entries: &'e Entries<T>, mut make: impl FnMut(&'e str, &'e Located<T>) -> Option<U>) -> Option<Named<U>> {
    let made: Vec<Option<(String, Located<U>)>> = entries
        .iter()
        .map(|(name, entry)| make(name, entry).map(|value| (name.clone(), Located::at(value, entry.place))))
        .collect();
    made.into_iter().collect()
}
