//! Whether a step may be carried out, given what is there: the rules that all stores share which keep no account of their own of who owns
//! what (the world's stores follow the same ones, `simulator::kept`).

use model::Address;
use model::operation::{Expectation, Mark, OperationError, Receipt};
use model::value::Text;

/// What is there, as far as the rules need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) mark: Option<Mark>,
    pub(crate) version: Text,
    /// Whether it is as it is wanted.
    pub(crate) same: bool,
}

/// What a step asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) address: &'a Address,
    pub(crate) mark: &'a Mark,
    pub(crate) expected: &'a Expectation,
    pub(crate) force: bool,
}

/// What comes of a step that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It was carried out before; this version is there.
    Done(Text),
    /// It is to be carried out.
    Write,
}

/// Whether an object may be brought to a document. One that is so already is done, whatever was expected: the first answer was lost.
pub(crate) fn apply(asked: &Asked<'_>, present: Option<&Present>) -> Result<Decision, OperationError> {
    if let Some(present) = present {
        if present.mark.as_ref() == Some(asked.mark) && present.same {
            return Ok(Decision::Done(present.version.clone()));
        }
        let ours = present.mark.as_ref().is_some_and(|mark| mark.platform == asked.mark.platform);
        if !ours && !asked.force {
            return Err(not_owned(asked.address, Some(&asked.mark.platform), present.mark.as_ref()));
        }
    }
    expect(asked.expected, present.map(|present| &present.version))?;
    Ok(Decision::Write)
}

/// What is left to do of a move of two requests: one that writes at the new place, one that takes away at the old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing: this version is there.
    Nothing(Text),
    /// The second: this version was written.
    Second(Text),
    /// Both.
    Both,
}

/// Whether an object may be taken away; `false` if it is gone already.
pub(crate) fn delete(address: &Address, expected: &Expectation, present: Option<&Present>) -> Result<bool, OperationError> {
    let Some(present) = present else { return Ok(false) };
    if present.mark.is_none() {
        return Err(not_owned(address, None, None));
    }
    expect(expected, Some(&present.version))?;
    Ok(true)
}

/// Whether an object may be moved, given what is at both ends. `Done` if it was moved before. Whoever moves in two requests asks
/// [`rewrite`].
pub(crate) fn rename(
    from: &Address,
    asked: &Asked<'_>,
    source: Option<&Present>,
    target: Option<&Present>,
) -> Result<Decision, OperationError> {
    match (source, target) {
        (None, Some(target)) if target.mark.as_ref() == Some(asked.mark) => Ok(Decision::Done(target.version.clone())),
        (None, _) => Err(OperationError::Stale { expected: describe(asked.expected), found: format!("nothing at {from}") }),
        (Some(_), Some(_)) => {
            Err(OperationError::Refused(format!("{} is there already; {from} cannot take its place", asked.address)))
        }
        (Some(source), None) => {
            if source.mark.as_ref().is_none_or(|mark| mark.platform != asked.mark.platform) {
                return Err(not_owned(from, Some(&asked.mark.platform), source.mark.as_ref()));
            }
            expect(asked.expected, Some(&source.version))?;
            Ok(Decision::Write)
        }
    }
}

/// As [`rename`], for a move that is written at its new place and then taken away at its old one, and may have been cut off in between.
pub(crate) fn rewrite(
    from: &Address,
    asked: &Asked<'_>,
    source: Option<&Present>,
    target: Option<&Present>,
) -> Result<Left, OperationError> {
    if let Some(version) = half_moved(asked, source, target) {
        return Ok(Left::Second(version));
    }
    Ok(match rename(from, asked, source, target)? {
        Decision::Done(version) => Left::Nothing(version),
        Decision::Write => Left::Both,
    })
}

/// The version at the new place, if it is written there, and what it was is still at its old place.
fn half_moved(asked: &Asked<'_>, source: Option<&Present>, target: Option<&Present>) -> Option<Text> {
    let (source, target) = (source?, target?);
    let is_ours = source.mark.as_ref().is_some_and(|mark| mark.platform == asked.mark.platform);
    let is_written = target.same && target.mark.as_ref() == Some(asked.mark);
    (is_ours && is_written && expect(asked.expected, Some(&source.version)).is_ok()).then(|| target.version.clone())
}

fn not_owned(address: &Address, platform: Option<&Text>, mark: Option<&Mark>) -> OperationError {
    let whose = mark.map(|mark| format!("; platform {} owns it", mark.platform)).unwrap_or_default();
    OperationError::Refused(match platform {
        Some(platform) => format!("{address} is there and not owned by platform {platform}{whose}"),
        None => format!("{address} is not owned by any platform"),
    })
}

fn expect(expected: &Expectation, present: Option<&Text>) -> Result<(), OperationError> {
    let as_expected = match (expected, present) {
        (Expectation::Unseen, _) | (Expectation::Absent, None) => true,
        (Expectation::Version(version), Some(present)) => version == present,
        _ => false,
    };
    if as_expected {
        return Ok(());
    }
    let found = present.map_or_else(|| "nothing".to_owned(), |version| format!("version {version}"));
    Err(OperationError::Stale { expected: describe(expected), found })
}

fn describe(expected: &Expectation) -> String {
    match expected {
        Expectation::Absent => "nothing".to_owned(),
        Expectation::Version(version) => format!("version {version}"),
        Expectation::Unseen => "anything".to_owned(),
    }
}

pub(crate) fn receipt(version: Option<Text>, changed: bool) -> Receipt {
    Receipt { version, changed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::resource::Scope;

    fn mark(platform: &str, applied: &str) -> Mark {
        Mark { platform: platform.into(), applied: applied.into(), scope: Scope::PLATFORM }
    }

    fn present(platform: &str, applied: &str, same: bool) -> Present {
        Present { mark: Some(mark(platform, applied)), version: "3".into(), same }
    }

    fn judged(expected: Expectation, force: bool, present: Option<&Present>) -> Result<Decision, OperationError> {
        let address: Address = "vault/policy/a".parse().unwrap();
        apply(&Asked { address: &address, mark: &mark("acme", "d"), expected: &expected, force }, present)
    }

    #[test]
    fn what_is_so_already_is_done_whatever_was_expected() {
        assert_eq!(judged(Expectation::Absent, false, Some(&present("acme", "d", true))), Ok(Decision::Done("3".into())));
        let drifted = judged(Expectation::Absent, false, Some(&present("acme", "d", false)));
        assert!(matches!(drifted, Err(OperationError::Stale { .. })), "{drifted:?}");
    }

    #[test]
    fn another_state_than_expected_is_stale_and_what_is_not_ours_is_refused() {
        assert_eq!(judged(Expectation::Absent, false, None), Ok(Decision::Write));
        assert_eq!(judged(Expectation::Version("3".into()), false, Some(&present("acme", "c", false))), Ok(Decision::Write));
        let stale = judged(Expectation::Version("4".into()), false, None);
        assert_eq!(stale, Err(OperationError::Stale { expected: "version 4".into(), found: "nothing".into() }));
        let theirs = judged(Expectation::Unseen, false, Some(&present("globex", "d", true)));
        assert!(matches!(&theirs, Err(OperationError::Refused(why)) if why.ends_with("; platform globex owns it")), "{theirs:?}");
        assert_eq!(judged(Expectation::Unseen, true, Some(&present("globex", "d", true))), Ok(Decision::Write));
    }

    #[test]
    fn deletes_and_moves_follow_the_same_rules() {
        let address: Address = "vault/policy/a".parse().unwrap();
        assert_eq!(delete(&address, &Expectation::Version("9".into()), None), Ok(false));
        let foreign = Present { mark: None, version: "3".into(), same: false };
        assert!(matches!(delete(&address, &Expectation::Unseen, Some(&foreign)), Err(OperationError::Refused(_))));
        assert!(matches!(
            delete(&address, &Expectation::Version("2".into()), Some(&present("acme", "d", true))),
            Err(OperationError::Stale { .. })
        ));
        let (mark, expected) = (mark("acme", "d"), Expectation::Version("3".into()));
        let asked = Asked { address: &address, mark: &mark, expected: &expected, force: false };
        let from: Address = "vault/policy/b".parse().unwrap();
        assert_eq!(rename(&from, &asked, Some(&present("acme", "c", false)), None), Ok(Decision::Write));
        assert_eq!(rename(&from, &asked, None, Some(&present("acme", "d", true))), Ok(Decision::Done("3".into())));
        assert!(rename(&from, &asked, Some(&present("acme", "c", false)), Some(&foreign)).is_err());
        // Written at its new place, and the answer, or the second half, was lost.
        let (old, new) = (present("acme", "c", false), present("acme", "d", true));
        assert_eq!(rewrite(&from, &asked, Some(&old), Some(&new)), Ok(Left::Second("3".into())));
        assert_eq!(rewrite(&from, &asked, Some(&old), None), Ok(Left::Both));
        assert_eq!(rewrite(&from, &asked, None, Some(&new)), Ok(Left::Nothing("3".into())));
        for source in [Present { mark: None, ..old.clone() }, Present { version: "4".into(), ..old.clone() }] {
            let refused = rewrite(&from, &asked, Some(&source), Some(&new));
            assert!(matches!(refused, Err(OperationError::Refused(_))), "not ours, or not what was expected: {refused:?}");
        }
        assert!(rewrite(&from, &asked, Some(&old), Some(&present("acme", "d", false))).is_err());
    }
}
