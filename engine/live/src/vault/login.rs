//! How a token is come by: given, or by logging in.

use super::client::Vault;
use super::refusal::Trouble;
use crate::wire::Failure;
use model::connection::LogIn;
use model::operation::OperationError;
use model::{Duration, SecretReference, Value};
use vaultrs::api::auth::approle::requests::LoginWithApproleRequest;
use vaultrs::api::auth::kubernetes::requests::LoginWithKubernetesRequest;
use vaultrs::api::token::requests::LookupTokenSelfRequest;
use zeroize::Zeroizing;

/// How whoever runs `vamp` is known to Vault. The secrets are fetched anew for each log-in: a file may hold another token by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// A token.
    Token(SecretReference),
    /// An auth method.
    Method(LogIn),
}

impl Login {
    /// A token, and how long it lives (zero: for ever).
    pub(crate) async fn token(&self, vault: &Vault) -> Result<(Zeroizing<String>, Duration), Trouble> {
        match self {
            Login::Token(reference) => {
                let token = fetched(vault, reference).await?;
                let body = vault.send_with(&LookupTokenSelfRequest {}, Some(&token)).await?;
                let seconds = vault.parsed(&body)?.integer_at(&["data", "ttl"]).unwrap_or(0);
                Ok((token, Duration::seconds(u64::try_from(seconds).unwrap_or(0))))
            }
            Login::Method(LogIn::AppRole { mount, role_id, secret_id }) => {
                let role_id = fetched(vault, role_id).await?.to_string();
                let secret_id = fetched(vault, secret_id).await?.to_string();
                let request = LoginWithApproleRequest { mount: mount.clone(), role_id, secret_id };
                given(vault, &vault.send_with(&request, None).await?)
            }
            Login::Method(LogIn::Kubernetes { mount, role, token }) => {
                let jwt = fetched(vault, token).await?.to_string();
                let request = LoginWithKubernetesRequest { mount: mount.clone(), role: role.clone(), jwt };
                given(vault, &vault.send_with(&request, None).await?)
            }
        }
    }
}

/// A secret of the environment, a file, or a cluster, without the line break with which files end.
async fn fetched(vault: &Vault, reference: &SecretReference) -> Result<Zeroizing<String>, Trouble> {
    let secret = match reference {
        SecretReference::Kubernetes { .. } => vault.clusters.secret(reference).await,
        _ => vault.secrets.outside(reference),
    };
    match secret {
        Ok(secret) => Ok(Zeroizing::new(String::from_utf8_lossy(secret.expose()).trim().to_owned())),
        Err(error) => Err(lacking(vault, reference, error).await),
    }
}

/// Nobody has what logs in to a Vault that is not initialised: who does that is told it. So that comes first, and a sealed one likewise. It is
/// asked only where something lacks: any other Vault says so itself when somebody logs in.
async fn lacking(vault: &Vault, reference: &SecretReference, error: OperationError) -> Trouble {
    if let Some(why) = vault.is_locked().await {
        return Trouble::Failure(Failure::Credentials(format!("{why}; then {reference} has to hold what logs in: {error}")));
    }
    let (told, passes) = (format!("{}: {error}", vault.server()), error.is_transient());
    Trouble::Failure(if passes { Failure::Silent(told) } else { Failure::Credentials(told) })
}

fn given(vault: &Vault, body: &[u8]) -> Result<(Zeroizing<String>, Duration), Trouble> {
    let body = vault.parsed(body)?;
    let token = body.str_at(&["auth", "client_token"]).unwrap_or_default().to_owned();
    Ok((Zeroizing::new(token), lease(&body, vault)?))
}

/// How long the token lives that an answer gives or renews.
pub(super) fn lease(body: &Value, vault: &Vault) -> Result<Duration, Trouble> {
    let seconds = body.integer_at(&["auth", "lease_duration"]).and_then(|seconds| u64::try_from(seconds).ok());
    let none = || Trouble::Nonsense(format!("{} gives a token without saying how long it lives", vault.server()));
    seconds.map(Duration::seconds).ok_or_else(none)
}
