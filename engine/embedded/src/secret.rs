//! Secrets come in here and go no further: a document that reaches the world holds digests in their place.

use model::operation::OperationError;
use model::{Address, Kind, SecretDigest, SecretReference, System, Value};
use simulator::world::World;
use std::fmt;
use std::sync::Arc;

/// A secret in memory. It is overwritten when it is dropped, and shows nothing of itself.
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret.
    pub fn new(text: String) -> Self {
        Secret(text.into_bytes())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // So that the compiler does not leave the writes out as useless.
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Fetches a secret from the environment or a file; the error is for people and holds no secret.
pub type SecretSource = Box<dyn Fn(&SecretReference) -> Result<Secret, String>>;

/// Fills bytes with fresh entropy.
pub type Entropy = Box<dyn FnMut(&mut [u8])>;

/// Turns references into digests.
pub(crate) struct Digester {
    pub(crate) key: [u8; 32],
    pub(crate) source: SecretSource,
    pub(crate) entropy: Entropy,
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester(…)")
    }
}

impl Digester {
    /// `document` for `address`, with digests in place of references.
    ///
    /// # Errors
    /// `NotYet` for what the world's Vault or clusters do not hold yet, `Secret` for what cannot be fetched.
    pub(crate) fn resolve(
        &mut self,
        world: &World,
        address: &Address,
        document: &Arc<Value>,
    ) -> Result<Arc<Value>, OperationError> {
        let mut secrets = 0;
        document.for_each_secret(&mut |_| secrets += 1);
        if secrets == 0 {
            return Ok(document.clone());
        }
        let present = world.document(address);
        self.replace(world, document, present.as_deref()).map(Arc::new)
    }

    fn replace(&mut self, world: &World, wanted: &Value, present: Option<&Value>) -> Result<Value, OperationError> {
        Ok(match wanted {
            Value::Secret(reference) => Value::Digest(Box::new(self.digest_or_make(world, reference, present)?)),
            Value::Map(map) => {
                let entry = |(key, value): (&model::value::Text, &Value)| {
                    let present = present.and_then(|present| present.get(key));
                    Ok((key.clone(), self.replace(world, value, present)?))
                };
                Value::Map(map.iter().map(entry).collect::<Result<Vec<_>, _>>()?.into_iter().collect())
            }
            Value::List(items) => {
                let present = present.and_then(Value::as_list).unwrap_or_default();
                let item = |(index, item): (usize, &Value)| self.replace(world, item, present.get(index));
                Value::List(items.iter().enumerate().map(item).collect::<Result<Vec<_>, _>>()?)
            }
            other => other.clone(),
        })
    }

    fn digest_or_make(
        &mut self,
        world: &World,
        reference: &SecretReference,
        present: Option<&Value>,
    ) -> Result<SecretDigest, OperationError> {
        match (reference, present) {
            (SecretReference::Generated { .. }, Some(Value::Digest(digest))) => Ok(**digest),
            (SecretReference::Generated { .. }, _) => Ok(self.generate()),
            _ => self.digest(world, reference),
        }
    }

    /// A digest of a secret that nobody knows.
    fn generate(&mut self) -> SecretDigest {
        let mut fresh = [0; 32];
        (self.entropy)(&mut fresh);
        SecretDigest::of(&self.key, &fresh)
    }

    /// The digest of the secret behind `reference`.
    ///
    /// # Errors
    /// As [`Digester::resolve`]; a generated secret has none before it is made.
    pub(crate) fn digest(&self, world: &World, reference: &SecretReference) -> Result<SecretDigest, OperationError> {
        let (address, keys, field) = match reference {
            SecretReference::Env(_) | SecretReference::File(_) => {
                let secret = (self.source)(reference).map_err(OperationError::Secret)?;
                return Ok(SecretDigest::of(&self.key, &secret.0));
            }
            SecretReference::Generated { .. } => return Err(OperationError::NotYet(format!("{reference}: not made yet"))),
            SecretReference::Vault { path, field } => (Address::new(&System::Vault, Kind::Kv, path), ["data", "data"], field),
            SecretReference::Kubernetes { cluster, namespace, name, field } => {
                let system = System::Cluster(cluster.as_str().into());
                (Address::new(&system, Kind::Secret, &format!("{namespace}/{name}")), ["data", "stringData"], field)
            }
        };
        let document = world.find(&address).map_err(|gap| OperationError::NotYet(format!("{reference}: {gap}")))?;
        let held = document.and_then(|seen| keys.iter().find_map(|key| seen.document.at(&[key, field]).cloned()));
        match held {
            Some(Value::Digest(digest)) => Ok(*digest),
            Some(Value::String(text)) => Ok(SecretDigest::of(&self.key, text.as_bytes())),
            _ => Err(OperationError::NotYet(format!("{reference} is not there yet"))),
        }
    }
}
