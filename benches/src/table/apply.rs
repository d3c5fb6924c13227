//! Apply: five thousand resources planned and applied on the embedded platform, and planned again, through the libraries; and the
//! share and the size of the journal.

use crate::figure::{Aim, Figure};
use crate::measure::Process;
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;
use crate::table::opentofu::OpenTofu;

/// Number of resources that OpenTofu is given as well.
pub(super) const RESOURCES: usize = 5_000;

/// How many times faster `vamp` has to be, and how many times it is hoped to be.
const TIMES: Aim = Aim::AtLeast(20.0);
const TIMES_HOPED: Aim = Aim::AtLeast(100.0);
/// The share of its memory that is hoped for.
const MEMORY_HOPED: f64 = 0.1;

/// Two whole processes against what OpenTofu needs for as many resources.
pub(super) fn against_opentofu(name: &str, apply: &Process, again: &Process, theirs: &OpenTofu) -> Vec<Figure> {
    let mut figures = Vec::new();
    if theirs.is_measured {
        figures.extend([
            Figure::new("OpenTofu, 5,000 resources, plan and apply", theirs.apply, "s", Aim::Nothing),
            Figure::new("OpenTofu, 5,000 resources, plan that finds nothing", theirs.again, "s", Aim::Nothing),
            Figure::new("OpenTofu, 5,000 resources, plan that finds nothing, peak memory", theirs.memory, "MB", Aim::Nothing),
        ]);
    }
    let memory = Aim::Below(theirs.memory * MEMORY_HOPED);
    for (what, ours, seconds) in [("plan and apply", apply, theirs.apply), ("plan that finds nothing", again, theirs.again)] {
        let (took, times) = (ours.took.as_secs_f64(), seconds / ours.took.as_secs_f64());
        figures.extend([
            Figure::new(format!("{name}, {what}"), took, "s", Aim::Nothing),
            Figure::new(format!("{name}, {what}, OpenTofu/vamp"), times, "times", TIMES),
            Figure::new(format!("{name}, {what}, OpenTofu/vamp, hoped for"), times, "times", TIMES_HOPED),
            Figure::new(format!("{name}, {what}, peak memory"), ours.peak_bytes as f64 / 1e6, "MB", memory),
        ]);
    }
    figures
}

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let readings = measure_apart(Subject::Apply, RESOURCES)?;
    let of = |name: &str| reading(&readings, name);
    let apply = of("plan and apply seconds")?;
    let (run, bare) = (of("run seconds")?, of("run without journal seconds")?);
    let journal = (run - bare).max(0.0) / apply * 100.0;
    Ok(vec![
        Figure::new("embedded apply, resources", of("resources")?, "resources", Aim::Nothing),
        Figure::new("embedded apply, from text to closed file", apply, "s", Aim::Nothing),
        Figure::new("embedded apply, of which the run", run, "s", Aim::Nothing),
        Figure::new("embedded apply, the plan after it", of("plan again seconds")?, "s", Aim::Nothing),
        Figure::new("journal, share of the apply", journal, "%", Aim::Below(5.0)),
        Figure::new("journal, a step", of("journal bytes a step")?, "bytes", Aim::Below(1000.0)),
    ])
}
