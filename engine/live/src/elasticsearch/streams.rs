//! Data streams: which stand on an index template, and what becomes of them when it goes.
//!
//! A server keeps a template for as long as a stream stands on it (400). The stream holds documents, so it goes with its template only
//! where somebody has consented to that.

use super::client::{Elasticsearch, Trouble};
use elasticsearch::indices::{IndicesDeleteDataStreamParts, IndicesGetDataStreamParts};
use http::Method;
use model::Value;
use model::value::Text;
use std::collections::BTreeMap;

impl Elasticsearch {
    /// Names of the data streams, by the template that each stands on.
    pub(super) async fn streams(&self) -> Result<BTreeMap<Text, Vec<Text>>, Trouble> {
        let answer = self.ask(Method::GET, &IndicesGetDataStreamParts::None.url(), None).await?;
        let Some(all) = answer.get("data_streams").and_then(Value::as_list) else {
            return Err(Trouble::Nonsense(format!("{} does not say which data streams it has", self.server())));
        };
        let mut streams = BTreeMap::<Text, Vec<Text>>::new();
        for stream in all {
            if let (Some(name), Some(template)) = (stream.str_at(&["name"]), stream.str_at(&["template"])) {
                streams.entry(template.into()).or_default().push(name.into());
            }
        }
        streams.values_mut().for_each(|names| names.sort_unstable());
        Ok(streams)
    }

    /// Take away the data streams that stand on a template, with all that is in them. One that is gone already is a success.
    pub(super) async fn remove_streams(&self, template: &str) -> Result<(), Trouble> {
        for name in self.streams().await?.remove(template).unwrap_or_default() {
            match self.ask(Method::DELETE, &IndicesDeleteDataStreamParts::Name(&[&name]).url(), None).await {
                Ok(_) => {}
                Err(Trouble::Refusal(refusal)) if refusal.status == 404 => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }
}
