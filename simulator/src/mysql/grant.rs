//! Grants compared by what they allow: the order and the case of privileges do not matter, and `ALL` is `ALL PRIVILEGES`.

use model::Value;
use std::collections::BTreeSet;

/// Whether two grants allow the same.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    let host = |grant: &Value| grant.str_at(&["host"]).unwrap_or("%").to_ascii_lowercase();
    privileges(left) == privileges(right) && host(left) == host(right)
}

fn privileges(grant: &Value) -> BTreeSet<String> {
    let listed = grant.get("privileges").and_then(Value::as_list).unwrap_or_default();
    let words: BTreeSet<String> = listed.iter().filter_map(Value::as_str).map(canonical).collect();
    // ALL covers every other privilege of its level (MySQL manual, "GRANT Statement").
    if words.contains(ALL) { BTreeSet::from([ALL.to_owned()]) } else { words }
}

const ALL: &str = "ALL PRIVILEGES";

fn canonical(privilege: &str) -> String {
    let words: Vec<String> = privilege.split_whitespace().map(str::to_ascii_uppercase).collect();
    let text = words.join(" ");
    if text == "ALL" { ALL.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(privileges: &[&str], host: &str) -> Value {
        let mut value = Value::EMPTY_MAP;
        value.set(&["privileges"], privileges.to_vec());
        value.set(&["host"], host);
        value
    }

    #[test]
    fn grants_are_compared_by_meaning() {
        assert!(same(&grant(&["SELECT", "INSERT"], "%"), &grant(&["insert", "Select"], "%")));
        assert!(same(&grant(&["ALL"], "%"), &grant(&["all privileges"], "%")));
        assert!(same(&grant(&["ALL", "SELECT"], "%"), &grant(&["ALL"], "%")));
        assert!(!same(&grant(&["SELECT"], "%"), &grant(&["SELECT", "DELETE"], "%")));
        assert!(!same(&grant(&["SELECT"], "%"), &grant(&["SELECT"], "10.%")));
    }
}
