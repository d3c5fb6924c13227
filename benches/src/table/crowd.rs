//! What it costs nineteen clusters that a twentieth refuses everything (429); left out where the test bench is not up.

use crate::bench::Bench;
use crate::crowd::Crowd;
use crate::figure::{Aim, Figure};
use crate::subject::{Beside, Subject, measure_at, reading};
use crate::table::Failure;
use std::collections::BTreeMap;

/// Rounds in which every way is measured once, by turns, so that what else the machine does meets all of them alike.
const ROUNDS: u8 = 7;
/// Objects in each cluster.
const OBJECTS: usize = 40;
/// How much longer the nineteen may take.
const LONGER: Aim = Aim::Below(1.05);

/// What was read, by what the twentieth did and what was timed.
type Times = BTreeMap<(&'static str, &'static str), Vec<f64>>;

fn measured(bench: &Bench, rounds: u8) -> Result<Times, Failure> {
    Crowd::gathered(bench, |crowd| {
        let mut times = Times::new();
        for _ in 0..rounds {
            for beside in Beside::ALL {
                crowd.clear()?;
                let readings = measure_at(Subject::Crowd(beside), OBJECTS, &crowd.place())?;
                for name in ["plan and apply", "apply", "refused"] {
                    times.entry((beside.word(), name)).or_default().push(reading(&readings, name)?);
                }
            }
        }
        Ok(times)
    })
}

fn median(times: &Times, beside: Beside, name: &'static str) -> f64 {
    let mut times = times.get(&(beside.word(), name)).cloned().unwrap_or_default();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(super) fn measure(rounds: Option<u8>) -> Result<Vec<Figure>, Failure> {
    let Some(bench) = Bench::found()? else { return Ok(Vec::new()) };
    let times = measured(&bench, rounds.unwrap_or(ROUNDS))?;
    let figure = |name: &str, value, unit, aim| Figure::new(format!("bench, nineteen clusters, {name}"), value, unit, aim);
    let (alone, whole, apply) = (Beside::Nobody, "plan and apply", "apply");
    let longer = |beside, name| median(&times, beside, name) / median(&times, alone, name);
    let rounds = times.get(&(alone.word(), whole)).cloned().unwrap_or_default();
    let (fastest, slowest) = rounds.iter().fold((f64::MAX, 0.0_f64), |(low, high), time| (low.min(*time), high.max(*time)));
    Ok(vec![
        figure("760 ConfigMaps, alone, plan and apply", median(&times, alone, whole), "s", Aim::Nothing),
        figure("slowest round/fastest, alone", slowest / fastest, "times", Aim::Nothing),
        figure("beside one at 429, requests refused", median(&times, Beside::RefusingLater, "refused"), "requests", Aim::Nothing),
        figure("beside one at 429/alone, plan and apply", longer(Beside::Refusing, whole), "times", LONGER),
        figure("beside one at 429 once it is planned/alone, apply", longer(Beside::RefusingLater, apply), "times", LONGER),
    ])
}
