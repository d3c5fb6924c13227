//! What can be measured of a run.

/// In what a measure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A plain number.
    Count,
    /// A length of time.
    Length,
    /// A word.
    Word,
}

impl Unit {
    /// What is expected of it, by example.
    pub const fn example(self) -> &'static str {
        match self {
            Unit::Count => "`0`, `at most 3`, `at least 1` or `2 to 5`",
            Unit::Length => "`0s`, `at most 40s`, `at least 5m` or `5s to 1m30s`",
            Unit::Word => "one word",
        }
    }
}

/// Of what it can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Of one cell, and of all together.
    Cells,
    /// Of one cell only.
    OneCell,
    /// Of the platform only.
    Platform,
}

/// When it can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// At its end, and up to some instant.
    Always,
    /// At an instant only: it is how something is then.
    AtAnInstant,
    /// At the end only.
    AtTheEnd,
}

macro_rules! measures {
    ($($name:ident = $word:literal, $unit:ident, $of:ident, $when:ident, $line:literal;)+) => {
        /// Something that can be measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $(#[doc = $line] $name),+
        }

        impl Measure {
            /// All of them.
            pub const ALL: &[Measure] = &[$(Measure::$name),+];

            /// Its name.
            pub const fn word(self) -> &'static str {
                match self { $(Measure::$name => $word),+ }
            }

            /// What it is, in one line.
            pub const fn line(self) -> &'static str {
                match self { $(Measure::$name => $line),+ }
            }

            /// In what it is counted.
            pub const fn unit(self) -> Unit {
                match self { $(Measure::$name => Unit::$unit),+ }
            }

            /// Of what it can be measured.
            pub const fn of(self) -> Of {
                match self { $(Measure::$name => Of::$of),+ }
            }

            /// When it can be measured.
            pub const fn when(self) -> When {
                match self { $(Measure::$name => When::$when),+ }
            }
        }
    };
}

measures! {
    RequestsLost = "requests-lost", Count, Cells, Always, "requests that the load balancer had no gateway agent for, or no port";
    RequestsFailed = "requests-failed", Count, Cells, Always, "requests that were answered with 503, because no target of their route lived";
    RequestsMisrouted = "requests-misrouted", Count, Cells, Always, "requests sent to a gateway agent that had gone";
    RequestsStale = "requests-stale", Count, Cells, Always, "requests served by a configuration that was not the published one any more";
    BelowTwo = "below-two", Length, Cells, Always, "how long there were fewer than two ready gateway agents";
    FewestReady = "fewest-ready", Count, Cells, Always, "the fewest gateway agents that were ready at a time";
    Recovery = "recovery", Length, Cells, Always, "the longest that it took to have all gateway agents ready again";
    ConfigurationAge = "configuration-age", Length, Cells, Always, "the longest that a configuration was served that was not known to be the published one";
    PodsMade = "pods-made", Count, Cells, Always, "gateway agents that were not there at the beginning";
    LogIns = "log-ins", Count, Cells, Always, "times that gateway agents logged in to Vault, as opposed to renewing their tokens";
    WorkflowFailures = "workflow-failures", Count, Cells, Always, "runs of workflows that did not come to an end";
    LogsLost = "logs-lost", Count, Cells, Always, "traffic documents that were given up";
    LogsStored = "logs-stored", Count, Cells, Always, "traffic documents that an Elasticsearch took";
    Ready = "ready", Count, Cells, AtAnInstant, "gateway agents that are ready";
    Available = "available", Count, Cells, AtAnInstant, "gateway agents that the API server calls ready";
    Serving = "serving", Count, Cells, AtAnInstant, "gateway agents that serve";
    Nodes = "nodes", Count, OneCell, AtAnInstant, "nodes that ready gateway agents are on";
    Behind = "behind", Count, Cells, AtAnInstant, "gateway agents that serve another configuration than the published one";
    Gateways = "gateways", Count, OneCell, AtAnInstant, "gateways that every serving agent serves";
    Health = "health", Word, OneCell, AtAnInstant, "the health that Vamp shows: healthy, unhealthy or unknown";
    WorkflowAgents = "workflow-agents", Count, Cells, AtAnInstant, "workflow agents at work";
    Vamps = "vamps", Count, Platform, AtAnInstant, "Vamps at work";
    Entries = "entries", Count, Platform, AtAnInstant, "gateway configurations that Vault holds, whether or not it answers";
    ByHand = "by-hand", Count, Platform, AtAnInstant, "changes by hand that are still there";
    Writes = "writes", Count, Platform, Always, "writes of the engine that changed something";
    WritesFailed = "writes-failed", Count, Platform, Always, "requests of the engine that a system refused or did not carry out";
    RunsPartial = "runs-partial", Count, Platform, Always, "runs of the engine that ended with a step that failed";
    RunsBrokenOff = "runs-broken-off", Count, Platform, Always, "runs of the engine that stopped with steps left: another had taken the lock, or the ledger did not answer";
    Deletes = "deletes", Count, Platform, Always, "objects that the engine deleted";
    AuditLost = "audit-lost", Count, Platform, Always, "audit events that no Elasticsearch took";
    AuditGap = "audit-gap", Length, Platform, Always, "how long an Elasticsearch took no audit events, summed";
    Restarts = "vamp-starts", Count, Platform, Always, "Vamps that began to work, those at the beginning left out";
    Converged = "converged-after", Length, Platform, AtTheEnd, "from the last fault to the platform being what its spec says";
}

impl Measure {
    /// The one of this name.
    pub fn named(word: &str) -> Option<Measure> {
        Measure::ALL.iter().copied().find(|measure| measure.word() == word)
    }
}
