//! What is published, what is served, and which text is taken (VGA-8).
//!
//! The publisher writes one Vault entry a cell: `configuration`, HAProxy's text, and `retired`, the names of gateways that were taken
//! out on purpose. The planner refuses to publish a text that loses a gateway unless the spec names it as retired
//! (`planner::plan::safety`); that list is in the entry, and so an agent can tell a text that was meant from one that some other
//! program, a half-finished restore or a hand at the keyboard left there. Even a cell without gateways has a text, which opens the
//! health page: a blank one is never meant.

use model::inventory::{Inventory, inventory};
use model::value::Text;
use model::{Duration, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Two clocks of one Vault cluster differ by less than this: a fail-over may write a later version with an earlier time.
const CLOCK_SKEW: Duration = Duration::minutes(1);

/// Which text of a cell: the version of its Vault entry, and when that was written (the version's `created_time`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision {
    /// When it was written.
    pub written: Timestamp,
    /// Version of the entry. A Vault that lost all it held counts from 1 again.
    pub version: u64,
}

impl Revision {
    /// Whether this one was published after `other`. Time decides: versions begin anew in a new Vault, and one that was restored from
    /// an old copy may have a higher version of an older text.
    pub fn is_newer_than(self, other: Revision) -> bool {
        self.written > other.written || (self.version > other.version && other.written.since(self.written) <= CLOCK_SKEW)
    }

    /// Whether version and time contradict each other: a copy from the past that had been written often, or a later text that Vault
    /// wrote while its clock was behind.
    pub fn is_in_doubt_beside(self, other: Revision) -> bool {
        self.version > other.version && !self.is_newer_than(other)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {} of {}", self.version, model::time::rfc3339(self.written))
    }
}

/// What the entry of a cell holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Which one it is.
    pub revision: Revision,
    /// HAProxy's text.
    pub text: Arc<str>,
    /// Gateways that were taken out on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Text>,
}

/// Why a text is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rejection {
    /// There is nothing in it.
    Blank,
    /// It is older than what is served.
    Older,
    /// It loses gateways that nobody retired.
    Loses(Vec<String>),
    /// HAProxy's check does not accept it.
    Invalid(String),
    /// HAProxy did not take it over, although its check accepts it.
    NotLoaded(String),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Blank => f.write_str("it is blank"),
            Rejection::Older => f.write_str("it is older than what is served"),
            Rejection::Loses(names) => write!(f, "it loses {}, which nobody retired", names.join(", ")),
            Rejection::Invalid(why) => write!(f, "haproxy does not accept it: {why}"),
            Rejection::NotLoaded(why) => write!(f, "haproxy did not load it: {why}"),
        }
    }
}

/// What an agent remembers of a text that it serves or served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) revision: Revision,
    pub(crate) digest: Text,
    pub(crate) inventory: Inventory,
}

impl Known {
    pub(crate) fn of(configuration: &Configuration) -> Self {
        Known { revision: configuration.revision, digest: digest(&configuration.text), inventory: inventory(&configuration.text) }
    }
}

/// What is to be done with what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is what is served.
    Same,
    /// Its text is what is served: only its revision is another.
    SameText,
    /// It is to be checked and loaded.
    Take,
    /// It is not taken.
    Reject(Rejection),
}

/// Judge what was read, given what is known of the text before it. One that is in doubt and that its publisher has stood by counts as
/// newer. A credulous agent asks only whether it is newer.
pub(crate) fn judge(known: Option<&Known>, read: &Configuration, stood_by: bool, credulous: bool) -> Verdict {
    if known.is_some_and(|known| known.revision == read.revision) {
        return Verdict::Same;
    }
    if credulous && known.is_none_or(|known| read.revision.is_newer_than(known.revision)) {
        return Verdict::Take;
    }
    if read.text.trim().is_empty() {
        return Verdict::Reject(Rejection::Blank);
    }
    let Some(known) = known else { return Verdict::Take };
    let meant = stood_by && read.revision.is_in_doubt_beside(known.revision);
    if !(meant || read.revision.is_newer_than(known.revision)) {
        return Verdict::Reject(Rejection::Older);
    }
    if known.digest == digest(&read.text) {
        return Verdict::SameText;
    }
    let next = inventory(&read.text);
    let kept = |gateway: &&str| !read.retired.iter().any(|retired| retired == gateway);
    let lost: Vec<String> = known.inventory.lost_in(&next).filter(kept).map(str::to_owned).collect();
    if lost.is_empty() { Verdict::Take } else { Verdict::Reject(Rejection::Loses(lost)) }
}

fn digest(text: &str) -> Text {
    Value::String(text.into()).digest()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A text with these gateways, each with one route.
    pub(crate) fn text(gateways: &[&str]) -> String {
        let section = |name: &&str| format!("frontend gateway:{name}\nbackend route:{name}:web\n");
        format!("frontend health\n{}", gateways.iter().map(section).collect::<String>())
    }

    pub(crate) fn configuration(version: u64, gateways: &[&str]) -> Configuration {
        let revision = Revision { version, written: Timestamp(version * 100_000) };
        Configuration { revision, text: text(gateways).into(), retired: Vec::new() }
    }

    fn against(known: &Configuration, read: &Configuration) -> Verdict {
        judge(Some(&Known::of(known)), read, false, false)
    }

    #[test]
    fn a_newer_text_is_taken_and_the_same_one_is_not_loaded_again() {
        let (one, two) = (configuration(1, &["a"]), configuration(2, &["a", "b"]));
        assert_eq!(judge(None, &one, false, false), Verdict::Take);
        assert_eq!((against(&one, &one), against(&one, &two)), (Verdict::Same, Verdict::Take));
        assert_eq!(against(&one, &Configuration { text: one.text.clone(), ..two }), Verdict::SameText);
    }

    #[test]
    fn a_blank_text_is_never_taken_not_even_first() {
        let blank = Configuration { text: " \n\t".into(), ..configuration(2, &[]) };
        assert_eq!(judge(None, &blank, false, false), Verdict::Reject(Rejection::Blank));
        assert_eq!(against(&configuration(1, &[]), &blank), Verdict::Reject(Rejection::Blank));
    }

    #[test]
    fn a_gateway_goes_only_if_it_is_retired_and_one_that_loses_all_routes_counts_as_gone() {
        let (both, one) = (configuration(1, &["a", "b"]), configuration(2, &["a"]));
        assert_eq!(against(&both, &one), Verdict::Reject(Rejection::Loses(vec!["b".into()])));
        assert_eq!(against(&both, &Configuration { retired: vec!["b".into()], ..one.clone() }), Verdict::Take);
        assert_eq!(
            against(&both, &Configuration { retired: vec!["a".into()], ..one.clone() }),
            Verdict::Reject(Rejection::Loses(vec!["b".into()]))
        );
        let emptied = Configuration { text: "frontend gateway:a\nfrontend gateway:b\nbackend route:b:web\n".into(), ..one };
        assert_eq!(against(&both, &emptied), Verdict::Reject(Rejection::Loses(vec!["a".into()])));
    }

    #[test]
    fn time_tells_older_from_newer_across_a_lost_and_a_restored_vault() {
        let revision = |version, seconds: u64| Revision { version, written: Timestamp(seconds * 1000) };
        let served = revision(7, 1000);
        // An empty Vault was filled anew; a fail-over to a server whose clock is behind.
        assert!(revision(1, 2000).is_newer_than(served) && revision(8, 950).is_newer_than(served));
        // A copy from the past, even one that was written often; the served one itself.
        for old in [revision(6, 900), revision(9, 500), served] {
            assert!(!old.is_newer_than(served), "{old}");
        }
    }

    #[test]
    fn what_is_in_doubt_is_taken_once_it_was_stood_by_and_judged_as_any_other_then() {
        let served = configuration(7, &["a", "b"]);
        let early = |version, gateways: &[&str]| Configuration {
            revision: Revision { version, written: Timestamp(0) },
            ..configuration(version, gateways)
        };
        let judged = |read: &Configuration, stood_by| judge(Some(&Known::of(&served)), read, stood_by, false);
        let older = Verdict::Reject(Rejection::Older);
        assert_eq!(
            (judged(&early(8, &["a", "b", "c"]), false), judged(&early(8, &["a", "b", "c"]), true)),
            (older.clone(), Verdict::Take)
        );
        assert_eq!(judged(&early(8, &["a"]), true), Verdict::Reject(Rejection::Loses(vec!["b".into()])));
        // Nothing speaks for a lower version of an earlier time.
        assert_eq!(judged(&early(6, &["a", "b"]), true), older);
    }
}
