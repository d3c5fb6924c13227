//! The clusters in the world: requests reach them through here, and what they tell of stores that run in them is heard here.

use super::fault::Disturbance;
use super::{Event, Hosting, World};
use crate::agents::Change;
use crate::kernel::Priority;
use crate::kubernetes::{Cluster, ContainerTimes, Context, Key, Notice, Program};
use crate::server::{Answer, Question};
use model::observation::{Condition, Gap, Listing, Observed};
use model::operation::{Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Duration, Kind, System};

fn not_here(name: &str) -> String {
    format!("cluster {name} is not in this world")
}

impl World {
    /// Ask the server of a system. `Err` if nobody answers there.
    ///
    /// # Errors
    /// Why nobody answers.
    pub fn ask(&mut self, system: &System, question: &Question) -> Result<Answer, String> {
        self.catch_up();
        let answer = match system {
            System::Cluster(name) => self.in_cluster(name, |cluster, context| cluster.ask(question, context)).flatten(),
            System::Vault if self.stores.reaches(system).is_ok() => {
                let answer = self.stores.vault.ask(question, self.kernel.now());
                let touched = self.stores.vault.take_touched();
                self.touched_in_store(touched);
                answer
            }
            System::Elasticsearch(name) if self.stores.reaches(system).is_ok() => self.ask_elasticsearch(name, question),
            _ => None,
        };
        let answer = answer.ok_or_else(|| format!("{system} does not answer: connection refused"));
        self.kernel.note(&format!("{system} {} {} {answer:?}", question.method, question.path));
        self.settle_traffic();
        answer
    }

    fn ask_elasticsearch(&mut self, name: &str, question: &Question) -> Option<Answer> {
        let server = self.stores.elasticsearch.get_mut(name)?;
        let (answer, touched) = (server.ask(question), server.take_touched());
        self.touched_in_store(touched);
        answer
    }

    fn touched_in_store(&mut self, touched: Vec<Address>) {
        for address in touched {
            self.stores_changed(Change::of(&address));
            self.touched.insert(address);
        }
    }

    /// Let the API server of a cluster forget what happened before now, as etcd does every few minutes.
    pub fn compact(&mut self, cluster: &str) {
        if let Some(cluster) = self.clusters.get_mut(cluster) {
            cluster.compact();
        }
    }

    /// Let the containers of a cluster take so long to come and to go.
    pub fn set_container_times(&mut self, cluster: &str, times: ContainerTimes) {
        if let Some(cluster) = self.clusters.get_mut(cluster) {
            cluster.set_container_times(times);
        }
    }

    /// Let `act` happen in a cluster, and hear what it tells; nothing if there is no such cluster.
    pub(super) fn in_cluster<T>(&mut self, name: &str, act: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> Option<T> {
        let cluster = self.clusters.get_mut(name)?;
        let label = Text::from(name);
        let mut agenda = self.kernel.view(|event| Event::Cluster { cluster: label.clone(), event });
        let answer = act(cluster, &mut Context { agenda: &mut agenda, world: &self.stores });
        let (changed, notices) = (cluster.take_changed(), cluster.take_notices());
        let system = System::Cluster(label);
        let mut hosts_touched = false;
        for key in &changed {
            let address = Address::new(&system, key.kind, &key.name);
            hosts_touched |= key.kind.runs_pods() && self.stores.is_host(&address);
            if let (Kind::Deployment | Kind::Service, Some(namespace)) = (key.kind, key.namespace()) {
                self.ledger.touch(name, namespace);
            }
            self.touched.insert(address);
        }
        let of_stores = notices.iter().filter(|notice| self.hear(&system, notice)).count();
        if hosts_touched || of_stores > 0 {
            self.look_at_hosts();
        }
        Some(answer)
    }

    /// A store that runs in a cluster has come, or gone, or the process of an agent has. Whether it was a store.
    fn hear(&mut self, cluster: &System, notice: &Notice) -> bool {
        let (workload, up) = match notice {
            Notice::Begun { .. } | Notice::Signalled { .. } | Notice::Ended { .. } | Notice::Gone { .. } => {
                self.hear_of_agent(cluster, notice);
                return false;
            }
            Notice::StoreUp { program: Program::Vamp, .. } | Notice::StoreDown { program: Program::Vamp, .. } => {
                self.agents_look_again(Change::Runs);
                return false;
            }
            Notice::StoreUp { workload, on_volume, .. } => (workload, Some(*on_volume)),
            Notice::StoreDown { workload, .. } => (workload, None),
        };
        let address = Address::new(cluster, workload.kind, &workload.name);
        let hosted: Vec<System> =
            self.stores.hosts().filter(|(_, host)| host.workload.as_ref() == Some(&address)).map(|(system, _)| system).collect();
        for system in hosted {
            match up {
                Some(on_volume) => {
                    self.stores.restart(&system, on_volume);
                    self.stores.set_hosting(&system, Hosting::Serving);
                }
                None => drop(self.stores.set_hosting(&system, Hosting::Away(format!("no pod of {address} serves")))),
            }
        }
        self.stores_changed(Some(Change::Anything));
        true
    }

    /// For stores whose pods do not serve: whether their workload is there at all.
    pub(super) fn look_at_hosts(&mut self) {
        let idle: Vec<(System, Address)> = self
            .stores
            .hosts()
            .filter(|(_, host)| host.hosting != Hosting::Serving)
            .filter_map(|(system, host)| Some((system, host.workload.clone()?)))
            .collect();
        for (system, workload) in idle {
            let System::Cluster(name) = workload.system() else { continue };
            let hosting = match Self::found_in(self.clusters.get(&name), &name, &workload) {
                Ok(None) => Hosting::Absent,
                Ok(Some(seen)) => match seen.condition {
                    Condition::Ready => Hosting::Away(format!("no pod of {workload} serves")),
                    Condition::NotReady(why) => Hosting::Starting(why),
                    Condition::Failed(why) => Hosting::Away(format!("{workload}: {why}")),
                },
                Err(gap) => Hosting::Away(gap.to_string()),
            };
            if self.stores.set_hosting(&system, hosting) {
                self.agents_look_again(Change::Anything);
            }
        }
    }

    /// Let the programs in all clusters look again, at this instant, for what they lack, and agents in their next round.
    pub(super) fn stores_changed(&mut self, change: Option<Change<'_>>) {
        match change {
            Some(change) => self.agents_look_again(change),
            None => self.ledger.touch_all(),
        }
        let now = self.kernel.now();
        let scheduled = self.kernel.events().take_while(|(id, _)| id.at <= now).any(|(_, event)| *event == Event::StoresChanged);
        if !scheduled && !self.clusters.is_empty() {
            self.kernel.schedule(Duration::ZERO, Priority::REQUEST, Event::StoresChanged);
        }
    }

    /// Carry out an operation in a cluster whose API server may be in trouble.
    pub(super) fn execute_disturbed(&mut self, name: &str, operation: &Operation) -> Result<Receipt, OperationError> {
        match self.disturbance(name, operation.address()) {
            Some(Disturbance::Before(error)) => Err(error),
            // Who finds it done already writes nothing, so no write is called failed.
            Some(Disturbance::After(error)) => match self.execute_in_cluster(name, operation) {
                Ok(receipt) if receipt.changed => Err(error),
                other => other,
            },
            Some(Disturbance::Contested) => {
                self.contest(name, true);
                let result = self.execute_in_cluster(name, operation);
                self.contest(name, false);
                result
            }
            None => self.execute_in_cluster(name, operation),
        }
    }

    fn contest(&mut self, name: &str, contested: bool) {
        if let Some(cluster) = self.clusters.get_mut(name) {
            cluster.contest(contested);
        }
    }

    pub(super) fn execute_in_cluster(&mut self, name: &str, operation: &Operation) -> Result<Receipt, OperationError> {
        let answer = self.in_cluster(name, |cluster, context| cluster.execute(operation, context));
        answer.unwrap_or_else(|| Err(OperationError::Unreachable(not_here(name))))
    }

    pub(super) fn list_cluster(&self, name: &str, kind: Kind) -> Listing {
        let Some(cluster) = self.cluster_read(name) else { return Listing::Unknown(Gap::Unreachable(not_here(name))) };
        cluster.list(kind).map_or_else(|error| Listing::Unknown(Gap::Unreachable(error.to_string())), Listing::Complete)
    }

    pub(super) fn find_in_cluster(&self, name: &str, address: &Address) -> Result<Option<Observed>, Gap> {
        Self::found_in(self.cluster_read(name), name, address)
    }

    fn found_in(cluster: Option<&Cluster>, name: &str, address: &Address) -> Result<Option<Observed>, Gap> {
        let cluster = cluster.ok_or_else(|| Gap::Unreachable(not_here(name)))?;
        let key = Key::new(address.kind(), address.key());
        cluster.get(&key).map_err(|error| Gap::Unreachable(error.to_string()))
    }

    /// The condition of one object, without the cost of showing all of it.
    pub(super) fn condition_in_cluster(&self, name: &str, address: &Address) -> Result<Option<Condition>, Gap> {
        let cluster = self.cluster_read(name).ok_or_else(|| Gap::Unreachable(not_here(name)))?;
        let key = Key::new(address.kind(), address.key());
        if cluster.is_reachable() { Ok(cluster.condition(&key)) } else { self.find_in_cluster(name, address).map(|_| None) }
    }
}
