//! A policy in Vault's language.

use crate::permissions::vault::Rule;

/// One block a path.
pub(super) fn policy(rules: &[Rule]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let block = |rule: &Rule| {
        let words: Vec<String> = rule.capabilities.iter().map(|word| quoted(word)).collect();
        format!("path {} {{\n  capabilities = [{}]\n}}\n", quoted(&rule.path), words.join(", "))
    };
    rules.iter().map(block).collect::<Vec<_>>().join("\n")
}
