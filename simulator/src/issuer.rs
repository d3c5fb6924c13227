//! Who signs the tokens of a cluster's ServiceAccounts, and by which key, as its API server tells it and as Vault is told. Nobody in the world
//! checks a signature: the key is a point that was drawn for the cluster, and tells it from every other.

use crate::kernel::random;
use crate::server;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::{System, Value};

/// What stands before the point of a key of the curve P-256 (RFC 5480, `SubjectPublicKeyInfo`), with the byte that says that both of its
/// coordinates follow (SEC 1, 2.3.3).
const BEFORE_A_POINT: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// Bytes of a coordinate.
const COORDINATE: usize = 32;

/// What tokens of `cluster` name as their issuer.
pub(crate) fn name(cluster: &str) -> String {
    server::address_of(&System::Cluster(cluster.into()))
}

/// The cluster whose tokens name this issuer.
pub(crate) fn cluster(name: &str) -> Option<model::value::Text> {
    match server::system_at(name) {
        Some(System::Cluster(cluster)) => Some(cluster),
        _ => None,
    }
}

fn point(cluster: &str) -> Vec<u8> {
    let word = |n: u64| random::draw(0, cluster, "the key by which it signs tokens", n).to_be_bytes();
    (0..8).flat_map(word).collect()
}

/// What the API server of `cluster` says of itself (OpenID Connect Discovery 1.0, section 3).
pub(crate) fn discovery(cluster: &str) -> Value {
    let name = name(cluster);
    let mut body = Value::EMPTY_MAP;
    body.set(&["id_token_signing_alg_values_supported"], vec!["ES256"]);
    body.set(&["issuer"], name.as_str());
    body.set(&["jwks_uri"], format!("{name}/openid/v1/jwks"));
    body.set(&["response_types_supported"], vec!["id_token"]);
    body.set(&["subject_types_supported"], vec!["public"]);
    body
}

/// Its key, as JSON Web Keys (RFC 7517).
pub(crate) fn keys(cluster: &str) -> Value {
    let point = point(cluster);
    let (x, y) = point.split_at(COORDINATE);
    let mut key = Value::EMPTY_MAP;
    for (field, text) in [("alg", "ES256"), ("crv", "P-256"), ("kid", cluster), ("kty", "EC"), ("use", "sig")] {
        key.set(&[field], text);
    }
    key.set(&["x"], URL_SAFE_NO_PAD.encode(x));
    key.set(&["y"], URL_SAFE_NO_PAD.encode(y));
    let mut body = Value::EMPTY_MAP;
    body.set(&["keys"], vec![key]);
    body
}

/// Its key as Vault is told it.
pub(crate) fn pem(cluster: &str) -> String {
    let text = STANDARD.encode([&BEFORE_A_POINT[..], &point(cluster)].concat());
    let (first, second) = text.split_at(64);
    format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----")
}
