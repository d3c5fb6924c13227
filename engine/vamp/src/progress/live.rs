//! The display on a terminal: a few lines that are drawn anew in place, below the lines that stay.

use super::board::Board;
use super::plain::remarkable;
use crate::clock::Stopwatch;
use driver::{Progress, ProgressEvent};
use planner::render::Style;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Steps that are shown as running.
const STEPS: usize = 8;
/// The eye sees no more than some twenty pictures a second, and a slow terminal none of them.
const PAUSE_MILLISECONDS: u128 = 50;
/// Hide the cursor, show it (DECTCEM).
const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
/// Erase from the cursor to the end of the screen (ED).
const ERASE_BELOW: &str = "\u{1b}[J";

pub(crate) struct Live {
    board: Board,
    style: Style,
    /// Lines on the screen that will be drawn over.
    drawn: usize,
    last: Option<Stopwatch>,
}

impl Live {
    pub(super) fn new(style: Style) -> Self {
        Live { board: Board::default(), style, drawn: 0, last: None }
    }

    pub(super) fn update(&mut self, progress: &Progress) {
        self.board.update(progress);
        let stays = !matches!(progress.event, ProgressEvent::StepDone { .. });
        if let Some(line) = remarkable(progress, self.style).filter(|_| stays) {
            self.line(&line);
        } else if self.last.as_ref().is_none_or(|last| last.milliseconds() >= PAUSE_MILLISECONDS) {
            self.draw();
        }
    }

    /// Draw the lines anew, over those that are there.
    pub(super) fn draw(&mut self) {
        self.last = Some(Stopwatch::start());
        let lines = self.board.lines(self.style, STEPS);
        let mut picture = self.back();
        picture.push_str(HIDE_CURSOR);
        for line in &lines {
            picture.push_str(line);
            picture.push('\n');
        }
        self.drawn = lines.len();
        emit(&picture);
    }

    /// A line that stays, above the others.
    pub(super) fn line(&mut self, text: &str) {
        let picture = self.back() + text + "\n";
        self.drawn = 0;
        emit(&picture);
        self.draw();
    }

    /// To where the drawn lines begin, with nothing left below.
    fn back(&self) -> String {
        let mut moves = String::new();
        if self.drawn > 0 {
            // Cursor to the beginning of the line so many lines up (CPL). Writing into a string cannot fail.
            let _ = write!(moves, "\u{1b}[{}F", self.drawn);
        }
        moves + ERASE_BELOW
    }
}

/// However the run ends, the lines are gone and the cursor is back.
impl Drop for Live {
    fn drop(&mut self) {
        emit(&(self.back() + SHOW_CURSOR));
    }
}

/// One write a picture, so that no terminal shows a half. Nobody is told if that cannot be written.
fn emit(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
