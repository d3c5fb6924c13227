//! Faults that somebody makes and mends by hand, as with `vamp world fail`.

use super::{BY_HAND, World};
use crate::fault::{Fault, Injection, Kind, Lasting, Target};
use model::{Duration, System};

/// A fault that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The words name nothing that can break.
    #[error("{words:?} is nothing that can fail")]
    Words {
        /// What was written.
        words: String,
        /// What can be written instead.
        help: String,
    },
    /// There is no such thing, or it cannot happen to it.
    #[error("{message}")]
    Cannot {
        /// Why.
        message: String,
        /// What can be done.
        help: String,
    },
}

/// The plain words for what breaks most: the thing's own name.
const PLAIN: [(&str, Kind); 8] = [
    ("node", Kind::NodeDead),
    ("zone", Kind::ZoneDead),
    ("cluster", Kind::ClusterLost),
    ("region", Kind::RegionLost),
    ("api", Kind::ApiDown),
    ("vault", Kind::VaultDown),
    ("mysql", Kind::MysqlDown),
    ("elasticsearch", Kind::ElasticsearchDown),
];

const WORDS: &str = "node CLUSTER/NODE, zone CLUSTER/ZONE, cluster NAME, api NAME, vault, mysql, elasticsearch NAME";

impl Fault {
    /// What `word` and `name` mean: a plain word (`node eu-1/node-1`, `api eu-1`, `vault`), or a kind of fault with what it happens to
    /// (`node-cordoned eu-1/node-1`, `network-cut "from region eu to vault"`).
    ///
    /// # Errors
    /// [`FaultError::Words`] if they mean nothing.
    pub fn by_hand(word: &str, name: Option<&str>) -> Result<Fault, FaultError> {
        let words = || name.map_or_else(|| word.to_owned(), |name| format!("{word} {name}"));
        let plain = PLAIN.iter().find(|(plain, _)| *plain == word).map(|(_, kind)| *kind);
        let Some(kind) = plain.or_else(|| word.parse().ok()) else {
            let help = format!("it is one of {WORDS}, or a kind of fault, such as node-cordoned CLUSTER/NODE");
            return Err(FaultError::Words { words: words(), help });
        };
        let targets = kind.info().targets;
        let fits = |target: &Target| targets.contains(&target.kind());
        let written = targets.iter().map(|target| target.form().split(' ').next().unwrap_or_default());
        let candidates = written.map(|first| name.map_or_else(|| first.to_owned(), |name| format!("{first} {name}")));
        let whole = name.map(str::to_owned);
        let target = candidates.chain(whole).filter_map(|text| text.parse().ok()).find(fits);
        target.map(|target| Fault::new(kind, target)).ok_or_else(|| {
            let forms: Vec<&str> = targets.iter().map(|target| target.form()).collect();
            FaultError::Words { words: words(), help: format!("{kind} happens to {}", forms.join(" or ")) }
        })
    }
}

impl World {
    /// Let `fault` happen now; what lasts goes on until it is mended. What is so already stays so.
    ///
    /// # Errors
    /// [`FaultError::Cannot`] if it cannot happen here.
    pub fn inject(&mut self, fault: &Fault) -> Result<(), FaultError> {
        if let Some((_, message, help)) = fault.mistakes(&self.known()).into_iter().next() {
            return Err(FaultError::Cannot { message, help });
        }
        if !fault.kind.info().by_hand {
            let message = format!("{} happens only within a simulation", fault.kind);
            return Err(FaultError::Cannot { message, help: "write it into a scenario".to_owned() });
        }
        if self.faults().any(|active| active.fault() == fault) {
            return Ok(());
        }
        self.catch_up();
        let last = self.faults.active.keys().chain(self.faults.planned.keys()).next_back().copied();
        let id = last.map_or(BY_HAND, |last| last.saturating_add(1).max(BY_HAND));
        let injection = Injection { id, at: Duration::ZERO, fault: fault.clone(), lasts: None };
        self.faults.planned.insert(id, injection);
        self.fault_begins(id);
        Ok(())
    }

    /// Mend what is wrong with the target of `fault` and with all that lies in it; where the kind is not the plain one of its target, only
    /// what is of that kind.
    ///
    /// # Errors
    /// [`FaultError::Cannot`] if there is no such target.
    pub fn mend(&mut self, fault: &Fault) -> Result<(), FaultError> {
        self.known().has(&fault.target).map_err(|(message, help)| FaultError::Cannot { message, help })?;
        self.catch_up();
        let concerned = |other: &Fault| match fault.kind {
            Kind::ApiDown => other.target == fault.target && is_of_control_plane(other.kind),
            kind if is_whole(kind) => lies_in(&other.target, &fault.target) && other.kind.info().lasting == Lasting::AsSaid,
            kind => other.kind == kind && other.target == fault.target,
        };
        let ended: Vec<u32> =
            self.faults.active.iter().filter(|(_, active)| concerned(active.fault())).map(|(id, _)| *id).collect();
        for id in ended {
            self.fault_ends(id);
        }
        self.kernel.note(&format!("mend {fault}"));
        Ok(())
    }

    /// Seal Vault.
    ///
    /// # Errors
    /// [`FaultError::Cannot`] if there is none.
    pub fn seal(&mut self) -> Result<(), FaultError> {
        self.inject(&Fault::new(Kind::VaultSealed, Target::Vault))
    }

    /// Unseal Vault, whatever sealed it.
    ///
    /// # Errors
    /// [`FaultError::Cannot`] if there is none.
    pub fn unseal(&mut self) -> Result<(), FaultError> {
        self.mend(&Fault::new(Kind::VaultSealed, Target::Vault))?;
        if self.stores.vault.state().sealed && self.stores.host(&System::Vault).is_some() {
            self.stores.vault.change(|state| state.sealed = false);
            self.everything_looks_again();
        }
        Ok(())
    }
}

/// Kinds that mean their target as a whole.
fn is_whole(kind: Kind) -> bool {
    PLAIN.iter().any(|(_, plain)| *plain == kind)
}

fn is_of_control_plane(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ApiDown
            | Kind::ApiSlow
            | Kind::ApiThrottled
            | Kind::ApiFailing
            | Kind::ApiConflicting
            | Kind::ApiStale
            | Kind::WatchCut
    )
}

/// Whether `inner` is `outer`, or a part of it.
fn lies_in(inner: &Target, outer: &Target) -> bool {
    inner == outer || matches!(outer, Target::Cluster(name) if inner.cluster() == Some(name))
}
