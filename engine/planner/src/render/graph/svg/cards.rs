//! Resources to cards, and the edges between resources to bundles between cards.

use super::EVERY_RESOURCE;
use super::layout::{COUNT_GAP, LINE_WIDTH};
use super::words::counted;
use crate::render::markup::plain_width;
use model::graph::{Edge, EdgeReason};
use model::index::IndexMap;
use model::kind::Family;
use model::resource::Role;
use model::{Graph, Kind, Resource};
use std::collections::BTreeMap;

/// Most lines of a card that name one resource each, in a large graph.
const MOST_NAMED: usize = 6;
/// Most addresses in the title of a line that counts.
const MOST_IN_TITLE: usize = 24;

/// The whole picture as data.
pub(super) struct Matrix {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    pub(super) cards: Vec<Card>,
    pub(super) bundles: Vec<Bundle>,
    pub(super) resources: usize,
    pub(super) edges: usize,
}

/// All systems of one kind.
pub(super) struct Column {
    pub(super) family: Family,
    /// As they stand in an address, the management cluster first.
    pub(super) systems: Vec<String>,
}

/// What things belong to: tenant and environment, fewer for larger parts.
pub(super) struct Row {
    pub(super) tenant: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) resources: usize,
}

/// What lives in one system and belongs to one row.
pub(super) struct Card {
    pub(super) column: usize,
    pub(super) row: usize,
    /// The system, as it stands in an address.
    pub(super) system: String,
    /// What the card is headed by, where its column has several systems.
    pub(super) heading: Option<String>,
    pub(super) lines: Vec<Line>,
}

/// A line of a card.
pub(super) enum Line {
    /// A resource by name.
    Named {
        /// Its name.
        text: String,
        /// What it is.
        kind: Kind,
        /// Its address.
        title: String,
    },
    /// Numbers of resources by kind.
    Counts(Vec<Count>),
}

/// A number of resources of one kind.
pub(super) struct Count {
    pub(super) text: String,
    /// Their addresses.
    pub(super) title: String,
}

/// All edges from one card to another.
pub(super) struct Bundle {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) reasons: BTreeMap<EdgeReason, usize>,
    pub(super) rules: Vec<&'static str>,
}

impl Bundle {
    /// The reason that most of its edges have.
    pub(super) fn main_reason(&self) -> EdgeReason {
        let most = self.reasons.iter().max_by_key(|(reason, count)| (**count, std::cmp::Reverse(**reason)));
        most.map_or(EdgeReason::References, |(reason, _)| *reason)
    }
}

/// Row, column, and which of the column's systems.
type CardKey = (usize, usize, usize);

type RowKey = (Option<String>, Option<String>);

/// The matrix of a graph.
pub(super) fn matrix(graph: &Graph) -> Matrix {
    let columns = columns(graph);
    let rows = rows(graph);
    let places: BTreeMap<&str, CardKey> = columns
        .iter()
        .enumerate()
        .flat_map(|(column, one)| one.systems.iter().enumerate().map(move |(number, name)| (name.as_str(), (0, column, number))))
        .collect();
    let mut members: BTreeMap<CardKey, Vec<&Resource>> = BTreeMap::new();
    let mut card_of: Vec<CardKey> = Vec::with_capacity(graph.len());
    for resource in graph.resources() {
        let row = rows.get_index_of(&row_key(resource)).unwrap_or_default();
        let (_, column, number) = places.get(resource.address.system_text()).copied().unwrap_or_default();
        members.entry((row, column, number)).or_default().push(resource);
        card_of.push((row, column, number));
    }
    let numbers: BTreeMap<CardKey, usize> = members.keys().enumerate().map(|(number, key)| (*key, number)).collect();
    let name_all = graph.len() <= EVERY_RESOURCE;
    let card = |(&(row, column, number), resources): (&CardKey, &Vec<&Resource>)| {
        let systems = columns.get(column).map(|column| column.systems.as_slice()).unwrap_or_default();
        let system = systems.get(number).cloned().unwrap_or_default();
        let heading = (systems.len() > 1).then(|| name_of(&system).to_owned());
        Card { column, row, system, heading, lines: lines(resources, name_all) }
    };
    Matrix {
        cards: members.iter().map(card).collect(),
        bundles: bundles(graph, |resource| {
            let position = graph.position(&resource.address)?;
            card_of.get(position).and_then(|key| numbers.get(key)).copied()
        }),
        columns,
        rows: rows.into_iter().map(|((tenant, environment), resources)| Row { tenant, environment, resources }).collect(),
        resources: graph.len(),
        edges: graph.edge_count(),
    }
}

/// The clusters, the management cluster first, then the stores: most edges lead to the right.
fn columns(graph: &Graph) -> Vec<Column> {
    let manages = |resource: &&Resource| resource.role == Role::Vamp;
    let management: Vec<&str> = graph.resources().filter(manages).map(|one| one.address.system_text()).collect();
    let mut families: BTreeMap<Family, Vec<String>> = BTreeMap::new();
    for resource in graph.resources() {
        let (name, systems) = (resource.address.system_text(), families.entry(resource.address.kind().family()).or_default());
        if !systems.iter().any(|known| known == name) {
            systems.push(name.to_owned());
        }
    }
    families.values_mut().for_each(|systems| systems.sort_by_key(|name| !management.contains(&name.as_str())));
    families.into_iter().map(|(family, systems)| Column { family, systems }).collect()
}

/// A system's own name: `eu-1` of `cluster.eu-1`.
pub(super) fn name_of(system: &str) -> &str {
    system.split_once('.').map_or(system, |(_, name)| name)
}

/// The platform first, then each tenant and its environments, in the order in which they appear; with the number of their resources.
fn rows(graph: &Graph) -> IndexMap<RowKey, usize> {
    let mut tenants: IndexMap<Option<String>, IndexMap<Option<String>, usize>> = IndexMap::default();
    for resource in graph.resources() {
        let (tenant, environment) = row_key(resource);
        *tenants.entry(tenant).or_default().entry(environment).or_default() += 1;
    }
    tenants.sort_by(|left, _, right, _| left.is_some().cmp(&right.is_some()));
    let mut rows = IndexMap::default();
    for (tenant, mut environments) in tenants {
        environments.sort_by(|left, _, right, _| left.is_some().cmp(&right.is_some()));
        rows.extend(environments.into_iter().map(|(environment, count)| ((tenant.clone(), environment), count)));
    }
    rows
}

fn row_key(resource: &Resource) -> RowKey {
    let text = |name: &Option<model::value::Text>| name.as_ref().map(ToString::to_string);
    (text(&resource.scope.tenant), text(&resource.scope.environment))
}

/// What people ask for by name first, then everything else, counted by kind.
fn lines(resources: &[&Resource], name_all: bool) -> Vec<Line> {
    let mut named: Vec<&Resource> = resources.iter().copied().filter(|resource| name_all || is_asked_for(resource)).collect();
    named.sort_by_key(|resource| !is_asked_for(resource));
    if !name_all && named.len() > MOST_NAMED {
        named.truncate(MOST_NAMED);
    }
    let mut lines: Vec<Line> = named.iter().map(|resource| named_line(resource)).collect();
    let mut counts: BTreeMap<Kind, Vec<&Resource>> = BTreeMap::new();
    for resource in resources.iter().filter(|resource| !named.iter().any(|one| one.address == resource.address)) {
        counts.entry(resource.address.kind()).or_default().push(resource);
    }
    lines.extend(flow(counts.iter().map(|(kind, members)| count(*kind, members))));
    lines
}

/// Each count on the first line that has room for it.
fn flow(counts: impl Iterator<Item = Count>) -> Vec<Line> {
    let mut lines: Vec<(i32, Vec<Count>)> = Vec::new();
    for count in counts {
        let width = plain_width(&count.text);
        match lines.iter_mut().find(|(end, _)| *end + COUNT_GAP + width <= LINE_WIDTH) {
            Some((end, line)) => {
                line.push(count);
                *end += COUNT_GAP + width;
            }
            None => lines.push((width, vec![count])),
        }
    }
    lines.into_iter().map(|(_, line)| Line::Counts(line)).collect()
}

fn is_asked_for(resource: &Resource) -> bool {
    let kind = resource.address.kind();
    kind.runs_pods() || resource.role != Role::Plain || matches!(kind, Kind::Mount | Kind::Schema | Kind::PersistentVolumeClaim)
}

fn named_line(resource: &Resource) -> Line {
    let address = &resource.address;
    let text = match (address.kind(), address.key().rsplit('/').nth(1)) {
        (Kind::Kv, Some(parent)) => format!("{parent}/{}", address.name()),
        _ => without_owner(address.name(), resource),
    };
    let place = if resource.place.is_written() { format!("\nspec line {}", resource.place.line) } else { String::new() };
    Line::Named { text, kind: address.kind(), title: format!("{address}{place}") }
}

/// A name without the part that says whose it is: the row says that already.
fn without_owner(name: &str, resource: &Resource) -> String {
    let (Some(tenant), Some(environment)) = (&resource.scope.tenant, &resource.scope.environment) else { return name.to_owned() };
    match name.split_once(&format!("-{tenant}-{environment}-")) {
        Some((_, rest)) if !rest.is_empty() => format!("…{rest}"),
        _ => name.to_owned(),
    }
}

fn count(kind: Kind, members: &[&Resource]) -> Count {
    let mut title: Vec<String> = members.iter().take(MOST_IN_TITLE).map(|resource| resource.address.to_string()).collect();
    if members.len() > MOST_IN_TITLE {
        title.push(format!("and {} more", members.len() - MOST_IN_TITLE));
    }
    Count { text: counted(kind, members.len()), title: title.join("\n") }
}

fn bundles(graph: &Graph, card_of: impl Fn(&Resource) -> Option<usize>) -> Vec<Bundle> {
    let mut bundles: BTreeMap<(usize, usize), Bundle> = BTreeMap::new();
    for (dependent, dependency, Edge { reason, rule }) in graph.edges() {
        let (Some(from), Some(to)) = (card_of(dependent), card_of(dependency)) else { continue };
        if from == to {
            continue;
        }
        let empty = || Bundle { from, to, reasons: BTreeMap::new(), rules: Vec::new() };
        let bundle = bundles.entry((from, to)).or_insert_with(empty);
        *bundle.reasons.entry(reason).or_default() += 1;
        bundle.rules.extend(rule.filter(|rule| !bundle.rules.contains(rule)));
    }
    bundles.into_values().collect()
}
