//! Who talks to whom in words, for those who do not see the drawing or want to search it: what leaves a country first. What several
//! parts of a country say alike to another is one line.

use super::some;
use super::table::table;
use crate::render::page::escaped;
use crate::render::style::counted;
use crate::topology::{Carries, Conversation, Part, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// So many lines are told.
const TOLD: usize = 500;

/// What is told on one line: what is carried, from which part in which country to which.
type Line = (Carries, (Country, String), (Country, String), u16);
type Country = Option<String>;

/// Everybody who is on one line.
#[derive(Default)]
struct Who<'c> {
    from: BTreeSet<&'c str>,
    to: BTreeSet<&'c str>,
    environments: BTreeSet<&'c str>,
}

/// Everything that is said, as two tables.
pub(super) fn words(conversations: &[Conversation]) -> String {
    let (abroad, at_home): (Vec<_>, Vec<_>) = conversations.iter().partition(|one| one.from.1.leaves_country_to(&one.to.1));
    let mut text = String::from("<h3>What leaves a country</h3>\n");
    text += &match abroad.is_empty() {
        true => "<p>Nothing, as far as the spec says where things stand.</p>\n".to_owned(),
        false => lines(&abroad, "What leaves a country"),
    };
    if at_home.is_empty() {
        return text;
    }
    let _ = writeln!(
        text,
        "<details>\n<summary>{} in one country, or with a place that is not declared</summary>\n{}</details>",
        counted(at_home.len(), "conversation", "conversations"),
        lines(&at_home, "What stays in a country")
    );
    text
}

fn lines(conversations: &[&Conversation], label: &str) -> String {
    let mut lines: BTreeMap<Line, Who<'_>> = BTreeMap::new();
    for one in conversations {
        let end = |(part, site): &(Part, Site)| (site.country.clone(), part.to_string());
        let who = lines.entry((one.carries, end(&one.from), end(&one.to), one.port)).or_default();
        who.from.extend(one.from.1.cluster.as_deref());
        who.to.extend(one.to.1.cluster.as_deref());
        who.environments.extend(one.environments.iter().map(String::as_str));
    }
    let row = |((carries, from, to, port), who): (&Line, &Who<'_>)| {
        let port = if *port == 0 { String::new() } else { format!(", port {port}") };
        let environments = match who.environments.is_empty() {
            true => "the platform".to_owned(),
            false => some(who.environments.iter().copied(), 4),
        };
        let to = end(to, &who.to) + &port;
        vec![carries.phrase().to_owned(), end(from, &who.from), to, escaped(&environments)]
    };
    let mut text = table(label, &["what", "from", "to", "for"], lines.iter().take(TOLD).map(row));
    if lines.len() > TOLD {
        let _ = writeln!(text, "<p class=\"note\">And {} more.</p>", lines.len() - TOLD);
    }
    text
}

/// One end of a line: the country, the part, and the clusters that it runs in.
fn end((country, part): &(Country, String), clusters: &BTreeSet<&str>) -> String {
    let country = country.as_deref().unwrap_or("not declared");
    let inside = if clusters.is_empty() { String::new() } else { format!(" in {}", some(clusters.iter().copied(), 4)) };
    format!("<b>{}</b> {}", escaped(country), escaped(&format!("{part}{inside}")))
}
