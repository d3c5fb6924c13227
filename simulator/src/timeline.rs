//! What happened in a run, as rows of spans for somebody who looks at it: nodes, gateway agents, stores and traffic.

use crate::run::Run;
use crate::world::Cell;
use model::value::Text;
use model::{Duration, System};
use std::collections::{BTreeMap, BTreeSet};

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Less than it should be.
    Warning,
    /// Not at all.
    Bad,
}

/// How something was, from an instant to another, from the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when on.
    pub from: Duration,
    /// Up to when.
    pub to: Duration,
    /// How well.
    pub level: Level,
    /// How, in words.
    pub words: String,
}

/// One thing over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What kind of thing: "nodes", "gateway agents".
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// How it was, without a gap.
    pub spans: Vec<Span>,
}

impl Row {
    /// Whether it was as it should be all the time.
    pub fn is_well(&self) -> bool {
        self.spans.iter().all(|span| span.level == Level::Good)
    }
}

/// All rows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// How long the run was.
    pub length: Duration,
    /// Rows, by group.
    pub rows: Vec<Row>,
}

/// Names of the groups, in their order.
pub const GROUPS: [&str; 4] = ["nodes", "gateway agents", "stores", "traffic"];

/// Let `run` go on to its end, and write down how everything was.
pub fn record(run: &mut Run) -> Timeline {
    let mut recorder = Recorder::default();
    recorder.see(run);
    while run.step() {
        recorder.see(run);
    }
    recorder.close(run.world().now().since(run.began()))
}

#[derive(Default)]
struct Recorder {
    rows: BTreeMap<(usize, String), Vec<Span>>,
    unserved: BTreeMap<(Text, Text), u64>,
}

impl Recorder {
    fn see(&mut self, run: &Run) {
        let now = run.world().now().since(run.began());
        for (name, cluster) in run.world().clusters() {
            for (node, fault) in cluster.faults() {
                let (level, words) = match fault {
                    None => (Level::Good, "well".to_owned()),
                    Some(fault) => (Level::Bad, format!("{fault:?}").to_lowercase()),
                };
                self.put(0, format!("{name}/{node}"), now, level, words);
            }
            if !cluster.is_reachable() {
                self.put(0, format!("{name} API"), now, Level::Bad, "does not answer".to_owned());
            } else if self.rows.contains_key(&(0, format!("{name} API"))) {
                self.put(0, format!("{name} API"), now, Level::Good, "answers".to_owned());
            }
        }
        for cell in run.cells() {
            self.cell(cell, now);
        }
        let stores: BTreeSet<System> = run.world().stores().hosts().map(|(system, _)| system).collect();
        for system in stores {
            let (level, words) = match run.world().stores().gap(&system) {
                None => (Level::Good, "answers".to_owned()),
                Some(gap) => (Level::Bad, gap.to_string()),
            };
            self.put(2, system.to_string(), now, level, words);
        }
    }

    fn cell(&mut self, cell: &Cell, now: Duration) {
        let name = format!("{}/{}", cell.cluster, cell.namespace);
        let (ready, desired) = (cell.ready().count(), cell.desired as usize);
        let level = match ready {
            _ if ready >= desired => Level::Good,
            _ if ready >= 2 => Level::Warning,
            _ => Level::Bad,
        };
        self.put(1, name.clone(), now, level, format!("{ready} of {desired} ready"));
        let unserved = cell.requests.unserved();
        let before = self.unserved.insert((cell.cluster.clone(), cell.namespace.clone()), unserved).unwrap_or(unserved);
        match unserved.saturating_sub(before) {
            0 => self.put(3, name, now, Level::Good, "answered".to_owned()),
            more => self.since(3, &name, Level::Bad, format!("{more} requests not answered well"), now),
        }
    }

    /// From now on it is like this.
    fn put(&mut self, group: usize, name: String, now: Duration, level: Level, words: String) {
        let spans = self.rows.entry((group, name)).or_default();
        match spans.last_mut() {
            Some(last) if last.level == level && last.words == words => last.to = now,
            Some(last) => {
                last.to = now;
                spans.push(Span { from: now, to: now, level, words });
            }
            None => spans.push(Span { from: Duration::ZERO, to: now, level, words }),
        }
    }

    /// It was like this since it was looked at last: what is counted shows afterwards.
    fn since(&mut self, group: usize, name: &str, level: Level, words: String, now: Duration) {
        let spans = self.rows.entry((group, name.to_owned())).or_default();
        let from = spans.last().map_or(Duration::ZERO, |last| last.to);
        spans.push(Span { from, to: now, level, words });
    }

    fn close(self, length: Duration) -> Timeline {
        let rows = self.rows.into_iter().filter_map(|((group, name), mut spans)| {
            if let Some(last) = spans.last_mut() {
                last.to = length;
            }
            Some(Row { group: GROUPS.get(group)?, name, spans })
        });
        Timeline { length, rows: rows.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Kind;
    use crate::testing::{injection, setup, warm};

    #[test]
    fn a_dead_node_and_its_agent_show_for_as_long_as_they_are_away() {
        let mut run = Run::new(setup(&[injection(0, 5, Kind::NodeDead, "node main/node-1", Some(10))]), warm());
        let timeline = record(&mut run);
        let row = |group: &str, name: &str| timeline.rows.iter().find(|row| row.group == group && row.name == name).unwrap();
        let node = row("nodes", "main/node-1");
        let levels: Vec<(Level, u64)> = node.spans.iter().map(|span| (span.level, span.from.0 / 60_000)).collect();
        assert_eq!(levels, [(Level::Good, 0), (Level::Bad, 5), (Level::Good, 15)]);
        assert!(row("nodes", "main/node-2").is_well() && row("stores", "vault").is_well());
        for row in &timeline.rows {
            let gapless = row.spans.windows(2).all(|pair| pair[0].to == pair[1].from);
            assert!(gapless && row.spans[0].from == Duration::ZERO && row.spans.last().unwrap().to == timeline.length, "{row:?}");
        }
    }
}
