//! A tenant gets another name: what holds data moves with it, the new gateway agents serve before the old ones go, and what it leaves
//! empty goes by name only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use driver::{Answer, Consent, Machine, Settings};
use model::outcome::Verdict;
use model::plan::{Action, NoteKind};
use model::{Address, Kind};
use planner::plan::Options;
use port::Ledger;
use simulator::kubernetes::Key;
use simulator::world::World;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use tests::stage::{Stage, holder, words};
use tests::{block_on, root};

const SCHEMA: &str = "mysql/schema/acme-shop";

/// How many agents serve in the old cell or in the new one, whichever has more.
fn serving(world: &World) -> usize {
    let of = |tenant: &str| {
        let key = Key::new(Kind::Deployment, &format!("acme-{tenant}-production/gateway-agent"));
        let pods = world.cluster("main").unwrap().pods_of(&key);
        pods.iter().filter(|pod| pod.ready && pod.serving && !pod.terminating).count()
    };
    of("shop").max(of("store"))
}

#[test]
fn tables_move_the_new_agents_serve_before_the_old_ones_go_and_the_empty_schema_goes_by_name() {
    // On durable storage, and with a node more: six agents stand side by side for a while.
    let text = std::fs::read_to_string(root().join("specs/valid/quickstart.yaml")).unwrap();
    let text = text
        .replace("count: 4", "count: 8")
        .replace("storage: local", "storage: durable")
        .replace("storage: memory", "storage: raft");
    let mut stage = Stage::of_text("vamp.yaml", &text);
    block_on(async {
        let fewest = Rc::new(RefCell::new(usize::MAX));
        let mut platform = stage.open().await;
        assert_eq!(stage.apply(&mut platform, Options::default()).await.unwrap().verdict, Verdict::Converged);
        stage.change(&format!("{}\nmoved:\n  - {{ from: shop, to: store }}\n", text.replace("  shop:\n", "  store:\n")));
        let seen = fewest.clone();
        let watcher = move |world: &World| {
            let fewest = seen.borrow().min(serving(world));
            seen.replace(fewest);
        };
        let mut platform = platform.with_witness(Box::new(watcher));

        let plan = stage.plan(&mut platform, Options::default()).await;
        let withheld: Vec<&str> = plan.report.iter().map(|note| note.subject.as_str()).collect();
        assert_eq!(
            (withheld.as_slice(), plan.report[0].kind),
            ([SCHEMA].as_slice(), NoteKind::NeedsConsent),
            "{:#?}",
            words(&plan)
        );
        let allow_destroy: BTreeSet<Address> = [SCHEMA.parse().unwrap()].into();
        let plan = stage.plan(&mut platform, Options { allow_destroy: allow_destroy.clone(), ..Options::default() }).await;
        let moves: Vec<_> =
            plan.steps.iter().filter(|step| step.action == Action::Move).map(|step| step.address.clone()).collect();
        let tables = moves.iter().filter(|address| address.kind() == Kind::Table);
        let delete = plan.steps.iter().find(|step| step.address.as_str() == SCHEMA).unwrap();
        assert!(tables.clone().count() == 2 && tables.clone().all(|table| delete.after.contains(table)), "{delete:#?}");

        let run = platform.begin(holder()).await.unwrap();
        let consent = Consent::given(&plan, Answer::Flag, allow_destroy).unwrap();
        let machine = Machine::new(&plan, Settings::default(), consent, run).unwrap();
        let outcome = driver::run(&mut platform, machine, &mut |_| {}).await.unwrap();
        platform.end().await.unwrap();
        assert_eq!(outcome.verdict, Verdict::Converged, "{outcome:#?}");
        assert_eq!(*fewest.borrow(), 3, "three agents of the old name or of the new one at every event");
        let again = stage.plan(&mut platform, Options::default()).await;
        assert!(again.is_empty() && again.report.is_empty(), "{:#?}", words(&again));
    });
}
