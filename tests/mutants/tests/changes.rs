//! What is found to change in a source, and how it is woven in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use mutants::find::{Constants, Mutation, constants, mutations};
use mutants::weave::weave;

const RULE: &str = r#"//! A rule.
const FEWEST: u32 = 2;
fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let free = cell.names().any(|name| name == "web");
    (cell.replicas < FEWEST && !free).then(|| {
        Breach::at(cell.place, format!("{} are too few", 1 + 1)).saw("replicas", 1 + 2).remedy("more")
    })
}
"#;

fn found(text: &str) -> Vec<Mutation> {
    mutations("rule", text, &constants("rule", text).unwrap()).unwrap()
}

fn words(text: &str) -> Vec<String> {
    found(text).into_iter().map(|mutation| mutation.what).collect()
}

#[test]
fn every_condition_is_changed_and_words_for_people_are_not() {
    let expected = [
        "`check` answers nothing",
        "`cell.names().any(|name| name == \"web\")` becomes `!cell.names().any(|name| name == \"web\")`",
        "`cell.names().any(|name| name == \"web\")` becomes `cell.names().all(|name| name == \"web\")`",
        "`==` becomes `!=` in `name == \"web\"`",
        "FEWEST has 1 instead of 2",
        "FEWEST has 3 instead of 2",
        "`<` becomes `<=` in `cell.replicas < FEWEST`",
        "`<` becomes `>=` in `cell.replicas < FEWEST`",
        "`&&` becomes `||` in `cell.replicas < FEWEST && !free`",
        "without `!free` in `cell.replicas < FEWEST && !free`",
        "without `cell.replicas < FEWEST` in `cell.replicas < FEWEST && !free`",
        "`!free` becomes `free`",
    ];
    let mut expected = expected.map(str::to_owned).to_vec();
    let mut actual = words(RULE);
    expected.sort();
    actual.sort();
    assert_eq!(actual, expected);
}

#[test]
fn patterns_are_left_out_one_by_one_and_arms_passed_by() {
    let matched = "fn f(a: A) -> bool { matches!(a, A::One | A::Two) }";
    assert_eq!(
        words(matched),
        [
            "`matches!(a, A::One | A::Two)` becomes `!matches!(a, A::One | A::Two)`",
            "`matches!(a, A::One | A::Two)` becomes `matches!(a, A::Two)`",
            "`matches!(a, A::One | A::Two)` becomes `matches!(a, A::One)`",
        ]
    );
    let arms = "fn f(a: A) -> u8 { match a { A::One => x, A::Two if y => z, _ => w } }";
    assert_eq!(words(arms), ["the arm `A::One` is passed by", "the arm `A::Two` is passed by"]);
    // Without an arm that takes everything, a match with an arm less would be no Rust.
    assert_eq!(words("fn f(a: Option<A>) -> u8 { match a { Some(_) => x, None => w } }"), [""; 0]);
}

#[test]
fn a_constant_is_changed_where_it_is_used_and_comes_from_the_file_that_it_is_imported_from() {
    let mut known: Constants = constants("other", "const MOST: u32 = 7;").unwrap();
    let text = "use super::other::MOST;\nfn f() -> u32 { MOST }";
    known.extend(constants("rule", text).unwrap());
    let found = mutations("rule", text, &known).unwrap();
    assert_eq!(
        found.iter().map(|mutation| mutation.what.as_str()).collect::<Vec<_>>(),
        ["MOST has 6 instead of 7", "MOST has 8 instead of 7"]
    );
}

#[test]
fn all_changes_stand_in_one_source_each_behind_its_switch() {
    let text = "fn f() -> bool { a < b && c }";
    let numbered: Vec<(usize, Mutation)> =
        found(text).into_iter().enumerate().map(|(index, mutation)| (index + 1, mutation)).collect();
    let woven = weave(text, &numbered);
    assert!(syn::parse_file(&woven).is_ok(), "{woven}");
    assert_eq!(woven.matches("crate::changed(").count(), numbered.len(), "{woven}");
    let inner = "(if crate::changed(2) { a >= b } else { (if crate::changed(1) { a <= b } else { a < b }) }) && c";
    assert!(woven.contains(inner), "{woven}");
}

#[test]
fn changes_that_read_alike_have_words_of_their_own() {
    let words = words("fn f() -> bool { g(a < b) && h(a < b) }");
    assert!(words.contains(&"`<` becomes `<=` in `a < b` (place 2)".to_owned()), "{words:?}");
}
