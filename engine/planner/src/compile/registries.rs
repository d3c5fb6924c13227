//! The pull Secret: credentials of all registries, in each namespace whose pods pull images.

use super::compiler::Compiler;
use super::draft::document;
use super::kubernetes::Home;
use super::pods::REGISTRIES;
use k8s_openapi::api::core::v1::Secret;
use model::Kind;
use model::address::Address;
use model::path::FieldPath;
use model::resource::Origin;
use model::value::{Map, Value};

/// Type of a Secret with registry credentials (Kubernetes, "Docker config Secrets").
const DOCKER_CONFIGURATION: &str = "kubernetes.io/dockerconfigjson";
/// Its only entry.
const DOCKER_CONFIGURATION_ENTRY: &str = ".dockerconfigjson";

/// Whether the spec has credentials of registries.
pub(crate) fn wanted(compiler: &Compiler) -> bool {
    !compiler.spec.images.pull_secrets.is_empty()
}

/// Address of the pull Secret in a namespace, if the spec has one.
pub(crate) fn address(compiler: &Compiler, home: &Home) -> Option<Address> {
    wanted(compiler).then(|| home.address_of(Kind::Secret, REGISTRIES))
}

/// The entry is a map here and JSON text in Kubernetes; whoever applies it writes it as text once the passwords are known. As a map
/// it shows which registry changed without showing a password.
pub(crate) fn compile(compiler: &mut Compiler, home: &Home) {
    if !wanted(compiler) {
        return;
    }
    let secrets = &compiler.spec.images.pull_secrets;
    let object =
        Secret { metadata: home.metadata(REGISTRIES, None), type_: Some(DOCKER_CONFIGURATION.to_owned()), ..Secret::default() };
    let mut draft = home.draft(&object);
    let registries = secrets.iter().map(|(host, secret)| {
        let password = Value::from(secret.password.value.clone());
        (host.as_str(), document([("password", password), ("username", secret.username.as_str().into())]))
    });
    let path = ["stringData", DOCKER_CONFIGURATION_ENTRY];
    let mut whole = draft.resource.document.as_ref().clone();
    whole.set(&path, document([("auths", Value::Map(registries.collect::<Map>()))]));
    draft.resource.document = whole.into();
    for (host, secret) in secrets {
        let [data, entry] = path;
        draft = draft.origin(FieldPath::keys(&[data, entry, "auths", host]), Origin::Spec(secret.place));
    }
    compiler.add(draft);
}
