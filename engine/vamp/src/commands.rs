//! What each command does, one file a command: its arguments, and `run`.

pub(crate) mod adopt;
pub(crate) mod agreement;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod destroy;
pub(crate) mod explain;
pub(crate) mod forget;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod ledger;
pub(crate) mod permissions;
pub(crate) mod plan;
pub(crate) mod recover;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod world;

use crate::cli::Command;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;

/// How a command ends.
pub(crate) type Ended = Result<Exit, CommandError>;

/// Run the command that was asked for.
pub(crate) fn run(command: &Command, ui: &mut Ui) -> Ended {
    match command {
        Command::Plan(arguments) => plan::run(arguments, ui),
        Command::Check(arguments) => check::run(arguments, ui),
        Command::Apply(arguments) => apply::run(arguments, ui),
        Command::Status(arguments) => status::run(arguments, ui),
        Command::Destroy(arguments) => destroy::run(arguments, ui),
        Command::History(arguments) => history::run(arguments, ui),
        Command::Audit(arguments) => audit::run(arguments, ui),
        Command::Show(arguments) => show::run(arguments, ui),
        Command::Graph(arguments) => graph::run(arguments, ui),
        Command::Explain(arguments) => explain::run(arguments, ui),
        Command::Init(arguments) => init::run(arguments, ui),
        Command::Permissions(arguments) => permissions::run(arguments, ui),
        Command::Schema(arguments) => schema::run(arguments, ui),
        Command::Adopt(arguments) => adopt::run(arguments, ui),
        Command::Forget(arguments) => forget::run(arguments, ui),
        Command::Recover(arguments) => recover::run(arguments, ui),
        Command::Ledger(arguments) => ledger::run(arguments, ui),
        Command::Simulate(arguments) => simulate::run(arguments, ui),
        Command::World(arguments) => world::run(arguments, ui),
        Command::Completions(arguments) => completions::run(arguments, ui),
    }
}

/// One thread, started only by commands that look at a platform.
fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| CommandError::new("cannot start the runtime").because(error))
}
