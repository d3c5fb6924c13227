//! The types of what a rule can look at.

use std::fmt;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// Anything: a document of a system, whose fields the system defines. What is done with it is found out by doing it.
    Any,
    /// `null`, or a value of this type.
    Optional(Box<Shape>),
    /// A list.
    List(Box<Shape>),
    /// A thing with named fields.
    Object(Object),
}

/// A thing with named fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is called in complaints: `environment`.
    pub word: &'static str,
    /// Its fields, in order.
    pub fields: Vec<(&'static str, Shape)>,
}

impl Object {
    /// The type of a field.
    pub fn field(&self, name: &str) -> Option<&Shape> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, shape)| shape)
    }

    /// The names of its fields.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|(name, _)| *name)
    }
}

impl Shape {
    /// The type without `null`.
    pub fn present(&self) -> &Shape {
        match self {
            Shape::Optional(inner) => inner.present(),
            other => other,
        }
    }

    /// Whether a value of one type may stand where one of the other is asked for, or be compared with it.
    pub fn fits(&self, other: &Shape) -> bool {
        match (self.present(), other.present()) {
            (Shape::Any, _) | (_, Shape::Any) => true,
            (Shape::List(one), Shape::List(other)) => one.fits(other),
            (one, other) => one == other,
        }
    }

    /// The type of what may be of either type, if there is one that says more than "anything".
    pub fn join(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Any, other) | (other, Shape::Any) => other,
            (Shape::List(one), Shape::List(other)) => Shape::List(Box::new(one.join(*other))),
            (Shape::Optional(inner), other) | (other, Shape::Optional(inner)) => {
                Shape::Optional(Box::new(inner.join(other.present().clone())))
            }
            (one, other) if one == other => one,
            _ => Shape::Any,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Bool => f.write_str("true or false"),
            Shape::Int => f.write_str("a number"),
            Shape::Text => f.write_str("a text"),
            Shape::Any => f.write_str("anything"),
            Shape::Optional(inner) => write!(f, "{inner} or null"),
            Shape::List(_) => f.write_str("a list"),
            Shape::Object(object) => write!(f, "the {}", object.word),
        }
    }
}
