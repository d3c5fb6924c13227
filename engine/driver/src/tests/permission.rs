//! Who may begin, and which plans are not begun.

use crate::tests::plans::{address, after, consent, plan, step};
use crate::{Answer, Consent, Machine, NotGiven, Refusal, Settings};
use model::plan::{Action, Plan, Step};

fn refusal(plan: &Plan, consent: Consent) -> Refusal {
    Machine::new(plan, Settings::default(), consent, 1).unwrap_err()
}

#[test]
fn only_a_flag_or_a_whole_yes_is_a_yes() {
    let plan = plan(Vec::new());
    let given = |answer| Consent::given(&plan, answer, []);
    assert!(given(Answer::Flag).is_ok() && given(Answer::Typed("yes\n")).is_ok());
    for typed in ["", "y", "no", "YES", "yes please"] {
        assert_eq!(given(Answer::Typed(typed)), Err(NotGiven), "{typed:?}");
    }
}

#[test]
fn a_yes_to_one_plan_is_no_yes_to_another() {
    let (shown, other) = (plan(Vec::new()), Plan { digest: "other".into(), ..plan(Vec::new()) });
    assert_eq!(refusal(&other, consent(&shown)), Refusal::OtherPlan);
}

#[test]
fn data_is_destroyed_only_if_that_very_thing_was_named() {
    let delete = |text| Step { action: Action::Delete, document: None, destroys_data: true, ..step(text) };
    let plan = plan(vec![delete("mysql/schema/a"), delete("mysql/schema/b")]);
    let named = Consent::given(&plan, Answer::Flag, [address("mysql/schema/a")]).unwrap();
    let refused = refusal(&plan, named);
    assert_eq!(refused, Refusal::DestroysData(vec![address("mysql/schema/b")]));
    assert_eq!(refused.to_string(), "no consent to destroy the data of mysql/schema/b");
    assert!(Machine::new(&plan, Settings::default(), consent(&plan), 1).is_ok());
}

#[test]
fn what_holds_data_by_its_kind_needs_a_name_even_if_the_plan_forgot_to_say_so() {
    let replace = Step { action: Action::Replace, ..step("mysql/table/a/b") };
    let plan = plan(vec![replace, step("mysql/schema/c")]);
    let unnamed = Consent::given(&plan, Answer::Flag, []).unwrap();
    assert_eq!(refusal(&plan, unnamed), Refusal::DestroysData(vec![address("mysql/table/a/b")]));
}

#[test]
fn a_plan_that_contradicts_itself_is_not_begun() {
    let cases = [
        (vec![step("vault/policy/a"), step("vault/policy/a")], "the plan has two steps for vault/policy/a"),
        (
            vec![after("vault/policy/a", &["vault/policy/b"])],
            "vault/policy/a is to come after vault/policy/b, which is not in the plan",
        ),
        (
            vec![after("vault/policy/a", &["vault/policy/b"]), after("vault/policy/b", &["vault/policy/a"])],
            "vault/policy/a is to come after vault/policy/b, but stands before it in the plan",
        ),
        (vec![Step { document: None, ..step("vault/policy/a") }], "the step for vault/policy/a does not say what it should be"),
    ];
    for (steps, message) in cases {
        let plan = plan(steps);
        assert_eq!(refusal(&plan, consent(&plan)).to_string(), message);
    }
}
