//! Who the systems are that a plan is made for. An address may lead elsewhere tomorrow; a server says itself who it is.

use crate::value::Text;
use std::collections::BTreeMap;

/// Who each system that was looked at says it is, by its name; `None` of one that did not answer.
pub type Identities = BTreeMap<Text, Option<Text>>;

/// A system that was pinned and is another one here, or is none of those here: what was planned for one is nothing for the other.
/// One that does not answer, then or now, contradicts nobody: what depends on it is not known, and that is told elsewhere.
pub fn another(pinned: &Identities, here: &Identities) -> Option<Text> {
    let is_another = |(system, who): &(&Text, &Option<Text>)| match (who, here.get(*system)) {
        (None, _) | (Some(_), Some(None)) => false,
        (Some(who), Some(Some(found))) => who != found,
        (Some(_), None) => true,
    };
    pinned.iter().find(is_another).map(|(system, _)| system.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identities(all: &[(&str, Option<&str>)]) -> Identities {
        all.iter().map(|(system, who)| ((*system).into(), who.map(Into::into))).collect()
    }

    #[test]
    fn who_did_not_answer_then_or_now_is_nobody_else() {
        let pinned = identities(&[("mysql", Some("m")), ("vault", None)]);
        for here in [[("mysql", Some("m")), ("vault", Some("v"))], [("mysql", None), ("vault", Some("v"))]] {
            assert_eq!(another(&pinned, &identities(&here)), None);
        }
    }

    #[test]
    fn another_server_and_one_that_is_not_among_those_here_are_another() {
        let pinned = identities(&[("mysql", Some("m")), ("vault", None)]);
        assert_eq!(another(&pinned, &identities(&[("mysql", Some("n")), ("vault", None)])), Some("mysql".into()));
        assert_eq!(another(&pinned, &identities(&[("world", Some("m"))])), Some("mysql".into()));
    }
}
