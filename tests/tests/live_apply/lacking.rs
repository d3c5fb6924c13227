//! One right less than `vamp permissions` prints: what stands on it fails with the system, the object and the remedy, and the rest goes on.

use super::platform::Platform;
use super::rights;

#[test]
fn a_right_that_lacks_is_told_with_system_object_and_remedy_and_the_rest_goes_on() {
    let Some(platform) = Platform::shared("lacking") else { return };
    let clusters = platform.bench.clusters();
    let (cluster, name) = (format!("cluster.{}", clusters[2]), rights::name(&platform));
    let account = format!("system:serviceaccount:default:{name}");
    let whole = rights::printed(&platform, &cluster, &account);
    let less = whole.replace(", poddisruptionbudgets", "").replace("[poddisruptionbudgets]", "[podtemplates]");
    assert_ne!(whole, less);
    rights::in_cluster(&platform, &clusters[2], &less);

    let said = platform.apply();
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    let all = format!("{}{}", said.out, said.err);
    let told = [
        format!("{cluster} (https://"),
        format!("User \"{account}\" cannot list resource \"poddisruptionbudgets\""),
        format!("`vamp permissions SPEC --system {cluster}` prints the rights that vamp needs"),
        format!("shop/staging on {}  converged", clusters[1]),
    ];
    for word in told {
        assert!(all.contains(&word), "{word}: {all}");
    }
    rights::in_cluster(&platform, &clusters[2], &whole);

    // In Vault and MySQL as well, each while it is at work.
    let policy = rights::printed(&platform, "vault", &name);
    let path = format!("auth/{}-{}/role/*", platform.name, clusters[2]);
    rights::policy(&platform, &policy.replace(&path, "auth/nowhere/role/*"));
    platform.bench.sql(&format!("DROP TABLE `{0}-shop`.`{0}-shop-staging`", platform.name));
    platform.bench.sql(&format!("REVOKE DROP, ALTER, CREATE ON `{0}-shop`.* FROM '{name}'@'%'", platform.name));
    let said = platform.apply();
    let all = format!("{}{}", said.out, said.err);
    let told = [
        format!("permission denied (auth/{}-{}/role", platform.name, clusters[2]),
        "`vamp permissions SPEC --system vault` prints the policy that vamp needs".to_owned(),
        format!("CREATE command denied to user '{name}'"),
        "`vamp permissions SPEC --system mysql` prints the grants that vamp needs".to_owned(),
    ];
    for word in told {
        assert!(all.contains(&word), "{word}: {all}");
    }
    rights::policy(&platform, &policy);
    platform.bench.sql(&rights::printed(&platform, "mysql", &name));
    platform.apply().done();
    platform.is_settled();
}
