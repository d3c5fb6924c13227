//! References to container images.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// `repository:tag`, `repository@sha256:…` or both (the grammar of the distribution project's `reference` package).
pub(in crate::spec) struct Image;

impl TextShape for Image {
    type Value = String;
    const EXPECTED: &'static str = "an image (text)";

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        match problem(text) {
            None => Ok(text.to_owned()),
            Some(help) => Err(Diagnostic::error(code::BAD_IMAGE, place, format!("{} is no image", quote(text))).help(help)),
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[a-z0-9][-._/:a-z0-9]*(:[\\w][-.\\w]*|@sha256:[0-9a-f]{64})$" })
    }
}

/// What has to be done to make `text` an image; nothing if it is one.
fn problem(text: &str) -> Option<String> {
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    if let Some(digest) = digest {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if !digest.strip_prefix("sha256:").is_some_and(|hash| hash.len() == 64 && hash.bytes().all(hexadecimal)) {
            return Some("a digest is `@sha256:` and 64 hexadecimal digits".to_owned());
        }
    }
    let (registry, path) = split_registry(rest);
    let (path, tag) = path.split_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
    if registry.is_some_and(|host| host.chars().any(char::is_uppercase)) || path.chars().any(char::is_uppercase) {
        return Some(format!("a repository is written in small letters: {}", quote(&rest.to_ascii_lowercase())));
    }
    if text.len() > 255 || !path.split('/').all(is_component) {
        return Some("write `repository:tag`, such as `hashicorp/vault:1.18.2`".to_owned());
    }
    match tag {
        Some(tag) if !is_tag(tag) => Some("a tag has letters, digits, `_`, `.` and `-`, 128 at most".to_owned()),
        None if digest.is_none() => Some(format!("pin it: add a tag or a digest, as in {}", quote(&format!("{rest}:TAG")))),
        _ => None,
    }
}

/// The first component is a registry if it has a dot or a port, or is `localhost`.
fn split_registry(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, text),
    }
}

/// The registry's host of a well-formed image, as it is the key of a pull secret.
pub(in crate::spec) fn registry(image: &str) -> &str {
    split_registry(image).0.unwrap_or("docker.io")
}

fn is_component(component: &str) -> bool {
    let bytes = component.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inside = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(byte);
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inside)
}

fn is_tag(tag: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=128).contains(&tag.len()) && !tag.starts_with(['.', '-']) && tag.bytes().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_pinned_and_well_formed() {
        let digest = format!("mysql@sha256:{}", "0a".repeat(32));
        for good in [
            "mysql:8.4.3",
            "registry.example:5000/vamp/agent:1.0",
            "docker.elastic.co/elasticsearch/elasticsearch:8.17.0",
            &digest,
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "mysql",
            "MySQL:8",
            "mysql:",
            "mysql:-1",
            "mysql@sha256:12",
            "a//b:1",
            "/a:1",
            "",
            ":1",
            "registry.example:5000/agent",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        assert_eq!([registry("mysql:8"), registry("registry.example:5000/a/b:1")], ["docker.io", "registry.example:5000"]);
    }
}
