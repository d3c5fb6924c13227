//! What a scenario says: what is there, what is done, how long is looked on, and why durations may differ.

/// A scenario, as data.
pub(crate) struct Scenario {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    /// What happens, in a sentence.
    pub(crate) story: &'static str,
    /// Where it runs on the bench.
    pub(crate) lane: Lane,
    /// Whether it takes minutes, so that only the page knows of it.
    pub(crate) long: bool,
    /// Number of pods, and how they lie.
    pub(crate) replicas: u32,
    pub(crate) pods: Pods,
    /// Seconds that they tolerate a node that is not heard of.
    pub(crate) tolerates: u32,
    /// `minAvailable` of the budget over them.
    pub(crate) budget: Option<u32>,
    /// Whether what happens from the first pod on counts, and not only what is done when all are ready.
    pub(crate) from_the_beginning: bool,
    pub(crate) steps: &'static [Step],
    /// What follows from what, where it is not what usually follows ([`super::compare`]).
    pub(crate) since: &'static [(&'static str, &'static str)],
    pub(crate) explained: &'static [Explained],
    /// Events whose place among the others is chance.
    pub(crate) by_chance: &'static [&'static str],
}

/// Scenarios of a lane share a cluster of the bench, and take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The management cluster: three nodes, each in a zone of its own.
    Three,
    /// The first service cluster: five nodes in three zones.
    Five,
    /// The second one.
    OtherFive,
}

impl Lane {
    pub(crate) const ALL: [Lane; 3] = [Lane::Three, Lane::Five, Lane::OtherFive];

    /// Which of the bench's clusters.
    pub(crate) fn cluster(self) -> usize {
        match self {
            Lane::Three => 0,
            Lane::Five => 1,
            Lane::OtherFive => 2,
        }
    }

    /// Nodes and zones of it.
    pub(crate) fn nodes(self) -> (u32, u32) {
        match self {
            Lane::Three => (3, 3),
            Lane::Five | Lane::OtherFive => (5, 3),
        }
    }
}

/// How pods lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pods {
    /// Required anti-affinity: one a node.
    Apart,
    /// A required spread over zones by one.
    OverZones,
    /// A required spread over nodes by one; nodes with a taint do not count.
    OverNodes,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Act(Act),
    /// Look on until this happened so often, for at most so many seconds.
    Until(&'static str, usize, u64),
    /// Look on for so many seconds.
    Look(u64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    NewImage,
    Replicas(u32),
    /// Delete a pod that has a node.
    DeletePod,
    /// Nobody renews the lease of the first node with a pod any more.
    NodeAway,
    /// The same of both nodes of the first zone that has two.
    ZoneAway,
    NodesBack,
    /// Put a NoExecute taint with this key on the nth node that had a pod in the beginning.
    Taint(&'static str, usize),
    /// Drain the first so many nodes with a pod, at once.
    Drain(usize),
    ApiAway,
    ApiBack,
}

/// Why a duration differs, and by how much it may, in seconds.
pub(crate) struct Explained {
    /// What happened: a row by its name, or all such events.
    pub(crate) what: &'static str,
    pub(crate) tolerance: f64,
    pub(crate) why: &'static str,
}
