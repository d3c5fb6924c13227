//! Bounds and lengths as people write them, and what a scenario says of a run.

use super::bound::{Bound, Quantity, length};
use super::measure::Unit;
use crate::testing::{small, warm};
use model::Duration;
use std::collections::BTreeSet;

fn bound(text: &str) -> Bound {
    Bound::read(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn bounds_are_read_as_people_write_them_and_written_as_they_are_read() {
    for text in ["0", "at most 40s", "at least 1", "2 to 5", "5s to 1m30s", "unknown", "0s"] {
        assert_eq!(bound(text).to_string(), text);
    }
    for wrong in ["", "about 3", "at most", "at least healthy", "5 to 2", "5s to 9", "-1", "Unknown", "1 to 2 to 3"] {
        assert_eq!(Bound::read(wrong), None, "{wrong}");
    }
    assert_eq!([bound("3").unit(), bound("3s").unit(), bound("x").unit()], [Unit::Count, Unit::Length, Unit::Word].map(Some));
}

#[test]
fn what_cannot_be_measured_is_never_as_expected() {
    let seconds = |count| Quantity::Length(Duration::seconds(count));
    assert!(bound("at most 40s").holds(&seconds(40)) && !bound("at most 40s").holds(&seconds(41)));
    assert!(bound("5s to 9s").holds(&seconds(5)) && !bound("5s to 9s").holds(&seconds(4)));
    assert!(bound("at least 1").holds(&Quantity::Count(1)) && !bound("at least 1").holds(&Quantity::Count(0)));
    for text in ["0", "at most 3", "at least 0", "0s", "unknown"] {
        assert!(!bound(text).holds(&Quantity::Nothing), "{text}");
    }
    assert!(!bound("at most 3").holds(&seconds(0)), "a length is no number");
}

#[test]
fn lengths_have_units_and_no_sign() {
    assert_eq!(length("1h30m"), Some(Duration::minutes(90)));
    assert_eq!(length("0s"), Some(Duration::ZERO));
    for wrong in ["", "5", "-5m", "5 m", "m", "400000d", "99999999999999999999s"] {
        assert_eq!(length(wrong), None, "{wrong}");
    }
}

/// A scenario about the small platform of the tests.
fn told(faults: &str, expect: &str) -> Vec<(String, String, bool)> {
    let text = format!(
        "version: 1\ntitle: t\nsays: s\nspec: small.yaml\nduration: 30m\nfaults:\n  - {{ {faults} }}\nexpect:\n  {expect}\n"
    );
    let scenario = super::read(text.as_bytes(), &mut |_| Ok(small())).unwrap_or_else(|found| panic!("{found:?}"));
    let outcome = scenario.run(warm(), &BTreeSet::new());
    outcome.checked.into_iter().map(|checked| (checked.what, checked.seen, checked.holds)).collect()
}

#[test]
fn a_fault_that_finds_nothing_to_happen_to_is_told() {
    let told =
        told("at: 5m, kind: pod-killed, target: pod main/acme-shop-production/nothing/0", "platform: { requests-lost: 0 }");
    assert_eq!(told[0], ("faults that happened".to_owned(), "none".to_owned(), false));
}

#[test]
fn an_instant_is_measured_before_anything_of_it_has_happened() {
    let fault = "at: 5m, kind: pod-killed, target: pod main/acme-shop-production/gateway-agent/0";
    let cell = "cells: { main/acme-shop-production: { ready:";
    for (at, ready) in [("5m", 3), ("5m1ms", 2)] {
        let told = told(fault, &format!("moments: [{{ at: {at}, {cell} {ready} }} }} }}]"));
        assert!(told.iter().all(|(.., holds)| *holds), "{at}: {told:?}");
    }
}
