//! Countries: the officially assigned codes of ISO 3166-1 alpha-2.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// Every code, in order (ISO 3166-1:2020).
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG \
GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR \
NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ \
TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// What people write, and what it is in the standard: reserved codes, codes of three letters, and names.
const MEANT: &[(&str, &str)] = &[
    ("UK", "GB"),
    ("EL", "GR"),
    ("GBR", "GB"),
    ("USA", "US"),
    ("DEU", "DE"),
    ("GER", "DE"),
    ("FRA", "FR"),
    ("ESP", "ES"),
    ("ITA", "IT"),
    ("NLD", "NL"),
    ("IRL", "IE"),
    ("CHE", "CH"),
    ("AUT", "AT"),
    ("SWE", "SE"),
    ("NOR", "NO"),
    ("JPN", "JP"),
    ("IND", "IN"),
    ("BRA", "BR"),
    ("CAN", "CA"),
    ("AUS", "AU"),
    ("GERMANY", "DE"),
    ("FRANCE", "FR"),
    ("IRELAND", "IE"),
    ("NORWAY", "NO"),
    ("SPAIN", "ES"),
    ("ITALY", "IT"),
];

/// A country; `no` is Norway.
pub(in crate::spec) struct Country;

impl TextShape for Country {
    type Value = String;
    const EXPECTED: &'static str = "a country code (text)";

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        let upper = text.to_ascii_uppercase();
        if upper.len() == 2 && CODES.split(' ').any(|known| known == upper) {
            return Ok(upper);
        }
        let help = match MEANT.iter().find(|(written, _)| *written == upper) {
            Some((_, meant)) => format!("did you mean `{meant}`?"),
            None if upper == "EU" => {
                "the European Union is no country; name the country whose law applies, such as `IE`".to_owned()
            }
            None => "write a code of ISO 3166-1 alpha-2, such as `DE` or `US`".to_owned(),
        };
        Err(Diagnostic::error(code::UNKNOWN_COUNTRY, place, format!("{} is no country", quote(text))).help(help))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z]{2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete_sorted_and_without_repetition() {
        let codes: Vec<&str> = CODES.split(' ').collect();
        assert_eq!(codes.len(), 249, "ISO 3166-1 assigns 249 codes");
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(MEANT.iter().all(|(written, meant)| !codes.contains(written) && codes.contains(meant)));
    }

    #[test]
    fn no_is_norway_and_uk_is_not() {
        assert_eq!(Country::parse("no", Place::NOWHERE), Ok("NO".to_owned()));
        assert_eq!(Country::parse("UK", Place::NOWHERE).unwrap_err().help.as_deref(), Some("did you mean `GB`?"));
    }
}
