//! Specs of the platforms of these tests.

use super::platform::Platform;

/// A management cluster and all others for the tenant; the stores are outside, on the bench.
pub(crate) fn outside(platform: &Platform, vault_log_in: &str) -> String {
    let bench = &platform.bench;
    let kubeconfig = platform.file("kubeconfig").display().to_string();
    let clusters = bench.clusters();
    let cluster = |(index, name): (usize, &String)| {
        let (role, nodes) = if index == 0 { ("management", 3) } else { ("service", 5) };
        format!(
            "  {name}:\n    role: {role}\n    region: eu\n    kubernetes: {{ context: {name}, kubeconfig: {kubeconfig} }}\n    \
             nodes: {{ count: {nodes}, cpu: 4, memory: 16Gi, zones: 3 }}\n"
        )
    };
    let declared: String = clusters.iter().enumerate().map(cluster).collect();
    format!(
        "version: 1\nplatform: {name}\npurpose: development\nregions:\n  eu: {{ country: IE }}\nclusters:\n{declared}\
         dependencies:\n\
         \x20 mysql: {{ address: \"{host}:{port}\", backup: nightly, credentials: {{ env: MYSQL_LOGIN }}, certificateAuthority: {ca} }}\n\
         \x20 vault:\n    address: {vault}\n    storage: mysql\n    backup: nightly\n    certificateAuthority: {ca}\n    {vault_log_in}\n\
         \x20 elasticsearch:\n    central: {{ address: \"{search}\", region: eu, credentials: {{ env: SEARCH_LOGIN }} }}\n\
         tenants:\n  shop:\n    title: The shop\n    administrators: [ops@shop.example]\n    environments:\n      staging:\n        \
         clusters: [{service}]\n        traffic: {{ requestsPerSecond: 20 }}\n        gateways:\n          storefront:\n            \
         port: 8080\n            routes:\n              web: {{ service: web:8080 }}\n\
         policies:\n  waive:\n    - {{ id: ES-8, reason: \"a bench on loopback\", owner: ops@shop.example, expires: 2099-12-31 }}\n",
        name = platform.name,
        host = bench.get("VAMP_BENCH_MYSQL_HOST"),
        port = bench.get("VAMP_BENCH_MYSQL_PORT"),
        ca = bench.get("VAMP_BENCH_CA_FILE"),
        vault = bench.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').next().unwrap(),
        search = platform.search.address,
        service = clusters[1..].join(", "),
    )
}

/// One cluster for everything, and the stores in it; Vault stores as `vault` says.
pub(crate) fn inside(platform: &Platform, vault: &str) -> String {
    format!(
        "version: 1\nplatform: {name}\npurpose: development\nlifetime: short\ndurability: none\nregions:\n  eu: {{ country: IE }}\n\
         clusters:\n  {context}:\n    role: all-in-one\n    region: eu\n    kubernetes: {{ context: {context}, kubeconfig: {kubeconfig} }}\n    \
         nodes: {{ count: 5, cpu: 4, memory: 16Gi, zones: 3 }}\n\
         dependencies:\n\
         \x20 mysql: {{ placement: in-cluster, storage: local }}\n\
         \x20 vault: {{ placement: in-cluster, {vault} }}\n\
         \x20 elasticsearch:\n    central: {{ placement: in-cluster, storage: local }}\n\
         tenants:\n  shop:\n    title: The shop\n    administrators: [ops@shop.example]\n    environments:\n      staging:\n        \
         traffic: {{ requestsPerSecond: 20 }}\n        gateways:\n          storefront:\n            port: 8080\n            \
         routes:\n              web: {{ service: web:8080 }}\n\
         policies:\n  waive:\n    - {{ id: DUR-6, reason: \"nobody needs it\", owner: ops@shop.example, expires: 2099-12-31 }}\n",
        name = platform.name,
        context = platform.home(),
        kubeconfig = platform.file("kubeconfig").display(),
    )
}

/// One cluster for what the platform needs itself, with MySQL and Vault in it, and one for its tenant.
pub(crate) fn between(platform: &Platform, management: &str, service: &str) -> String {
    let cluster = |name: &str, role: &str| {
        format!(
            "  {name}:\n    role: {role}\n    region: eu\n    kubernetes: {{ context: {name}, kubeconfig: {kubeconfig} }}\n    \
             nodes: {{ count: 5, cpu: 4, memory: 16Gi, zones: 3 }}\n",
            kubeconfig = platform.file("kubeconfig").display(),
        )
    };
    let one = inside(platform, "storage: memory");
    let (before, rest) = one.split_once("clusters:\n").unwrap();
    let (_, after) = rest.split_once("dependencies:\n").unwrap();
    let after = after.replace("      staging:\n", &format!("      staging:\n        clusters: [{service}]\n"));
    let search = format!("address: \"{}\", region: eu, credentials: {{ env: SEARCH_LOGIN }}", platform.search.address);
    let waiver = "    - { id: ES-8, reason: \"a bench on loopback\", owner: ops@shop.example, expires: 2099-12-31 }\n";
    let after = after.replace("central: { placement: in-cluster, storage: local }", &format!("central: {{ {search} }}")) + waiver;
    let clusters = cluster(management, "management") + &cluster(service, "service");
    format!("{before}clusters:\n{clusters}dependencies:\n{after}")
}
