//! Apply: five thousand resources planned and applied on the embedded platform, and planned again, through the libraries; and the
//! share and the size of the journal.

use crate::figure::{Aim, Figure};
use crate::measure::Process;
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

/// Number of resources that the figures of OpenTofu are for.
pub(super) const RESOURCES: usize = 5_000;

/// Seconds that OpenTofu 1.12.6 needs to plan and apply 5,000 `terraform_data` in chains of ten, on two cores. It keeps their state in
/// a file and does nothing else.
const OPENTOFU_APPLY: f64 = 9.6;
/// Seconds that it needs for the plan that finds nothing.
const OPENTOFU_PLAN: f64 = 6.3;
/// Its peak memory for that plan, in megabytes.
const OPENTOFU_MEMORY: f64 = 479.0;
/// How many times faster `vamp` has to be, and how many times it is hoped to be.
const TIMES: Aim = Aim::AtLeast(20.0);
const TIMES_HOPED: Aim = Aim::AtLeast(100.0);
/// The share of the memory that is hoped for.
const MEMORY_HOPED: Aim = Aim::Below(OPENTOFU_MEMORY / 10.0);

/// Two whole processes against what OpenTofu needs for as many resources.
pub(super) fn against_opentofu(name: &str, apply: &Process, again: &Process) -> Vec<Figure> {
    let (apply_seconds, again_seconds) = (apply.took.as_secs_f64(), again.took.as_secs_f64());
    let (apply_times, again_times) = (OPENTOFU_APPLY / apply_seconds, OPENTOFU_PLAN / again_seconds);
    vec![
        Figure::new(format!("{name}, plan and apply"), apply_seconds, "s", Aim::Nothing),
        Figure::new(format!("{name}, plan and apply, OpenTofu/vamp"), apply_times, "times", TIMES),
        Figure::new(format!("{name}, plan and apply, OpenTofu/vamp, hoped for"), apply_times, "times", TIMES_HOPED),
        Figure::new(format!("{name}, plan and apply, peak memory"), apply.peak_bytes as f64 / 1e6, "MB", MEMORY_HOPED),
        Figure::new(format!("{name}, plan that finds nothing"), again_seconds, "s", Aim::Nothing),
        Figure::new(format!("{name}, plan that finds nothing, OpenTofu/vamp"), again_times, "times", TIMES),
        Figure::new(format!("{name}, plan that finds nothing, OpenTofu/vamp, hoped for"), again_times, "times", TIMES_HOPED),
        Figure::new(format!("{name}, plan that finds nothing, peak memory"), again.peak_bytes as f64 / 1e6, "MB", MEMORY_HOPED),
    ]
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
