//! The deployment models M0 to M5 as `vamp init` writes them: what `vamp check` says of each is what the domain says of it.

use crate::program::Folder;

/// What a check of `vamp.yaml` finds, as weight and rule, in order; and how it ends.
fn verdict(folder: &Folder) -> (Option<i32>, Vec<String>) {
    let ended = folder.vamp("check vamp.yaml --today 2027-01-15 --format json").run();
    let results = ended.json()["results"].as_array().unwrap().clone();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let told = results.iter().map(|result| {
        assert!(result["line"].as_u64() > Some(0) && result["column"].as_u64() > Some(0), "{result}");
        let waived = if result["waived"].is_null() { "" } else { "waived " };
        format!("{waived}{} {}", word(&result["severity"]), word(&result["policy"]))
    });
    (ended.code, told.collect())
}

fn model(name: &str) -> Folder {
    let folder = Folder::new();
    std::fs::remove_file(folder.path("vamp.yaml")).unwrap();
    folder.vamp(&format!("init --model {name} -o vamp.yaml")).run().done();
    folder
}

#[test]
fn each_model_gets_the_verdict_of_the_domain() {
    for (name, found) in [
        ("M0", vec!["waived should DUR-6"]),
        ("M1", vec!["waived high DUR-3", "waived high DUR-5"]),
        ("M2", vec!["waived should DUR-4", "waived should DUR-9"]),
        ("M3", vec![]),
        ("M4", vec![]),
        ("M5", vec![]),
    ] {
        assert_eq!(verdict(&model(name)), (Some(0), found.into_iter().map(str::to_owned).collect()), "{name}");
    }
}

#[test]
fn one_cluster_for_all_in_production_is_refused() {
    let folder = model("M0");
    folder.edit_spec("purpose: development", "purpose: production");
    let (code, found) = verdict(&folder);
    assert!(code == Some(3) && found.contains(&"must TOP-3".to_owned()), "{code:?} {found:?}");
    let refused = folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run();
    assert!(refused.code == Some(3) && refused.err.contains("must[TOP-3]"), "{refused:?}");
    assert!(!folder.path("w.sqlite").exists());
}
