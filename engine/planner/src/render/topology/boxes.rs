//! Which boxes there are, what is in them, and where they stand, in pixels of the picture's own scale.

use crate::spec::Spec;
use crate::topology::{Conversation, Part, Site};
use std::collections::BTreeSet;

pub(super) const WIDTH: i32 = 1240;
pub(super) const MARGIN: i32 = 24;
pub(super) const HEAD: i32 = 30;
pub(super) const LINE: i32 = 18;
/// Room above the first part of a box, for its name.
pub(super) const NAME: i32 = 30;
const PADDING: i32 = 12;
const GAP: i32 = 18;
/// Room around the boxes of a region, and above them for its name.
const FRAME: i32 = 14;
const FRAME_HEAD: i32 = 34;

/// Room beside a lane at the edge of the picture, for what its boxes say to each other.
const ROOM: i32 = 90;

/// Left edge and width of each lane: users, service clusters, everything else.
const LANES: [(i32, i32); 3] = [(MARGIN, 128), (390, 290), (880, 276)];

/// A place where parts stand: a cluster, a server outside of all clusters, or a country of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Box {
    /// What it is called.
    pub(super) name: String,
    /// What it is, in a word or two.
    pub(super) kind: &'static str,
    /// Where its parts stand.
    pub(super) site: Site,
    /// Its parts, in order.
    pub(super) parts: Vec<Part>,
    /// Left, top, width and height.
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    /// Which lane it stands in.
    pub(super) lane: usize,
}

/// A frame around the boxes of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Everything that has a place.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    pub(super) all: Vec<Box>,
    pub(super) frames: Vec<Frame>,
    pub(super) height: i32,
}

impl Boxes {
    /// The box that a part stands in.
    pub(super) fn of(&self, (part, site): &(Part, Site)) -> Option<usize> {
        self.all.iter().position(|one| one.site == *site && one.parts.contains(part))
    }
}

impl Boxes {
    /// Left edge and width of the picture: empty lanes are left out of it.
    pub(super) fn extent(&self) -> (i32, i32) {
        let lanes: BTreeSet<usize> = self.all.iter().map(|one| one.lane).collect();
        let edge = |lane: Option<&usize>| lane.and_then(|lane| LANES.get(*lane)).copied();
        let left = if lanes.contains(&0) { 0 } else { edge(lanes.first()).map_or(0, |(x, _)| x - ROOM) };
        let right = if lanes.contains(&2) { WIDTH } else { edge(lanes.last()).map_or(WIDTH, |(x, width)| x + width + ROOM) };
        (left, right - left)
    }
}

/// The boxes of a platform.
pub(super) fn boxes(spec: &Spec, conversations: &[Conversation]) -> Boxes {
    let places: BTreeSet<(Site, Part)> =
        conversations.iter().flat_map(|one| [&one.from, &one.to]).map(|(part, site)| (site.clone(), part.clone())).collect();
    let mut boxes = Boxes::default();
    let users = places.iter().filter(|(_, part)| *part == Part::Users);
    let users = users.map(|(site, part)| (site.country.clone().unwrap_or_default(), "users", site.clone(), vec![part.clone()]));
    let users = boxes.stack(0, MARGIN + HEAD, users.collect());
    let service = regions(spec, &places, &mut boxes);
    let others = boxes.stack(2, MARGIN + HEAD, others(spec, &places));
    boxes.height = users.max(service).max(others) + MARGIN;
    centre(&mut boxes);
    boxes
}

type Content = (String, &'static str, Site, Vec<Part>);

/// Service clusters, framed by region in the order of the spec. Where they end.
fn regions(spec: &Spec, places: &BTreeSet<(Site, Part)>, boxes: &mut Boxes) -> i32 {
    let mut top = MARGIN + HEAD;
    for (region, country) in spec.regions.iter().map(|(name, region)| (name, &region.country.value)) {
        let content: Vec<Content> = spec
            .clusters
            .iter()
            .filter(|(_, cluster)| cluster.region.value == *region && is_service(spec, cluster))
            .map(|(name, _)| {
                let site = Site { country: Some(country.clone()), region: Some(region.clone()), cluster: Some(name.clone()) };
                (name.clone(), "cluster", site.clone(), parts_at(places, &site))
            })
            .collect();
        if content.is_empty() {
            continue;
        }
        let bottom = boxes.stack(1, top + FRAME_HEAD, content);
        let (x, width) = LANES[1];
        let frame = Frame {
            name: format!("{region}, {country}"),
            x: x - FRAME,
            y: top,
            width: width + 2 * FRAME,
            height: bottom - top - GAP + FRAME,
        };
        boxes.frames.push(frame);
        top = bottom + FRAME + 4;
    }
    top
}

fn is_service(spec: &Spec, cluster: &crate::spec::types::Cluster) -> bool {
    cluster.role.value == crate::spec::types::ClusterRole::Service || spec.clusters.len() == 1
}

fn parts_at(places: &BTreeSet<(Site, Part)>, site: &Site) -> Vec<Part> {
    places.iter().filter(|(at, _)| at == site).map(|(_, part)| part.clone()).collect()
}

/// The management cluster, and what stands outside of all clusters.
fn others(spec: &Spec, places: &BTreeSet<(Site, Part)>) -> Vec<Content> {
    let mut content: Vec<Content> = Vec::new();
    for (site, part) in places.iter().filter(|(_, part)| *part != Part::Users) {
        let cluster = site.cluster.as_ref().and_then(|name| spec.clusters.get(name));
        if cluster.is_some_and(|cluster| is_service(spec, cluster)) {
            continue;
        }
        match content.iter_mut().find(|(_, kind, at, _)| *kind == "cluster" && at == site) {
            Some((_, _, _, parts)) => parts.push(part.clone()),
            None => {
                let (name, kind) = match &site.cluster {
                    Some(cluster) => (cluster.clone(), "cluster"),
                    None => (part.to_string(), "outside"),
                };
                content.push((name, kind, site.clone(), vec![part.clone()]));
            }
        }
    }
    // What runs in a cluster first.
    content.sort_by_key(|(_, kind, _, _)| *kind != "cluster");
    content
}

impl Boxes {
    /// Put boxes below each other into a lane. Where the next would begin.
    fn stack(&mut self, lane: usize, mut top: i32, content: Vec<Content>) -> i32 {
        let (x, width) = LANES[lane];
        for (name, kind, site, parts) in content {
            // A box of one part is called after it, and needs no line for it.
            let lines = if kind == "cluster" { parts.len() as i32 } else { 0 };
            let height = NAME + lines * LINE + PADDING + if kind == "cluster" { 0 } else { LINE };
            self.all.push(Box { name, kind, site, parts, x, y: top, width, height, lane });
            top += height + GAP;
        }
        top
    }
}

/// Lanes that are shorter than the longest stand in the middle of it.
fn centre(boxes: &mut Boxes) {
    for lane in 0..LANES.len() {
        let inside = |one: &&mut Box| one.lane == lane;
        let bottom = boxes.all.iter().filter(|one| one.lane == lane).map(|one| one.y + one.height).max().unwrap_or_default();
        let shift = ((boxes.height - MARGIN - bottom) / 2).max(0);
        boxes.all.iter_mut().filter(inside).for_each(|one| one.y += shift);
        if lane == 1 {
            boxes.frames.iter_mut().for_each(|frame| frame.y += shift);
        }
    }
}
