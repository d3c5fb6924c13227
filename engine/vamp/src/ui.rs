//! The streams: standard output is data, standard error is talk. Nobody else writes to them.

use crate::cli::{ColorWhen, Format};
use crate::error::CommandError;
use planner::render::Style;
use planner::render::style::{Paint, escape, escape_json};
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

/// Width where there is no terminal to ask.
const WIDTH: usize = Style::PLAIN.width;

/// What a command talks through.
pub(crate) struct Ui {
    format: Format,
    out: Style,
    err: Style,
    /// The reader of standard output is gone: there is nobody to write for, and that is no failure.
    out_closed: bool,
    /// Somebody else writes lines to standard error as well.
    keeps_lines: bool,
}

impl Ui {
    pub(crate) fn new(color: ColorWhen, format: Format) -> Self {
        let width = terminal_width();
        Ui {
            format,
            out: Style { colour: colour(color, &io::stdout()), width },
            err: Style { colour: colour(color, &io::stderr()), width },
            out_closed: false,
            keeps_lines: false,
        }
    }

    /// What the command's data is to be.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// How data may look.
    pub(crate) fn out(&self) -> Style {
        self.out
    }

    /// How talk may look.
    pub(crate) fn err(&self) -> Style {
        self.err
    }

    /// Whether a person sits at the other end and can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether talk goes to a terminal whose lines can be drawn anew.
    pub(crate) fn can_redraw(&self) -> bool {
        !self.keeps_lines && io::stderr().is_terminal() && !is_dumb_terminal()
    }

    /// From now on no line is drawn anew.
    pub(crate) fn keep_lines(&mut self) {
        self.keeps_lines = true;
    }

    /// Data. A reader that went away (`| head`) is no failure.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), CommandError> {
        if self.out_closed {
            return Ok(());
        }
        let written = io::stdout().lock().write_all(text.as_bytes());
        self.written(written)
    }

    /// Data for programs: JSON and a line break.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value).map_err(|error| CommandError::new("cannot write JSON").because(error))?;
        self.data(&(escape_json(text) + "\n"))
    }

    /// Write out what is still buffered; a full disk shows here.
    pub(crate) fn finish(&mut self) -> Result<(), CommandError> {
        let flushed = io::stdout().lock().flush();
        self.written(flushed)
    }

    fn written(&mut self, result: io::Result<()>) -> Result<(), CommandError> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.out_closed = true;
                Ok(())
            }
            Err(error) => {
                // The error is reported on standard error alone: this stream takes no more.
                self.out_closed = true;
                Err(CommandError::new("cannot write to standard output")
                    .because(error)
                    .hint("make room where it leads, or lead it elsewhere; what was done before is done"))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Talk. Nobody is told if that cannot be written: there is no other place left.
    pub(crate) fn say(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// One line of talk.
    pub(crate) fn line(&self, text: &str) {
        self.say(&format!("{text}\n"));
    }

    /// Ask a person, who types a line.
    pub(crate) fn ask(&self, question: &str) -> String {
        self.say(&format!("\n{} ", self.err.paint(Paint::Heading, &escape(question))));
        let mut answer = String::new();
        // An answer that cannot be read is none.
        let _ = io::stdin().lock().read_line(&mut answer);
        answer
    }

    /// Say why a command failed: to people on standard error, to programs as JSON on standard output.
    pub(crate) fn report(&mut self, error: &CommandError) {
        if self.format == Format::Json && !self.out_closed && self.data(&error.json()).and_then(|()| self.finish()).is_ok() {
            return;
        }
        self.say(&error.text(self.err));
    }
}

/// The terminal's own settings and `NO_COLOR` decide, unless the caller does.
fn colour(when: ColorWhen, stream: &impl anstream::stream::RawStream) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}

fn terminal_width() -> usize {
    let of_terminal = terminal_size::terminal_size_of(io::stdout()).or_else(|| terminal_size::terminal_size_of(io::stderr()));
    of_terminal.map_or(WIDTH, |(width, _)| usize::from(width.0))
}

/// `TERM=dumb` says that the cursor cannot be moved.
fn is_dumb_terminal() -> bool {
    crate::input::environment("TERM").is_none_or(|term| term == "dumb")
}
