//! What an apply did to real systems is in the audit chains, and nowhere else is it needed: read back it is whole, whatever is done to it
//! by hand is found, and a time without the audit store is told.

use super::platform::Platform;

#[test]
fn an_apply_is_recorded_and_what_is_done_to_the_record_is_found() {
    let Some(platform) = Platform::shared("audit") else { return };
    platform.apply().done();
    let verify = || platform.vamp(&["audit", "verify", "SPEC", "--format", "json"]);
    let whole = verify().done().json();
    let chains = whole["chains"].as_array().unwrap().clone();
    assert!(!chains.is_empty() && chains.iter().all(|chain| chain["state"] == "intact"), "{whole:#}");
    assert!(chains.iter().all(|chain| chain["account"]["documents"].as_u64().unwrap() > 1), "{whole:#}");
    let index = chains[1]["chain"]["index"].as_str().unwrap();
    // Nothing to do, nothing to record.
    platform.apply().done();
    assert_eq!(verify().done().json(), whole);

    platform.search.put_document(index, "1", Some(&|document| document["actor"] = "mallory".into()));
    platform.search.put_document(index, "2", None);
    let broken = verify();
    assert_eq!(broken.code, Some(1), "{}", broken.err);
    let faults = broken.json()["chains"][1]["account"]["faults"].clone();
    let expected = serde_json::json!([{"fault": "altered", "position": 1}, {"fault": "missing", "from": 2, "to": 2}]);
    assert_eq!(faults, expected);

    platform.search.set_away(true);
    let unknown = verify();
    assert_eq!(unknown.code, Some(1), "{}", unknown.err);
    assert!(unknown.json()["chains"].as_array().unwrap().iter().all(|chain| chain["state"] == "unknown"), "{}", unknown.out);
}
