//! Versions of software, as far as anybody compares them.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use crate::spec::types::Release;
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// A version, written `"1.33"`: in quotes, for `1.30` would be the number 1.3.
pub(in crate::spec) struct ReleaseForm;

impl TextShape for ReleaseForm {
    type Value = Release;
    const EXPECTED: &'static str = "a version (text)";

    fn parse(text: &str, place: Place) -> Result<Release, Diagnostic> {
        release(text).ok_or_else(|| {
            Diagnostic::error(code::BAD_VERSION, place, format!("{} is no version", quote(text)))
                .help("write numbers and dots in quotes, as in `\"1.33\"` or `\"8.4.3\"`")
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^v?[0-9]+(\\.[0-9]+){0,2}([-+].*)?$" })
    }
}

/// The version that `text` begins with; nothing if it is none.
fn release(text: &str) -> Option<Release> {
    let numbers = text.strip_prefix('v').unwrap_or(text).split(['-', '+']).next()?;
    let mut parts = numbers.split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor, rest) = (parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next());
    (rest.is_none_or(|patch| patch.is_some()) && parts.next().is_none()).then_some(Release { major, minor })
}

/// The version that the tag of an image says; nothing for a tag that says none.
pub(crate) fn release_of_image(image: &str) -> Option<Release> {
    let (name, _) = image.split_once('@').unwrap_or((image, ""));
    let last = name.rsplit('/').next()?;
    release(last.split_once(':')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_dots_and_what_comes_after_does_not_count() {
        let of = |text| release(text).map(|release| (release.major, release.minor));
        assert_eq!(
            [of("1.30"), of("v1.33.2"), of("8"), of("8.17.0-SNAPSHOT")],
            [Some((1, 30)), Some((1, 33)), Some((8, 0)), Some((8, 17))]
        );
        assert_eq!([of(""), of("latest"), of("1."), of("1.2.3.4"), of("1.x"), of("-1")], [None; 6]);
    }

    #[test]
    fn an_image_says_its_version_in_the_tag() {
        let of = |image| release_of_image(image).map(|release| release.to_string());
        assert_eq!(of("registry.example:5000/mysql:8.4.3").as_deref(), Some("8.4"));
        assert_eq!(of("mysql:5.7@sha256:00").as_deref(), Some("5.7"));
        assert_eq!([of("registry.example:5000/mysql@sha256:00"), of("mysql:latest")], [None, None]);
    }
}
