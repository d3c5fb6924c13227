//! Whether a schedule can happen: its targets are there, its numbers are in their ranges, and nothing in it contradicts the rest.

use super::{Fault, Injection, Kind, Lasting, Place, Schedule, Target};
use model::Duration;
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The latest that an injection may begin or end: a thousand years, as for all lengths that people give.
const LATEST: Duration = Duration(86_400_000 * 365_000);

/// What there is that something can happen to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Clusters by name.
    pub clusters: BTreeMap<Text, KnownCluster>,
    /// Regions.
    pub regions: BTreeSet<Text>,
    /// Whether there is a Vault.
    pub vault: bool,
    /// Whether there is a MySQL.
    pub mysql: bool,
    /// Elasticsearches by name.
    pub elasticsearch: BTreeSet<Text>,
    /// Number of those who run the engine; nothing where they come and go.
    pub engines: Option<u32>,
}

/// What is in a cluster that something can happen to. Pods and namespaces come and go, so they are not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownCluster {
    /// Names of its nodes.
    pub nodes: BTreeSet<Text>,
    /// Names of its zones.
    pub zones: BTreeSet<Text>,
}

/// What part of an injection is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// When it begins.
    At,
    /// What happens.
    Kind,
    /// To what.
    Target,
    /// How long.
    Lasts,
    /// The parameter of this name.
    Parameter(Text),
}

/// Something in a schedule that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Number of the injection.
    pub injection: u32,
    /// Which part of it.
    pub field: Field,
    /// What is wrong.
    pub message: String,
    /// What can be done.
    pub help: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "injection {}: {}; {}", self.injection, self.message, self.help)
    }
}

impl Schedule {
    /// Everything in it that cannot be, given what there is; nothing if it can happen.
    pub fn mistakes(&self, known: &Known) -> Vec<Mistake> {
        let mut mistakes: Vec<Mistake> = self.injections().iter().flat_map(|injection| injection.mistakes(known)).collect();
        mistakes.extend(self.doubled());
        mistakes.extend(self.contradictions());
        mistakes
    }

    fn doubled(&self) -> Vec<Mistake> {
        let mut seen = BTreeSet::new();
        let again = self.injections().iter().filter(|injection| !seen.insert(injection.id));
        again
            .map(|injection| wrong(injection, Field::At, "its number was used before", "give each injection a number of its own"))
            .collect()
    }

    /// The same thing twice at once, or something that happens to a node that is not there any more.
    fn contradictions(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (index, later) in self.injections().iter().enumerate() {
            for earlier in &self.injections()[..index] {
                let same = earlier.fault.target == later.fault.target;
                if same && earlier.fault.kind == later.fault.kind && earlier.goes_on_at(later.at) {
                    let message = format!(
                        "{} {} is going on already, since injection {}",
                        later.fault.kind, later.fault.target, earlier.id
                    );
                    mistakes.push(wrong(later, Field::At, &message, "let the first one end before, or take one of them away"));
                }
                if same && earlier.fault.kind == Kind::NodeRemoved {
                    let message = format!("{} is gone for good since injection {}", later.fault.target, earlier.id);
                    mistakes.push(wrong(later, Field::Target, &message, "name another node, or let this happen before"));
                }
            }
        }
        mistakes
    }
}

impl Injection {
    fn mistakes(&self, known: &Known) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.at > LATEST {
            mistakes.push(wrong(self, Field::At, "it begins in more than a thousand years", "let it begin earlier"));
        }
        let lasting = self.fault.kind.info().lasting;
        match self.lasts {
            Some(_) if lasting != Lasting::AsSaid => {
                let message = format!("{} has no length: it is over at once", self.fault.kind);
                mistakes.push(wrong(self, Field::Lasts, &message, "leave the length away"));
            }
            Some(Duration::ZERO) => {
                mistakes.push(wrong(self, Field::Lasts, "it lasts no time at all", "give it a length, or take it away"))
            }
            Some(lasts) if lasts > LATEST => {
                mistakes.push(wrong(
                    self,
                    Field::Lasts,
                    "it lasts more than a thousand years",
                    "leave the length away: then it never ends",
                ));
            }
            _ => {}
        }
        mistakes.extend(self.fault.mistakes(known).into_iter().map(|(field, message, help)| wrong(self, field, &message, &help)));
        mistakes
    }
}

fn wrong(injection: &Injection, field: Field, message: &str, help: &str) -> Mistake {
    Mistake { injection: injection.id, field, message: message.to_owned(), help: help.to_owned() }
}

impl Fault {
    /// What of it cannot be, given what there is.
    pub fn mistakes(&self, known: &Known) -> Vec<(Field, String, String)> {
        let info = self.kind.info();
        let mut mistakes = Vec::new();
        if !info.targets.contains(&self.target.kind()) {
            let forms: Vec<&str> = info.targets.iter().map(|target| target.form()).collect();
            let message = format!("{} does not happen to {}", self.kind, self.target);
            mistakes.push((Field::Target, message, format!("it happens to {}", forms.join(" or "))));
        } else if let Err((message, help)) = known.has(&self.target) {
            mistakes.push((Field::Target, message, help));
        }
        for (name, value) in &self.parameters {
            let field = Field::Parameter(name.clone());
            match info.parameters.iter().find(|parameter| parameter.name == *name) {
                None => {
                    let names: Vec<&str> = info.parameters.iter().map(|parameter| parameter.name).collect();
                    let help = if names.is_empty() {
                        "it takes no number".to_owned()
                    } else {
                        format!("it takes {}", names.join(" and "))
                    };
                    mistakes.push((field, format!("{} has no {name:?}", self.kind), help));
                }
                Some(known) if !(known.low..=known.high).contains(value) => {
                    let help = format!("it lies between {} and {}{}", known.low, known.high, known.unit.suffix());
                    mistakes.push((field, format!("{name} of {} cannot be {value}", self.kind), help));
                }
                Some(_) => {}
            }
        }
        mistakes
    }
}

type Wrong = (String, String);

fn one_of<'a>(what: &str, names: impl Iterator<Item = &'a Text>) -> String {
    let names: Vec<&str> = names.take(9).map(Text::as_str).collect();
    match names.as_slice() {
        [] => format!("there is no {what} at all"),
        [only] => format!("the only {what} is {only}"),
        _ => format!("there are {}", names.join(", ")),
    }
}

impl Known {
    /// Whether a target is there.
    ///
    /// # Errors
    /// What is not, and what is.
    pub fn has(&self, target: &Target) -> Result<(), Wrong> {
        match target {
            Target::Pod { cluster, .. }
            | Target::Cell { cluster, .. }
            | Target::Backend { cluster, .. }
            | Target::Cluster(cluster) => self.cluster(cluster).map(drop),
            Target::Node { cluster, node } => self.node(cluster, node),
            Target::Zone { cluster, zone } => self.zone(cluster, zone),
            Target::Region(name) => self.region(name),
            Target::Vault => self.place(&Place::Vault),
            Target::Mysql => self.place(&Place::Mysql),
            Target::Elasticsearch(name) => self.place(&Place::Elasticsearch(name.clone())),
            Target::Way { from, to } => self.way(from, to),
            Target::Engine(number) => match self.engines {
                Some(engines) if *number >= engines => {
                    Err((format!("there is no engine {number}"), format!("they are counted from 0; there are {engines}")))
                }
                _ => Ok(()),
            },
        }
    }

    fn way(&self, from: &Place, to: &Place) -> Result<(), Wrong> {
        if from == to {
            return Err((format!("the way from {from} leads nowhere else"), "name two different places".to_owned()));
        }
        self.place(from)?;
        self.place(to)
    }

    fn place(&self, place: &Place) -> Result<(), Wrong> {
        let missing = |name: &str| (format!("there is no {name}"), "the platform has none".to_owned());
        match place {
            Place::Region(name) => self.region(name),
            Place::Cluster(name) | Place::ControlPlane(name) | Place::LoadBalancers(name) => self.cluster(name).map(drop),
            Place::Zone(cluster, zone) => self.zone(cluster, zone),
            Place::Node(cluster, node) => self.node(cluster, node),
            Place::Vault => {
                if self.vault {
                    Ok(())
                } else {
                    Err(missing("vault"))
                }
            }
            Place::Mysql => {
                if self.mysql {
                    Ok(())
                } else {
                    Err(missing("mysql"))
                }
            }
            Place::Elasticsearch(name) if self.elasticsearch.contains(name) => Ok(()),
            Place::Elasticsearch(name) => {
                Err((format!("there is no elasticsearch {name}"), one_of("elasticsearch", self.elasticsearch.iter())))
            }
            Place::Engine => Ok(()),
        }
    }

    fn cluster(&self, name: &Text) -> Result<&KnownCluster, Wrong> {
        self.clusters.get(name).ok_or_else(|| (format!("there is no cluster {name}"), one_of("cluster", self.clusters.keys())))
    }

    fn node(&self, cluster: &Text, node: &Text) -> Result<(), Wrong> {
        let known = self.cluster(cluster)?;
        let is_there = known.nodes.contains(node);
        if is_there {
            Ok(())
        } else {
            Err((format!("there is no node {node} in cluster {cluster}"), one_of("node", known.nodes.iter())))
        }
    }

    fn zone(&self, cluster: &Text, zone: &Text) -> Result<(), Wrong> {
        let known = self.cluster(cluster)?;
        let is_there = known.zones.contains(zone);
        if is_there {
            Ok(())
        } else {
            Err((format!("there is no zone {zone} in cluster {cluster}"), one_of("zone", known.zones.iter())))
        }
    }

    fn region(&self, name: &Text) -> Result<(), Wrong> {
        let is_there = self.regions.contains(name);
        if is_there { Ok(()) } else { Err((format!("there is no region {name}"), one_of("region", self.regions.iter()))) }
    }
}
