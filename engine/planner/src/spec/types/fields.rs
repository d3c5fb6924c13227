//! What a spec says about fields that somebody else owns, and which fields a rule is about.

use model::Kind;
use model::path::{FieldPath, Segment};
use model::source::{Located, Place};

/// What is done about a field of Kubernetes objects that somebody else owns.
#[derive(Clone, Debug)]
pub struct FieldRule {
    /// Kind of the objects.
    pub kind: Located<Kind>,
    /// The field, and all inside of it; an item `*` stands for every one.
    pub path: Located<FieldPath>,
    /// Only if this manager owns it; whoever does if `None`.
    pub manager: Option<Located<String>>,
    /// What is done.
    pub conflict: Located<Conflict>,
    /// Where the spec says so.
    pub place: Place,
}

/// What is done about a field that somebody else owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conflict {
    /// It is left to its owner.
    Yield,
    /// It is taken back.
    Take,
    /// The object is left as it is.
    Fail,
}

impl FieldRule {
    /// Whether the rule is about this field of an object of this kind, when this manager owns it.
    pub fn fits(&self, kind: Kind, field: &FieldPath, manager: &str) -> bool {
        let theirs = self.manager.as_ref().is_none_or(|named| named.value == manager);
        theirs && self.kind.value == kind && is_around(&self.path.value.0, &field.0)
    }

    /// Whether every field that `later` is about is one of this rule.
    pub(in crate::spec) fn hides(&self, later: &FieldRule) -> bool {
        let (own, its) = (&self.path.value.0, &later.path.value.0);
        let theirs =
            self.manager.as_ref().is_none_or(|named| later.manager.as_ref().is_some_and(|other| other.value == named.value));
        theirs && self.kind.value == later.kind.value && is_around(own, its)
    }
}

/// Whether the pattern leads to the field, or to something around it.
fn is_around(pattern: &[Segment], field: &[Segment]) -> bool {
    let is_any = |segment: &Segment| matches!(segment, Segment::Item(item) if item == "*");
    let same = |(one, other): (&Segment, &Segment)| match (one, other) {
        (Segment::Item(_), Segment::Item(_)) if is_any(one) => true,
        _ => one == other,
    };
    pattern.len() <= field.len() && pattern.iter().zip(field).all(same)
}
