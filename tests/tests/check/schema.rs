//! `vamp schema --check` prints what `vamp check --format json` keeps to, whatever was found.

use crate::program::Folder;
use crate::repository::multi_region;
use serde_json::Value;

/// What a check said, held against the schema that the program prints.
fn checked(folder: &Folder, arguments: &str) -> Value {
    let schema = folder.vamp("schema --check").run().json();
    let said = folder.vamp(&format!("check vamp.yaml --format json {arguments}")).run().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&said).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}\n{said:#}");
    said
}

#[test]
fn nothing_something_and_something_that_is_waived_keep_to_the_schema() {
    let folder = multi_region();
    assert_eq!(checked(&folder, "")["results"], Value::Array(Vec::new()));
    folder.edit_spec("retention: { audit: 10y }", "retention: { audit: 8y }");
    let changed = checked(&folder, "--against HEAD");
    assert_eq!((&changed["fails"], &changed["results"][0]["policy"]), (&true.into(), &"CHG-2".into()));
    assert!(changed["results"][0]["change"]["line"].is_u64());
    let waiver = "policies:\n  waive:\n    - { id: CHG-2, reason: the law changed, owner: ops, expires: 2099-12-31 }\n";
    folder.edit_spec("tenants:\n", &format!("{waiver}tenants:\n"));
    let waived = checked(&folder, "--against HEAD --severity high");
    assert_eq!(waived["fails"], false);
    let results = waived["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["policy"] == "CHG-2" && result["waived"]["owner"] == "ops"), "{waived:#}");
}
