//! Lifecycle policies, index templates and roles of the two sinks, audit and traffic, each on the Elasticsearch that an environment
//! uses for it.

use super::compiler::Compiler;
use super::draft::{Draft, Owner, document, origin_of, texts};
use crate::spec::types::{Environment, Tenant};
use model::address::Address;
use model::graph::EdgeReason::{NeedsReady, References};
use model::kind::Kind;
use model::path::FieldPath;
use model::resource::Origin;
use model::source::Located;
use model::system::System;
use model::value::Value;

/// Size at which an index is rolled over (Elasticsearch reference, "Size your shards": 10 to 50 GB).
const ROLLOVER_SIZE: &str = "50gb";
/// Age at which it is rolled over: retention counts from then on, so that nothing is kept longer than a day too much.
const ROLLOVER_AGE: &str = "1d";
/// Above the built-in templates, which have 100 (Elasticsearch reference, "Index templates").
const PRIORITY: u32 = 500;

/// What is kept for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Audit,
    Traffic,
}

impl Stream {
    fn word(self) -> &'static str {
        match self {
            Stream::Audit => "audit",
            Stream::Traffic => "traffic",
        }
    }

    /// Names of data streams that it covers. Aggregates of the workflow agent stand beside the raw lines, each in a stream of its own:
    /// NAME-health, NAME-metrics.
    fn patterns(self, name: &str) -> Vec<String> {
        let aggregates = (self == Stream::Traffic).then(|| format!("{name}-*"));
        std::iter::once(name.to_owned()).chain(aggregates).collect()
    }
}

/// One data stream: on which Elasticsearch, and for how many days.
struct Kept<'a> {
    stream: Stream,
    sink: &'a Located<String>,
    days: &'a Located<u32>,
}

/// Template and policy for the audit log of a tenant itself: on the sink of its first environment, as long as the longest of its
/// environments' audit logs. Gives back what the tenant's configuration comes after.
pub(crate) fn tenant(compiler: &mut Compiler, namespace: &str, tenant: &Tenant, owner: Owner) -> Option<Address> {
    let sink = &tenant.environments.values().next()?.audit_sink;
    let retentions = tenant.environments.values().map(|environment| &environment.audit_retention_days);
    let days = retentions.max_by_key(|days| days.value)?;
    Some(stream_objects(compiler, namespace, &Kept { stream: Stream::Audit, sink, days }, owner))
}

/// Templates, policies and roles of an environment. Gives back what its configuration comes after.
pub(crate) fn environment(compiler: &mut Compiler, namespace: &str, environment: &Environment, owner: Owner) -> Vec<Address> {
    let (audit, traffic) = (&environment.audit_sink, &environment.traffic_sink);
    let streams = [
        Kept { stream: Stream::Audit, sink: audit, days: &environment.audit_retention_days },
        Kept { stream: Stream::Traffic, sink: traffic, days: &environment.traffic_retention_days },
    ];
    let mut made = Vec::with_capacity(6);
    for kept in &streams {
        made.push(stream_objects(compiler, namespace, kept, owner));
    }
    for sink in std::iter::once(audit).chain((audit.value != traffic.value).then_some(traffic)) {
        let here: Vec<Stream> = streams.iter().filter(|kept| kept.sink.value == sink.value).map(|kept| kept.stream).collect();
        made.extend(roles(compiler, namespace, sink, &here, owner));
    }
    made
}

/// Name of the data stream with the audit log: `acme-shop-production-audit`. Its template and its lifecycle policy are called the same.
pub(crate) fn audit_stream(namespace: &str) -> String {
    format!("{namespace}-{}", Stream::Audit.word())
}

/// Name of the data stream with metadata of the traffic.
pub(crate) fn traffic_stream(namespace: &str) -> String {
    format!("{namespace}-{}", Stream::Traffic.word())
}

fn system(sink: &str) -> System {
    System::Elasticsearch(sink.into())
}

fn in_elasticsearch(compiler: &Compiler, sink: &str, draft: Draft) -> Draft {
    let workload = compiler.topology.elasticsearch.get(sink).and_then(|site| site.workload.as_ref());
    draft.after_all(workload, NeedsReady)
}

fn stream_objects(compiler: &mut Compiler, namespace: &str, kept: &Kept, owner: Owner) -> Address {
    let Kept { stream, sink, days } = *kept;
    let name = format!("{namespace}-{}", stream.word());
    let retention = Draft::at(&system(sink), Kind::LifecyclePolicy, &name, lifecycle(days.value), owner)
        .origin(FieldPath::keys(&["policy", "phases", "delete", "min_age"]), origin_of(days, "retention of the platform"))
        .origin(FieldPath::keys(&["policy", "phases", "hot"]), Origin::Default("rolled over daily, or at 50 GB"));
    let retention = compiler.add(in_elasticsearch(compiler, sink, retention));
    let nodes = compiler.spec.dependencies.elasticsearch.get(sink.as_str()).map(|one| &one.nodes);
    let copies = nodes.map_or(0, |nodes| u32::from(nodes.value > 1));
    let copies_origin = nodes.map_or(Origin::Default("none"), |nodes| origin_of(nodes, "one copy on more than one node"));
    let draft = Draft::at(&system(sink), Kind::IndexTemplate, &name, template(&name, stream, copies), owner)
        .after(&retention, References)
        .origin(FieldPath::keys(&["template", "settings", "index", "number_of_replicas"]), copies_origin);
    compiler.add(in_elasticsearch(compiler, sink, draft))
}

fn lifecycle(days: u32) -> Value {
    let rollover = document([("max_age", ROLLOVER_AGE.into()), ("max_primary_shard_size", ROLLOVER_SIZE.into())]);
    let hot = document([("actions", document([("rollover", rollover)]))]);
    let delete = document([("actions", document([("delete", Value::EMPTY_MAP)])), ("min_age", format!("{days}d").into())]);
    document([("policy", document([("phases", document([("delete", delete), ("hot", hot)]))]))])
}

fn template(name: &str, stream: Stream, copies: u32) -> Value {
    let index = document([
        ("lifecycle", document([("name", name.into())])),
        ("number_of_replicas", copies.to_string().as_str().into()),
        ("number_of_shards", "1".into()),
    ]);
    let template = document([("mappings", mappings(stream)), ("settings", document([("index", index)]))]);
    document([
        ("data_stream", Value::EMPTY_MAP),
        ("index_patterns", texts(stream.patterns(name).iter().map(String::as_str))),
        ("priority", PRIORITY.into()),
        ("template", template),
    ])
}

/// Only these fields are kept: a payload has no field to be in (PRI-1).
fn mappings(stream: Stream) -> Value {
    let fields: &[(&str, &str)] = match stream {
        Stream::Audit => &[
            ("@timestamp", "date"),
            ("actor", "keyword"),
            ("digest", "keyword"),
            ("tags", "keyword"),
            ("type", "keyword"),
            ("value", "text"),
        ],
        Stream::Traffic => &[
            ("@timestamp", "date"),
            ("bytes", "long"),
            ("gateway", "keyword"),
            ("method", "keyword"),
            ("milliseconds.connect", "long"),
            ("milliseconds.queue", "long"),
            ("milliseconds.response", "long"),
            ("milliseconds.total", "long"),
            ("route", "keyword"),
            ("server", "keyword"),
            ("status", "short"),
            ("tags", "keyword"),
            ("termination", "keyword"),
            ("type", "keyword"),
            ("value", "double"),
        ],
    };
    let mut mappings = document([("dynamic", false.into()), ("properties", Value::EMPTY_MAP)]);
    for (field, kind) in fields {
        let mut path = vec!["properties"];
        for (depth, part) in field.split('.').enumerate() {
            if depth > 0 {
                path.push("properties");
            }
            path.push(part);
        }
        path.push("type");
        mappings.set(&path, *kind);
    }
    mappings
}

/// Who may write and who may read the streams that an environment has on `sink`.
fn roles(compiler: &mut Compiler, namespace: &str, sink: &str, streams: &[Stream], owner: Owner) -> [Address; 2] {
    let names = streams.iter().flat_map(|stream| stream.patterns(&format!("{namespace}-{}", stream.word())));
    let names: Vec<String> = names.collect();
    let rights: [(&str, &[&str]); 2] =
        [("writer", &["auto_configure", "create_doc", "view_index_metadata"]), ("reader", &["read", "view_index_metadata"])];
    rights.map(|(word, privileges)| {
        let index =
            document([("names", texts(names.iter().map(String::as_str))), ("privileges", texts(privileges.iter().copied()))]);
        let role = document([("cluster", texts(["monitor"])), ("indices", Value::List(vec![index]))]);
        let draft = Draft::at(&system(sink), Kind::SearchRole, &format!("{namespace}-{word}"), role, owner);
        compiler.add(in_elasticsearch(compiler, sink, draft))
    })
}
