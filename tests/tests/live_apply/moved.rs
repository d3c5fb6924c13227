//! A spec that places MySQL elsewhere leads to another ledger: nothing is planned from one that knows nothing of what is there, and what the
//! one before knew is taken along, so that at every moment one lets runs begin.

use super::platform::{Platform, Said};
use super::specs;

/// A platform in two clusters, with the file of its spec for each way round: the stores in the first, the stores in the second.
fn either_way(name: &str) -> Option<(Platform, [String; 2], [String; 2])> {
    let platform = Platform::anywhere(name)?;
    let clusters = platform.bench.clusters();
    let (first, second) = (clusters[1].clone(), clusters[2].clone());
    let write = |file: &str, management: &str, service: &str| {
        std::fs::write(platform.file(file), specs::between(&platform, management, service)).unwrap();
        platform.file(file).display().to_string()
    };
    let specs = [write("first.yaml", &first, &second), write("second.yaml", &second, &first)];
    Some((platform, specs, [first, second]))
}

/// Make the least of it: the namespace of what the platform needs itself; its cluster is that of the ledger, too.
fn make_a_namespace(platform: &Platform, spec: &str, cluster: &str) -> Said {
    let address = format!("cluster.{cluster}/namespace/{}", platform.name);
    platform.vamp(&["apply", spec, "--yes", "--target", &address]).done()
}

fn refused(said: Said, why: &str) {
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains(why), "{}", said.err);
}

#[test]
fn a_ledger_that_knows_nothing_of_what_is_there_is_refused_and_what_is_known_moves() {
    let Some((platform, [old, new], [first, second])) = either_way("moved") else { return };
    make_a_namespace(&platform, &old, &first);
    let ignorant = format!("in cluster.{second}, knows of no run, and yet 1 object is there, cluster.{first}/namespace/");
    for arguments in [&["plan", &new][..], &["apply", &new, "--yes"], &["destroy", &new, "--yes"]] {
        let said = platform.vamp(arguments);
        assert!(said.err.contains(&format!("`vamp ledger {new} --from OLD-SPEC`")), "{}", said.err);
        refused(said, &ignorant);
    }
    refused(platform.vamp(&["ledger", &new, "--from", &old]), "nobody is there to be asked");

    let moved = platform.vamp(&["ledger", &new, "--from", &old, "--yes"]).done();
    let told = moved.out.clone() + &moved.err;
    assert!(
        told.contains(&format!("The ledger is in cluster.{second}, and knows 1 object of earlier runs, in 1 system")),
        "{told}"
    );
    for arguments in [&["plan", &old][..], &["apply", &old, "--yes"]] {
        refused(platform.vamp(arguments), &format!("is closed: it was moved to cluster.{second}"));
    }
    let again = platform.vamp(&["ledger", &new, "--from", &old, "--yes"]).done();
    assert!((again.out + &again.err).contains("Nothing to do"));
    let history = platform.vamp(&["history", &old]).done();
    assert!(history.out.contains("apply") && history.out.contains("ledger"), "{}", history.out);
    // What is not wanted any more where the stores were is still seen; and it goes on from here as ever.
    let plan = platform.vamp(&["plan", &new]).done();
    assert!(plan.out.contains(&format!("cluster.{first}/namespace/{}", platform.name)), "{}", plan.out);
    make_a_namespace(&platform, &new, &second);
    // And back again, with what was done in the meantime.
    platform.vamp(&["ledger", &old, "--from", &new, "--yes"]).done();
    refused(platform.vamp(&["plan", &new]), &format!("is closed: it was moved to cluster.{first}"));
    platform.bench.kubectl_in(&first, &["delete", "namespace", &platform.name], "");
    let plan = platform.vamp(&["plan", &old]).done();
    assert!(plan.out.contains("deleted outside of vamp"), "{}", plan.out);
    assert!(plan.out.contains(&format!("cluster.{second}/namespace/{}", platform.name)), "{}", plan.out);
}

#[test]
fn a_ledger_that_is_lost_begins_with_what_is_there() {
    let Some((platform, [spec, _], [first, _])) = either_way("lost") else { return };
    make_a_namespace(&platform, &spec, &first);
    refused(platform.vamp(&["ledger", &spec, "--lost", "--yes"]), "is not lost: it knows of runs");
    let own = format!("ledger.vamp.io/platform={}", platform.name);
    platform.bench.kubectl_in(&first, &["--namespace=vamp-ledger", "delete", "configmap,lease", "--selector", &own], "");
    refused(platform.vamp(&["plan", &spec]), "knows of no run, and yet 1 object is there");
    let begun = platform.vamp(&["ledger", &spec, "--lost", "--yes", "--format=json"]).done().json();
    assert_eq!(begun["made"], 1);
    assert_eq!(begun["systems"][0], format!("cluster.{first}"));
    platform.bench.kubectl_in(&first, &["delete", "namespace", &platform.name], "");
    let plan = platform.vamp(&["plan", &spec]).done();
    assert!(plan.out.contains("deleted outside of vamp"), "{}", plan.out);
}
