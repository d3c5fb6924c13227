//! A plan that comes back from a file: is it one of ours, unedited, and does it still fit what is there?

use crate::render::style::escape_json;
use model::change::CauseKind;
use model::kind::Family;
use model::observation::{Gap, Observation, Observed, Owner, Snapshot};
use model::operation::Expectation;
use model::plan::{Action, FORMAT_VERSION, Plan, Step};
use model::value::Text;
use model::{Address, Value};

/// Why a plan file is refused.
#[derive(Debug, thiserror::Error)]
pub enum NotAPlan {
    /// It is not JSON, or not a plan.
    #[error("this is not a plan: line {}, column {}", .0.line(), .0.column())]
    Form(#[source] serde_json::Error),
    /// A newer `vamp` made it.
    #[error("the plan has format {found}; this vamp reads format {FORMAT_VERSION}")]
    Version {
        /// Its format.
        found: u64,
    },
    /// Its digest does not fit its content.
    #[error("the plan was changed after it was made")]
    Edited,
}

impl NotAPlan {
    /// What a person can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            NotAPlan::Form(_) => "give a file that `vamp plan SPEC -o FILE` wrote",
            NotAPlan::Version { .. } => "make the plan again with this vamp: `vamp plan SPEC -o FILE`",
            NotAPlan::Edited => "a plan is applied as it was reviewed; change the spec and plan again",
        }
    }
}

/// A plan as the text of a file.
pub fn to_json(plan: &Plan) -> String {
    // A plan holds nothing that JSON cannot say; an empty text would be refused when it is read.
    let mut text = escape_json(serde_json::to_string_pretty(plan).unwrap_or_default());
    text.push('\n');
    text
}

/// A plan from the text of a file.
///
/// # Errors
/// [`NotAPlan`] if it is none, is newer than this `vamp`, or was edited.
pub fn from_json(text: &str) -> Result<Plan, NotAPlan> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        format_version: u64,
    }
    let head: Head = serde_json::from_str(text).map_err(NotAPlan::Form)?;
    if head.format_version != u64::from(FORMAT_VERSION) {
        return Err(NotAPlan::Version { found: head.format_version });
    }
    let mut plan: Plan = serde_json::from_str(text).map_err(NotAPlan::Form)?;
    let found = digest(&mut plan);
    if plan.digest == found { Ok(plan) } else { Err(NotAPlan::Edited) }
}

/// Digest of everything in a plan but the digest itself and the time at which it was made.
pub(crate) fn digest(plan: &mut Plan) -> Text {
    let (made_at, digest) = (std::mem::take(&mut plan.made_at), std::mem::take(&mut plan.digest));
    // Written to the hasher as it is serialized: a plan may be large, and a copy of it as large again.
    let mut writer = std::io::BufWriter::with_capacity(1 << 16, blake3::Hasher::new());
    let written = serde_json::to_writer(&mut writer, plan).is_ok();
    (plan.made_at, plan.digest) = (made_at, digest);
    let hasher = writer.into_inner().ok().filter(|_| written);
    hasher.map(|hasher| hasher.finalize().to_hex()[..32].into()).unwrap_or_default()
}

/// A step that no longer fits what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The object.
    pub address: Address,
    /// What the plan expected.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// The steps of `plan` that no longer fit. A step that was carried out already (by this plan, in a run that was cut off) fits.
pub fn stale_steps(plan: &Plan, snapshot: &Snapshot) -> Vec<Stale> {
    plan.steps
        .iter()
        .filter(|step| !matches!(step.action, Action::Keep | Action::Await))
        .filter_map(|step| stale(plan, step, snapshot))
        .collect()
}

fn stale(plan: &Plan, step: &Step, snapshot: &Snapshot) -> Option<Stale> {
    let subject = step.moved_from.as_ref().unwrap_or(&step.address);
    let seen = snapshot.observe(subject);
    if fits(step, subject, &seen) || already_done(plan, step, snapshot) {
        return None;
    }
    let expected = match &step.expected {
        Expectation::Absent => "nothing".to_owned(),
        Expectation::Version(version) => format!("{} {version}", pin_word(subject)),
        Expectation::Unseen => "a system that does not exist yet".to_owned(),
    };
    let found = match seen {
        Observation::Present(seen) => format!("{} {}", pin_word(subject), seen.pin(subject.kind().family())),
        Observation::Absent => "nothing".to_owned(),
        Observation::Unknown(gap) => gap.to_string(),
    };
    Some(Stale { address: subject.clone(), expected, found })
}

/// What the pin of an object is, in a word.
fn pin_word(subject: &Address) -> &'static str {
    if subject.kind().family() == Family::Kubernetes { "content" } else { "version" }
}

fn fits(step: &Step, subject: &Address, seen: &Observation<'_>) -> bool {
    match (&step.expected, seen) {
        (Expectation::Absent, Observation::Absent)
        | (Expectation::Unseen, Observation::Absent | Observation::Unknown(Gap::NotYet { .. } | Gap::Starting { .. })) => true,
        (Expectation::Version(expected), Observation::Present(seen)) => *expected == seen.pin(subject.kind().family()),
        _ => false,
    }
}

fn already_done(plan: &Plan, step: &Step, snapshot: &Snapshot) -> bool {
    match (step.action, snapshot.observe(&step.address)) {
        (Action::Delete, Observation::Absent) => true,
        (Action::Delete, _) => false,
        // What we last wrote is what drifted: the mark on the object says nothing about whether this plan mended it.
        _ if step.causes.iter().any(|cause| cause.kind == CauseKind::Drift) => false,
        (_, Observation::Present(seen)) => is_written_by(plan, step.document.as_deref(), seen),
        _ => false,
    }
}

fn is_written_by(plan: &Plan, document: Option<&Value>, seen: &Observed) -> bool {
    let ours = matches!(&seen.owner, Owner::Platform(owner) if *owner == plan.platform);
    ours && document.is_some_and(|document| seen.applied.as_deref() == Some(document.digest().as_str()))
}
