//! Who signs the tokens of a cluster's ServiceAccounts, and by which keys: what Vault has to know to know its pods.
//!
//! An API server tells both (Kubernetes, "Managing Service Accounts", "Service account issuer discovery"). The keys are public, and change only
//! when whoever runs the cluster changes them: the new one is told before it signs.

use super::cluster::Cluster;
use super::refusal::Trouble;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Value;
use model::operation::OperationError;
use pkcs1::RsaPublicKey;
use spki::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use spki::der::pem::LineEnding;
use spki::der::{Encode, EncodePem};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// Where an API server says who it is to those who read its tokens.
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// Where it says by which keys they are signed, whatever address it names for others.
const KEYS: &str = "/openid/v1/jwks";
/// A key of RSA (`rsaEncryption`, RFC 8017).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// An elliptic curve's key (`id-ecPublicKey`, RFC 5480).
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curves by which Kubernetes signs (ES256, ES384, ES512): name (RFC 7518), identifier (RFC 5480), bytes of a coordinate.
const CURVES: [(&str, ObjectIdentifier, usize); 3] = [
    ("P-256", ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 32),
    ("P-384", ObjectIdentifier::new_unwrap("1.3.132.0.34"), 48),
    ("P-521", ObjectIdentifier::new_unwrap("1.3.132.0.35"), 66),
];

/// Who signs tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// What its tokens name as their issuer.
    pub(crate) name: String,
    /// Its public keys as PEM, in order.
    pub(crate) keys: Vec<String>,
}

impl Issuer {
    fn of(discovery: &Value, keys: &Value) -> Result<Self, String> {
        let name = discovery.str_at(&["issuer"]).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("{DISCOVERY} names no issuer"))?.to_owned();
        let listed = keys.get("keys").and_then(Value::as_list).unwrap_or_default();
        let pem = |key: &Value| pem(key).ok_or_else(|| format!("{KEYS} has a key that is neither of RSA nor of a known curve"));
        let mut keys = listed.iter().map(pem).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(format!("{KEYS} has no keys"));
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(Issuer { name, keys })
    }
}

impl Cluster {
    /// Who signs the tokens of its ServiceAccounts.
    ///
    /// # Errors
    /// `NotYet` while it does not say, `Refused` if it never will.
    pub(crate) async fn issuer(&self) -> Result<Issuer, OperationError> {
        let discovery = self.api_server().document(DISCOVERY).await.map_err(|trouble| self.untold(trouble))?;
        let keys = self.api_server().document(KEYS).await.map_err(|trouble| self.untold(trouble))?;
        Issuer::of(&discovery, &keys).map_err(|why| OperationError::Refused(format!("{}: {why}", self.server())))
    }

    /// Nothing was asked of the system that the step is about: its patience is not tried, and its places are not taken away.
    fn untold(&self, trouble: Trouble) -> OperationError {
        if matches!(&trouble, Trouble::Refusal(refusal) if refusal.code == 404) {
            return OperationError::Refused(format!(
                "{} does not say by which keys it signs tokens ({KEYS}: 404), so that Vault could not know its pods: its API server needs \
                 an issuer that is an https:// address (--service-account-issuer)",
                self.server()
            ));
        }
        match trouble.into_operation_error(self.server()) {
            error if error.is_transient() => OperationError::NotYet(error.to_string()),
            error => error,
        }
    }
}

/// A public key (RFC 7517) as PEM (RFC 5280, `SubjectPublicKeyInfo`).
fn pem(key: &Value) -> Option<String> {
    let bytes = |field: &str| URL_SAFE_NO_PAD.decode(key.str_at(&[field])?).ok();
    match key.str_at(&["kty"])? {
        "RSA" => {
            let (modulus, exponent) = (bytes("n")?, bytes("e")?);
            let key = RsaPublicKey { modulus: UintRef::new(&modulus).ok()?, public_exponent: UintRef::new(&exponent).ok()? };
            written(AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) }, &key.to_der().ok()?)
        }
        "EC" => {
            let named = key.str_at(&["crv"])?;
            let (_, curve, length) = CURVES.into_iter().find(|(name, ..)| *name == named)?;
            let (x, y) = (bytes("x")?, bytes("y")?);
            // Uncompressed (SEC 1, 2.3.3).
            let point = [&[4], &*x, &*y].concat();
            let algorithm = AlgorithmIdentifierRef { oid: ELLIPTIC_CURVE, parameters: Some(AnyRef::from(&curve)) };
            if x.len() == length && y.len() == length { written(algorithm, &point) } else { None }
        }
        _ => None,
    }
}

fn written(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Option<String> {
    let subject_public_key = BitStringRef::from_bytes(key).ok()?;
    SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_pem(LineEnding::LF).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap()
    }

    fn issuer(keys: serde_json::Value) -> Result<Issuer, String> {
        Issuer::of(&value(json!({"issuer": "https://kubernetes.default.svc.cluster.local"})), &value(json!({ "keys": keys })))
    }

    /// Made with openssl, as the PEM beside it was.
    fn curve() -> serde_json::Value {
        json!({"use": "sig", "kty": "EC", "kid": "one", "crv": "P-256", "alg": "ES256",
            "x": "uHxPfI3YobASnaBK8rSxx4Y4s25eoo-5-Im2wIxnOrU", "y": "6sFTZWXmB6EQRR3llcPqXaqedXL568s9hqYDFDQIFco"})
    }

    fn rsa() -> serde_json::Value {
        json!({"use": "sig", "kty": "RSA", "kid": "two", "alg": "RS256", "e": "AQAB",
        "n": concat!(
            "p6-ZnGnqa1jqZfKkjVMd_f2ybYF3Kdb8Pp9Wul03TQVGvF5Ct744O_8KzgbOJYh8gc9DX7qpL2_GKfkDrbzMx1jC9p2uamnb3eG9",
            "3TQ4XbPUqySL7v-j5Zv0HPwj0w02PAG-tiXGJ2_Ed3-zB_HOp-8e-ah4OgjYeVZZ6ysB-9R3AyP2qfakm0zzDoz8KYykc_GMdnIH",
            "B7wB7mx7mQdLfc508fQdDXoD32VcWwTuocEa3WmgzM1uRciJshTif2KLgMggdjp595dllpV0F2Ufki0kMWTQLgmSTfRTjDJOTzh0",
            "JBytgUPmvQxQv2Ti0RthvDrsrR53R7MWnKaTh77a9Q"
        )})
    }

    const CURVE_AS_PEM: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuHxPfI3YobASnaBK8rSxx4Y4s25e\n\
oo+5+Im2wIxnOrXqwVNlZeYHoRBFHeWVw+pdqp51cvnryz2GpgMUNAgVyg==\n\
-----END PUBLIC KEY-----\n";
    const RSA_AS_PEM: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAp6+ZnGnqa1jqZfKkjVMd\n\
/f2ybYF3Kdb8Pp9Wul03TQVGvF5Ct744O/8KzgbOJYh8gc9DX7qpL2/GKfkDrbzM\n\
x1jC9p2uamnb3eG93TQ4XbPUqySL7v+j5Zv0HPwj0w02PAG+tiXGJ2/Ed3+zB/HO\n\
p+8e+ah4OgjYeVZZ6ysB+9R3AyP2qfakm0zzDoz8KYykc/GMdnIHB7wB7mx7mQdL\n\
fc508fQdDXoD32VcWwTuocEa3WmgzM1uRciJshTif2KLgMggdjp595dllpV0F2Uf\n\
ki0kMWTQLgmSTfRTjDJOTzh0JBytgUPmvQxQv2Ti0RthvDrsrR53R7MWnKaTh77a\n\
9QIDAQAB\n\
-----END PUBLIC KEY-----\n";

    #[test]
    fn keys_are_written_as_others_write_them_in_an_order_of_their_own() {
        let told = issuer(json!([rsa(), curve(), rsa()])).unwrap();
        assert_eq!(told.name, "https://kubernetes.default.svc.cluster.local");
        assert_eq!(told.keys, [CURVE_AS_PEM, RSA_AS_PEM]);
        assert_eq!(issuer(json!([curve(), rsa()])), Ok(told));
    }

    #[test]
    fn a_key_that_nobody_knows_or_none_at_all_is_said() {
        let unknown = |key| issuer(json!([rsa(), key])).unwrap_err();
        for key in [
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
            json!({}),
        ] {
            assert_eq!(unknown(key), "/openid/v1/jwks has a key that is neither of RSA nor of a known curve");
        }
        assert_eq!(issuer(json!([])).unwrap_err(), "/openid/v1/jwks has no keys");
        let nobody = Issuer::of(&value(json!({})), &value(json!({"keys": [rsa()]})));
        assert_eq!(nobody.unwrap_err(), "/.well-known/openid-configuration names no issuer");
    }
}
