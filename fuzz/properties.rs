//! What holds for any input whatever. The fuzz targets look for input that breaks it; the ordinary tests replay the seeds.

use model::Plan;
use planner::plan::saved;
use planner::render::diagnostics::{diagnostics, diagnostics_json};
use planner::render::plan::{Detail, plan as render};
use planner::render::style::{Style, is_unsafe};
use planner::spec::{explain_error, parse};

/// A spec is taken, or refused with complaints that have a page and can be shown.
pub fn any_bytes_as_a_spec(bytes: &[u8]) {
    let complaints = match parse("fuzz.yaml", bytes) {
        Ok(parsed) => parsed.warnings,
        Err(complaints) => {
            assert!(!complaints.is_empty(), "refused without a word");
            complaints
        }
    };
    for complaint in &complaints {
        assert!(explain_error(complaint.code).is_some(), "{} has no page", complaint.code);
    }
    let source = String::from_utf8_lossy(bytes);
    harmless(&diagnostics(&complaints, "fuzz.yaml", &source, Style::PLAIN));
    diagnostics_json(&complaints, "fuzz.yaml");
}

/// A plan is taken, or refused with a reason and a remedy; what is taken comes back the same from what is written.
pub fn any_text_as_a_plan(text: &str) {
    match saved::from_json(text) {
        Ok(plan) => assert_eq!(saved::from_json(&saved::to_json(&plan)).expect("it was written by us"), plan),
        Err(refusal) => harmless(&format!("{refusal} {}", refusal.help())),
    }
    // A digest that fits is hard to guess: what lies behind that check is tried without it.
    if let Ok(plan) = serde_json::from_str::<Plan>(text) {
        let again: Plan = serde_json::from_str(&saved::to_json(&plan)).expect("it was written by us");
        assert_eq!(again, plan);
        for detail in [Detail::Short, Detail::Full] {
            harmless(&render(&plan, detail, Style::PLAIN));
        }
    }
}

/// Nothing of it steers a terminal.
fn harmless(text: &str) {
    let unsafe_one = text.chars().find(|letter| is_unsafe(*letter) && *letter != '\n');
    assert_eq!(unsafe_one, None, "in {text:?}");
}
