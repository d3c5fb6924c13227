//! A field of a Kubernetes object, as plans write it: `spec.template.spec.containers[name=web].image`.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use model::Diagnostic;
use model::path::{FieldPath, Segment};
use model::source::Place;
use serde_json::{Value as Json, json};

/// A field, and all inside of it. `[*]` stands for every item of a list.
pub(in crate::spec) struct FieldForm;

/// What names the object, or is written by its cluster alone: nobody's field to yield or to take.
const NOBODYS: [&str; 6] = ["apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.managedFields", "status"];

impl TextShape for FieldForm {
    type Value = FieldPath;
    const EXPECTED: &'static str = "the path of a field (text)";

    fn parse(text: &str, place: Place) -> Result<FieldPath, Diagnostic> {
        let refused =
            |why: &str, help: String| Err(Diagnostic::error(code::BAD_FIELD, place, format!("{} {why}", quote(text))).help(help));
        let example = || "write it as a plan does: `spec.replicas`, `spec.template.spec.containers[name=web].image`".to_owned();
        if let Some(pointer) = text.strip_prefix('/') {
            let parts: Vec<&str> = pointer.split('/').collect();
            let plain = parts.iter().all(|part| !part.is_empty() && !part.contains(['~', '.']) && part.parse::<u32>().is_err());
            let help = if plain { format!("write `{}`", parts.join(".")) } else { example() };
            return refused("is a JSON pointer, not the path of a field", help);
        }
        if let Some(rest) = text.strip_prefix('.').filter(|rest| segments(rest).is_ok()) {
            return refused("begins with a dot", format!("write `{rest}`"));
        }
        let path = match segments(text) {
            Ok(path) => path,
            Err(why) => return refused(&format!("is not the path of a field: {why}"), example()),
        };
        let keys = path.to_string();
        let inside = |whole: &&str| keys.strip_prefix(*whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        match NOBODYS.iter().find(|whole| inside(whole)) {
            Some(whole) => refused("is no field that managers share", format!("`{whole}` is not applied by anybody")),
            None => Ok(path),
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[^./\\[\\]\"]+([.\\[].*)?$" })
    }
}

/// The segments of a path; why it is none.
fn segments(text: &str) -> Result<FieldPath, &'static str> {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let (segment, after) = bracket(inside)?;
            if path.is_empty() {
                return Err("it begins with a list");
            }
            path.push(segment);
            rest = after;
        } else {
            let key = if path.is_empty() { rest } else { rest.strip_prefix('.').ok_or("a dot is missing")? };
            let end = key.find(['.', '[']).unwrap_or(key.len());
            let (key, after) = key.split_at(end);
            if key.is_empty() || key.contains(|letter: char| letter.is_whitespace() || matches!(letter, ']' | '"' | '/')) {
                return Err("between two dots stands a name; one with a dot or a slash in it is written `[\"a.example/b\"]`");
            }
            path.push(Segment::Key(key.into()));
            rest = after;
        }
        if rest.is_empty() {
            return Ok(FieldPath(path));
        }
    }
}

/// What stands in brackets, and what comes after them.
fn bracket(inside: &str) -> Result<(Segment, &str), &'static str> {
    if let Some(quoted) = inside.strip_prefix('"') {
        let (key, after) = quoted.split_once("\"]").ok_or("a bracket is not closed")?;
        return if key.is_empty() { Err("a name is empty") } else { Ok((Segment::Key(key.into()), after)) };
    }
    let (item, after) = inside.split_once(']').ok_or("a bracket is not closed")?;
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(key, value)| !key.is_empty() && !value.is_empty());
    if item == "*" || item.split(',').all(is_pair) {
        return Ok((Segment::Item(item.into()), after));
    }
    Err("an item is named by its key, as `[name=web]`, or `[*]` for every one; a list without keys has one owner as a whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_as_plans_write_it() {
        for text in [
            "spec.replicas",
            "spec.template.spec.containers[name=web].image",
            "spec.template.spec.containers[*].resources",
            "spec.ports[port=80,protocol=TCP].nodePort",
            "metadata.annotations[\"a.example/b\"]",
            "metadata.annotations[\"a.example/b\"].c",
        ] {
            assert_eq!(FieldForm::parse(text, Place::NOWHERE).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused_with_what_to_write() {
        let told = |text: &str| FieldForm::parse(text, Place::NOWHERE).unwrap_err().help.unwrap();
        assert_eq!(told("/spec/replicas"), "write `spec.replicas`");
        assert_eq!(told(".spec.replicas"), "write `spec.replicas`");
        assert!(told("status.replicas").contains("`status` is not applied by anybody"));
        for text in [
            "",
            "spec..a",
            "spec.a[0]",
            "spec.a[",
            "[name=a]",
            "spec.a[=x]",
            "spec.a b",
            "spec.a[name=x]b",
            "metadata.annotations.a/b",
            "kind",
        ] {
            assert_eq!(FieldForm::parse(text, Place::NOWHERE).unwrap_err().code, code::BAD_FIELD, "{text}");
        }
        assert!(FieldForm::parse("statuses", Place::NOWHERE).is_ok());
    }
}
