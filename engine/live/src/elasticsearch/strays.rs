//! Indices that do not live by the policy of OpenSearch that their data stream stands on: a difference of the policy, for whoever writes it
//! gives it to all of them.
//!
//! Which indices there are is asked of the data streams, and not of index management, which says nothing of an index on which we have no right.

use super::client::{Elasticsearch, Trouble};
use super::managed::path;
use super::opensearch::explained::{self, Explained, Strays, fits};
use super::opensearch::policies::patterns_of;
use super::streams::Indices;
use futures::{StreamExt, TryStreamExt, stream};
use http::Method;
use model::value::Text;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a policy that an index was given may go unseen: until the server's index of them is refreshed (a second, where nobody said
/// otherwise). An index that is made is given its policy a moment later, too.
const SEEN_WITHIN: Duration = Duration::from_secs(2);
/// Names in the path of one request, in bytes; all of its first line may have 4096 (`http.max_initial_line_length`).
const NAMES: usize = 3000;
/// Indices that one answer is right about (`MAX_HITS` of index management).
const INDICES: usize = 10_000;
/// Requests that are asked at once.
const AT_ONCE: usize = 8;

impl Elasticsearch {
    /// What differs in the indices of the data streams that these policies are for, by the policy; nothing of those where all is well.
    pub(super) async fn strays(&self, policies: &[&str]) -> Result<BTreeMap<String, String>, Trouble> {
        let policies: Vec<_> = policies.iter().map(|policy| (*policy, patterns_of(self.templates(policy)))).collect();
        let policies: Vec<_> = policies.into_iter().filter(|(_, patterns)| !patterns.is_empty()).collect();
        if policies.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut seen = self.strays_now(&policies).await?;
        if !seen.values().all(Strays::is_nothing) {
            tokio::time::sleep(SEEN_WITHIN).await;
            seen = self.strays_now(&policies).await?;
        }
        match seen.iter().find_map(|(policy, strays)| Some((policy, strays.untold.as_ref()?))) {
            None => Ok(seen.into_iter().filter_map(|(policy, strays)| Some((policy.to_owned(), strays.sentence()?))).collect()),
            Some((policy, index)) => Err(Trouble::Nonsense(format!(
                "{} does not say whether {index} lives by the lifecycle policy {policy}: `vamp permissions` prints the role that vamp needs",
                self.server()
            ))),
        }
    }

    /// Of each policy, with the patterns of its data streams.
    async fn strays_now<'a>(&self, policies: &[(&'a str, Vec<&str>)]) -> Result<BTreeMap<&'a str, Strays>, Trouble> {
        let mut streams = self.indices().await?;
        streams.retain(|name, _| policies.iter().any(|(_, patterns)| is_called(patterns, name)));
        let explained = self.explained(&streams).await?;
        let strays = policies.iter().map(|(policy, patterns)| {
            let indices = streams.iter().filter(|(name, _)| is_called(patterns, name)).flat_map(|(_, indices)| indices);
            (*policy, Strays::among(policy, indices, &explained))
        });
        Ok(strays.collect())
    }

    /// What index management says of the indices of these data streams.
    pub(super) async fn explained(&self, streams: &Indices) -> Result<BTreeMap<Text, Explained>, Trouble> {
        let answers =
            stream::iter(batches(streams)).map(async |names| match self.ask(Method::GET, &path("explain", &names), None).await {
                Ok(answer) => Ok(explained::read(&answer)),
                Err(Trouble::Refusal(refusal)) if refusal.is_about_no_index() => Ok(BTreeMap::new()),
                Err(trouble) => Err(trouble),
            });
        let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(answers.into_iter().flatten().collect())
    }
}

fn is_called(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, name))
}

/// Names of data streams, as many together as one request may ask for.
fn batches(streams: &Indices) -> Vec<Vec<&str>> {
    let mut batches: Vec<Vec<&str>> = Vec::new();
    let (mut letters, mut indices) = (0, 0);
    for (name, its) in streams {
        (letters, indices) = (letters + name.len() + 1, indices + its.len());
        match batches.last_mut() {
            Some(batch) if letters <= NAMES && indices <= INDICES => batch.push(name),
            _ => {
                (letters, indices) = (name.len() + 1, its.len());
                batches.push(vec![name]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_asks_for_no_more_than_fits() {
        let streams = |count: usize, indices: usize| -> Indices {
            (0..count).map(|number| (format!("a-{number:04}").into(), vec!["i".into(); indices])).collect()
        };
        let sizes = |streams: &Indices| batches(streams).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&streams(0, 0)), Vec::<usize>::new());
        assert_eq!(sizes(&streams(1000, 1)), [428, 428, 144]);
        assert_eq!(sizes(&streams(5, 4000)), [2, 2, 1]);
        assert_eq!(sizes(&streams(2, 11_000)), [1, 1]);
    }
}
