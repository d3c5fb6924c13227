//! Kinds and systems in words for people.

use model::Kind;
use model::kind::Family;

/// `1 service account`, `2 network policies`.
pub(super) fn counted(kind: Kind, count: usize) -> String {
    let word = if kind == Kind::Kv { "entry".to_owned() } else { kind.word().replace('-', " ") };
    let word = match (count, word.strip_suffix('y')) {
        (1, _) => word,
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    };
    format!("{count} {word}")
}

/// A kind beside a name, where room is short.
pub(super) fn short(kind: Kind) -> String {
    match kind {
        Kind::PodDisruptionBudget => "disruption budget".to_owned(),
        Kind::PersistentVolumeClaim => "volume claim".to_owned(),
        other => other.word().replace('-', " "),
    }
}

/// What a family is called, and the class of its colour.
pub(super) fn family(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Kubernetes => ("Kubernetes", "kubernetes"),
        Family::Vault => ("Vault", "vault"),
        Family::Mysql => ("MySQL", "mysql"),
        Family::Elasticsearch => ("Elasticsearch", "elasticsearch"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_plurals() {
        assert_eq!(counted(Kind::NetworkPolicy, 2), "2 network policies");
        assert_eq!(counted(Kind::NetworkPolicy, 1), "1 network policy");
        assert_eq!(counted(Kind::ServiceAccount, 3), "3 service accounts");
    }
}
