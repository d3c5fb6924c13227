//! From a text that was read to one that is served: judged, checked, loaded. Nothing is served that was not checked.

use super::haproxy::Haproxy;
use super::{Effect, Life, Machine, Ticket};
use crate::STOOD_BY;
use crate::configuration::{Configuration, Known, Rejection, Revision, Verdict, judge};
use crate::state::Trouble;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// A text that looks like a copy from the past, and when it was first read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Doubted {
    revision: Revision,
    since: Timestamp,
}

impl Doubted {
    /// When its publisher has stood by it for long enough.
    pub(super) fn until(&self) -> Timestamp {
        self.since + STOOD_BY
    }
}

/// A text on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Candidate {
    configuration: Configuration,
    ticket: Ticket,
    /// Whether HAProxy's check has accepted it.
    checked: bool,
    /// Whether an earlier process of the pod left it: Vault has not said that it is what is published.
    kept: bool,
}

impl Machine {
    /// Vault gave the entry.
    pub(super) fn consider(&mut self, now: Timestamp, read: Configuration) {
        if self.life != Life::Running {
            return;
        }
        let known = self.served.clone().or_else(|| self.kept.as_ref().map(Known::of));
        let in_doubt = known.as_ref().is_some_and(|known| read.revision.is_in_doubt_beside(known.revision));
        let stood_by = self.is_stood_by(now, read.revision, in_doubt);
        match judge(known.as_ref(), &read, stood_by, self.credulous) {
            Verdict::Same | Verdict::SameText if self.served.is_some() => {
                if let Some(served) = &mut self.served {
                    served.revision = read.revision;
                }
                (self.trouble, self.confirmed) = (None, Some(now));
            }
            Verdict::Reject(rejection) => self.reject(&read, rejection),
            _ if self.was_rejected_for_good(&read) => self.serve_what_was_kept(),
            _ => self.check(read, false),
        }
    }

    /// Whether a text that is in doubt has been published for so long that it must be meant. Remembers since when.
    fn is_stood_by(&mut self, now: Timestamp, revision: Revision, in_doubt: bool) -> bool {
        if !in_doubt {
            self.doubted = None;
        } else if self.doubted.as_ref().is_none_or(|doubted| doubted.revision != revision) {
            self.doubted = Some(Doubted { revision, since: now });
        }
        self.doubted.as_ref().is_some_and(|doubted| now >= doubted.until())
    }

    /// Whether this very text was read before and is wrong in itself: it is not checked in every round.
    fn was_rejected_for_good(&self, read: &Configuration) -> bool {
        let Some(Trouble::Rejected(revision, rejection)) = &self.trouble else { return false };
        *revision == read.revision && matches!(rejection, Rejection::Invalid(_))
    }

    fn reject(&mut self, read: &Configuration, rejection: Rejection) {
        self.trouble = Some(Trouble::Rejected(read.revision, rejection));
        self.serve_what_was_kept();
    }

    /// Nothing is served, and what should be cannot be had: what an earlier process of this pod served is better than nothing.
    pub(super) fn serve_what_was_kept(&mut self) {
        if self.served.is_none()
            && self.candidate.is_none()
            && let Some(kept) = self.kept.clone()
        {
            self.check(kept, true);
        }
    }

    fn check(&mut self, configuration: Configuration, kept: bool) {
        let ticket = self.ticket();
        self.effects.push(Effect::Check { ticket, text: configuration.text.clone() });
        self.candidate = Some(Candidate { configuration, ticket, checked: false, kept });
    }

    pub(super) fn checked(&mut self, ticket: Ticket, result: Result<(), String>) {
        let is_its = |candidate: &mut Candidate| candidate.ticket == ticket && !candidate.checked;
        let Some(candidate) = self.candidate.take_if(is_its) else { return };
        match result {
            Ok(()) => {
                let ticket = self.ticket();
                self.effects.push(Effect::Load { ticket, configuration: candidate.configuration.clone() });
                self.candidate = Some(Candidate { ticket, checked: true, ..candidate });
            }
            Err(why) => self.not_taken(candidate, Rejection::Invalid(why)),
        }
    }

    /// A load, or a start of HAProxy, has come to an end.
    pub(super) fn loaded(&mut self, now: Timestamp, ticket: Ticket, result: Result<(), String>) {
        if self.started_again(now, ticket, &result) {
            return;
        }
        let is_its = |candidate: &mut Candidate| candidate.ticket == ticket && candidate.checked;
        let Some(candidate) = self.candidate.take_if(is_its) else { return };
        if let Err(why) = result {
            return self.not_taken(candidate, Rejection::NotLoaded(why));
        }
        self.served = Some(Known::of(&candidate.configuration));
        self.haproxy = Haproxy::Up;
        self.kept = None;
        if !candidate.kept {
            (self.trouble, self.confirmed) = (None, Some(now));
        }
    }

    fn not_taken(&mut self, candidate: Candidate, rejection: Rejection) {
        if candidate.kept {
            self.kept = None;
        } else {
            self.reject(&candidate.configuration, rejection);
        }
    }
}
