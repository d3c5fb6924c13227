//! How far a campaign is: a line that is drawn anew on a terminal, a line now and then in a pipe.

use crate::clock::Stopwatch;
use crate::ui::Ui;
use planner::render::style::{Style, cut};
use std::io::{self, Write};

/// Silence that makes a hosted CI or a person doubt that anything still goes on.
const HEARTBEAT_MILLISECONDS: u128 = 10_000;
const PAUSE_MILLISECONDS: u128 = 100;
/// Carriage return and "erase to the end of the line" (EL).
const AGAIN: &str = "\r\u{1b}[K";

/// How far a campaign is.
pub(in crate::commands) struct Display {
    what: &'static str,
    total: u64,
    done: u64,
    redraws: bool,
    style: Style,
    began: Stopwatch,
    last: Stopwatch,
    drawn: bool,
}

impl Display {
    /// A display for `total` pieces of work, each of them a `what` ("run").
    pub(in crate::commands) fn new(what: &'static str, total: u64, ui: &Ui) -> Self {
        Display {
            what,
            total,
            done: 0,
            redraws: ui.can_redraw(),
            style: ui.err(),
            began: Stopwatch::start(),
            last: Stopwatch::start(),
            drawn: false,
        }
    }

    /// One more is done.
    pub(in crate::commands) fn done(&mut self) {
        self.done += 1;
        self.tick();
    }

    /// Time passes.
    pub(in crate::commands) fn tick(&mut self) {
        let silence = if self.redraws { PAUSE_MILLISECONDS } else { HEARTBEAT_MILLISECONDS };
        if self.last.milliseconds() < silence {
            return;
        }
        self.last = Stopwatch::start();
        let words = self.words();
        if self.redraws {
            self.drawn = true;
            emit(&format!("{AGAIN}{}", cut(&words, self.style.width.saturating_sub(1))));
        } else {
            emit(&format!("{words}\n"));
        }
    }

    fn words(&self) -> String {
        let (what, done, total) = (self.what, self.done, self.total);
        let elapsed = u64::try_from(self.began.milliseconds()).unwrap_or(u64::MAX);
        let mut words = format!("  {done} of {total} {what}s");
        if done > 0 && elapsed > 0 {
            let rate = done as f64 * 1000.0 / elapsed as f64;
            let left = model::Duration(elapsed.saturating_mul(total - done.min(total)) / done);
            let left = model::Duration(left.0 / 1000 * 1000);
            words.push_str(&format!(", {rate:.1} a second, {left} left"));
        }
        words
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            emit(AGAIN);
        }
    }

    /// It is over; or it is stopped before that.
    pub(in crate::commands) fn close(&mut self, stopped: bool) {
        self.clear();
        let (what, done, total) = (self.what, self.done, self.total);
        if stopped {
            emit(&format!("  stopped: {done} of {total} {what}s are done and kept; what was under way is left\n"));
        }
    }

    /// How long it took, in milliseconds.
    pub(in crate::commands) fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.milliseconds()).unwrap_or(u64::MAX)
    }
}

/// Nobody is told if that cannot be written.
fn emit(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
