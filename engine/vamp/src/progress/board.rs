//! Where a run stands, as a few lines of text. Pure: what happened goes in, lines come out.

use driver::{Counts, Progress, ProgressEvent};
use model::index::IndexMap;
use model::plan::Action;
use model::{Address, Timestamp};
use planner::render::style::{Paint, Style, cut, escape};

/// Columns of the bar.
const BAR: usize = 24;

/// Where a run stands.
#[derive(Debug, Default)]
pub(super) struct Board {
    counts: Counts,
    started: Option<Timestamp>,
    now: Timestamp,
    /// Steps that run, in no order: many begin and end between two pictures.
    running: IndexMap<Address, Running>,
    /// Steps that were begun so far.
    begun: usize,
}

#[derive(Debug)]
struct Running {
    action: Action,
    /// How many were begun before it.
    rank: usize,
    since: Timestamp,
    /// What it waits for.
    remark: String,
}

impl Board {
    pub(super) fn update(&mut self, progress: &Progress) {
        self.counts = progress.counts;
        self.now = progress.at;
        self.started.get_or_insert(progress.at);
        match &progress.event {
            ProgressEvent::StepStarted { address, action } => {
                let running = Running { action: *action, rank: self.begun, since: progress.at, remark: String::new() };
                self.running.insert(address.clone(), running);
                self.begun += 1;
            }
            ProgressEvent::StepRetrying { address, attempts, reason, .. } => {
                self.remark(address, format!("try {} follows: {reason}", attempts + 1));
            }
            ProgressEvent::StepWaiting { address, reason } => self.remark(address, format!("waits: {reason}")),
            ProgressEvent::StepDone { address, .. }
            | ProgressEvent::StepFailed { address, .. }
            | ProgressEvent::StepSkipped { address, .. }
            | ProgressEvent::StepInterrupted { address } => {
                self.running.swap_remove(address);
            }
            ProgressEvent::RunStarted | ProgressEvent::SystemSlowed { .. } | ProgressEvent::Stopping(_) => {}
        }
    }

    fn remark(&mut self, address: &Address, remark: String) {
        if let Some(running) = self.running.get_mut(address) {
            running.remark = remark;
        }
    }

    /// `12 of 48 done, 3 running, 1 failed, 1m05s`.
    pub(super) fn headline(&self) -> String {
        let Counts { total, done, failed, skipped, running, .. } = self.counts;
        let mut words = format!("{done} of {total} done, {running} running");
        for (count, word) in [(failed, "failed"), (skipped, "left out")] {
            if count > 0 {
                words.push_str(&format!(", {count} {word}"));
            }
        }
        format!("{words}, {}", self.now.since(self.started.unwrap_or(self.now)))
    }

    /// The steps that run, longest first, at most `most` of them.
    pub(super) fn running(&self, most: usize) -> impl Iterator<Item = String> {
        let shown = if self.running.len() > most { most.saturating_sub(1) } else { most };
        let rest = self.running.len().saturating_sub(shown);
        let mut longest: Vec<(&Address, &Running)> = self.running.iter().collect();
        longest.sort_unstable_by_key(|(_, step)| step.rank);
        let steps = longest.into_iter().take(shown).map(|(address, step)| {
            let remark = if step.remark.is_empty() { String::new() } else { format!("  {}", step.remark) };
            format!("{} {address}  {}{remark}", step.action.sign(), self.now.since(step.since))
        });
        steps.chain((rest > 0).then(|| format!("… and {rest} more")))
    }

    /// The display: a bar with the headline, then the steps that run. No line is wider than the window.
    pub(super) fn lines(&self, style: Style, most: usize) -> Vec<String> {
        let share = |width: usize| self.counts.done as usize * width / (self.counts.total as usize).max(1);
        let filled = share(BAR);
        let bar =
            style.paint(Paint::Good, &"━".repeat(filled)).into_owned() + &style.paint(Paint::Faint, &"━".repeat(BAR - filled));
        let room = style.width.saturating_sub(1);
        let mut lines = vec![if room > BAR * 2 {
            format!("{bar} {}", cut(&self.headline(), room - BAR - 1))
        } else {
            cut(&self.headline(), room).into_owned()
        }];
        lines.extend(self.running(most).map(|line| format!("  {}", cut(&escape(&line), room.saturating_sub(2)))));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Duration;
    use unicode_width::UnicodeWidthStr;

    fn progress(at: u64, counts: Counts, event: ProgressEvent) -> Progress {
        Progress { at: Timestamp(at), counts, event }
    }

    fn address(name: &str) -> Address {
        format!("cluster.eu-1/deployment/acme-shop-production/{name}").parse().unwrap()
    }

    fn busy(steps: u32) -> Board {
        let mut board = Board::default();
        board.update(&progress(0, Counts { total: 48, ..Counts::default() }, ProgressEvent::RunStarted));
        for index in 0..steps {
            let counts = Counts { total: 48, done: 12, running: steps, ..Counts::default() };
            let event = ProgressEvent::StepStarted { address: address(&format!("agent-{index}")), action: Action::Create };
            board.update(&progress(1000, counts, event));
        }
        let waiting = ProgressEvent::StepWaiting { address: address("agent-0"), reason: "1 of 3 pods \u{1b} ready".into() };
        board.update(&progress(65_000, Counts { total: 48, done: 12, running: steps, ..Counts::default() }, waiting));
        board
    }

    #[test]
    fn the_board_says_how_far_it_is_and_what_is_waited_for() {
        let lines = busy(1).lines(Style { colour: false, width: 100 }, 8);
        assert!(lines[0].ends_with("12 of 48 done, 1 running, 1m05s"), "{lines:?}");
        let step = "  + cluster.eu-1/deployment/acme-shop-production/agent-0  1m04s  waits: 1 of 3 pods \\u{1b} ready";
        assert_eq!(lines[1], step);
    }

    #[test]
    fn the_board_keeps_to_its_width_and_height() {
        for width in [10, 40, 80, 200] {
            let lines = busy(20).lines(Style { colour: false, width }, 6);
            assert_eq!(lines.len(), 7);
            assert!(lines.iter().all(|line| line.width() < width), "{lines:?}");
        }
        assert_eq!(busy(20).running(6).last().unwrap(), "… and 15 more");
    }

    #[test]
    fn a_step_that_ended_is_no_longer_shown() {
        let mut board = busy(2);
        let done =
            ProgressEvent::StepDone { address: address("agent-0"), action: Action::Create, took: Duration(1), changed: true };
        board.update(&progress(66_000, Counts { total: 48, done: 13, running: 1, ..Counts::default() }, done));
        assert_eq!(board.running(9).count(), 1);
    }
}
