//! A page of a list, read object by object: each is handed on before the next is read, so that of a page no more lies in memory than its
//! text and one object as it came. Most of an object is the server's account of who owns which field, of which little is kept.

use crate::json::Json;
use model::Value;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// What a page says of the list.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageMeta {
    /// What the next page is asked for with; empty on the last.
    #[serde(default, rename = "continue")]
    pub(super) continued: String,
    #[serde(default)]
    pub(super) resource_version: String,
}

/// Read a page, and hand its objects to `take`. A page that breaks off has handed on what stood before that.
///
/// # Errors
/// If it is no page: a list that is not there at all is no answer.
pub(super) fn read(text: &[u8], take: &mut dyn FnMut(Value)) -> Result<PageMeta, serde_json::Error> {
    let mut page = serde_json::Deserializer::from_slice(text);
    let meta = Page(take).deserialize(&mut page)?;
    page.end()?;
    Ok(meta)
}

struct Page<'a>(&'a mut dyn FnMut(Value));

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Field {
    Metadata,
    Items,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Page<'_> {
    type Value = PageMeta;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PageMeta, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Page<'_> {
    type Value = PageMeta;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut page: A) -> Result<PageMeta, A::Error> {
        let (mut meta, mut has_items) = (PageMeta::default(), false);
        while let Some(field) = page.next_key()? {
            match field {
                Field::Metadata => meta = page.next_value()?,
                Field::Items => {
                    page.next_value_seed(Items(&mut *self.0))?;
                    has_items = true;
                }
                Field::Other => drop(page.next_value::<IgnoredAny>()?),
            }
        }
        if has_items { Ok(meta) } else { Err(A::Error::missing_field("items")) }
    }
}

struct Items<'a>(&'a mut dyn FnMut(Value));

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the objects of a list")
    }

    /// An empty list of metadata is `null` where other empty lists are `[]`.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(Json(item)) = items.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> (Option<PageMeta>, Vec<String>) {
        let mut taken = Vec::new();
        let meta = read(text.as_bytes(), &mut |item| taken.push(item.str_at(&["metadata", "name"]).unwrap().to_owned()));
        (meta.ok(), taken)
    }

    #[test]
    fn objects_come_in_their_order_with_what_the_page_says_of_the_list_before_them_or_after() {
        let meta = || Some(PageMeta { continued: "next".into(), resource_version: "7".into() });
        let items = r#""items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]"#;
        let said = r#""metadata":{"resourceVersion":"7","continue":"next","remainingItemCount":3}"#;
        for text in [format!(r#"{{"kind":"List",{said},{items}}}"#), format!(r#"{{{items},"apiVersion":"v1",{said}}}"#)] {
            assert_eq!(page(&text), (meta(), vec!["a".to_owned(), "b".to_owned()]));
        }
    }

    #[test]
    fn an_empty_list_is_written_in_two_ways_and_none_at_all_is_no_answer() {
        assert_eq!(page(r#"{"items":[]}"#), (Some(PageMeta::default()), vec![]));
        assert_eq!(page(r#"{"items":null}"#), (Some(PageMeta::default()), vec![]));
        for text in [r#"{"metadata":{}}"#, "{}", "[]", "null", "", r#"{"items":{}}"#, r#"{"items":"none"}"#] {
            assert_eq!(page(text).0, None, "{text}");
        }
    }

    #[test]
    fn a_page_that_breaks_off_or_goes_on_after_its_end_is_none() {
        assert_eq!(page(r#"{"items":[{"metadata":{"name":"a"}},{"meta"#), (None, vec!["a".to_owned()]));
        assert_eq!(page(r#"{"items":[]} and more"#).0, None);
    }
}
