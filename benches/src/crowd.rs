//! Twenty clusters made of the three of the test bench: as many contexts of one kubeconfig, each with a proxy of its own before the API server
//! that it shares. Nineteen share all but the last, which the twentieth has for itself, so that nobody sees what is its.

use crate::bench::{Bench, worded};
use crate::subject::{ONE, OTHERS, name};
use crate::table::Failure;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How far each server is away.
const AWAY: Duration = Duration::from_millis(5);

/// The twenty, and a namespace of that name in each cluster of the bench.
#[derive(Debug)]
pub struct Crowd<'a> {
    bench: &'a Bench,
    kubeconfig: PathBuf,
    namespace: String,
}

impl<'a> Crowd<'a> {
    /// Gather them; nothing is left of it when `work` has ended.
    ///
    /// # Errors
    /// What kubectl says, or `work`.
    pub fn gathered<T>(bench: &'a Bench, work: impl FnOnce(&Crowd<'a>) -> Result<T, Failure>) -> Result<T, Failure> {
        let clusters = bench.clusters()?;
        let Some((last, shared)) = clusters.split_last().filter(|(_, shared)| !shared.is_empty()) else {
            return Err("the bench has fewer than two clusters".to_owned());
        };
        let mut config = json!({"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []});
        for number in 0..OTHERS {
            let cluster = shared.get(number % shared.len()).copied().unwrap_or_default();
            add(&mut config, &name(number), bench.config(cluster, Some(AWAY))?);
        }
        add(&mut config, ONE, bench.config(last, Some(AWAY))?);
        let kubeconfig = bench.folder.path().join("crowd");
        std::fs::write(&kubeconfig, config.to_string()).map_err(worded)?;
        let crowd = Crowd { bench, kubeconfig, namespace: format!("figures-{}-crowd", std::process::id()) };
        crowd.each(&["create", "namespace", &crowd.namespace])?;
        let result = work(&crowd);
        crowd.each(&["delete", "namespace", &crowd.namespace, "--wait=true", "--timeout=300s"])?;
        result
    }

    /// Where it is measured.
    pub fn place(&self) -> String {
        format!("{}:{}", self.kubeconfig.display(), self.namespace)
    }

    /// Take away all that was made.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn clear(&self) -> Result<(), Failure> {
        self.each(&["delete", "--raw", &format!("/api/v1/namespaces/{}/configmaps", self.namespace)])
    }

    fn each(&self, arguments: &[&str]) -> Result<(), Failure> {
        let kubeconfig = Path::new(self.bench.get("VAMP_BENCH_KUBECONFIG")?);
        for cluster in self.bench.clusters()? {
            self.bench.kubectl(kubeconfig, &[&["--context", cluster], arguments].concat())?;
        }
        Ok(())
    }
}

/// The only cluster of `one`, and its user, under another name.
fn add(config: &mut Value, name: &str, mut one: Value) {
    for (list, inner) in [("clusters", "cluster"), ("users", "user")] {
        let entry = json!({"name": name, inner: one[list][0][inner].take()});
        config[list].as_array_mut().into_iter().for_each(|list| list.push(entry.clone()));
    }
    let context = json!({"name": name, "context": {"cluster": name, "user": name}});
    config["contexts"].as_array_mut().into_iter().for_each(|list| list.push(context.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_leads_to_its_cluster_with_its_user() {
        let mut config = json!({"clusters": [], "users": [], "contexts": []});
        let one = json!({"clusters": [{"name": "x", "cluster": {"server": "https://a"}}], "users": [{"name": "y", "user": {"token": "t"}}]});
        add(&mut config, "c01", one);
        assert_eq!(config["clusters"], json!([{"name": "c01", "cluster": {"server": "https://a"}}]));
        assert_eq!(config["users"], json!([{"name": "c01", "user": {"token": "t"}}]));
        assert_eq!(config["contexts"], json!([{"name": "c01", "context": {"cluster": "c01", "user": "c01"}}]));
    }
}
