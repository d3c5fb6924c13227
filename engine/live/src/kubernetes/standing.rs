//! For how long a workload has stood as it does now. Only the clock of its API server is asked: it writes down when the status of an object
//! changed (`managedFields`), and says what time it is with each answer (`Date`). No clock of a node or of this machine is compared with it.

use super::cluster::Cluster;
use super::kinds::Api;
use crate::json::{Json, parse};
use k8s_openapi::jiff;
use kube::core::params::GetParams;
use kube::core::request::Request as Build;
use model::{Address, Duration, Timestamp, Value};

impl Cluster {
    /// For how long the status of `workload` has been as it is; nothing if its API server does not say.
    pub(crate) async fn standing(&self, workload: &Address, api: Api) -> Option<Duration> {
        let request = Build::new(api.beside(workload)).get(workload.name(), &GetParams::default()).ok()?;
        let reply = self.api_server().wire().call(request).await.ok()?;
        let now = reply.date.filter(|_| reply.status.is_success())?;
        let Json(object) = parse(&reply.body).ok()?;
        changed(&object).map(|changed| now.since(changed))
    }
}

/// When anybody last changed its status.
fn changed(object: &Value) -> Option<Timestamp> {
    let accounts = object.at(&["metadata", "managedFields"]).and_then(Value::as_list).unwrap_or_default();
    let of_status = accounts.iter().filter(|account| account.str_at(&["subresource"]) == Some("status"));
    of_status.filter_map(|account| time(account.str_at(&["time"])?)).max()
}

/// A time as objects have it (RFC 3339).
fn time(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    at.as_millisecond().try_into().ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::secrets;
    use crate::wanted::Wanted;
    use crate::wire::fake::{Answer, block_on, wire};
    use model::Kind;
    use serde_json::{Value as Given, json};
    use std::rc::Rc;

    fn account(manager: &str, subresource: &str, time: &str) -> Given {
        json!({"manager": manager, "operation": "Update", "subresource": subresource, "time": time})
    }

    fn standing(accounts: Given, date: &'static str) -> Option<Duration> {
        let object = json!({"metadata": {"name": "vault", "namespace": "acme", "managedFields": accounts}}).to_string();
        let wire = wire("cluster.main", move |_| Answer::With(200, ("date", date), object.clone()));
        let cluster = Cluster::new(wire, Rc::new(secrets()), Wanted::default());
        let workload = "cluster.main/stateful-set/acme/vault".parse().unwrap();
        block_on(cluster.standing(&workload, Api::of(Kind::StatefulSet).unwrap()))
    }

    const NOW: &str = "Sat, 28 Nov 2026 12:00:00 GMT";

    #[test]
    fn it_stands_since_its_status_changed_last_on_the_clock_of_its_api_server() {
        let controller = account("kube-controller-manager", "status", "2026-11-28T11:59:18Z");
        let before = account("somebody", "status", "2026-11-28T10:00:00Z");
        let of_us = account("vamp", "", "2026-11-28T11:59:59Z");
        assert_eq!(standing(json!([before, controller, of_us]), NOW), Some(Duration::seconds(42)));
        assert_eq!(standing(json!([of_us]), NOW), None, "nobody wrote a status");
        assert_eq!(standing(json!([controller]), "noon"), None, "it does not say what time it is");
        let later = account("kube-controller-manager", "status", "2026-11-28T12:00:01Z");
        assert_eq!(standing(json!([later]), NOW), Some(Duration::ZERO), "two of its servers may differ a little");
    }
}
