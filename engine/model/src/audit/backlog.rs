//! What a journal tells and the chains do not hold yet. The journal is where documents come from; it says itself how far they were written
//! ([`Head`]), so whoever goes on from a killed run writes what is lacking, once more the same.

use super::history::{OpenGaps, Record, Run, records};
use super::{Chain, seal};
use crate::time::Timestamp;
use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How far a chain was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Which chain.
    pub chain: Chain,
    /// Number of its documents.
    pub position: u64,
    /// Digest of the last of them; empty if there is none.
    pub digest: Text,
    /// The run up to which the journal was read for it.
    pub run: u64,
    /// How much of what that run adds is written.
    pub taken: u64,
    /// Since when the store took nothing, when that run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Timestamp>,
}

/// One chain, and what it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// How far it is written.
    pub head: Head,
    /// What comes next, in order.
    pending: VecDeque<Pending>,
    /// Since when its store takes nothing, as far as the journal knows.
    pub gap: Option<Timestamp>,
    /// Where it stands when nothing is pending: run, records of it, gap when that began.
    end: (u64, u64, Option<Timestamp>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    record: Record,
    /// Which of its run's it is, from 1.
    count: u64,
    /// The gap that was open when its run began.
    gap: Option<Timestamp>,
}

/// The lanes of all chains that `heads` or `runs` know, in their order. `runs` are in order and begin no later than every head's; the
/// last of them is that which is under way.
pub fn lanes(heads: &[Head], runs: &[Run]) -> Vec<Lane> {
    let new = |head: &Head| {
        let end = (head.run, head.taken, head.gap);
        Lane { head: head.clone(), pending: VecDeque::new(), gap: head.gap, end }
    };
    let mut lanes: BTreeMap<Chain, Lane> = heads.iter().map(|head| (head.chain.clone(), new(head))).collect();
    for run in runs {
        let begins = |lane: &Lane| lane.head.run <= run.number;
        let before: OpenGaps = open(lanes.values().filter(|lane| begins(lane)));
        let mut after = before.clone();
        let mut counts: BTreeMap<Chain, u64> = BTreeMap::new();
        for (chain, record) in records(run, &mut after) {
            let lane = lanes.entry(chain.clone()).or_insert_with(|| {
                new(&Head { chain: chain.clone(), position: 0, digest: Text::default(), run: run.number, taken: 0, gap: None })
            });
            let count = counts.entry(chain).or_default();
            *count += 1;
            let is_written = run.number < lane.head.run || (run.number == lane.head.run && *count <= lane.head.taken);
            if !is_written {
                lane.pending.push_back(Pending { record, count: *count, gap: before.get(&lane.head.chain).copied() });
            }
        }
        for lane in lanes.values_mut().filter(|lane| begins(lane)) {
            lane.gap = after.get(&lane.head.chain).copied();
            lane.end = (run.number, counts.get(&lane.head.chain).copied().unwrap_or(0), before.get(&lane.head.chain).copied());
        }
    }
    lanes.into_values().collect()
}

fn open<'a>(lanes: impl Iterator<Item = &'a Lane>) -> OpenGaps {
    lanes.filter_map(|lane| Some((lane.head.chain.clone(), lane.gap?))).collect()
}

impl Lane {
    /// Number of records that are not written.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The next documents, at most `most`.
    pub fn documents(&self, most: usize) -> Vec<Value> {
        let (mut position, mut digest) = (self.head.position, self.head.digest.clone());
        let next = self.pending.iter().take(most).map(|pending| {
            position += 1;
            let document = seal(&self.head.chain, position, &digest, &pending.record);
            digest = document.str_at(&["digest"]).unwrap_or_default().into();
            document
        });
        next.collect()
    }

    /// So many of [`Lane::documents`] are written, the last of them with this digest.
    pub fn written(&mut self, count: usize, digest: Text) {
        let count = count.min(self.pending.len());
        let Some(last) = self.pending.drain(..count).next_back() else { return };
        self.head.position += count as u64;
        self.head.digest = digest;
        (self.head.run, self.head.taken, self.head.gap) = (last.record.run, last.count, last.gap);
    }

    /// Its store takes documents again, and the journal of this run says so in this record: it comes last.
    pub fn resumed(&mut self, record: Record) {
        let (run, count, gap) = self.end;
        self.end = (run, count + 1, gap);
        self.gap = None;
        self.pending.push_back(Pending { record, count: count + 1, gap });
    }

    /// The head to go on from next time: without anything pending it need not look back further than to the last run.
    pub fn head(&self) -> Head {
        let mut head = self.head.clone();
        if self.pending.is_empty() {
            (head.run, head.taken, head.gap) = self.end;
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::history::What;
    use crate::audit::tests::{chain, platform_chain};
    use crate::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
    use crate::plan::Action;

    fn begun(run: u64, at: u64, address: &str) -> JournalEntry {
        let address = address.parse().unwrap();
        let (before, after) = (None, Some("a".into()));
        let event = JournalEvent::StepStarted { address, action: Action::Create, scope: chain().scope, before, after };
        JournalEntry { at: Timestamp(at), run, event }
    }

    fn digest_of(document: Option<&Value>) -> Text {
        document.and_then(|document| document.str_at(&["digest"])).unwrap_or_default().into()
    }

    fn entry(run: u64, at: u64, event: JournalEvent) -> JournalEntry {
        JournalEntry { at: Timestamp(at), run, event }
    }

    fn run(number: u64, steps: &[&str], rest: Vec<JournalEntry>) -> Run {
        let audit = vec![platform_chain(), chain()];
        let mut entries = vec![entry(number, number, JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit })];
        for step in steps {
            entries.push(begun(number, number, step));
            let address = step.parse().unwrap();
            entries.push(entry(number, number, JournalEvent::StepEnded { address, result: StepResult::Done { changed: true } }));
        }
        entries.extend(rest);
        Run { number, actor: "ann@desk".into(), command: "apply".into(), entries }
    }

    fn ended(number: u64) -> JournalEntry {
        entry(number, number, JournalEvent::RunEnded { verdict: Verdict::Converged })
    }

    fn said(lane: &Lane) -> Vec<String> {
        let word = |document: &Value| {
            let field = |key: &str| document.str_at(&[key]).unwrap_or_default().to_owned();
            format!("{} {}{}", field("type"), field("address"), field("result"))
        };
        lane.documents(usize::MAX).iter().map(word).collect()
    }

    #[test]
    fn a_run_goes_into_the_chains_that_it_is_about() {
        let lanes = lanes(&[], &[run(1, &["vault/policy/a", "vault/policy/b"], vec![ended(1)])]);
        assert_eq!(lanes.iter().map(|lane| lane.head.chain.clone()).collect::<Vec<_>>(), [platform_chain(), chain()]);
        assert_eq!(said(&lanes[0]), ["apply done"]);
        assert_eq!(said(&lanes[1]), ["step vault/policy/adone", "step vault/policy/bdone"]);
    }

    #[test]
    fn what_was_cut_off_is_told_as_unknown() {
        let lanes = lanes(&[], &[run(1, &[], vec![begun(1, 1, "vault/policy/a")]), run(2, &[], vec![ended(2)])]);
        assert_eq!(said(&lanes[0]), ["apply unknown", "apply done"]);
        assert_eq!(said(&lanes[1]), ["step vault/policy/aunknown"]);
    }

    /// However far a writer comes before it is killed, and whether or not the journal knows it: the next writes the same chain.
    #[test]
    fn from_every_head_the_rest_is_the_rest_of_the_same_chain() {
        let gap = |chain: Chain| JournalEvent::AuditGap { chain, why: "down".into() };
        let runs = [
            run(1, &["vault/policy/a", "vault/policy/b"], vec![ended(1)]),
            run(2, &["vault/policy/c"], vec![ended(2), entry(2, 20, gap(chain()))]),
            run(3, &["vault/policy/d"], vec![ended(3), entry(3, 30, JournalEvent::AuditResumed { chain: chain() })]),
            run(4, &["vault/policy/e"], vec![ended(4)]),
        ];
        let whole = lanes(&[], &runs)[1].documents(usize::MAX);
        assert_eq!(whole.len(), 6);
        assert_eq!(whole[4].str_at(&["until"]), Some("1970-01-01T00:00:00Z"));
        for known in 0..=whole.len() {
            let mut lane = lanes(&[], &runs)[1].clone();
            lane.written(known, digest_of(whole[..known].last()));
            let again = lanes(&[lane.head()], &runs);
            assert_eq!(again[1].documents(usize::MAX), whole[known..], "from {known} on");
        }
    }

    #[test]
    fn a_chain_that_lacks_nothing_need_not_look_back() {
        let runs = [run(1, &["vault/policy/a"], vec![ended(1)]), run(2, &[], vec![ended(2)])];
        let mut lane = lanes(&[], &runs)[1].clone();
        lane.written(1, digest_of(lane.documents(1).last()));
        assert_eq!((lane.head().run, lane.head().taken), (2, 0));
        assert_eq!(lanes(&[lane.head()], &runs[1..])[1].pending(), 0);
    }

    #[test]
    fn a_gap_is_closed_by_a_record_that_comes_last() {
        let down = entry(1, 9, JournalEvent::AuditGap { chain: chain(), why: "down".into() });
        let runs = [run(1, &["vault/policy/a"], vec![ended(1), down])];
        let mut lane = lanes(&[], &runs)[1].clone();
        assert_eq!(lane.gap, Some(Timestamp(9)));
        let what = What::Gap { from: Timestamp(9), until: Timestamp(12) };
        let record = Record { at: Timestamp(12), run: 1, actor: "ann@desk".into(), command: "apply".into(), what };
        lane.resumed(record);
        let mut resumed = runs.clone();
        resumed[0].entries.push(entry(1, 12, JournalEvent::AuditResumed { chain: chain() }));
        assert_eq!(lanes(&[], &resumed)[1].documents(9), lane.documents(9), "as who reads the journal later says it");
    }
}
