//! The same findings in every form.

use super::*;
use crate::policy::finding::Waived;
use crate::policy::judge::Asked;
use crate::policy::{Breach, Finding};
use crate::render::Style;
use jiff::civil::date;
use model::Place;

fn finding(policy: &'static str, severity: Severity, line: u32) -> Finding {
    let place = Place { line, column: 3, length: 4 };
    let breach =
        Breach::at(place, "two, or: 100 % \"<more>\"").measured("volume", 200u32, "requests a second").remedy("write less");
    Finding {
        policy: policy.into(),
        severity,
        subject: "shop/production".to_owned(),
        message: breach.message,
        place,
        evidence: breach.evidence,
        remedy: breach.remedy,
        waived: None,
        change: breach.change,
    }
}

fn judgement() -> Judgement {
    let asked = |id: &'static str, severity| Asked { id: id.into(), severity, title: "a title".into() };
    let waived = Waived { reason: "because".to_owned(), owner: "ops".to_owned(), expires: date(2027, 3, 31) };
    Judgement {
        findings: vec![
            finding("A-1", Severity::Must, 1),
            finding("A-3", Severity::May, 2),
            Finding { waived: Some(waived), ..finding("A-2", Severity::Should, 2) },
        ],
        rules: vec![
            asked("A-1", Severity::Must),
            asked("A-2", Severity::Should),
            asked("A-3", Severity::May),
            asked("A-4", Severity::High),
        ],
    }
}

fn report(judgement: &Judgement) -> Report<'_> {
    let source = "  key: value\n  other: value\n";
    Report { judgement, file: "a b,c.yaml", source, today: date(2027, 1, 15), threshold: Severity::Should, failures: &[] }
}

#[test]
fn people_see_the_line_the_numbers_the_remedy_and_what_was_let_pass() {
    let expected = "\
must[A-1]: two, or: 100 % \"<more>\"
  --> a b,c.yaml:1:3
  |
1 |   key: value
  |   ^^^^
  about: shop/production
  seen: volume 200 requests a second
  help: write less

may[A-3]: two, or: 100 % \"<more>\"
  --> a b,c.yaml:2:3
  |
2 |   other: value
  |   ^^^^
  about: shop/production
  seen: volume 200 requests a second
  help: write less

waived[A-2]: two, or: 100 % \"<more>\"
  for shop/production until 2027-03-31 by ops: because

Broken: 1 must, 1 may, 1 waived, of 4 rules. What weighs should or more fails the check.
";
    assert_eq!(text(&report(&judgement()), Style::PLAIN), expected);
}

#[test]
fn a_ci_reads_commands_that_nothing_in_a_text_can_end() {
    let expected = "\
::error file=a b%2Cc.yaml,line=1,col=3,endColumn=6,title=A-1 (must)::two, or: 100 %25 \"<more>\"%0ATo mend it: write less
::notice file=a b%2Cc.yaml,line=2,col=3,endColumn=6,title=A-3 (may)::two, or: 100 %25 \"<more>\"%0ATo mend it: write less
";
    assert_eq!(annotations(&report(&judgement())), expected);
}

#[test]
fn junit_has_a_test_for_every_rule_and_every_finding() {
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"vamp check\" tests=\"4\" failures=\"1\" errors=\"0\">
  <testsuite name=\"a b,c.yaml\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\">
    <testcase classname=\"vamp.must\" name=\"A-1 shop/production\"><failure type=\"must\" message=\"two, or: 100 % &quot;&lt;more&gt;&quot;\">a b,c.yaml:1:3
volume 200 requests a second
write less</failure></testcase>
    <testcase classname=\"vamp.may\" name=\"A-3 shop/production\"><system-out>two, or: 100 % &quot;&lt;more&gt;&quot;
a b,c.yaml:2:3
volume 200 requests a second
write less</system-out></testcase>
    <testcase classname=\"vamp.should\" name=\"A-2 shop/production\"><skipped message=\"waived until 2027-03-31 by ops: because\"/></testcase>
    <testcase classname=\"vamp.high\" name=\"A-4\"/>
  </testsuite>
</testsuites>
";
    assert_eq!(junit(&report(&judgement())), expected);
}

#[test]
fn sarif_says_where_to_the_column_and_what_is_suppressed() {
    let sarif: serde_json::Value = serde_json::from_str(&sarif(&report(&judgement()))).unwrap();
    let results = &sarif["runs"][0]["results"];
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%20b%2Cc.yaml");
    assert_eq!(location["region"], serde_json::json!({ "startLine": 1, "startColumn": 3, "endColumn": 7 }));
    assert_eq!(
        (&results[0]["level"], &results[1]["level"], &results[1]["ruleIndex"]),
        (&"error".into(), &"note".into(), &2.into())
    );
    assert_eq!(results[2]["suppressions"][0]["justification"], "because (until 2027-03-31, ops)");
}

#[test]
fn what_several_share_is_told_once_and_what_differs_stays_apart() {
    let about = |subject: &str, message: &str| Finding {
        subject: subject.to_owned(),
        message: message.replace('@', subject),
        ..finding("A-1", Severity::Must, 1)
    };
    let mut findings: Vec<Finding> = (0..11).map(|number| about(&format!("shop/e{number}"), "@ has one node")).collect();
    findings.push(about("bank/x", "@ has two nodes"));
    let judgement = Judgement { findings, ..judgement() };
    let text = text(&report(&judgement), Style::PLAIN);
    let shared = "  about: shop/e0\n  also: shop/e1, shop/e2, shop/e3, shop/e4, shop/e5, shop/e6, shop/e7, shop/e8 and 2 more\n";
    assert!(text.contains(shared) && text.contains("  about: bank/x\n  seen:"), "{text}");
    assert!(text.ends_with("Broken: 12 must, of 4 rules. What weighs should or more fails the check.\n"), "{text}");
}
