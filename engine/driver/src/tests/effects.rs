//! The machine by itself: lists of effects, compared.

use crate::tests::plans::{address, after, consent, plan, step};
use crate::{Effect, Input, Machine, ProgressEvent, Settings};
use model::operation::{OperationError, Receipt};
use model::outcome::{JournalEvent, StepResult, Verdict};
use model::plan::{Action, Step};
use model::{Duration, Timestamp};
use port::{Event, Request, Ticket};

/// Effects in a few words.
fn words(effects: Vec<Effect>) -> Vec<String> {
    effects.into_iter().map(word).collect()
}

fn word(effect: Effect) -> String {
    match effect {
        Effect::Request(Request::Record { ticket, entries }) => {
            let entries: Vec<String> = entries.iter().map(|entry| entry_word(&entry.event)).collect();
            format!("record #{} {}", ticket.0, entries.join(", "))
        }
        Effect::Request(Request::Execute { ticket, operation }) => format!("execute #{} {}", ticket.0, operation.address()),
        Effect::Request(Request::Watch { ticket, address, .. }) => format!("watch #{} {address}", ticket.0),
        Effect::Request(Request::Append { chain, .. }) => format!("append to {chain}"),
        Effect::Request(Request::Wake { at }) => format!("wake {}", at.0),
        Effect::Progress(progress) => {
            let counts = progress.counts;
            let standing = format!("{}/{} done, {} running", counts.done, counts.total, counts.running);
            match progress.event {
                ProgressEvent::StepRetrying { attempts, reason, .. } => format!("show retry {attempts}: {reason} ({standing})"),
                other => format!("show {} ({standing})", format!("{other:?}").split([' ', '(']).next().unwrap()),
            }
        }
        Effect::Finished(outcome) => format!("finished {:?} in {}", outcome.verdict, outcome.took),
    }
}

fn entry_word(event: &JournalEvent) -> String {
    match event {
        JournalEvent::RunStarted { steps, .. } => format!("run of {steps}"),
        JournalEvent::StepStarted { address, action, .. } => format!("{} {address}", action.word()),
        JournalEvent::StepRetried { address, attempts } => format!("again after {attempts} {address}"),
        JournalEvent::StepEnded { address, result } => format!("{address} {result:?}"),
        JournalEvent::RunEnded { verdict } => format!("{verdict:?}"),
        other => format!("{other:?}"),
    }
}

fn executed(ticket: u64) -> Event {
    Event::Executed { ticket: Ticket(ticket), result: Ok(Receipt { version: Some("1".into()), changed: true }) }
}

fn recorded(ticket: u64) -> Event {
    Event::Recorded { ticket: Ticket(ticket) }
}

#[test]
fn one_step_from_its_start_in_the_journal_to_the_end_of_the_run() {
    let plan = plan(vec![step("vault/policy/a")]);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    let mut at = |milliseconds, input| words(machine.step(Timestamp(milliseconds), input));
    assert_eq!(at(0, Input::Start), ["show RunStarted (0/1 done, 0 running)", "record #0 run of 1, create vault/policy/a"]);
    let begun = ["show StepStarted (0/1 done, 1 running)", "execute #1 vault/policy/a"];
    assert_eq!(at(5, recorded(0).into()), begun);
    let done = ["show StepDone (1/1 done, 0 running)", "record #2 vault/policy/a Done { changed: true }, Converged"];
    assert_eq!(at(25, executed(1).into()), done);
    assert_eq!(at(30, recorded(2).into()), ["finished Converged in 30ms"]);
    assert!(at(31, Input::Start).is_empty(), "nothing comes after the end");
}

#[test]
fn what_begins_at_one_instant_stands_in_the_journal_in_the_order_of_the_plan() {
    let plan = plan(["vault/policy/a", "mysql/schema/b", "vault/policy/c", "mysql/schema/d"].map(step).to_vec());
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    let effects = words(machine.step(Timestamp(0), Input::Start));
    let order = "create vault/policy/a, create mysql/schema/b, create vault/policy/c, create mysql/schema/d";
    assert_eq!(effects[1], format!("record #0 run of 4, {order}"));
}

#[test]
fn what_gathers_while_a_write_is_under_way_goes_into_the_next_one() {
    let steps = vec![step("vault/policy/a"), step("vault/policy/b"), after("vault/policy/c", &["vault/policy/a"])];
    let plan = plan(steps);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    let mut at = |milliseconds, input| words(machine.step(Timestamp(milliseconds), input));
    at(0, Input::Start);
    at(1, recorded(0).into());
    let first = at(2, executed(1).into());
    assert_eq!(first[1], "record #3 vault/policy/a Done { changed: true }, create vault/policy/c");
    assert_eq!(at(3, executed(2).into()).len(), 1, "only a word for the display: a write is under way");
    let second = at(4, recorded(3).into());
    let last = "record #5 vault/policy/b Done { changed: true }";
    assert_eq!(second[1..], ["execute #4 vault/policy/c".to_owned(), last.to_owned()]);
}

#[test]
fn a_failed_try_is_told_and_the_machine_asks_to_be_woken_for_the_next() {
    let plan = plan(vec![step("vault/policy/a")]);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    machine.step(Timestamp(0), Input::Start);
    machine.step(Timestamp(0), recorded(0).into());
    let failed = Event::Executed { ticket: Ticket(1), result: Err(OperationError::Unreachable("no route".into())) };
    let effects = machine.step(Timestamp(100), failed.into());
    let [_, Effect::Request(Request::Wake { at })] = effects[..] else { panic!("{effects:?}") };
    assert!(at > Timestamp(100) && at <= Timestamp(100) + Duration::milliseconds(500));
    assert_eq!(words(effects)[0], "show retry 1: no route (0/1 done, 1 running)");
    // A clock that was set back in between: woken too early, it waits on.
    assert_eq!(words(machine.step(Timestamp(100), Event::Woken.into())), [format!("wake {}", at.0)]);
    // The try is written down before it is made: who was overtaken meanwhile hears so, and makes none.
    assert_eq!(words(machine.step(at, Event::Woken.into())), ["record #2 again after 1 vault/policy/a"]);
    assert_eq!(words(machine.step(at, recorded(2).into())), ["execute #3 vault/policy/a"]);
}

#[test]
fn what_is_only_kept_ends_at_once_and_asks_for_nothing() {
    let keep = |step: Step| Step { action: Action::Keep, ..step };
    let steps = vec![
        keep(step("vault/policy/a")),
        keep(after("vault/policy/b", &["vault/policy/a"])),
        after("vault/policy/c", &["vault/policy/b"]),
    ];
    let plan = plan(steps);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    let effects = words(machine.step(Timestamp(0), Input::Start));
    assert_eq!(effects[1..], ["record #0 run of 1, create vault/policy/c"]);
}

#[test]
fn an_empty_plan_is_a_run_that_converges() {
    let plan = plan(Vec::new());
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    assert_eq!(words(machine.step(Timestamp(0), Input::Start))[1..], ["record #0 run of 0, Converged"]);
    let effects = machine.step(Timestamp(1), recorded(0).into());
    assert!(matches!(&effects[..], [Effect::Finished(outcome)] if outcome.verdict == Verdict::Converged));
}

#[test]
fn answers_that_nobody_waits_for_are_passed_over() {
    let plan = plan(vec![step("vault/policy/a")]);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    machine.step(Timestamp(0), Input::Start);
    let strays = Input::Events(vec![executed(0), executed(99), recorded(99), Event::Woken]);
    assert!(machine.step(Timestamp(1), strays).is_empty());
}

#[test]
fn the_outcome_names_every_step_in_the_order_of_the_plan() {
    let plan = plan(vec![step("vault/policy/b"), step("vault/policy/a")]);
    let outcome = super::world::World::default().apply(&plan, &Settings::default());
    let addresses: Vec<_> = outcome.steps.iter().map(|step| step.address.clone()).collect();
    assert_eq!(addresses, [address("vault/policy/b"), address("vault/policy/a")]);
    assert!(outcome.steps.iter().all(|step| step.result == StepResult::Done { changed: true } && step.attempts == 1));
}
