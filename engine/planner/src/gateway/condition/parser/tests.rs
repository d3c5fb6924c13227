//! What the language accepts, what it says about the rest, and that its written form reads back.

use super::super::{Carrier, Condition, ConditionError, DEEPEST, Test};
use super::parse;

fn canonical(text: &str) -> String {
    let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let written = condition.to_string();
    assert_eq!(parse(&written).as_ref(), Ok(&condition), "{written} reads back as something else");
    written
}

fn error(text: &str) -> ConditionError {
    parse(text).expect_err(text)
}

#[test]
fn every_test_has_one_written_form() {
    for (text, written) in [
        ("user-agent == Firefox", "user-agent == Firefox"),
        ("User-Agent = Firefox", "user-agent == Firefox"),
        ("user-agent is not \"Mobile Safari\"", "user-agent != \"Mobile Safari\""),
        ("user-agent misses Safari", "user-agent != Safari"),
        ("host == Shop.Example", "host == shop.example"),
        ("host!=shop.example", "host != shop.example"),
        ("has cookie beta", "has cookie beta"),
        ("misses header X-Trace", "misses header X-Trace"),
        ("cookie group has a", "cookie group has a"),
        ("header Accept-Language contains de", "header Accept-Language has de"),
        ("header Accept misses 'text/html'", "header Accept misses text/html"),
        ("<path_beg /api>", "< path_beg /api >"),
        ("not < path_beg /api >", "not < path_beg /api >"),
        ("cookie a has 'and'", "cookie a has \"and\""),
        (r#"cookie a has "x \"y\" \\ z""#, r#"cookie a has "x \"y\" \\ z""#),
    ] {
        assert_eq!(canonical(text), written);
    }
}

#[test]
fn and_binds_tighter_than_or_and_brackets_stay_where_they_matter() {
    for (text, written) in [
        ("has cookie a or has cookie b and has cookie c", "has cookie a or has cookie b and has cookie c"),
        ("(has cookie a or has cookie b) and has cookie c", "(has cookie a or has cookie b) and has cookie c"),
        ("((has cookie a) && (has cookie b)) && has cookie c", "has cookie a and has cookie b and has cookie c"),
        ("not (has cookie a or has cookie b)", "not (has cookie a or has cookie b)"),
        ("! has cookie a | ! ! has cookie b", "misses cookie a or not misses cookie b"),
    ] {
        assert_eq!(canonical(text), written);
    }
}

#[test]
fn the_tree_is_what_the_words_say() {
    let test = |name: &str| Condition::Test(Test::Has(Carrier::Cookie, name.into()));
    assert_eq!(
        parse("has cookie a and not has cookie b"),
        Ok(Condition::All(vec![test("a"), Condition::Not(Box::new(test("b")))]))
    );
}

#[test]
fn a_mistake_is_told_where_it_stands() {
    for (text, offset, message, help) in [
        ("", 0, "the condition is empty", "leave the field out"),
        ("usr-agent == Firefox", 0, "\"usr-agent\" begins no test", "did you mean user-agent?"),
        ("path_beg /api", 0, "begins no test", "between < and >"),
        ("user-agent Firefox", 11, "expected == or !=, found \"Firefox\"", ""),
        ("user-agent ==", 13, "expected a value, found the end", ""),
        ("user-agent == and has cookie a", 14, "expected a value, found \"and\"", "in quotes"),
        ("has cookie", 10, "expected the name of a cookie, found the end", ""),
        ("has cookie a has cookie b", 13, "\"has\" does not belong here", "joined by and or or"),
        ("has cookie a,b", 11, "characters that are not known here", "between < and >"),
        ("(has cookie a", 0, "this bracket is not closed", ""),
        ("has cookie a)", 12, ") does not belong here", ""),
        ("cookie a has \"b", 13, "the closing quote is missing", ""),
        ("cookie a has \"b\nc\"", 15, "the control character '\\n'", ""),
        ("cookie a has \"\"", 13, "an empty value", "has cookie"),
        ("has cookie a and #", 17, "'#' cannot stand here", "in quotes"),
        ("has Überkeks a", 4, "expected cookie or header", ""),
    ] {
        let error = error(text);
        assert_eq!(error.offset, offset, "{text}: {error:?}");
        assert!(error.message.contains(message), "{text}: {error:?}");
        assert!(error.help.unwrap_or_default().contains(help), "{text}");
    }
}

#[test]
fn words_of_haproxy_cannot_leave_their_line_or_look_into_the_agent() {
    for (text, message) in [
        ("<>", "a HAProxy criterion is missing"),
        ("< -m sub x >", "a HAProxy criterion is missing"),
        ("<path_beg /a\nbind :1>", "control character"),
        ("<path_beg 'a>", "a quote that is not closed"),
        ("<path_beg \"a>", "a quote that is not closed"),
        ("<path_beg a\\>", "a backslash with nothing behind it"),
        ("<path_beg /a # b>", "begins a comment"),
        ("<req.hdr(x) \"$VAULT_TOKEN\">", "a variable of the agent"),
        ("<src -f /etc/passwd>", "a file of the agent"),
    ] {
        assert!(error(text).message.contains(message), "{text}: {:?}", error(text));
    }
    for text in ["<path_reg '^/a[$]#'>", "<path_reg ^/a\\$>", "<src 10.0.0.0/8>", "<path_beg \"it's\">"] {
        canonical(text);
    }
    let words = format!("<path_beg {}>", "/a ".repeat(60));
    assert!(error(&words).message.contains("more words than HAProxy takes"));
}

#[test]
fn depth_and_size_are_limited_and_never_overflow_the_stack() {
    let deep = |depth: usize| format!("{}has cookie a{}", "(".repeat(depth), ")".repeat(depth));
    canonical(&deep(DEEPEST));
    assert!(error(&deep(DEEPEST + 1)).message.contains("nested more than"));
    assert!(error(&"!".repeat(4000)).message.contains("nested more than"));
    assert!(error(&"(".repeat(100_000)).message.contains("longer than"));
}

#[test]
fn a_condition_that_explodes_is_refused_before_it_is_unfolded() {
    let pairs: Vec<String> = (0..40).map(|index| format!("(has cookie a{index} or has cookie b{index})")).collect();
    assert!(error(&pairs.join(" and ")).message.contains("more than 64 alternatives"));
    let chain: Vec<String> = (0..49).map(|index| format!("has cookie a{index}")).collect();
    assert!(error(&chain.join(" and ")).message.contains("more than 48 tests"));
}

#[test]
fn alternatives_are_plain_and_negated_tests_without_repetition() {
    let unfolded = |text: &str| -> Vec<String> {
        let alternatives = parse(text).unwrap().alternatives();
        let literal = |literal: &super::super::Literal| format!("{}{}", if literal.negated { "!" } else { "" }, literal.test);
        alternatives.iter().map(|tests| tests.iter().map(literal).collect::<Vec<_>>().join(" & ")).collect()
    };
    assert_eq!(
        unfolded("(has cookie a or has cookie b) and host == x"),
        ["has cookie a & host == x", "has cookie b & host == x"]
    );
    assert_eq!(unfolded("not (has cookie a and host == x)"), ["!has cookie a", "!host == x"]);
    assert_eq!(unfolded("not (has cookie a or host == x)"), ["!has cookie a & !host == x"]);
    assert_eq!(unfolded("has cookie a and has cookie a or has cookie a"), ["has cookie a"]);
}
