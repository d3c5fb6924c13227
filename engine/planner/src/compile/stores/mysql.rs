//! MySQL in a cluster of the platform (models M0 and M1): one pod, because MySQL has no election.

use super::{DATA, Store, configuration_digest};
use crate::compile::compiler::Compiler;
use crate::compile::kubernetes::Home;
use crate::compile::topology::{Location, MYSQL_PORT};
use crate::compile::{labels, management, network, pods};
use crate::spec::types::{Mysql, Storage};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, ExecAction, PodSecurityContext, PodTemplateSpec, Probe, SecurityContext, Volume,
};
use model::graph::EdgeReason::{IsAllowedBy, References};
use model::resource::Origin;
use model::secret::SecretReference;
use std::collections::BTreeMap;

const NAME: &str = "mysql";
/// Entry of the Secret with the password of `root`.
const ROOT_PASSWORD: &str = "root-password";
/// User and group of the server in the official image.
const USER: i64 = 999;
const MILLI_CPU: u64 = 500;
const MEMORY_BYTES: u64 = 1 << 30;
const VOLUME_BYTES: u64 = 10 << 30;
/// UTF-8 as the server's default, so that a schema made by hand is like those that are made here.
const SETTINGS: &str = "[mysqld]\ncharacter-set-server = utf8mb4\ncollation-server = utf8mb4_unicode_ci\nskip-name-resolve\n";

/// The server's objects, if it runs in a cluster.
pub(crate) fn compile(compiler: &mut Compiler) {
    let Some(store) = store(compiler) else { return };
    let spec = compiler.spec;
    let mysql = &spec.dependencies.mysql.value;
    let mut before = store.compile_base(compiler);
    let settings = ConfigMap {
        metadata: store.home.metadata(NAME, Some(NAME)),
        data: Some(BTreeMap::from([("vamp.cnf".to_owned(), SETTINGS.to_owned())])),
        ..ConfigMap::default()
    };
    let service = pods::service(&store.home, NAME, NAME, store.pods.clone(), &[("mysql", MYSQL_PORT)]);
    let drafts =
        [store.secret(ROOT_PASSWORD, mysql.credentials.as_ref()), store.home.draft(&settings), store.home.draft(&service)];
    before.extend(drafts.map(|draft| compiler.add(draft)));
    let ingress = network::from_platform(compiler.names.platform, [MYSQL_PORT]);
    let policy = network::policy(&store.home, NAME, store.pods.clone(), vec![ingress], vec![network::to_dns()]);
    let policy = compiler.add(store.home.draft(&policy));
    let template = template(&store, mysql, &spec.images.mysql, &settings);
    let workload = store.workload(template, &spec.images.mysql).after_all(&before, References).after(&policy, IsAllowedBy);
    compiler.add(workload);
}

fn store(compiler: &Compiler) -> Option<Store> {
    let Location::Inside { cluster, .. } = &compiler.topology.mysql.location else { return None };
    let mysql = &compiler.spec.dependencies.mysql;
    let durable = mysql.storage.value == Storage::Durable;
    Some(Store {
        home: management::home(compiler, cluster, mysql.placement.place),
        name: NAME.to_owned(),
        component: NAME,
        pods: labels::selector(NAME),
        replicas: 1,
        replicas_origin: Origin::Default("a MySQL server is one pod"),
        volume_bytes: durable.then_some(VOLUME_BYTES),
        governing_service: NAME.to_owned(),
        asks_kubernetes: false,
    })
}

/// Where the password of `root` is kept.
pub(crate) fn root_password(home: &Home) -> SecretReference {
    Store::secret_reference(home, NAME, ROOT_PASSWORD)
}

fn template(store: &Store, mysql: &Mysql, image: &str, settings: &ConfigMap) -> PodTemplateSpec {
    // The client says "access denied" without a password, and exits with 0: the server answers, which is what is asked.
    let ping = ["mysqladmin", "ping", "--host=127.0.0.1"].map(str::to_owned).to_vec();
    let probe = |period, failures| Probe {
        exec: Some(ExecAction { command: Some(ping.clone()) }),
        period_seconds: Some(period),
        timeout_seconds: Some(5),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    let container = Container {
        name: NAME.to_owned(),
        image: Some(image.to_owned()),
        env: Some(vec![pods::secret_variable("MYSQL_ROOT_PASSWORD", NAME, ROOT_PASSWORD)]),
        ports: Some(vec![pods::port("mysql", MYSQL_PORT)]),
        readiness_probe: Some(probe(5, 3)),
        liveness_probe: Some(probe(10, 6)),
        startup_probe: Some(probe(5, 60)),
        resources: Some(pods::resources(MILLI_CPU, MEMORY_BYTES)),
        security_context: Some(SecurityContext { read_only_root_filesystem: None, ..pods::hardened() }),
        volume_mounts: Some(vec![pods::mount(DATA, "/var/lib/mysql"), pods::mount("settings", "/etc/mysql/conf.d")]),
        ..Container::default()
    };
    let settings_volume = Volume {
        name: "settings".to_owned(),
        config_map: Some(ConfigMapVolumeSource { name: NAME.to_owned(), ..ConfigMapVolumeSource::default() }),
        ..Volume::default()
    };
    let local = (mysql.storage.value == Storage::Local).then(|| pods::scratch(DATA));
    let mut pod = pods::pod(NAME, container, [settings_volume].into_iter().chain(local).collect());
    pod.security_context = Some(PodSecurityContext {
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        fs_group: Some(USER),
        ..pods::unprivileged()
    });
    pods::template(&store.home, NAME, configuration_digest(settings), pod)
}
