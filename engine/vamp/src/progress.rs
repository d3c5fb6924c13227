//! What is shown while an apply goes on: a few lines drawn anew on a terminal, plain lines with a heartbeat in a pipe.

mod board;
mod live;
mod plain;

use crate::ui::Ui;
use driver::Progress;
use live::Live;
use plain::Plain;

/// The display of one run.
pub(crate) enum Display {
    /// On a terminal.
    Live(Live),
    /// Anywhere else.
    Plain(Plain),
}

impl Display {
    /// The display that suits where talk goes.
    pub(crate) fn new(ui: &Ui) -> Self {
        if ui.can_redraw() { Display::Live(Live::new(ui.err())) } else { Display::Plain(Plain::new(ui.err())) }
    }

    /// Something happened.
    pub(crate) fn update(&mut self, progress: &Progress) {
        match self {
            Display::Live(live) => live.update(progress),
            Display::Plain(plain) => plain.update(progress),
        }
    }

    /// All that happened at one instant was told.
    pub(crate) fn flush(&mut self) {
        match self {
            Display::Live(_) => {}
            Display::Plain(plain) => plain.flush(),
        }
    }

    /// Some time passed, and perhaps nothing happened.
    pub(crate) fn tick(&mut self) {
        match self {
            Display::Live(live) => live.draw(),
            Display::Plain(plain) => plain.heartbeat(),
        }
    }
}
