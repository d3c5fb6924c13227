//! Whose a thing in Vault is. An entry says so in its custom metadata; a mount and an auth method in the last line of their
//! description; a policy in its last comment. A role of an auth method can say nothing: for it there is an entry without any version,
//! only metadata, in the platform's own mount.

use crate::operation::Mark;
use crate::resource::Scope;
use crate::value::Text;
use std::collections::BTreeMap;

const PLATFORM: &str = "vamp-platform";
const APPLIED: &str = "vamp-applied";
const SCOPE: &str = "vamp-scope";
/// What comments begin with in a policy.
pub const COMMENT: &str = "# ";
/// What a mark in a text begins with.
const IN_TEXT: &str = "vamp: ";
/// Where marks are kept of what cannot carry one, inside of the platform's mount. No tenant can be called so.
const FOLDER: &str = ".vamp";

/// The mark as custom metadata, beside what others put there.
pub fn put(metadata: &mut BTreeMap<String, String>, mark: &Mark) {
    metadata.insert(PLATFORM.to_owned(), mark.platform.to_string());
    metadata.insert(APPLIED.to_owned(), mark.applied.to_string());
    metadata.insert(SCOPE.to_owned(), serde_json::to_string(&mark.scope).unwrap_or_default());
}

/// The mark in custom metadata, if it is ours or another platform's.
pub fn read(metadata: &BTreeMap<String, String>) -> Option<Mark> {
    let scope = metadata.get(SCOPE).and_then(|text| serde_json::from_str(text).ok());
    Some(Mark {
        platform: Text::from(metadata.get(PLATFORM)?.as_str()),
        applied: Text::from(metadata.get(APPLIED).map_or("", String::as_str)),
        scope: scope.unwrap_or(Scope::PLATFORM),
    })
}

/// Custom metadata without the mark.
pub fn of_others(mut metadata: BTreeMap<String, String>) -> BTreeMap<String, String> {
    metadata.retain(|key, _| ![PLATFORM, APPLIED, SCOPE].contains(&key.as_str()));
    metadata
}

/// `text` with the mark in a line of its own, which begins with `comment`.
pub fn append(text: &str, comment: &str, mark: &Mark) -> String {
    let mark = serde_json::to_string(mark).unwrap_or_default();
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{separator}{comment}{IN_TEXT}{mark}")
}

/// The reverse of [`append`]: the text, and its mark if it has one.
pub fn split<'a>(text: &'a str, comment: &str) -> (&'a str, Option<Mark>) {
    let begins = format!("{comment}{IN_TEXT}");
    let at = if text.starts_with(&begins) { Some(0) } else { text.rfind(&format!("\n{begins}")).map(|at| at + 1) };
    let Some(at) = at else { return (text, None) };
    let Ok(mark) = serde_json::from_str::<Mark>(text[at + begins.len()..].trim_end()) else { return (text, None) };
    (&text[..at], Some(mark))
}

/// Path, inside of the platform's mount, of the mark of the role `key`.
pub fn path_of_role(key: &str) -> String {
    format!("{FOLDER}/auth-role/{key}")
}

/// The role whose mark is kept at `path`, inside of the platform's mount.
pub fn role_at(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_prefix("/auth-role/")
}

/// Whether a path inside of a mount is one of our marks and no entry of anybody's.
pub fn is_a_mark(path: &str) -> bool {
    path.split('/').next() == Some(FOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        let scope = Scope { tenant: Some("shop".into()), ..Scope::PLATFORM };
        Mark { platform: "acme".into(), applied: "d".into(), scope }
    }

    #[test]
    fn a_mark_in_a_text_is_found_again_and_leaves_no_trace() {
        for (text, comment) in [("Pods of the cluster eu-1", ""), ("path \"a\" {\n}\n", "# "), ("", "# ")] {
            let marked = append(text, comment, &mark());
            let (found, read) = split(&marked, comment);
            assert_eq!((found.trim_end(), read), (text.trim_end(), Some(mark())));
        }
        assert_eq!(split("nobody's", ""), ("nobody's", None));
        assert_eq!(split("vamp: no mark", ""), ("vamp: no mark", None));
    }

    #[test]
    fn the_mark_of_a_role_is_kept_where_no_entry_is() {
        let path = path_of_role("acme-eu-1/shop");
        assert!(is_a_mark(&path));
        assert_eq!((role_at(&path), role_at("shop/configuration")), (Some("acme-eu-1/shop"), None));
    }

    #[test]
    fn custom_metadata_of_others_stays() {
        let mut metadata = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
        assert_eq!(read(&metadata), None);
        put(&mut metadata, &mark());
        assert_eq!((read(&metadata), metadata["team"].as_str(), metadata.len()), (Some(mark()), "blue", 4));
        assert_eq!(of_others(metadata), BTreeMap::from([("team".to_owned(), "blue".to_owned())]));
    }
}
