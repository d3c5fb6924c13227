//! Digests in place of secrets: a document that reaches the world holds no secret. Whoever drives the world holds the secrets
//! ([`Secrets`]); what is the same for all of them stands here.

use crate::world::World;
use model::operation::OperationError;
use model::{Address, Kind, SecretDigest, SecretReference, System, Value};
use std::sync::Arc;

/// Holds the secrets that come from outside of the world.
pub trait Secrets {
    /// The digest of what an environment variable or a file holds.
    ///
    /// # Errors
    /// Why it cannot be fetched, in words that hold no secret.
    fn fetch(&self, reference: &SecretReference) -> Result<SecretDigest, String>;

    /// The digest of a new secret that nobody knows, of so many characters, for the object at `address`.
    fn generate(&mut self, address: &Address, length: u16) -> SecretDigest;

    /// The digest of a text that is no secret (an entry that somebody wrote by hand).
    fn digest(&self, text: &str) -> SecretDigest;
}

/// `document` for `address`, with digests in place of references.
///
/// # Errors
/// `NotYet` for what the world's Vault or clusters do not hold yet, `Secret` for what cannot be fetched.
pub fn resolve(
    world: &World,
    secrets: &mut dyn Secrets,
    address: &Address,
    document: &Arc<Value>,
) -> Result<Arc<Value>, OperationError> {
    let mut count = 0;
    document.for_each_secret(&mut |_| count += 1);
    if count == 0 {
        return Ok(document.clone());
    }
    let present = world.document(address);
    Resolver { world, secrets, address }.replace(document, present.as_deref()).map(Arc::new)
}

/// The digest of the secret behind `reference`.
///
/// # Errors
/// As [`resolve`]; a generated secret has none before it is made.
pub fn digest(world: &World, secrets: &dyn Secrets, reference: &SecretReference) -> Result<SecretDigest, OperationError> {
    let Some((address, keys, field)) = held(reference) else {
        return match reference {
            SecretReference::Generated { .. } => Err(OperationError::NotYet(format!("{reference}: not made yet"))),
            _ => secrets.fetch(reference).map_err(OperationError::Secret),
        };
    };
    let document = world.find(&address).map_err(|gap| OperationError::NotYet(format!("{reference}: {gap}")))?;
    let held = document.and_then(|seen| keys.iter().find_map(|key| seen.document.at(&[key, field]).cloned()));
    match held {
        Some(Value::Digest(digest)) => Ok(*digest),
        Some(Value::String(text)) => Ok(secrets.digest(&text)),
        _ => Err(OperationError::NotYet(format!("{reference} is not there yet"))),
    }
}

/// Where a secret is that some object of the platform holds: the object, the parts of it that may have it, and the field in there.
pub fn held(reference: &SecretReference) -> Option<(Address, [&'static str; 2], &str)> {
    match reference {
        SecretReference::Env(_) | SecretReference::File(_) | SecretReference::Generated { .. } => None,
        SecretReference::Vault { path, field } => Some((Address::new(&System::Vault, Kind::Kv, path), ["data", "data"], field)),
        SecretReference::Kubernetes { cluster, namespace, name, field } => {
            let system = System::Cluster(cluster.as_str().into());
            Some((Address::new(&system, Kind::Secret, &format!("{namespace}/{name}")), ["data", "stringData"], field))
        }
    }
}

struct Resolver<'a> {
    world: &'a World,
    secrets: &'a mut dyn Secrets,
    address: &'a Address,
}

impl Resolver<'_> {
    fn replace(&mut self, wanted: &Value, present: Option<&Value>) -> Result<Value, OperationError> {
        Ok(match wanted {
            Value::Secret(reference) => Value::Digest(Box::new(self.digest_or_make(reference, present)?)),
            Value::Map(map) => {
                let entry = |(key, value): (&model::value::Text, &Value)| {
                    let present = present.and_then(|present| present.get(key));
                    Ok((key.clone(), self.replace(value, present)?))
                };
                Value::Map(map.iter().map(entry).collect::<Result<Vec<_>, _>>()?.into_iter().collect())
            }
            Value::List(items) => {
                let present = present.and_then(Value::as_list).unwrap_or_default();
                let item = |(index, item): (usize, &Value)| self.replace(item, present.get(index));
                Value::List(items.iter().enumerate().map(item).collect::<Result<Vec<_>, _>>()?)
            }
            other => other.clone(),
        })
    }

    fn digest_or_make(&mut self, reference: &SecretReference, present: Option<&Value>) -> Result<SecretDigest, OperationError> {
        match (reference, present) {
            (SecretReference::Generated { .. }, Some(Value::Digest(digest))) => Ok(**digest),
            (SecretReference::Generated { length }, _) => Ok(self.secrets.generate(self.address, *length)),
            _ => digest(self.world, self.secrets, reference),
        }
    }
}
