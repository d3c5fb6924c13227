//! Rules of a platform's own, as they are written: in the spec, or in files beside it.

use crate::policy::Severity;
use crate::policy::own::On;
use crate::spec::form::{Expression, RuleId, Sample, Title};
use crate::spec::shape::{Items, record, words};

record! {
    /// A file with rules of a platform's own.
    PolicyFile {
        /// The rules.
        rules: Items<Rule> = required "rules",
    }
}

words! {
    /// How much a rule weighs.
    SeverityWord: Severity {
        "must" => Severity::Must,
        "high" => Severity::High,
        "should" => Severity::Should,
        "may" => Severity::May,
    }
}

words! {
    /// What a rule is asked of, one by one.
    OnWord: On {
        "platform" => On::Platform,
        "cluster" => On::Cluster,
        "tenant" => On::Tenant,
        "environment" => On::Environment,
        "resource" => On::Resource,
        "change" => On::Change,
    }
}

words! {
    /// What a test expects of a rule: that it is kept or broken.
    ExpectWord: bool { "pass" => true, "fail" => false, }
}

record! {
    /// A rule of a platform's own, in CEL.
    Rule {
        /// Its id, as in `ACME-1`. The first word may be none of the catalogue's (VGA, DUR and so on).
        id: RuleId = required "id",
        /// How much it weighs: `must` (it stops plan and apply), `high`, `should` or `may`.
        severity: SeverityWord = required "severity",
        /// What it is asked of, one by one: `platform`, `cluster`, `tenant`, `environment`, `resource`, or `change` (a step of a plan).
        on: OnWord = required "on",
        /// What is wrong where it does not hold, in a sentence without its full stop.
        message: Title = required "message",
        /// How that is mended, in a sentence without its full stop.
        remedy: Title = optional "remedy",
        /// What has to hold, in CEL over `spec`, `observed` and what the rule is asked of: `environment.gatewayAgents.replicas >= 3`.
        assert: Expression = required "assert",
        /// Tests of the rule, which `vamp check --test` runs.
        tests: Items<RuleTest> = optional "tests",
    }
}

record! {
    /// A test of a rule: what it is given to look at, and what it has to say. What the rule looks at, the test gives.
    RuleTest {
        /// What is tested, in a few words.
        name: Title = required "name",
        /// `pass` if the rule has to be kept, `fail` if it has to be broken.
        expect: ExpectWord = required "expect",
        /// The spec, as rules see it.
        spec: Sample = optional "spec",
        /// The cluster.
        cluster: Sample = optional "cluster",
        /// The tenant.
        tenant: Sample = optional "tenant",
        /// The environment.
        environment: Sample = optional "environment",
        /// The resource.
        resource: Sample = optional "resource",
        /// The step of a plan.
        change: Sample = optional "change",
        /// What was seen.
        observed: Sample = optional "observed",
    }
}
