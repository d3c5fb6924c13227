//! The codes of the spec's complaints, each with its page. A code never changes its meaning.

/// Declares the codes: the constant, and the code that is also the name of its page in `docs/errors`.
macro_rules! codes {
    ($($constant:ident = $code:literal;)*) => {
        $(pub(super) const $constant: &str = $code;)*

        /// Every code with its page, in order.
        pub(super) const PAGES: &[(&str, &str)] =
            &[$(($code, include_str!(concat!("../../../../docs/errors/", $code, ".md"))),)*];
    };
}

// The file and its YAML.
codes! {
    TOO_LARGE = "SPEC-001";
    NOT_UTF8 = "SPEC-002";
    SYNTAX = "SPEC-003";
    TOO_DEEP = "SPEC-004";
    TOO_MANY_ALIASES = "SPEC-005";
    SEVERAL_DOCUMENTS = "SPEC-006";
    EMPTY = "SPEC-007";
    UNKNOWN_ANCHOR = "SPEC-008";
    CONTROL_CHARACTER = "SPEC-009";
    VERSION = "SPEC-010";
    // Keys and the kinds of their values.
    UNKNOWN_KEY = "SPEC-101";
    DUPLICATE_KEY = "SPEC-102";
    WRONG_KIND = "SPEC-103";
    MISSING_KEY = "SPEC-104";
    NONE_GIVEN = "SPEC-105";
    UNKNOWN_WORD = "SPEC-106";
    KEYS_CLASH = "SPEC-107";
    LISTED_TWICE = "SPEC-108";
    OUT_OF_RANGE = "SPEC-109";
    // Names and forms.
    BAD_NAME = "SPEC-201";
    BAD_TENANCY_NAME = "SPEC-202";
    NAMESPACE_TOO_LONG = "SPEC-203";
    UNKNOWN_COUNTRY = "SPEC-204";
    BAD_QUANTITY = "SPEC-205";
    BAD_RETENTION = "SPEC-206";
    BAD_MAIL_ADDRESS = "SPEC-207";
    BAD_IMAGE = "SPEC-208";
    BAD_VARIABLE_NAME = "SPEC-209";
    BAD_ADDRESS = "SPEC-210";
    BAD_HOST_NAME = "SPEC-211";
    BAD_TARGET = "SPEC-212";
    BAD_VAULT_PATH = "SPEC-213";
    SECRET_IN_THE_OPEN = "SPEC-214";
    BAD_REWRITE = "SPEC-215";
    BAD_CONDITION = "SPEC-216";
    BAD_DATE = "SPEC-217";
    BAD_VERSION = "SPEC-218";
    BAD_RULE_ID = "SPEC-219";
    BAD_EXPRESSION = "SPEC-220";
    BAD_SAMPLE = "SPEC-221";
    BAD_FIELD = "SPEC-222";
    // What refers to what.
    UNKNOWN_REGION = "SPEC-301";
    UNKNOWN_CLUSTER = "SPEC-302";
    UNKNOWN_ELASTICSEARCH = "SPEC-303";
    WRONG_ROLE = "SPEC-304";
    ONE_MANAGEMENT_CLUSTER = "SPEC-305";
    MUST_BE_SAID = "SPEC-306";
    SECRET_CYCLE = "SPEC-307";
    MOVED = "SPEC-308";
    RETIRED_GATEWAY = "SPEC-309";
    SAME_CLUSTER_TWICE = "SPEC-310";
    REGIONS_DIFFER = "SPEC-311";
    NO_CREDENTIALS = "SPEC-312";
    UNKNOWN_POLICY = "SPEC-313";
    UNKNOWN_SUBJECT = "SPEC-314";
    RULE_TAKEN = "SPEC-315";
    FIELD_HIDDEN = "SPEC-316";
    // Gateways.
    WEIGHTS = "SPEC-401";
    PORT_TAKEN = "SPEC-402";
    RESERVED_PORT = "SPEC-403";
    HOST_TAKEN = "SPEC-404";
    HTTP_ONLY = "SPEC-405";
    STRENGTH_WITHOUT_CONDITION = "SPEC-406";
    // Room.
    MORE_AGENTS_THAN_NODES = "SPEC-501";
    NO_ROOM_TO_ROLL = "SPEC-502";
    MORE_ZONES_THAN_NODES = "SPEC-503";
    PLAIN_HTTP = "SPEC-504";
}

/// Whether the text that a complaint with this code marks may be a secret, so that whoever shows it leaves that text out.
pub fn is_confidential(code: &str) -> bool {
    [SECRET_IN_THE_OPEN, BAD_VARIABLE_NAME].contains(&code)
}

/// The page about a code: what it means, an example, how to mend it. The case of `code` does not matter.
pub fn explain_error(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, page)| *page)
}
