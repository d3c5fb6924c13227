//! VGA-4, watched without a pause: while gateway agents are rolled, no cell ever has fewer than two that serve, on two nodes. After
//! every event of virtual time and every operation the pods of every cell are counted, as they are in truth and not as the API server
//! still believes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use driver::{Answer, Consent, Machine, Settings};
use embedded::EmbeddedPlatform;
use model::outcome::{Outcome, Verdict};
use model::plan::{Action, NoteKind};
use model::resource::Role;
use model::{Address, System, Timestamp};
use planner::plan::Options;
use port::{Event, Ledger, Platform, PlatformError, Request};
use simulator::fault::Fault;
use simulator::kubernetes::Key;
use simulator::world::World;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use tests::stage::{Stage, holder, words};
use tests::{block_on, root};

/// A converged platform in a file, and a spec that rolls every gateway agent of it.
struct Scene {
    stage: Stage,
    before: PathBuf,
    cells: Vec<Address>,
}

impl Scene {
    fn of(spec: &str) -> Scene {
        let path = root().join("specs/valid").join(spec);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut stage = Stage::of_file(&path);
        block_on(async {
            let mut platform = stage.open().await;
            let outcome = stage.apply(&mut platform, Options::default()).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged);
            platform.close().await.unwrap();
        });
        let before = stage.folder().join("before.sqlite");
        std::fs::rename(stage.file(), &before).unwrap();
        stage.change(&rolled(&text));
        let agents = stage.compiled.graph.resources().filter(|resource| resource.role == Role::GatewayAgent);
        let cells: Vec<Address> = agents.map(|resource| resource.address.clone()).collect();
        assert!(!cells.is_empty());
        Scene { stage, before, cells }
    }

    /// Roll; at the batch of this number a node fails. What came of it, how many batches there were, and the fewest agents that served.
    async fn roll(&self, failure: Option<(usize, Fault)>) -> (Outcome, usize, Fewest) {
        self.stage.begin_with(Some(&self.before));
        let fewest = Rc::new(RefCell::new(Fewest::default()));
        let (seen, cells) = (fewest.clone(), self.cells.clone());
        let watcher = Box::new(move |world: &World| seen.borrow_mut().look(world, &cells));
        let mut platform = self.stage.open().await.with_witness(watcher);
        let plan = self.stage.plan(&mut platform, Options::default()).await;
        let rolls = plan.steps.iter().filter(|step| step.action == Action::Update && step.role == Role::GatewayAgent);
        assert_eq!(rolls.count(), self.cells.len(), "{:#?}", words(&plan));
        let run = platform.begin(holder()).await.unwrap();
        let consent = Consent::given(&plan, Answer::Flag, []).unwrap();
        let machine = Machine::new(&plan, Settings::default(), consent, run).unwrap();
        let mut failing = Failing { platform: &mut platform, failure, batches: 0 };
        let outcome = driver::run(&mut failing, machine, &mut |_| {}).await.unwrap();
        let batches = failing.batches;
        platform.end().await.unwrap();
        platform.close().await.unwrap();
        let fewest = fewest.borrow().clone();
        (outcome, batches, fewest)
    }
}

/// The spec with another image for every gateway agent.
fn rolled(text: &str) -> String {
    let changed = text.replace("gateway-agent:1.0.4", "gateway-agent:1.0.5");
    if changed != text {
        changed
    } else {
        format!("{text}\nimages:\n  gatewayAgent: ghcr.io/magneticio/vamp-gateway-agent:1.0.5\n")
    }
}

/// A platform of which a node fails at some moment.
struct Failing<'a> {
    platform: &'a mut EmbeddedPlatform,
    failure: Option<(usize, Fault)>,
    batches: usize,
}

impl Platform for Failing<'_> {
    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn submit(&mut self, request: Request) {
        self.platform.submit(request);
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.batches += 1;
        if let Some((_, node)) = self.failure.take_if(|(batch, _)| *batch == self.batches) {
            self.platform.alter(holder(), |world| world.inject(&node)).await.unwrap().unwrap();
        }
        self.platform.next().await
    }
}

/// The fewest agents of each cell that served at any moment, and the fewest nodes that they stood on.
#[derive(Clone, Debug, Default)]
struct Fewest {
    cells: BTreeMap<Address, (usize, usize)>,
    looks: usize,
    /// Nodes on which a rolled agent ever stood.
    nodes: BTreeSet<String>,
}

impl Fewest {
    fn look(&mut self, world: &World, cells: &[Address]) {
        self.looks += 1;
        for cell in cells {
            let System::Cluster(cluster) = cell.system() else { continue };
            let key = Key::new(cell.kind(), cell.key());
            let pods = world.cluster(&cluster).unwrap().pods_of(&key);
            let serving: Vec<_> = pods.iter().filter(|pod| pod.ready && pod.serving && !pod.terminating).collect();
            let nodes: BTreeSet<&str> = serving.iter().filter_map(|pod| pod.node.as_deref()).collect();
            self.nodes.extend(nodes.iter().map(|node| format!("{cluster}/{node}")));
            let fewest = self.cells.entry(cell.clone()).or_insert((usize::MAX, usize::MAX));
            *fewest = (fewest.0.min(serving.len()), fewest.1.min(nodes.len()));
        }
    }

    fn of_all(&self) -> (usize, usize) {
        self.cells.values().fold((usize::MAX, usize::MAX), |all, cell| (all.0.min(cell.0), all.1.min(cell.1)))
    }
}

#[test]
fn a_roll_out_over_many_regions_takes_no_ready_agent_away_before_a_new_one_is_ready() {
    let scene = Scene::of("multi-region.yaml");
    block_on(async {
        let (outcome, _, fewest) = scene.roll(None).await;
        assert_eq!(outcome.verdict, Verdict::Converged);
        assert!(fewest.looks > 300, "{}", fewest.looks);
        assert_eq!(fewest.cells.len(), scene.cells.len());
        assert_eq!(fewest.of_all(), (3, 3), "{fewest:#?}");
    });
}

#[test]
fn a_node_that_fails_in_the_middle_of_a_roll_out_leaves_two_agents_on_two_nodes_in_every_cell() {
    let scene = Scene::of("m3.yaml");
    block_on(async {
        let (_, batches, calm) = scene.roll(None).await;
        assert!(calm.nodes.len() > 5, "{:?}", calm.nodes);
        let mut hit = 0;
        for node in &calm.nodes {
            for batch in (1..=batches).step_by(3) {
                let target = Fault::by_hand("node", Some(node)).unwrap();
                let (_, _, fewest) = scene.roll(Some((batch, target))).await;
                let (agents, nodes) = fewest.of_all();
                assert!(agents >= 2 && nodes >= 2, "{node} fails at {batch} of {batches}: {fewest:#?}");
                hit += usize::from(agents == 2);
            }
        }
        assert!(hit > 0, "no failure took an agent away");
    });
}

/// The watcher would have seen it: with one more unavailable than allowed, a cell does fall below two.
#[test]
fn the_watcher_sees_a_cell_that_falls_below_two() {
    let scene = Scene::of("m3.yaml");
    block_on(async {
        scene.stage.begin_with(Some(&scene.before));
        let mut platform = scene.stage.open().await;
        let mut fewest = Fewest::default();
        let nodes: Vec<String> = {
            fewest.look(platform.world(), &scene.cells);
            fewest.nodes.iter().cloned().collect()
        };
        for node in nodes {
            let target = Fault::by_hand("node", Some(&node)).unwrap();
            platform.alter(holder(), |world| world.inject(&target)).await.unwrap().unwrap();
            fewest.look(platform.world(), &scene.cells);
        }
        assert_eq!(fewest.of_all(), (0, 0));
    });
}

#[test]
fn a_roll_out_that_would_have_to_go_below_two_is_refused() {
    let scene = Scene::of("m3.yaml");
    let refused = |change: fn(&mut World)| {
        block_on(async {
            scene.stage.begin_with(Some(&scene.before));
            let mut platform = scene.stage.open().await;
            platform.alter(holder(), change).await.unwrap();
            let plan = scene.stage.plan(&mut platform, Options::default()).await;
            platform.close().await.unwrap();
            let notes = plan.report.iter().filter(|note| note.kind == NoteKind::Refused);
            notes.map(|note| (note.rule.as_deref().unwrap_or_default().to_owned(), note.subject.to_string())).collect::<Vec<_>>()
        })
    };
    let cell = |name: &str| format!("cluster.{name}/gateway-agent");
    assert!(refused(|_| ()).is_empty());
    // Two of five nodes away: three agents on three nodes, and no node for a fourth.
    let no_room = refused(|world| {
        for number in [1, 2] {
            world.inject(&Fault::by_hand("node", Some(&format!("eu-2/node-{number}"))).unwrap()).unwrap();
        }
        world.advance(model::Duration::minutes(20));
    });
    assert_eq!(no_room, [("VGA-4".to_owned(), cell("eu-2/deployment/acme-shop-production"))]);
    let sealed = refused(|world| world.seal().unwrap());
    assert_eq!(sealed.len(), scene.cells.len());
    assert!(sealed.iter().all(|(rule, _)| rule == "VGA-5"), "{sealed:?}");
}
