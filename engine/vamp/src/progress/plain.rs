//! The display in a pipe or a log: one line a step that ended, and a heartbeat while none does.

use super::board::Board;
use crate::clock::Stopwatch;
use driver::{Counts, Progress, ProgressEvent};
use planner::render::style::{Paint, Style, escape};
use port::Stop;
use std::io::{self, Write};

/// Silence that makes a hosted CI or a person doubt that anything still goes on.
const HEARTBEAT_MILLISECONDS: u128 = 10_000;
/// Running steps that a heartbeat names.
const NAMED: usize = 3;

pub(crate) struct Plain {
    board: Board,
    style: Style,
    /// Lines that are not written yet: what happens at one instant is written at once.
    lines: String,
    last: Stopwatch,
}

impl Plain {
    pub(super) fn new(style: Style) -> Self {
        Plain { board: Board::default(), style, lines: String::new(), last: Stopwatch::start() }
    }

    pub(super) fn update(&mut self, progress: &Progress) {
        self.board.update(progress);
        if let Some(line) = remarkable(progress, self.style) {
            self.line(&line);
        }
    }

    fn line(&mut self, text: &str) {
        self.lines.push_str(text);
        self.lines.push('\n');
    }

    /// Write the lines that wait. Nobody is told if that is not possible.
    pub(super) fn flush(&mut self) {
        if !self.lines.is_empty() {
            self.last = Stopwatch::start();
            let _ = io::stderr().lock().write_all(self.lines.as_bytes());
            self.lines.clear();
        }
    }

    pub(super) fn heartbeat(&mut self) {
        if self.last.milliseconds() >= HEARTBEAT_MILLISECONDS {
            let running: Vec<String> = self.board.running(NAMED).map(|line| format!("\n    {}", escape(&line))).collect();
            self.line(&format!("  … {}{}", self.board.headline(), running.concat()));
            self.flush();
        }
    }
}

/// However the run ends, what happened is told.
impl Drop for Plain {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The line for what is worth one: a step that ended, or that does not go as it should.
pub(super) fn remarkable(progress: &Progress, style: Style) -> Option<String> {
    let Counts { done, total, .. } = progress.counts;
    let line = |paint: Paint, sign: &str, text: String| Some(format!("  {} {}", style.paint(paint, sign), escape(&text)));
    match &progress.event {
        ProgressEvent::StepDone { address, action, took, changed } => {
            let remark = if *changed { "" } else { ", was so already" };
            line(Paint::Good, action.sign(), format!("{address}  {took}{remark}  ({done} of {total})"))
        }
        ProgressEvent::StepFailed { address, action, reason, .. } => {
            line(Paint::Error, "failed:", format!("{} {address}: {reason}", action.word()))
        }
        ProgressEvent::StepRetrying { address, attempts, reason, .. } => {
            line(Paint::Warning, "again:", format!("{address}, try {}: {reason}", attempts + 1))
        }
        ProgressEvent::StepInterrupted { address } => line(Paint::Warning, "left:", format!("{address}, its end is not known")),
        ProgressEvent::SystemSlowed { system, limit } => {
            line(Paint::Warning, "slower:", format!("{system} asks for patience; {limit} at a time now"))
        }
        ProgressEvent::Stopping(Stop::Cleanly) => {
            line(Paint::Warning, "stopping:", "nothing new is begun; what runs comes to its end. Once more stops now".to_owned())
        }
        ProgressEvent::Stopping(Stop::Now) => {
            line(Paint::Warning, "stopping:", "now; the journal says which steps were left".to_owned())
        }
        ProgressEvent::RunStarted
        | ProgressEvent::StepStarted { .. }
        | ProgressEvent::StepWaiting { .. }
        | ProgressEvent::StepSkipped { .. } => None,
    }
}
