//! Gateway agents of one cell, through losses of what they need.

use super::clusters::*;
use super::*;
use gateway_agent::State;

/// A cluster with gateway agents that serve.
pub(super) fn serving() -> World {
    let mut world = world_with(Endpoint::Embedded);
    let_them_in(&mut world);
    allow(&mut world);
    publish(&mut world);
    agents(&mut world);
    world.advance(Duration::minutes(2));
    world
}

fn states(world: &World) -> Vec<(Option<State>, bool, Option<u64>)> {
    let cells = world.cells();
    let agents = cells.iter().flat_map(|cell| &cell.agents);
    agents.map(|agent| (agent.state, agent.ready, agent.revision.map(|revision| revision.version))).collect()
}

fn all(state: State, version: u64) -> Vec<(Option<State>, bool, Option<u64>)> {
    vec![(Some(state), true, Some(version)); 2]
}

/// Let time pass, and count what happens in it.
pub(super) fn events(world: &mut World, length: Duration) -> usize {
    let end = world.now() + length;
    let mut count = 0;
    while world.next_event_at().is_some_and(|at| at <= end) && world.step() {
        count += 1;
    }
    world.advance_to(end);
    count
}

#[test]
fn a_cell_tells_its_agents_and_what_they_serve() {
    let world = serving();
    let cells = world.cells();
    assert_eq!((cells.len(), cells[0].namespace.as_str(), cells[0].desired), (1, "acme", 2));
    assert_eq!((cells[0].ready().count(), cells[0].nodes_of_ready()), (2, 2));
    assert_eq!(cells[0].published, cells[0].agents[0].revision);
    assert!(cells[0].configuration_age(world.now()).unwrap() <= gateway_agent::POLL);
}

#[test]
fn a_year_in_which_nothing_happens_has_no_event() {
    let mut world = serving();
    // The last deadline of the roll-out.
    world.advance(Duration::minutes(10));
    assert_eq!(events(&mut world, Duration::minutes(365 * 24 * 60)), 0);
    assert_eq!(states(&world), all(State::Empty, 1));
    assert!(world.cells()[0].configuration_age(world.now()).unwrap() <= gateway_agent::POLL);
    // The tokens of a year ago would be long dead: they were renewed and replaced all the same.
    publish_gateway(&mut world, "storefront");
    events(&mut world, gateway_agent::POLL);
    assert_eq!(states(&world), all(State::Serving, 2));
}

#[test]
fn agents_are_frozen_while_vault_is_away_and_follow_within_a_round_with_a_dead_token_too() {
    for minutes in [10, 60 * 24 * 40] {
        let mut world = serving();
        publish_gateway(&mut world, "storefront");
        world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
        assert!(events(&mut world, Duration::minutes(minutes)) < 10);
        assert_eq!(states(&world), all(State::Stale, 1));
        world.mend(&Fault::by_hand("vault", None).unwrap()).unwrap();
        world.advance(gateway_agent::POLL);
        assert_eq!(states(&world), all(State::Serving, 2), "{minutes} minutes");
    }
}

#[test]
fn a_role_that_is_taken_away_is_missed_when_the_token_has_come_to_the_end_of_its_life() {
    let mut world = serving();
    let role: Address = "vault/auth-role/acme-eu-1/agent".parse().unwrap();
    world.edit(&role, &Edit::Delete).unwrap();
    world.advance(Duration::minutes(60 * 24 * 20));
    assert_eq!(states(&world), all(State::Empty, 1));
    world.advance(Duration::minutes(60 * 24 * 13));
    assert_eq!(states(&world), all(State::Stale, 1));
    let_them_in(&mut world);
    world.advance(Duration::minutes(2));
    assert_eq!(states(&world), all(State::Empty, 1));
}

#[test]
fn a_container_that_crashes_while_vault_is_away_serves_what_it_kept_only_if_its_directory_is_there() {
    for (keeps, expected) in [(true, Some(1)), (false, None)] {
        let mut world = serving();
        if keeps {
            keep_directory(&mut world);
        }
        world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
        let pod = world.cells()[0].agents[0].pod.clone();
        world.in_cluster("eu-1", |cluster, context| cluster.kill_container(&format!("acme/{pod}"), context));
        world.advance(Duration::minutes(10));
        let cells = world.cells();
        let agent = cells[0].agents.iter().find(|agent| agent.pod == pod).unwrap();
        assert_eq!((agent.revision.map(|revision| revision.version), agent.ready), (expected, keeps), "{agent:?}");
    }
}

#[test]
fn a_pod_is_available_that_serves_nothing_where_nobody_probes_it_and_no_other() {
    for (probed, available) in [(false, 2), (true, 0)] {
        let mut world = world_with(Endpoint::Embedded);
        if probed {
            agents(&mut world);
        } else {
            put(&mut world, AGENT, unprobed_agents()).unwrap();
        }
        world.advance(Duration::minutes(5));
        let cell = world.cells().remove(0);
        assert_eq!((cell.agents.len(), cell.ready().count()), (2, 0));
        assert_eq!(cell.agents.iter().filter(|agent| agent.available).count(), available, "probed: {probed}");
    }
}

#[test]
fn an_agent_on_a_node_that_dies_neither_serves_nor_is_asked_anything() {
    let mut world = serving();
    let node = world.cells()[0].agents[0].node.clone().unwrap();
    world.inject(&Fault::by_hand("node", Some(&format!("eu-1/{node}"))).unwrap()).unwrap();
    let cells = world.cells();
    assert_eq!((cells[0].ready().count(), cells[0].agents[0].available), (1, true), "the API server does not know yet");
    world.advance(Duration::minutes(10));
    assert_eq!(world.cells()[0].ready().count(), 2);
}
