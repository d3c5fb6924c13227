//! What holds where the spec says nothing: every built-in value, with its reason.

/// Vamp. The last of the 1.0 line, the original platform.
pub(super) const VAMP_IMAGE: &str = "magneticio/vamp-ee:1.0.4";
/// Lifter, of the same release: the two read each other's configuration.
pub(super) const LIFTER_IMAGE: &str = "magneticio/vamp-ee-lifter:1.0.4";
/// The gateway agent, of the same release.
pub(super) const GATEWAY_AGENT_IMAGE: &str = "magneticio/vamp-gateway-agent:1.0.4";
/// The workflow agent with the quantification workflow in it, of the same release.
pub(super) const WORKFLOW_AGENT_IMAGE: &str = "magneticio/vamp-ee-workflows:1.0.4-quantification";
/// MySQL: the line with long-term support (8.4), and not older than 5.7 (VER-2).
pub(super) const MYSQL_IMAGE: &str = "mysql:8.4.3";
/// Vault: a line that has KV version 2 and Kubernetes authentication, which the original's 0.9 had not.
pub(super) const VAULT_IMAGE: &str = "hashicorp/vault:1.18.2";
/// Elasticsearch: a line that has data streams and composable index templates.
pub(super) const ELASTICSEARCH_IMAGE: &str = "docker.elastic.co/elasticsearch/elasticsearch:8.17.0";

/// Gateway agents of a cell: two must always be ready (VGA-1), and one more lets one fail.
pub(super) const GATEWAY_AGENTS: u32 = 3;
/// Thousandths of a CPU for a gateway agent: half of what CAP-3 keeps free for it on a node.
pub(super) const GATEWAY_AGENT_CPU: u64 = 500;
/// Memory of a gateway agent. HAProxy's 4096 connections (as the original platform had it) with two buffers of 16 KiB each make
/// 128 MiB, twice that while an old process drains during a reload, and as much again for the agent and its logs.
pub(super) const GATEWAY_AGENT_MEMORY: u64 = 512 << 20;
/// Thousandths of a CPU for a workflow agent: a tenth of one, as the original platform had it.
pub(super) const WORKFLOW_AGENT_CPU: u64 = 100;
/// Memory of a workflow agent: what the original platform gave the one that quantifies.
pub(super) const WORKFLOW_AGENT_MEMORY: u64 = 256 << 20;
/// Workflow agents of a cell: none would mean no metrics, two would mean every event twice (WFA-1).
pub(super) const WORKFLOW_AGENTS: u32 = 1;

/// Requests per second of an environment that declares none: little enough to be no load.
pub(super) const REQUESTS_PER_SECOND: u32 = 10;
/// Days that an audit log is kept: seven years, as tax and commercial law of most countries ask at least.
pub(super) const AUDIT_RETENTION_DAYS: u32 = 7 * 366;
/// Days that traffic metadata is kept: it is personal data (PRI-2), so no longer than a month.
pub(super) const TRAFFIC_RETENTION_DAYS: u32 = 30;

/// Ports that a gateway may not have, each with the reason.
pub(super) const RESERVED_PORTS: &[(u32, &str)] = &[
    (80, "the virtual hosts of all gateways share it"),
    (514, "the gateway agent's log collector listens on it"),
    (1988, "the gateway agent's health and statistics are on it"),
];
/// Ports from which a gateway without one of its own gets it (as the original platform had it).
pub(super) const PORT_RANGE: std::ops::RangeInclusive<u16> = 40_000..=45_000;

/// Requests per second from which the volume of an environment, or of all together, is high: what one Elasticsearch node can hold.
/// A request writes four log lines at most (in the original platform, one a proxy) of half a KiB each: 200 a second are 35 GB a day
/// and 1 TB in the thirty days that traffic metadata is kept, where a data node with 32 GiB of memory ends (memory to disk as 1 to 30).
pub(super) const HIGH_VOLUME: u32 = 200;
/// Days that a regulated audit log has to be kept: seven years, as the default of what is kept.
pub(super) const REGULATED_AUDIT_DAYS: u32 = AUDIT_RETENTION_DAYS;
/// Most days that traffic metadata may be kept without a reason (PRI-2): a month, of the longest sort.
pub(super) const PERSONAL_DATA_DAYS: u32 = 31;
/// Furthest that a weight may move in one change: half of the requests. What took half before and after is known to work with half.
pub(super) const WEIGHT_STEP: u32 = 50;
/// Countries whose law keeps data inside, where the spec names none (RES-3): China (Cybersecurity Law, article 37), Germany (the
/// example of the original platform), Russia (Federal Law 242-FZ).
pub(super) const RESIDENCY_COUNTRIES: &[&str] = &["CN", "DE", "RU"];
