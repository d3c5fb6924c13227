//! A YAML document as a tree in which every key and value knows where it stood.
//!
//! Decoding goes through this tree, not through serde's derived structs, because a derived struct stops at its first mistake.

use model::source::Place;
use model::value::Text;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, Spanned};
use std::fmt;

/// A value and where it was written: what comes through an alias or a merge key stands where its text is, for that is what has
/// to be mended.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub tree: Tree,
    /// Where it was written.
    pub place: Place,
}

/// What YAML knows.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named as YAML names them")]
pub enum Tree {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and where it was written.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: Text,
    /// Where it was written.
    pub place: Place,
}

impl Node {
    /// Names the kind of the value, with an article: `a list`.
    pub fn kind(&self) -> &'static str {
        match self.tree {
            Tree::Null => "nothing",
            Tree::Bool(_) => "true or false",
            Tree::Integer(_) | Tree::Float(_) => "a number",
            Tree::Text(_) => "text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }

    /// Where a complaint about the value under `key` points: at the value, or at the key when the value fills lines of its own.
    pub fn place_under(&self, key: Place) -> Place {
        match self.tree {
            Tree::List(_) | Tree::Map(_) | Tree::Null => key,
            _ => self.place,
        }
    }
}

pub(super) fn place(location: Location) -> Place {
    let clamp = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: clamp(location.line()), column: clamp(location.column()), length: clamp(location.span().len()).max(1) }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Tree>::deserialize(deserializer)?;
        Ok(Node { tree: spanned.value, place: place(spanned.defined) })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Text>::deserialize(deserializer)?;
        Ok(Key { text: spanned.value, place: place(spanned.defined) })
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Tree, E> {
        Ok(Tree::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Tree, E> {
        Ok(i128::try_from(value).map_or(Tree::Float(value as f64), Tree::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}
