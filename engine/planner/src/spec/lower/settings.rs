//! Settings with precedence: platform < tenant < environment < nothing else. A setting that is given in part leaves the other parts alone.

use super::{Lower, entries, only};
use crate::spec::code;
use crate::spec::reader::{Given, quote};
use crate::spec::types::ClusterRole;
use crate::spec::written::{self, Settings};
use model::Diagnostic;
use model::source::{Located, Place};

/// The layers of settings of one environment, the strongest first.
pub(super) struct Layers<'d>(pub(super) Vec<&'d Settings>);

impl Layers<'_> {
    /// What the strongest layer says that says anything.
    pub(super) fn given<T: Clone>(&self, get: impl Fn(&Settings) -> Option<&Given<T>>) -> Given<T> {
        self.0.iter().filter_map(|layer| get(layer)).find(|given| !given.is_no()).cloned().unwrap_or_default()
    }

    /// The same, or the built-in value.
    pub(super) fn or<T: Clone>(&self, default: T, get: impl Fn(&Settings) -> Option<&Given<T>>) -> Located<T> {
        self.given(get).or(default)
    }
}

impl<'d> Lower<'d> {
    /// Checks what one layer refers to, once, where it is written.
    pub(super) fn settings(&mut self, settings: Option<&Settings>) {
        let Some(settings) = settings else { return };
        for cluster in settings.clusters.yes().into_iter().flat_map(|clusters| &clusters.value) {
            self.refer(cluster, entries(&self.document.clusters), "cluster", code::UNKNOWN_CLUSTER);
            self.must_serve(cluster);
        }
        let Some(sinks) = settings.elasticsearch.yes() else { return };
        for sink in [&sinks.audit, &sinks.traffic].into_iter().filter_map(Given::yes) {
            self.refer(sink, self.elasticsearches_written(), "Elasticsearch", code::UNKNOWN_ELASTICSEARCH);
        }
    }

    fn must_serve(&mut self, name: &Located<String>) {
        let cluster = entries(&self.document.clusters).and_then(|clusters| clusters.get(name.value.as_str()));
        let Some(role) = cluster.and_then(|cluster| cluster.role.yes()) else { return };
        if role.value == ClusterRole::Management {
            let message = format!("no environment can run on {}: it is the management cluster", quote(name));
            let choices = match self.serving.as_deref().unwrap_or_default() {
                [] => "add a cluster with the role `service`".to_owned(),
                some => format!(
                    "name a service cluster, such as `{}`",
                    some.iter().take(5).copied().collect::<Vec<_>>().join("` or `")
                ),
            };
            let complaint = Diagnostic::error(code::WRONG_ROLE, name.place, message).help(choices);
            self.reader.complain(complaint.related(role.place, "its role"));
        }
    }

    fn elasticsearches_written(&self) -> Option<&'d super::Entries<written::Elasticsearch>> {
        let document = self.document;
        entries(&document.dependencies.yes()?.elasticsearch)
    }

    /// The clusters of an environment: those that are given, or the only one that there is.
    pub(super) fn clusters_of(&mut self, layers: &Layers<'_>, environment: &str, place: Place) -> Option<Vec<Located<String>>> {
        match layers.given(|settings| Some(&settings.clusters)) {
            Given::Yes(clusters) => Some(clusters.value),
            Given::Bad => None,
            Given::No => match self.serving.as_deref()? {
                [only] => Some(vec![Located::default_value((*only).to_owned())]),
                [] => {
                    let message = format!("there is no cluster that the environment {} could run on", quote(environment));
                    self.error(code::MUST_BE_SAID, place, message, "add a cluster with the role `service`");
                    None
                }
                several => {
                    let help = format!(
                        "add `clusters: [{}]`, or some of them, here or in `defaults`",
                        several.iter().take(8).copied().collect::<Vec<_>>().join(", ")
                    );
                    let message = format!("on which clusters does the environment {} run?", quote(environment));
                    self.error(code::MUST_BE_SAID, place, message, help);
                    None
                }
            },
        }
    }

    /// The Elasticsearches of an environment, for the audit log and for traffic: those that are given, or the only one that there is.
    pub(super) fn sinks_of(&mut self, layers: &Layers<'_>, environment: &str, place: Place) -> [Option<Located<String>>; 2] {
        let given = [
            ("audit", layers.given(|settings| settings.elasticsearch.yes().map(|sinks| &sinks.audit))),
            ("traffic", layers.given(|settings| settings.elasticsearch.yes().map(|sinks| &sinks.traffic))),
        ];
        let known = self.elasticsearches_written();
        let only = known.and_then(only);
        let unsaid: Vec<&str> = given.iter().filter(|(_, sink)| sink.is_no()).map(|(word, _)| *word).collect();
        if let Some(known) = known.filter(|known| known.len() > 1 && !unsaid.is_empty()) {
            let names: Vec<&str> = known.keys().take(5).map(String::as_str).collect();
            let message = format!(
                "which Elasticsearch takes the {} data of the environment {}?",
                unsaid.join(" and the "),
                quote(environment)
            );
            let help = format!(
                "add `elasticsearch: {{ {}: NAME }}` here or in `defaults`; there are `{}`",
                unsaid.join(": NAME, "),
                names.join("`, `")
            );
            self.error(code::MUST_BE_SAID, place, message, help);
        }
        given.map(|(_, sink)| match sink {
            Given::Yes(sink) => Some(sink),
            Given::Bad => None,
            Given::No => only.map(|only| Located::default_value(only.to_owned())),
        })
    }
}
