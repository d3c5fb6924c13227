//! The page is well-formed, holds everything that was found, and nothing that a spec says becomes markup.

use super::super::Report;
use super::page;
use crate::compile::compile;
use crate::policy::{Case, Severity, judge};
use crate::spec::parse;
use jiff::civil::{Date, date};

const TODAY: Date = date(2027, 1, 15);

fn page_of(text: &str, today: Date) -> String {
    let spec = parse("vamp.yaml", text.as_bytes()).unwrap().spec;
    let compiled = compile(&spec).unwrap();
    let case = Case::of(&spec, &compiled.graph, today);
    let judgement = judge(&case);
    page(
        &Report { judgement: &judgement, file: "vamp.yaml", source: text, today, threshold: Severity::Should, failures: &[] },
        &case,
    )
}

fn valid(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../specs/valid/{name}.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every tag that is opened is closed, in order; every attribute is quoted; no `id` is given twice, and every link inside leads somewhere.
fn assert_is_well_formed(page: &str) {
    const VOID: [&str; 3] = ["meta", "br", "!doctype"];
    let (mut open, mut ids, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    let text = page.replace(&page[style], "<style>");
    for (_, rest) in text.match_indices('<').map(|(at, _)| text.split_at(at + 1)) {
        let tag = rest.split_once('>').unwrap().0;
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let value = |attribute: &str| Some(tag.split_once(attribute)?.1.split_once('"')?.0.to_owned());
        ids.extend(value(" id=\""));
        links.extend(value("href=\""));
        links.extend(value("aria-labelledby=\"").map(|id| format!("#{id}")));
    }
    assert_eq!(open, Vec::<&str>::new());
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is given twice");
    for link in links {
        let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(ids.iter().any(|one| one == id), "{link} leads nowhere");
    }
}

#[test]
fn every_model_has_its_page_which_says_which_model_it_is() {
    for (name, model) in
        [("m0", "M0"), ("m1", "M1"), ("m2", "M2"), ("m3", "M3"), ("m4", "M4"), ("m5", "M5"), ("multi-region", "M5")]
    {
        let page = page_of(&valid(name), TODAY);
        assert_is_well_formed(&page);
        assert!(page.contains(&format!("<b>{model}</b>")) && page.contains("None of "), "{name}");
    }
}

#[test]
fn a_result_is_shown_with_its_line_and_marks_what_it_is_about() {
    let text =
        valid("multi-region").replace("cluster: de-1, nodes: 3", "cluster: de-1, nodes: 1").replacen("nightly", "weekly", 1);
    let page = page_of(&text, TODAY);
    assert_is_well_formed(&page);
    assert!(page.contains("cluster: de-1, nodes: <mark>1</mark> }"), "{page}");
    // ES-2 is about environments; the field that decides is one of their Elasticsearch, whose line has the mark.
    let line = page.split("Elasticsearch germany</text>").next().unwrap();
    let line = line.rsplit("y=\"").next().unwrap().split('"').next().unwrap().parse::<i32>().unwrap();
    let mark = page.split("<a class=\"mark should\"").nth(1).unwrap();
    let mark = &mark[..mark.find("</a>").unwrap()];
    assert!(
        mark.contains(">ES-2 ES-3</text>") && mark.contains("href=\"#rule-ES-2\"") && mark.contains(&format!("y=\"{line}\"")),
        "{mark}"
    );
    assert!(page.contains("<a class=\"mark must\" href=\"#rule-DUR-2\""), "the platform has its mark too");
}

#[test]
fn where_data_stays_is_told_with_what_crosses_a_border() {
    let page = page_of(&valid("m4"), TODAY);
    assert!(
        page.contains("<b>DE</b><span>keeps traffic metadata of 1 environment and the audit log of 1 environment</span>"),
        "{page}"
    );
    assert!(page.contains("<span>audit log IE → DE</span>"), "{page}");
}

#[test]
fn a_waiver_says_how_long_it_holds_from_the_day_of_the_check() {
    let waiver = "policies:\n  waive:\n    - { id: VGA-7, reason: why not, owner: ops, expires: 2027-02-01 }\n";
    let text = format!("{}\n{waiver}", valid("m4"));
    assert!(page_of(&text, TODAY).contains("2027-02-01 <span>17 days left</span>"));
    assert!(page_of(&text, date(2027, 2, 1)).contains("2027-02-01 <span class=\"ends\">ends today</span>"));
    let ended = page_of(&text, date(2027, 2, 2));
    assert!(ended.contains("2027-02-01 <span class=\"ended\">ended 1 day ago</span>") && ended.contains("nothing any more"));
}

#[test]
fn nothing_that_a_spec_says_becomes_markup() {
    let evil = "</code></svg><script>alert(1)</script><img src=x onerror='alert(2)'>";
    let waiver = format!(
        "policies:\n  waive:\n    - {{ id: VGA-7, subject: shop, reason: \"{evil}\", owner: \"<b onclick='x'>\", expires: 2099-01-01 }}\n"
    );
    let text = valid("m4").replacen("title:", &format!("title: \"{evil}\" #"), 1);
    let page = page_of(&format!("{text}\n{waiver}# {evil}\n"), TODAY);
    assert_is_well_formed(&page);
    for tag in ["<script", "<img", "<b on"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"), "the reason is shown");
    assert!(!page.contains("src=\"") && !page.contains("url(") && !page.contains("@import"), "the page fetches nothing");
}

#[test]
fn a_page_does_not_grow_without_end() {
    let mut text = valid("m4").replace("cluster: management, nodes: 3", "cluster: management, nodes: 1");
    let environment = "      ";
    assert!(text.contains("    environments:\n"), "{text}");
    let many: String = (0..600)
        .map(|number| format!("{environment}e{number}: {{ clusters: [eu-1], traffic: {{ requestsPerSecond: {} }}, gateways: {{ web: {{ port: 9050, routes: {{ a: {{ service: a:8080, weight: 100 }} }} }} }} }}\n", 300 + number))
        .collect();
    text = text.replacen("    environments:\n", &format!("    environments:\n{many}"), 1);
    let page = page_of(&text, TODAY);
    assert_is_well_formed(&page);
    assert!(page.contains(" more</summary>") && page.len() < 1_500_000, "{} bytes", page.len());
}
