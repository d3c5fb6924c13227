//! The scenarios.

use super::scenario::Act::{ApiAway, ApiBack, DeletePod, Drain, NewImage, NodeAway, NodesBack, Replicas, Taint, ZoneAway};
use super::scenario::Step::{Act, Look, Until};
use super::scenario::{Explained, Lane, Pods, Scenario};

/// What most scenarios have in common.
const USUAL: Scenario = Scenario {
    key: "",
    title: "",
    story: "",
    lane: Lane::Five,
    long: false,
    replicas: 3,
    pods: Pods::Apart,
    tolerates: 300,
    budget: None,
    from_the_beginning: false,
    steps: &[],
    since: &[],
    explained: &[],
    by_chance: &[],
};

const LEASE: Explained = Explained {
    what: "node not ready",
    tolerance: 20.0,
    why: "40 to 60 s: a node is given up 50 s after its last renewal was seen; renewals come every 10 s, the controller looks every 5 s, and \
          where in these rounds it dies is chance in both",
};

const UNTAINTED: Explained = Explained {
    what: "node untainted",
    tolerance: 6.0,
    why: "the taint goes with the controller's next round of 5 s, and where in the round the node comes back is chance in both",
};

const BACK: Explained = Explained {
    what: "node ready",
    tolerance: 6.0,
    why: "on the bench a command lets the node come back, which takes a second or two",
};

/// Watches that cannot reach the API server back off (client-go, `reflector.go`): 0.8 s, doubled up to 30 s, and up to twice that by chance.
const BACK_OFF: &str = "watches that did not reach the API server try again after a pause that doubles, from 0.8 s to 30 s, and up to twice that \
                        (client-go, reflector): where in the pause it comes back is chance in both, for the controllers, for the scheduler and for what plays the kubelets";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        key: "roll",
        title: "A roll-out under anti-affinity",
        story: "Three pods, each on a node of its own, five nodes, one pod more and none fewer: the image changes.",
        steps: &[Act(NewImage), Until("pod gone", 3, 60), Look(3)],
        since: &[("new pod made, 2nd", "pod asked to go, 1st"), ("new pod made, 3rd", "pod asked to go, 2nd")],
        ..USUAL
    },
    Scenario {
        key: "node",
        title: "A node is lost",
        story: "Two pods on two of three nodes tolerate a node that is not heard of for 10 s. One node dies, and comes back when the pod has \
                been replaced.",
        lane: Lane::Three,
        replicas: 2,
        tolerates: 10,
        steps: &[Act(NodeAway), Until("pod ready", 1, 180), Look(5), Act(NodesBack), Until("node untainted", 1, 60), Look(3)],
        since: &[("pod gone", "node ready")],
        explained: &[LEASE, UNTAINTED, BACK],
        ..USUAL
    },
    Scenario {
        key: "default",
        title: "A node is lost, and pods tolerate that for as long as they do by default",
        story: "As before with the 300 s that admission adds.",
        lane: Lane::OtherFive,
        long: true,
        steps: &[Act(NodeAway), Until("pod ready", 1, 500), Look(5), Act(NodesBack), Until("node untainted", 1, 60), Look(3)],
        since: &[("pod gone", "node ready")],
        explained: &[LEASE, UNTAINTED, BACK],
        ..USUAL
    },
    Scenario {
        key: "drain",
        title: "A drain with a disruption budget",
        story: "Three pods, of which two have to stay available; the nodes of two of them are drained at once (`kubectl drain`). The second \
                eviction is refused until the first pod's replacement is ready.",
        budget: Some(2),
        steps: &[Act(Drain(2)), Until("pod ready", 2, 60), Until("pod gone", 2, 30), Look(3)],
        since: &[("pod asked to go, 2nd", "pod asked to go, 1st")],
        explained: &[Explained {
            what: "node cordoned, 1st to 2nd",
            tolerance: 6.0,
            why: "kubectl needs a second or two to start",
        }],
        ..USUAL
    },
    Scenario {
        key: "taint",
        title: "A taint",
        story: "Three pods that tolerate `maintenance:NoExecute` for 5 s, and no other taint of a person. One node gets that taint; when the \
                pod has moved another one gets `broken:NoExecute`.",
        steps: &[
            Act(Taint("maintenance", 0)),
            Until("pod ready", 1, 60),
            Until("pod gone", 1, 30),
            Look(2),
            Act(Taint("broken", 1)),
            Until("pod ready", 2, 60),
            Until("pod gone", 2, 30),
            Look(3),
        ],
        since: &[("pod asked to go, 1st", "node tainted, 1st"), ("pod asked to go, 2nd", "node tainted, 2nd")],
        ..USUAL
    },
    Scenario {
        key: "few",
        title: "Too few nodes",
        story: "Six pods, each on a node of its own, and five nodes. Then one of the five is deleted.",
        replicas: 6,
        from_the_beginning: true,
        steps: &[Until("pod ready", 5, 60), Look(5), Act(DeletePod), Until("pod ready", 6, 60), Look(3)],
        since: &[("pod bound, 6th", "pod gone")],
        ..USUAL
    },
    Scenario {
        key: "spread",
        title: "Spreading",
        story: "Six pods over three zones, with at most one more in one zone than in another, then nine. The zones have two nodes, two, and one.",
        replicas: 6,
        pods: Pods::OverZones,
        from_the_beginning: true,
        steps: &[Until("pod ready", 6, 60), Look(3), Act(Replicas(9)), Until("pod ready", 9, 60), Look(3)],
        ..USUAL
    },
    Scenario {
        key: "zone",
        title: "Two nodes of one zone",
        story: "Five pods spread over five nodes, nodes with a taint not counting; they tolerate a node that is not heard of for 10 s. Both nodes \
                of a zone die at once, and come back when their pods have been replaced.",
        lane: Lane::OtherFive,
        replicas: 5,
        pods: Pods::OverNodes,
        tolerates: 10,
        steps: &[Act(ZoneAway), Until("pod ready", 2, 180), Look(5), Act(NodesBack), Until("node untainted", 2, 60), Look(3)],
        since: &[
            ("pod gone", "node ready"),
            ("node tainted, 2nd", "node tainted, 1st"),
            ("pod asked to go, 1st", "node tainted, 1st"),
            ("pod asked to go, 2nd", "node tainted, 2nd"),
        ],
        explained: &[
            LEASE,
            UNTAINTED,
            BACK,
            Explained {
                what: "node tainted, 1st",
                tolerance: 10.5,
                why: "where in its rounds a node dies is chance, so that the other one may be given up later",
            },
        ],
        ..USUAL
    },
    Scenario {
        key: "api",
        title: "The API server restarts",
        story: "Two pods; the API server is killed, is away for 15 s, and starts again: nothing happens to them. Then one is deleted.",
        lane: Lane::Three,
        replicas: 2,
        steps: &[
            Act(ApiAway),
            Until("API server silent", 1, 30),
            Look(15),
            Act(ApiBack),
            Until("API server answers", 1, 60),
            Look(5),
            Act(DeletePod),
            Until("pod ready", 1, 240),
            Until("pod gone", 1, 120),
            Look(3),
        ],
        explained: &[
            Explained {
                what: "API server silent",
                tolerance: 6.0,
                why: "on the bench a command kills it, which takes a second or so",
            },
            Explained {
                what: "API server answers",
                tolerance: 20.0,
                why: "the process needs 3 to 8 s to start, more on a loaded machine; a fault of the simulator is over at once",
            },
            Explained { what: "pod gone", tolerance: 60.0, why: BACK_OFF },
            Explained { what: "pod made", tolerance: 60.0, why: BACK_OFF },
            Explained { what: "pod bound", tolerance: 60.0, why: BACK_OFF },
        ],
        by_chance: &["pod gone", "pod made", "pod bound", "pod ready"],
        ..USUAL
    },
];
