//! `vamp init`: a commented spec to start from.

use super::Ended;
use crate::exit::Exit;
use crate::output::{Overwrite, check, write};
use crate::ui::Ui;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use planner::render::style::escape;
use planner::spec::{Model, init};
use std::path::PathBuf;

/// Write a commented spec to start from
#[derive(Debug, Args)]
#[command(after_help = format!("Models:\n{}", Model::ALL.map(|model| format!("  {}  {}", name(model), sentence(model))).join("\n")))]
pub(crate) struct Arguments {
    /// Deployment model
    #[arg(long, value_name = "MODEL", value_parser = models(), ignore_case = true)]
    model: Model,
    /// Write to a file instead of standard output
    #[arg(short, long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "out")]
    force: bool,
}

/// The models by name.
fn models() -> impl TypedValueParser<Value = Model> {
    let values = Model::ALL.map(|model| PossibleValue::new(name(model)));
    PossibleValuesParser::new(values).try_map(|text| {
        let found = Model::ALL.into_iter().find(|model| name(*model).eq_ignore_ascii_case(&text));
        found.ok_or("no such model")
    })
}

const fn name(model: Model) -> &'static str {
    match model {
        Model::M0 => "M0",
        Model::M1 => "M1",
        Model::M2 => "M2",
        Model::M3 => "M3",
        Model::M4 => "M4",
        Model::M5 => "M5",
    }
}

/// What tells it from the others.
const fn sentence(model: Model) -> &'static str {
    match model {
        Model::M0 => "everything in one cluster, for development",
        Model::M1 => "management apart from service clusters; dependencies in the management cluster",
        Model::M2 => "MySQL outside, Vault stores in it: the least for production",
        Model::M3 => "MySQL and Vault outside",
        Model::M4 => "as M3, with an Elasticsearch in a remote region",
        Model::M5 => "all dependencies outside",
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let spec = init(arguments.model);
    let Some(file) = &arguments.out else {
        ui.data(spec)?;
        return Ok(Exit::Done);
    };
    check(file, &[])?;
    write(file, spec, if arguments.force { Overwrite::Allow } else { Overwrite::Refuse })?;
    let shown = file.display().to_string();
    ui.line(&format!("Wrote {0}. `vamp plan {0}` says what it makes.", escape(&shown)));
    Ok(Exit::Done)
}
