//! Faults of the schedule that begin and end in a run: those of the world go to the world, those of an operator to the operator.

use super::course::Run;
use crate::fault::{Injection, Kind, Lasting, Target};
use crate::operator::{Carrier, Fact, Mishaps, Surroundings};
use model::{Duration, Timestamp};

/// How long a fault that ended is still taken for a cause.
const RECENT: Duration = Duration::minutes(15);

impl Run {
    pub(super) fn inject(&mut self, injection: &Injection, begins: bool, facts: &mut Vec<Fact>, carrier: &mut dyn Carrier) {
        let now = self.world.now();
        let (fault, word) = (&injection.fault, if begins { "begins" } else { "ends" });
        self.world.note(&format!("injection {} {word}: {fault}", injection.id));
        let happened = match &fault.target {
            Target::Engine(number) => self.afflict(*number, injection, begins, facts, carrier),
            _ if begins => self.world.start_fault(injection),
            _ => {
                self.world.stop_fault(injection.id);
                true
            }
        };
        if begins && happened {
            *self.counter.metrics.faults.entry(fault.kind).or_default() += 1;
            self.recent.push(injection.clone());
            self.ended.push((fault.kind.info().lasting != Lasting::AsSaid).then_some(now));
        } else if !begins {
            let known = self.recent.iter().zip(&mut self.ended).filter(|(other, _)| other.id == injection.id);
            known.for_each(|(_, ended)| *ended = Some(now));
        }
        self.forget_old_faults(now);
    }

    fn forget_old_faults(&mut self, now: Timestamp) {
        let kept: Vec<bool> = self.ended.iter().map(|ended| ended.is_none_or(|ended| now.since(ended) <= RECENT)).collect();
        let (mut first, mut second) = (kept.iter(), kept.iter());
        self.recent.retain(|_| first.next().copied().unwrap_or(true));
        self.ended.retain(|_| second.next().copied().unwrap_or(true));
        let going_on = self.recent.iter().zip(&self.ended).filter(|(_, ended)| ended.is_none());
        self.kinds = going_on.map(|(injection, _)| injection.fault.kind).collect();
    }

    /// Something happens to one of those who run the engine.
    fn afflict(
        &mut self,
        number: u32,
        injection: &Injection,
        begins: bool,
        facts: &mut Vec<Fact>,
        carrier: &mut dyn Carrier,
    ) -> bool {
        let Run { world, ledger, operators, .. } = self;
        let count = operators.len() as u32;
        let Some(operator) = operators.get_mut(number as usize) else { return false };
        let fault = &injection.fault;
        let around = &mut Surroundings { world, ledger, facts, carrier };
        match fault.kind {
            Kind::EngineKilled => {
                let back = Duration::milliseconds(fault.count("back"));
                match fault.count("effect") {
                    0 => operator.kill(Some(back), around),
                    effect => operator.kill_at(operator.effects() + effect, back),
                }
            }
            Kind::EnginePaused if begins => operator.pause(),
            Kind::EnginePaused => operator.resume(around),
            Kind::EngineDoubled => {
                let double = operator.double(count, around.world);
                operators.push(double);
            }
            Kind::ClockAhead if begins => operator.shift_clock(fault.parameter("by")),
            Kind::ClockAhead => operator.shift_clock(-fault.parameter("by")),
            Kind::ClockStepped => operator.shift_clock(fault.parameter("by")),
            _ => {
                let rate = if begins { u32::try_from(fault.count("rate")).unwrap_or(0) } else { 0 };
                let mut mishaps = operator.mishaps();
                let Some(field) = mishap(&mut mishaps, fault.kind) else { return false };
                *field = rate;
                operator.afflict(mishaps);
            }
        }
        true
    }
}

fn mishap(mishaps: &mut Mishaps, kind: Kind) -> Option<&mut u32> {
    match kind {
        Kind::RequestsLost => Some(&mut mishaps.request_lost),
        Kind::AnswersLost => Some(&mut mishaps.answer_lost),
        Kind::AnswersFailed => Some(&mut mishaps.failed),
        Kind::RequestsDoubled => Some(&mut mishaps.doubled),
        _ => None,
    }
}
