//! A store of the platform's own whose workload is ready and which does not answer. Where nothing probes its pods they are ready before it is: for
//! a while after they were, and as long as nobody listens there, it is on its way. What answers, whatever it says, is no such store.

use super::Systems;
use crate::kubernetes::kinds::Api;
use crate::kubernetes::tunnel::Tunnel;
use model::Duration;
use model::connection::{Connection, Endpoint};
use model::observation::Gap;

/// How long a store may take from when its pods are ready until it listens. A step that meets one that does not is tried for twice as long.
const A_WHILE: Duration = Duration::minutes(5);

impl Systems {
    /// `gap`, which kept somebody from looking into a store whose workload is ready, or that the store is on its way.
    pub(crate) async fn unless_coming(&self, connection: &Connection, gap: Gap) -> Gap {
        self.coming(connection, &gap).await.unwrap_or(gap)
    }

    async fn coming(&self, connection: &Connection, gap: &Gap) -> Option<Gap> {
        let (Gap::Unreachable(said), Endpoint::InCluster { workload }) = (gap, &connection.endpoint) else { return None };
        if self.inside(&connection.system).is_some() {
            return None;
        }
        let cluster = self.host(workload).ok()?;
        let stands = cluster.standing(workload, Api::of(workload.kind())?).await.filter(|stands| *stands < A_WHILE)?;
        let is_deaf = Tunnel::new(&cluster, &connection.system, workload)?.is_deaf().await;
        let why = format!("{said} ({workload}: ready for {stands}, and nobody listens there yet)");
        is_deaf.then(|| Gap::Starting { workload: workload.clone(), why })
    }
}
