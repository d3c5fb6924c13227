//! What a platform costs while nothing happens: no event at all, however large it is and however long it takes.

use super::agents::events;
use super::*;
use crate::run::Warm;
use crate::testing::desired;

/// Three regions, two clusters in each, five nodes in each of these, three gateway agents in every cell.
const REFERENCE: &str = include_str!("../../../../specs/simulate/reference.yaml");

#[test]
fn a_quiet_month_of_the_reference_platform_has_no_more_events_than_a_quiet_day() {
    let warm = Warm::up(&desired(REFERENCE)).unwrap();
    let (mut day, mut month) = (warm.world.clone(), warm.world.clone());
    let cells = day.cells();
    assert!(cells.len() >= 6 && cells.iter().all(|cell| cell.desired == 3 && cell.ready().count() == 3), "{cells:?}");
    // What of the roll-outs is still to come.
    day.advance(Duration::minutes(60));
    month.advance(Duration::minutes(60));
    let before_month = month.cells();
    assert_eq!((events(&mut day, Duration::minutes(24 * 60)), events(&mut month, Duration::minutes(30 * 24 * 60))), (0, 0));
    for (before, cell) in before_month.iter().zip(month.cells()) {
        let rate = cell.load.as_ref().unwrap().millirequests_per_second;
        assert_eq!((cell.requests.unserved(), cell.requests.stale), (before.requests.unserved(), before.requests.stale));
        assert_eq!(cell.requests.served - before.requests.served, rate * 3600 * 24 * 30 / 1000);
        assert!(cell.agents.iter().all(|agent| agent.confirmed.is_some_and(|at| month.now().since(at) <= gateway_agent::POLL)));
    }
}
