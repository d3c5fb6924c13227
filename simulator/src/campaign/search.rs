//! A search through all schedules of up to a few faults, each of them at one of several instants.
//!
//! Nodes that are alike (one zone, the same workloads on them) are exchangeable: of schedules that differ only in which of them is meant,
//! one is run. Runs that begin alike are run once up to where they part, by cloning the world.

use crate::fault::{Fault, Injection, Lasting, Schedule, Target};
use crate::run::{Report, Run};
use model::Duration;
use model::value::Text;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A search through all schedules of so many faults.
#[derive(Clone, Debug)]
pub struct Search {
    base: Run,
    /// Every fault at every instant, by instant.
    sites: Vec<(Duration, Fault)>,
    lasts: Duration,
    /// How many faults a schedule has.
    sizes: RangeInclusive<usize>,
    /// Of schedules of more than one fault, one in so many is run.
    stride: usize,
    /// Which class of exchangeable nodes each node is in, and which one of it.
    classes: BTreeMap<(Text, Text), (usize, usize)>,
}

/// What a search, or a part of one, has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// States of the world that were gone through.
    pub states: u64,
    /// Schedules that were run to their end.
    pub schedules: u64,
    /// Schedules that were not run, because one that was is like them.
    pub symmetric: u64,
    /// Schedules that were left out.
    pub left_out: u64,
    /// Schedules that broke a promise, with what came of each.
    pub broken: Vec<(Schedule, Report)>,
}

impl Found {
    /// Put together what two parts have found.
    pub fn add(&mut self, other: Found) {
        self.states += other.states;
        self.schedules += other.schedules;
        self.symmetric += other.symmetric;
        self.left_out += other.left_out;
        self.broken.extend(other.broken);
    }
}

impl Search {
    /// A search for what happens to the run `base`, which has just begun, if so many faults out of `faults` begin at some of `instants`
    /// and last so long.
    pub fn new(base: Run, faults: &[Fault], instants: &[Duration], lasts: Duration, sizes: RangeInclusive<usize>) -> Self {
        let sites = instants.iter().flat_map(|at| faults.iter().map(|fault| (*at, fault.clone()))).collect();
        let classes = classes(&base);
        Search { base, sites, lasts, sizes, stride: 1, classes }
    }

    /// The same, but of schedules of more than one fault only one in so many is run.
    #[must_use]
    pub fn every(mut self, stride: usize) -> Self {
        self.stride = stride.max(1);
        self
    }

    /// Number of faults, each of them counted once for every instant.
    pub fn sites(&self) -> usize {
        self.sites.len()
    }

    /// Number of parts that the search falls into. Each may be searched by somebody else.
    pub fn parts(&self) -> usize {
        1 + if *self.sizes.end() > 0 { self.sites.len() } else { 0 }
    }

    /// Search one part: the schedule without faults, or all whose first fault is that of the part.
    pub fn search(&self, part: usize) -> Found {
        let mut found = Found::default();
        let mut chosen = Vec::new();
        match part.checked_sub(1) {
            None => self.end(self.base.clone(), &chosen, &mut found),
            Some(site) => {
                let mut run = self.base.clone();
                self.branch(&mut run, site, &mut chosen, &mut found);
            }
        }
        found
    }

    /// Run with one more fault, and with all that can follow it.
    fn branch(&self, run: &mut Run, site: usize, chosen: &mut Vec<Injection>, found: &mut Found) {
        let Some((at, fault)) = self.sites.get(site) else { return };
        let lasts = (fault.kind.info().lasting == Lasting::AsSaid).then_some(self.lasts);
        let injection = Injection { id: site as u32, at: *at, fault: fault.clone(), lasts };
        if is_doubled(chosen, &injection) {
            return;
        }
        chosen.push(injection.clone());
        if !self.is_canonical(chosen) {
            found.symmetric += 1;
        } else if self.is_left_out(chosen) {
            found.left_out += 1;
        } else {
            let before = run.events();
            run.advance_to(*at);
            found.states += run.events() - before;
            let mut next = run.clone();
            next.insert(injection);
            self.end(next.clone(), chosen, found);
            if chosen.len() < *self.sizes.end() {
                for site in site + 1..self.sites.len() {
                    self.branch(&mut next, site, chosen, found);
                }
            }
        }
        chosen.pop();
    }

    fn end(&self, run: Run, chosen: &[Injection], found: &mut Found) {
        if !self.sizes.contains(&chosen.len()) {
            return;
        }
        let before = run.events();
        let report = run.finish();
        found.states += report.metrics.events - before;
        found.schedules += 1;
        if !report.breaches.is_empty() {
            found.broken.push((chosen.iter().cloned().collect(), report));
        }
    }

    fn is_left_out(&self, chosen: &[Injection]) -> bool {
        let sum: usize = chosen.iter().map(|injection| injection.id as usize).sum();
        chosen.len() > 1 && !sum.is_multiple_of(self.stride)
    }

    /// Whether exchangeable nodes are met in their order: the first one first.
    fn is_canonical(&self, chosen: &[Injection]) -> bool {
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        chosen.iter().all(|injection| {
            let Target::Node { cluster, node } = &injection.fault.target else { return true };
            let Some((class, number)) = self.classes.get(&(cluster.clone(), node.clone())) else { return true };
            let next = met.entry(*class).or_default();
            if *number == *next {
                *next += 1;
            }
            *number < *next
        })
    }
}

/// Whether the same thing is going on already.
fn is_doubled(chosen: &[Injection], injection: &Injection) -> bool {
    let same = |other: &&Injection| other.fault == injection.fault;
    chosen.iter().filter(same).any(|other| other.goes_on_at(injection.at) || other.at == injection.at)
}

/// Nodes that are alike, by what stands on them.
fn classes(run: &Run) -> BTreeMap<(Text, Text), (usize, usize)> {
    let mut classes: BTreeMap<(Text, Text, Vec<Text>), Vec<Text>> = BTreeMap::new();
    for (name, cluster) in run.world().clusters() {
        for node in cluster.nodes().unwrap_or_default() {
            let workloads = cluster.workloads_on(&node.name);
            classes.entry((name.clone(), node.zone.clone(), workloads)).or_default().push(node.name.clone());
        }
    }
    let members = classes.into_iter().enumerate().flat_map(|(class, ((cluster, ..), nodes))| {
        nodes.into_iter().enumerate().map(move |(number, node)| ((cluster.clone(), node), (class, number)))
    });
    members.collect()
}
