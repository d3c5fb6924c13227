//! The codes of complaints about a scenario, each with its page. What is wrong with its YAML and its keys has the codes of a spec.

macro_rules! codes {
    ($($constant:ident = $code:literal;)*) => {
        $(pub(super) const $constant: &str = $code;)*

        /// Every code with its page, in order.
        pub const PAGES: &[(&str, &str)] =
            &[$(($code, include_str!(concat!("../../../docs/errors/", $code, ".md"))),)*];
    };
}

codes! {
    BAD_LENGTH = "SCENARIO-101";
    UNKNOWN_KIND = "SCENARIO-102";
    BAD_TARGET = "SCENARIO-103";
    CANNOT_HAPPEN = "SCENARIO-104";
    ENDS_BEFORE = "SCENARIO-105";
    AFTER_THE_END = "SCENARIO-106";
    BAD_HAND = "SCENARIO-107";
    NO_SPEC = "SCENARIO-201";
    UNKNOWN_CELL = "SCENARIO-202";
    UNKNOWN_MEASURE = "SCENARIO-301";
    BAD_BOUND = "SCENARIO-302";
    UNKNOWN_OUTCOME = "SCENARIO-303";
    NOTHING_EXPECTED = "SCENARIO-304";
}

/// The page about a code. The case of `code` does not matter.
pub fn explain_error(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, page)| *page)
}
