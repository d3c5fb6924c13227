//! What happens in the run of a seed. Each seed has kinds of fault of its own, each with a rate of its own, and a time for which what
//! broke stays broken at least; beside single faults there are patterns of several. Everything is drawn by what it is for, and written
//! down as a schedule before the run begins.

use super::targets::Targets;
use crate::fault::{Fault, Injection, Kind, Lasting, Schedule, Target, TargetKind};
use crate::kernel::random;
use crate::operator::Settings;
use crate::run::{Change, Conditions, Start, To};
use model::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// Most faults of one kind in a run.
const MOST: u64 = 12;
/// Shortest and longest that something stays broken: between a blink and half a shift.
const DWELL: (Duration, Duration) = (Duration::seconds(5), Duration::minutes(240));
/// Faults cluster around a roll-out: the first minutes of it are what matters most.
const ROLLING: Duration = Duration::minutes(20);

/// Draws for one seed.
struct Dice {
    seed: u64,
}

impl Dice {
    fn between(&self, purpose: &str, n: u64, low: u64, high: u64) -> u64 {
        random::between(self.seed, "swarm", purpose, n, low, high)
    }

    fn percent(&self, purpose: &str, n: u64, percent: u64) -> bool {
        self.between(purpose, n, 0, 99) < percent
    }

    /// From `low` to `high`, each order of magnitude as often as the next: powers of two, and a place between two of them.
    fn wide(&self, purpose: &str, n: u64, low: u64, high: u64) -> u64 {
        let doublings = u64::from((high / low.max(1)).max(1).ilog2());
        let base = low << self.between(purpose, n, 0, doublings);
        let more = self.between(&format!("{purpose}, more"), n, 0, base);
        (base + more).min(high)
    }
}

/// The conditions of `seed`.
pub fn conditions(seed: u64, targets: &Targets, kinds: &BTreeSet<Kind>, duration: Duration, second: bool) -> Conditions {
    let dice = Dice { seed };
    let change = change(&dice, duration, second);
    let mut faults = Faults { dice: &dice, targets, duration, change, next: 0, injections: Vec::new() };
    for kind in kinds {
        // A random subset: what never happens in a run lets show what others hide.
        if dice.percent("kind", *kind as u64, 40) {
            faults.of_kind(*kind);
        }
    }
    faults.patterns(kinds);
    Conditions {
        seed,
        start: if dice.percent("from nothing", 0, 6) { Start::Empty } else { Start::Converged },
        safety: duration,
        change,
        operators: vec![Settings { first: Duration::seconds(dice.between("first look", 0, 1, 300)), ..Settings::default() }],
        schedule: consistent(faults.injections, targets),
    }
}

/// Most runs roll something out.
fn change(dice: &Dice, duration: Duration, second: bool) -> Option<Change> {
    let at = Duration(dice.between("change", 0, duration.0 / 8, duration.0 * 7 / 8));
    match second {
        true => Some(Change { at, to: To::Second }),
        false => dice.percent("rolls", 0, 60).then_some(Change { at, to: To::Roll }),
    }
}

struct Faults<'a> {
    dice: &'a Dice,
    targets: &'a Targets,
    duration: Duration,
    change: Option<Change>,
    next: u32,
    injections: Vec<Injection>,
}

impl Faults<'_> {
    fn of_kind(&mut self, kind: Kind) {
        let count = self.dice.wide("count", kind as u64, 1, MOST);
        let dwell = self.dice.wide("dwell", kind as u64, DWELL.0.0, DWELL.1.0 / 4);
        for n in 0..count {
            let key = n << 16 | kind as u64;
            let Some(target) = self.target(kind, key) else { return };
            let at = self.time(key);
            let lasts = Duration(self.dice.wide("lasts", key, dwell, DWELL.1.0));
            self.add(kind, target, at, lasts, key);
        }
    }

    fn target(&self, kind: Kind, key: u64) -> Option<Target> {
        let candidates: Vec<&Target> = kind.info().targets.iter().flat_map(|target| self.targets.of_kind(*target)).collect();
        let index = self.dice.between("target", key, 0, (candidates.len() as u64).checked_sub(1)?);
        candidates.get(index as usize).map(|target| (*target).clone())
    }

    /// Half of all faults come while something is rolled out, if something is.
    fn time(&self, key: u64) -> Duration {
        match self.change {
            Some(change) if self.dice.percent("while it rolls", key, 50) => {
                let from = change.at.0.saturating_sub(ROLLING.0 / 4);
                Duration(self.dice.between("at", key, from, from + ROLLING.0))
            }
            _ => Duration(self.dice.between("at", key, 0, self.duration.0)),
        }
    }

    /// What does not end by itself before the run's first phase is over is cut, or, now and then, never ends.
    fn add(&mut self, kind: Kind, target: Target, at: Duration, lasts: Duration, key: u64) {
        let info = kind.info();
        if at >= self.duration {
            return;
        }
        let left = Duration(self.duration.0 - at.0);
        let for_good = lasts > left && self.dice.percent("for good", key, 50);
        let lasts = (info.lasting == Lasting::AsSaid && !for_good).then_some(lasts.min(left));
        let mut fault = Fault::new(kind, target);
        for (index, parameter) in info.parameters.iter().enumerate() {
            if self.dice.percent("unusual", key << 4 | index as u64, 50) {
                let (low, high) = (parameter.low.max(1).unsigned_abs(), parameter.high.max(1).unsigned_abs());
                let drawn = self.dice.wide("parameter", key << 4 | index as u64, low, high);
                fault = fault.with(parameter.name, i64::try_from(drawn).unwrap_or(parameter.usual));
            }
        }
        self.injections.push(Injection { id: self.next, at, fault, lasts });
        self.next += 1;
    }

    fn patterns(&mut self, kinds: &BTreeSet<Kind>) {
        let allowed = |kind: &Kind| kinds.contains(kind);
        if self.dice.percent("rolling", 0, 20) && allowed(&Kind::NodeDead) {
            self.rolling();
        }
        if self.dice.percent("correlated", 0, 15) {
            self.correlated(kinds);
        }
        if self.dice.percent("swizzle", 0, 15) && allowed(&Kind::NodeDead) {
            self.swizzle();
        }
    }

    fn a_cluster(&self, purpose: &str) -> Vec<Target> {
        let clusters: Vec<&Target> = self.targets.of_kind(TargetKind::Cluster).collect();
        let Some(last) = (clusters.len() as u64).checked_sub(1) else { return Vec::new() };
        let chosen = clusters.get(self.dice.between(purpose, 0, 0, last) as usize).and_then(|cluster| cluster.cluster());
        let nodes = self.targets.of_kind(TargetKind::Node).filter(|node| node.cluster() == chosen);
        nodes.cloned().collect()
    }

    /// One node of a cluster after the other, as when machines are renewed in a hurry.
    fn rolling(&mut self) {
        let begin = self.time(u64::MAX);
        let pause = self.dice.wide("rolling pause", 0, 60_000, 1_800_000);
        let lasts = Duration(self.dice.wide("rolling length", 0, 30_000, pause));
        for (n, node) in self.a_cluster("rolling cluster").into_iter().enumerate() {
            self.add(Kind::NodeDead, node, begin + Duration(pause * n as u64), lasts, 1 << 40 | n as u64);
        }
    }

    /// Several things at one instant, as when they hang on one cable: a store, and a machine of some cluster.
    fn correlated(&mut self, kinds: &BTreeSet<Kind>) {
        let at = self.time(u64::MAX - 1);
        let lasts = Duration(self.dice.wide("correlated length", 0, 60_000, 7_200_000));
        let stores = [(Kind::VaultDown, Target::Vault), (Kind::VaultSealed, Target::Vault), (Kind::MysqlDown, Target::Mysql)];
        let stores: Vec<(Kind, Target)> = stores.into_iter().filter(|(kind, _)| kinds.contains(kind)).collect();
        let nodes = self.a_cluster("correlated cluster");
        if let (Some(most), true) = ((stores.len() as u64).checked_sub(1), kinds.contains(&Kind::NodeDead)) {
            let store = stores.get(self.dice.between("correlated store", 0, 0, most) as usize).cloned();
            let node = nodes.get(self.dice.between("correlated node", 0, 0, nodes.len() as u64) as usize).cloned();
            store.into_iter().for_each(|(kind, target)| self.add(kind, target, at, lasts, 2 << 40));
            node.into_iter().for_each(|node| self.add(Kind::NodeDead, node, at, lasts, 3 << 40));
        }
    }

    /// A part of a cluster's nodes falls out one by one within seconds, and comes back in another order.
    fn swizzle(&mut self) {
        let begin = self.time(u64::MAX - 2);
        let length = self.dice.wide("swizzle length", 0, 30_000, 1_800_000);
        for (n, node) in self.a_cluster("swizzle cluster").into_iter().enumerate() {
            let n = n as u64;
            if self.dice.percent("swizzled", n, 50) {
                let at = begin + Duration(self.dice.between("swizzle at", n, 0, 10_000));
                let ends = self.dice.between("swizzle back", n, length, length + 20_000);
                self.add(Kind::NodeDead, node, at, Duration(ends), 4 << 40 | n);
            }
        }
    }
}

/// The schedule without what contradicts the rest: the same thing twice at once, and what cannot be.
fn consistent(injections: Vec<Injection>, targets: &Targets) -> Schedule {
    let mut schedule: Schedule = injections.into_iter().collect();
    loop {
        let mistakes = schedule.mistakes(targets.known());
        let wrong: BTreeMap<u32, ()> = mistakes.iter().map(|mistake| (mistake.injection, ())).collect();
        if wrong.is_empty() {
            return schedule;
        }
        schedule = schedule.injections().iter().filter(|injection| !wrong.contains_key(&injection.id)).cloned().collect();
    }
}
