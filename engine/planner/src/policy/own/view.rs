//! How the nouns of the engine look to a rule: the fields of each, once, as both their types and their values.

use super::seen::Seen;
use super::shape::{Object, Shape};
use model::source::Located;
use std::collections::BTreeMap;

mod engine;
mod spec;

pub use engine::{Change, Observed, ObservedNode};

/// Something that a rule can look at.
pub trait Viewed {
    /// Its type.
    fn shape() -> Shape;

    /// Its value, and where the spec says it.
    fn seen(&self) -> Located<Seen>;
}

/// A thing with named fields that a rule can look at.
pub trait Described: Sized {
    /// What it is called: `environment`.
    const WORD: &'static str;

    /// Its fields, in order.
    fn fields() -> Vec<Field<Self>>;
}

/// How a field's value is found.
type Look<T> = Box<dyn Fn(&T) -> Located<Seen>>;

/// One field: its name, its type, and how its value is found.
pub struct Field<T> {
    name: &'static str,
    shape: Shape,
    seen: Look<T>,
}

impl<T: 'static> Field<T> {
    /// The field `name`, which `get` finds.
    pub(super) fn new<V: Viewed + 'static>(name: &'static str, get: fn(&T) -> &V) -> Self {
        Field { name, shape: V::shape(), seen: Box::new(move |thing| get(thing).seen()) }
    }

    /// The field `name`, whose value `make` works out.
    pub(super) fn made<V: Viewed + 'static>(name: &'static str, make: fn(&T) -> V) -> Self {
        Field { name, shape: V::shape(), seen: Box::new(move |thing| make(thing).seen()) }
    }

    /// The field `name`, with fields of its own, as the spec groups them.
    pub(super) fn group(name: &'static str, fields: Vec<Field<T>>) -> Self {
        Field {
            name,
            shape: object(name, &fields),
            seen: Box::new(move |thing| Located::default_value(Seen::Object(values(&fields, thing)))),
        }
    }
}

fn object<T>(word: &'static str, fields: &[Field<T>]) -> Shape {
    Shape::Object(Object { word, fields: fields.iter().map(|field| (field.name, field.shape.clone())).collect() })
}

fn values<T>(fields: &[Field<T>], thing: &T) -> BTreeMap<String, Located<Seen>> {
    fields.iter().map(|field| (field.name.to_owned(), (field.seen)(thing))).collect()
}

impl<T: Described + 'static> Viewed for T {
    fn shape() -> Shape {
        object(T::WORD, &T::fields())
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::Object(values(&T::fields(), self)))
    }
}

/// A thing and the name that it goes by in the spec: to rules the name is its first field.
pub(in crate::policy) fn named<T: Described + 'static>(name: &str, thing: &Located<T>) -> Located<Seen> {
    let name = Located::at(Seen::Text(name.to_owned()), thing.place);
    let mut fields = values(&T::fields(), &thing.value);
    fields.insert("name".to_owned(), name);
    Located::at(Seen::Object(fields), thing.place)
}

/// The type of [`named`] things.
pub(in crate::policy) fn named_shape<T: Described + 'static>() -> Shape {
    match T::shape() {
        Shape::Object(mut object) => {
            object.fields.insert(0, ("name", Shape::Text));
            Shape::Object(object)
        }
        other => other,
    }
}

impl Viewed for bool {
    fn shape() -> Shape {
        Shape::Bool
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::Bool(*self))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Viewed for $number {
            fn shape() -> Shape {
                Shape::Int
            }

            fn seen(&self) -> Located<Seen> {
                // Quantities beyond 2^63 are beyond every range that the spec allows.
                Located::default_value(Seen::Int(i64::try_from(*self).unwrap_or(i64::MAX)))
            }
        })*
    };
}
numbers!(u8, u16, u32, u64);

impl Viewed for String {
    fn shape() -> Shape {
        Shape::Text
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::Text(self.clone()))
    }
}

impl Viewed for model::Value {
    fn shape() -> Shape {
        Shape::Any
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::from(self))
    }
}

impl<T: Viewed> Viewed for Located<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn seen(&self) -> Located<Seen> {
        let inner = self.value.seen();
        if self.place.is_written() { Located::at(inner.value, self.place) } else { inner }
    }
}

impl<T: Viewed> Viewed for Option<T> {
    fn shape() -> Shape {
        Shape::Optional(Box::new(T::shape()))
    }

    fn seen(&self) -> Located<Seen> {
        self.as_ref().map_or(Located::default_value(Seen::Null), Viewed::seen)
    }
}

impl<T: Viewed> Viewed for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::List(self.iter().map(Viewed::seen).collect()))
    }
}

impl<T: Described + 'static> Viewed for crate::spec::types::Named<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(named_shape::<T>()))
    }

    fn seen(&self) -> Located<Seen> {
        Located::default_value(Seen::List(self.iter().map(|(name, thing)| named(name, thing)).collect()))
    }
}
