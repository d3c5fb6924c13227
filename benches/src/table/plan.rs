//! Plan: from the text of a spec to its plan against a world in which all is as wanted. The memory is that of a whole process that
//! does just that, world included.

use crate::figure::{Aim, Figure};
use crate::subject::{Subject, measure_apart, reading};
use crate::table::Failure;

const SIZES: [(usize, &str); 3] = [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")];

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let mut seconds = Vec::new();
    for (size, word) in SIZES {
        let readings = measure_apart(Subject::Plan, size)?;
        let of = |name: &str| reading(&readings, name);
        let (resources, took) = (of("resources")?, of("seconds")?);
        // What a resource takes, so that a size that is a little off does not count.
        seconds.push(took / resources * size as f64);
        let memory_aim = if size == 10_000 { Aim::Below(150.0) } else { Aim::Nothing };
        let speed_aim = if size == 100_000 { Aim::AtLeast(100_000.0) } else { Aim::Nothing };
        figures.push(Figure::new(format!("spec to plan {word}, time"), took * 1e3, "ms", Aim::Nothing));
        for stage in ["parse", "compile", "plan"] {
            let stage_took = of(&format!("{stage} seconds"))?;
            figures.push(Figure::new(format!("spec to plan {word}, of which {stage}"), stage_took * 1e3, "ms", Aim::Nothing));
        }
        figures.push(Figure::new(format!("spec to plan {word}, speed"), resources / took, "resources/s", speed_aim));
        figures.push(Figure::new(format!("spec to plan {word}, peak memory"), of("peak bytes")? / 1e6, "MB", memory_aim));
    }
    if let [small, middle, large] = seconds[..] {
        figures.push(Figure::new("spec to plan, t(10k)/t(1k)", middle / small, "ratio", Aim::Below(12.0)));
        figures.push(Figure::new("spec to plan, t(100k)/t(10k)", large / middle, "ratio", Aim::Below(12.0)));
    }
    Ok(figures)
}
