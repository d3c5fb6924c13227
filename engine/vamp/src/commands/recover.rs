//! `vamp recover SPEC`: rebuild a platform after a cluster restart, from what Vault and MySQL still hold.

use super::change::{Confirmation, Towards};
use super::{Ended, runtime};
use crate::cli::{Output, SpecFile, World};
use crate::error::CommandError;
use crate::past;
use crate::platform::{self, For};
use crate::prepare::{Prepared, prepare};
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::kind::Family;
use model::observation::{Gap, Observation, Snapshot};
use model::{Address, Kind, System};
use planner::plan::Options;
use planner::spec::types::{Placement, Storage, VaultStorage};
use port::{Ledger, Observe};
use std::collections::BTreeSet;

/// Rebuild a platform after a cluster restart, from Vault and MySQL
#[derive(Debug, Args)]
#[command(
    after_help = "Goes in the order in which the parts need each other: MySQL, Vault, the agents, Vamp. Refuses if what Vault or MySQL \
    held is gone, because then an apply would put something empty in its place."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_secrets(&prepared, ui)?;
    let confirmation = &arguments.confirmation;
    runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::ChangingWhatIs).await?;
        if let Err(refusal) = check_ground(&mut platform, &prepared, &site).await {
            return platform::close(platform, Err(refusal)).await;
        }
        let towards = Towards {
            prepared: &prepared,
            site: &site,
            options: Options::default(),
            confirmation,
            command: "recover",
            is_judged: false,
        };
        let ended = towards.run(&mut platform, ui).await;
        platform::close(platform, ended).await
    })
}

/// Refuse unless everything that the rest is rebuilt from is there.
async fn check_ground<P: Observe + Ledger>(platform: &mut P, prepared: &Prepared, site: &Site) -> Result<(), CommandError> {
    let kinds: Vec<Kind> = Kind::of(Family::Vault).chain(Kind::of(Family::Mysql)).collect();
    let snapshot = platform.observe(&site.connections, &kinds).await?;
    let known = past::made(platform).await?;
    missing_ground(prepared, &snapshot, &known).map_or(Ok(()), Err)
}

/// Why a recovery would not bring back what was there, if it would not.
fn missing_ground(prepared: &Prepared, snapshot: &Snapshot, known: &BTreeSet<Address>) -> Option<CommandError> {
    let refuse = |why: String| CommandError::new("recovery is refused; nothing was changed").because(Sentence(why));
    for (system, gap) in snapshot.gaps() {
        match gap {
            Gap::Unreachable(_) | Gap::Unavailable(_) | Gap::Starting { .. } => {
                return Some(
                    refuse(format!("{system}: {gap}"))
                        .hint(format!("bring {system} back first; everything else is rebuilt from it")),
                );
            }
            Gap::NotYet { workload } if forgets(prepared, system) && known.contains(workload) => {
                return Some(
                    refuse(format!("{system} ran in the cluster without durable storage: what it held is gone with {workload}"))
                        .hint("`vamp apply` sets the platform up anew, without what was in it"),
                );
            }
            Gap::NotYet { .. } => {}
        }
    }
    let lost = |address: &&Address| {
        matches!(address.kind(), Kind::Mount | Kind::Schema | Kind::Table)
            && prepared.graph.get(address).is_some()
            && snapshot.observe(address) == Observation::Absent
    };
    let lost: Vec<&str> = known.iter().filter(lost).map(Address::as_str).collect();
    (!lost.is_empty()).then(|| {
        refuse(format!("these held data and are gone: {}", lost.join(", ")))
            .hint("restore them from a backup; or `vamp apply` makes them anew, empty")
    })
}

/// Whether what `system` holds is lost with the pods that run it.
fn forgets(prepared: &Prepared, system: &System) -> bool {
    let dependencies = &prepared.spec.dependencies;
    match system {
        System::Mysql => is_inside(&dependencies.mysql.placement) && *dependencies.mysql.storage == Storage::Local,
        System::Vault => is_inside(&dependencies.vault.placement) && *dependencies.vault.storage == VaultStorage::Memory,
        System::Cluster(_) | System::Elasticsearch(_) => false,
    }
}

fn is_inside(placement: &Placement) -> bool {
    matches!(placement, Placement::InCluster(_))
}

/// A cause that is a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Sentence(String);
