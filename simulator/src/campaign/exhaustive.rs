//! Every schedule of up to a few faults: each fault at each instant of a coarse grid around a roll-out, alone and with each other one.
//!
//! Nodes that are alike (one zone, the same workloads on them) are exchangeable: of schedules that differ only in which of them is meant,
//! one is run. Runs that begin alike are run once up to where they part, by cloning the world.

use super::Campaign;
use crate::fault::{Fault, Injection, Kind, Lasting, Schedule, Target};
use crate::run::{Change, Conditions, Report, Run, To};
use model::Duration;
use model::value::Text;
use std::collections::BTreeMap;

/// When the roll-out begins.
const CHANGE: Duration = Duration::minutes(2);
/// When faults begin, in seconds: just before the roll-out, at its first steps, and in its course.
const GRID: &[u64] = &[90, 121, 135, 180, 420];
/// How long each fault lasts.
const LASTS: Duration = Duration::minutes(9);

/// A search through all schedules of up to so many faults.
#[derive(Debug)]
pub struct Exhaustive {
    campaign: Campaign,
    most: usize,
    /// Every fault at every instant, by instant.
    sites: Vec<(Duration, Fault)>,
    /// Which class of exchangeable nodes each node is in, and which one of it.
    classes: BTreeMap<(Text, Text), (usize, usize)>,
    base: Run,
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
    /// Schedules that broke a promise, with what came of each.
    pub broken: Vec<(Schedule, Report)>,
}

impl Found {
    /// Put together what two parts have found.
    pub fn add(&mut self, other: Found) {
        self.states += other.states;
        self.schedules += other.schedules;
        self.symmetric += other.symmetric;
        self.broken.extend(other.broken);
    }
}

impl Exhaustive {
    /// A search through all schedules of up to `most` faults of the campaign's kinds.
    pub fn new(campaign: Campaign, most: usize) -> Self {
        let faults: Vec<Fault> = campaign.kinds.iter().flat_map(|kind| faults(&campaign, *kind)).collect();
        let at = |seconds: &u64| Duration::seconds(*seconds);
        let sites = GRID.iter().flat_map(|seconds| faults.iter().map(move |fault| (at(seconds), fault.clone()))).collect();
        let base = campaign.begin(conditions(Schedule::NONE));
        let classes = classes(&base);
        Exhaustive { campaign, most, sites, classes, base }
    }

    /// Number of parts that the search falls into. Each may be searched by somebody else.
    pub fn parts(&self) -> usize {
        1 + if self.most > 0 { self.sites.len() } else { 0 }
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
        let lasts = (fault.kind.info().lasting == Lasting::AsSaid).then_some(LASTS);
        let injection = Injection { id: site as u32, at: *at, fault: fault.clone(), lasts };
        if is_doubled(chosen, &injection) {
            return;
        }
        chosen.push(injection.clone());
        if self.is_canonical(chosen) {
            let before = run.events();
            run.advance_to(*at);
            found.states += run.events() - before;
            let mut next = run.clone();
            next.insert(injection);
            self.end(next.clone(), chosen, found);
            if chosen.len() < self.most {
                for site in site + 1..self.sites.len() {
                    self.branch(&mut next, site, chosen, found);
                }
            }
        } else {
            found.symmetric += 1;
        }
        chosen.pop();
    }

    fn end(&self, run: Run, chosen: &[Injection], found: &mut Found) {
        let before = run.events();
        let report = run.finish();
        found.states += report.metrics.events - before;
        found.schedules += 1;
        if !report.breaches.is_empty() {
            found.broken.push((chosen.iter().cloned().collect(), report));
        }
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

    /// The conditions under which a schedule that was found is run by itself.
    pub fn conditions(&self, schedule: Schedule) -> Conditions {
        conditions(schedule)
    }

    /// The campaign that is searched.
    pub fn campaign(&self) -> &Campaign {
        &self.campaign
    }
}

fn conditions(schedule: Schedule) -> Conditions {
    let change = Some(Change { at: CHANGE, to: To::Roll });
    let last = Duration::seconds(GRID.last().copied().unwrap_or_default()) + LASTS;
    Conditions { change, schedule, ..Conditions::calm(0, last + Duration::minutes(1)) }
}

fn faults(campaign: &Campaign, kind: Kind) -> Vec<Fault> {
    let targets = kind.info().targets.iter().flat_map(|target| campaign.targets().of_kind(*target));
    targets.map(|target| Fault::new(kind, target.clone())).collect()
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
