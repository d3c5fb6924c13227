//! Every schedule of up to a few faults: each fault at each instant of a coarse grid around a roll-out, alone and with each other one.

use super::Campaign;
use super::search::Search;
use crate::fault::{Fault, Kind, Schedule};
use crate::run::{Change, Conditions, To};
use model::Duration;

pub use super::search::Found;

/// When the roll-out begins.
const CHANGE: Duration = Duration::minutes(2);
/// When faults begin: just before the roll-out, at its first steps, and in its course.
const GRID: [Duration; 5] =
    [Duration::seconds(90), Duration::seconds(121), Duration::seconds(135), Duration::seconds(180), Duration::seconds(420)];
/// How long each fault lasts.
const LASTS: Duration = Duration::minutes(9);

/// A search through all schedules of up to so many faults.
#[derive(Debug)]
pub struct Exhaustive {
    campaign: Campaign,
    search: Search,
}

impl Exhaustive {
    /// A search through all schedules of up to `most` faults of the campaign's kinds.
    pub fn new(campaign: Campaign, most: usize) -> Self {
        let faults: Vec<Fault> = campaign.kinds.iter().flat_map(|kind| faults(&campaign, *kind)).collect();
        let base = campaign.begin(conditions(Schedule::NONE));
        let search = Search::new(base, &faults, &GRID, LASTS, 0..=most);
        Exhaustive { campaign, search }
    }

    /// Number of parts that the search falls into. Each may be searched by somebody else.
    pub fn parts(&self) -> usize {
        self.search.parts()
    }

    /// Search one part: the schedule without faults, or all whose first fault is that of the part.
    pub fn search(&self, part: usize) -> Found {
        self.search.search(part)
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
    let last = GRID.last().copied().unwrap_or_default() + LASTS;
    Conditions { change, schedule, ..Conditions::calm(0, last + Duration::minutes(1)) }
}

fn faults(campaign: &Campaign, kind: Kind) -> Vec<Fault> {
    let targets = kind.info().targets.iter().flat_map(|target| campaign.targets().of_kind(*target));
    targets.map(|target| Fault::new(kind, target.clone())).collect()
}
