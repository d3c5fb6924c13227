//! How a call can end: the one table of exit codes.

use std::process::ExitCode;

/// The end of a call, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Refused or failed.
    Failed,
    /// `plan --detailed-exitcode` or `status --detailed-exitcode`: something would change. As in OpenTofu.
    Pending,
    /// A rule is broken: `check` at the weight that was asked for, `plan` and `apply` at must.
    Policy,
    /// `plan --rehearse`: the plan breaks a promise that doing nothing would keep.
    Unsafe,
    /// The call itself was wrong (`EX_USAGE` of sysexits.h).
    Usage,
    /// Stopped by SIGINT (128 and the signal's number, as a shell says it).
    Interrupted,
    /// Stopped by SIGTERM.
    Terminated,
}

impl Exit {
    /// Every code with what it means, as the help shows it.
    pub const TABLE: [(Exit, &'static str); 8] = [
        (Exit::Done, "done, or nothing to do"),
        (Exit::Failed, "refused or failed; standard error says why"),
        (Exit::Pending, "with --detailed-exitcode: something would change"),
        (Exit::Policy, "a rule is broken; `vamp check` says which"),
        (Exit::Unsafe, "with --rehearse: the plan breaks a promise that doing nothing would keep"),
        (Exit::Usage, "the command line is wrong"),
        (Exit::Interrupted, "stopped by SIGINT (Ctrl-C)"),
        (Exit::Terminated, "stopped by SIGTERM"),
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Pending => 2,
            Exit::Policy => 3,
            Exit::Unsafe => 4,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// The table as text, one line a code.
    pub fn help() -> String {
        let lines = Exit::TABLE.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}\n", exit.code()));
        lines.collect::<String>().trim_end().to_owned()
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
