//! Looking at a cluster: one paged list a kind, of what carries a platform's label. Only when something wanted is not among that, a
//! second list of names alone tells whether somebody else has it; what has a name that we want is then read.

use super::cluster::Cluster;
use super::kinds::Api;
use super::object;
use super::refusal::Trouble;
use model::observation::{Gap, Listing, Node, Objects};
use model::value::Text;
use model::{Address, Kind, Value, mark};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The oldest API server that understands all that we write (`k8s-openapi`, feature `v1_33`).
const OLDEST_MINOR: u64 = 33;

impl Cluster {
    /// All objects of a kind that are ours or another platform's, and those that have a name which we want.
    pub(crate) async fn list(&self, kind: Kind) -> Listing {
        match self.listed(kind).await {
            Ok(objects) => Listing::Complete(objects),
            Err(trouble) => Listing::Unknown(trouble.into_gap(self.server())),
        }
    }

    async fn listed(&self, kind: Kind) -> Result<Objects, Trouble> {
        let Some(api) = Api::of(kind) else { return Ok(Objects::default()) };
        let objects = RefCell::new(Objects::default());
        let mut take = |raw: Value| {
            if let Some(address) = object::address(self.system(), kind, &raw) {
                let (observed, _) = self.read(&address, raw);
                // Of what is wanted nothing is kept twice.
                let address = self.wanted.shared(&address).map_or(address, |(wanted, _)| wanted.clone());
                objects.borrow_mut().insert(address, observed);
            }
        };
        let mut begin = || *objects.borrow_mut() = Objects::default();
        self.api_server().each(&api.everywhere(), Some(mark::PLATFORM), false, &mut take, &mut begin).await?;
        let mut objects = objects.into_inner();
        let missing: BTreeSet<&Address> = self.wanted_of(kind).filter(|address| !objects.contains(*address)).collect();
        if !missing.is_empty() {
            for address in self.taken(kind, api, &missing).await? {
                // What goes between the two looks is not there.
                if let Some(found) = self.get(&address, api).await? {
                    objects.insert(address, found.observed);
                }
            }
        }
        Ok(objects)
    }

    fn wanted_of(&self, kind: Kind) -> impl Iterator<Item = &Address> {
        let here = move |address: &&Address| address.kind() == kind && address.system() == *self.system();
        self.wanted.iter().map(|(address, _)| address).filter(here)
    }

    /// Those of `names` that somebody has.
    async fn taken(&self, kind: Kind, api: Api, names: &BTreeSet<&Address>) -> Result<Vec<Address>, Trouble> {
        let taken = RefCell::new(Vec::new());
        let mut take = |raw: Value| {
            let address = object::address(self.system(), kind, &raw);
            taken.borrow_mut().extend(address.filter(|address| names.contains(address)));
        };
        let mut begin = || taken.borrow_mut().clear();
        // Whatever is labelled was seen already.
        let others = format!("!{}", mark::PLATFORM);
        self.api_server().each(&api.everywhere(), Some(&others), true, &mut take, &mut begin).await?;
        Ok(taken.into_inner())
    }

    /// The nodes, as safety rules need to know them; nothing if nobody could look.
    pub(crate) async fn nodes(&self) -> Option<Vec<Node>> {
        let nodes = RefCell::new(Vec::new());
        let mut take = |raw: Value| nodes.borrow_mut().push(node(&raw));
        let mut begin = || nodes.borrow_mut().clear();
        self.api_server().each("/api/v1/nodes", None, false, &mut take, &mut begin).await.ok()?;
        let mut nodes = nodes.into_inner();
        nodes.sort_by(|left: &Node, right: &Node| left.name.cmp(&right.name));
        Some(nodes)
    }

    /// What tells this cluster from every other: the `uid` of its oldest namespace, which is never made again.
    ///
    /// # Errors
    /// The gap, if nobody could look, or the server is too old.
    pub(crate) async fn identity(&self) -> Result<String, Gap> {
        let told = |trouble: Trouble| trouble.into_gap(self.server());
        let version = self.api_server().document("/version").await.map_err(told)?;
        self.check_version(&version)?;
        let namespace = self.api_server().document("/api/v1/namespaces/kube-system").await.map_err(told)?;
        let uid = namespace.str_at(&["metadata", "uid"]).unwrap_or_default();
        if uid.is_empty() {
            return Err(Gap::Unreachable(format!("{} names no uid of its namespace kube-system", self.server())));
        }
        Ok(uid.to_owned())
    }

    fn check_version(&self, version: &Value) -> Result<(), Gap> {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let part = |field: &str| digits(version.str_at(&[field]).unwrap_or_default()).parse::<u64>().ok();
        match (part("major"), part("minor")) {
            (Some(1), Some(minor)) if minor < OLDEST_MINOR => Err(Gap::Unreachable(format!(
                "{} is Kubernetes {}; vamp needs 1.{OLDEST_MINOR} or later",
                self.server(),
                version.str_at(&["gitVersion"]).unwrap_or_default(),
            ))),
            (Some(_), Some(_)) => Ok(()),
            _ => Err(Gap::Unreachable(format!("{} does not say which Kubernetes it is", self.server()))),
        }
    }
}

/// A node takes new pods if it is ready, not cordoned, and has no taint that keeps pods away.
fn node(raw: &Value) -> Node {
    let list = |keys: &[&str]| raw.at(keys).and_then(Value::as_list).unwrap_or_default().to_vec();
    let is_ready =
        |condition: &Value| condition.str_at(&["type"]) == Some("Ready") && condition.str_at(&["status"]) == Some("True");
    let keeps_away = |taint: &Value| matches!(taint.str_at(&["effect"]), Some("NoSchedule" | "NoExecute"));
    let cordoned = raw.at(&["spec", "unschedulable"]).and_then(Value::as_bool).unwrap_or(false);
    let ready = list(&["status", "conditions"]).iter().any(is_ready);
    let tainted = list(&["spec", "taints"]).iter().any(keeps_away);
    Node {
        name: Text::from(raw.str_at(&["metadata", "name"]).unwrap_or_default()),
        zone: Text::from(raw.str_at(&["metadata", "labels", "topology.kubernetes.io/zone"]).unwrap_or_default()),
        schedulable: ready && !cordoned && !tainted,
    }
}
