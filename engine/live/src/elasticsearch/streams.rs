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

/// The indices behind data streams, by the stream's name.
pub(super) type Indices = BTreeMap<Text, Vec<Text>>;

impl Elasticsearch {
    /// Names of the data streams, by the template that each stands on.
    pub(super) async fn streams(&self) -> Result<BTreeMap<Text, Vec<Text>>, Trouble> {
        let mut streams = BTreeMap::<Text, Vec<Text>>::new();
        for stream in self.data_streams(IndicesGetDataStreamParts::None).await? {
            if let (Some(name), Some(template)) = (stream.str_at(&["name"]), stream.str_at(&["template"])) {
                streams.entry(template.into()).or_default().push(name.into());
            }
        }
        streams.values_mut().for_each(|names| names.sort_unstable());
        Ok(streams)
    }

    /// The indices behind all data streams.
    pub(super) async fn indices(&self) -> Result<Indices, Trouble> {
        Ok(indices(&self.data_streams(IndicesGetDataStreamParts::None).await?))
    }

    /// The indices behind the data streams that are called so.
    pub(super) async fn indices_of(&self, patterns: &[&str]) -> Result<Indices, Trouble> {
        Ok(indices(&self.streams_of(patterns).await?))
    }

    /// The data streams that are called so, as the server shows them.
    pub(super) async fn streams_of(&self, patterns: &[&str]) -> Result<Vec<Value>, Trouble> {
        let mut all = Vec::new();
        for pattern in patterns {
            // One by one: a name that is not there hides what the other patterns find.
            match self.data_streams(IndicesGetDataStreamParts::Name(&[pattern])).await {
                Ok(streams) => all.extend(streams),
                Err(Trouble::Refusal(refusal)) if refusal.status == 404 => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(all)
    }

    pub(super) async fn data_streams(&self, parts: IndicesGetDataStreamParts<'_>) -> Result<Vec<Value>, Trouble> {
        let mut answer = self.ask(Method::GET, &parts.url(), None).await?;
        match answer.remove(&["data_streams"]) {
            Some(Value::List(streams)) => Ok(streams),
            _ => Err(Trouble::Nonsense(format!("{} does not say which data streams it has", self.server()))),
        }
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

fn indices(streams: &[Value]) -> Indices {
    let index = |one: &Value| one.str_at(&["index_name"]).map(Text::from);
    let named = streams.iter().filter_map(|stream| Some((stream.str_at(&["name"])?.into(), stream.get("indices")?.as_list()?)));
    named.map(|(name, indices)| (name, indices.iter().filter_map(index).collect())).collect()
}
