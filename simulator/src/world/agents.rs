//! The platform's agents in the world: their clusters say when a process begins and ends, and their kubelets hear how they do.

use super::{Event, World};
use crate::agents::{Change, Told};
use crate::kernel::Priority;
use crate::kubernetes::Notice;
use gateway_agent::Input;
use model::value::Text;
use model::{System, Timestamp};

impl World {
    /// Something happened to the process of an agent.
    pub(super) fn hear_of_agent(&mut self, system: &System, notice: &Notice) {
        let System::Cluster(cluster) = system else { return };
        let now = self.kernel.now();
        let key = |pod: &str| Text::from(format!("{cluster}/{pod}"));
        if let Notice::Ended { pod } | Notice::Gone { pod } = notice {
            self.touch_cell_of(&key(pod));
        }
        match notice {
            Notice::Begun { pod: run } => {
                let Some(pod) = self.clusters.get(cluster).and_then(|known| known.agent_pod(&run.key)) else { return };
                let key = key(&run.key);
                let told = self.fleet.begin(&key, cluster, run.clone(), &pod, now, &mut self.stores);
                self.follow(&key, told);
            }
            Notice::Signalled { pod } => {
                let key = key(&pod.key);
                let told = self.fleet.tell(&key, Input::Terminate, now, &mut self.stores);
                self.follow(&key, told);
            }
            Notice::Ended { pod } => {
                self.unschedule(&key(pod));
                self.fleet.end(&key(pod));
            }
            Notice::Gone { pod } => {
                self.unschedule(&key(pod));
                self.fleet.remove(&key(pod));
            }
            Notice::StoreUp { .. } | Notice::StoreDown { .. } => {}
        }
    }

    /// Let the kubelet and the queue know what became of an agent.
    fn follow(&mut self, key: &Text, told: Option<Told>) {
        self.touch_cell_of(key);
        let Some(Told { run, cluster, lacks, next }) = told else { return };
        self.in_cluster(&cluster, |cluster, context| match &lacks {
            None => cluster.program_works(&run, context),
            Some(reason) => cluster.program_lacks(&run, reason, context),
        });
        if let Some(at) = next {
            self.wake_agent(key, at);
        }
    }

    /// Let an agent be woken at `at`, unless it is before.
    fn wake_agent(&mut self, key: &Text, at: Timestamp) {
        if self.fleet.scheduled(key).is_some_and(|known| known.at <= at) {
            return;
        }
        self.unschedule(key);
        let id = self.kernel.schedule_at(at, Priority::SYSTEM, Event::Round { agent: key.clone() });
        self.fleet.set_scheduled(key, Some(id));
    }

    fn unschedule(&mut self, key: &Text) {
        if let Some(id) = self.fleet.scheduled(key) {
            self.kernel.cancel(id);
            self.fleet.set_scheduled(key, None);
        }
    }

    pub(super) fn go_through_round(&mut self, key: &Text) {
        self.fleet.set_scheduled(key, None);
        let told = self.fleet.tell(key, Input::Woken, self.kernel.now(), &mut self.stores);
        self.follow(key, told);
    }

    /// Make up for what agents did unseen. It goes before whatever changes what they ask.
    pub(super) fn catch_up(&mut self) {
        self.fleet.catch_up(self.kernel.now(), &mut self.stores);
    }

    /// Something changed that agents may see in their next round.
    pub(super) fn agents_look_again(&mut self, change: Change<'_>) {
        for (key, at) in self.fleet.concerned(change, self.kernel.now()) {
            self.wake_agent(&key, at);
            self.touch_cell_of(&key);
        }
    }
}
