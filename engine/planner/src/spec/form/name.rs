//! Names: of our own things, and those whose rules other systems set.

use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::{NameRule, TextShape};
use model::Diagnostic;
use model::names::{is_dns_label, is_dns_name, is_tenancy_name};
use model::source::Place;
use serde_json::{Value as Json, json};

const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";
const DNS_NAME: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// Names of regions, clusters, Elasticsearches, gateways and routes: DNS labels, for they end up in names of Kubernetes objects.
pub(in crate::spec) struct ObjectName;

impl NameRule for ObjectName {
    const PATTERN: &'static str = DNS_LABEL;

    fn check(name: &str, place: Place) -> Result<(), Diagnostic> {
        if is_dns_label(name) {
            return Ok(());
        }
        let help = match fitting(name, '-') {
            Some(fitting) => format!("write `{fitting}`; a name has small letters, digits and inner dashes, 63 at most"),
            None => "a name has small letters, digits and inner dashes, 63 at most".to_owned(),
        };
        Err(Diagnostic::error(code::BAD_NAME, place, format!("{} cannot be a name", quote(name))).help(help))
    }
}

/// Names of tenants and environments.
pub(in crate::spec) struct TenancyRule;

impl NameRule for TenancyRule {
    const PATTERN: &'static str = "^[a-z0-9]+$";

    fn check(name: &str, place: Place) -> Result<(), Diagnostic> {
        if is_tenancy_name(name) {
            return Ok(());
        }
        let rule = "small letters and digits only; the dash joins platform, tenant and environment to a namespace";
        let help = match name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase() {
            fitting if fitting.is_empty() => rule.to_owned(),
            fitting => format!("write `{fitting}`; {rule}"),
        };
        let message = format!("{} cannot be the name of a platform, tenant or environment", quote(name));
        Err(Diagnostic::error(code::BAD_TENANCY_NAME, place, message).help(help))
    }
}

/// Hosts of registries, as they stand before the first slash of an image.
pub(in crate::spec) struct RegistryHost;

impl NameRule for RegistryHost {
    const PATTERN: &'static str = "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]+)?$";

    fn check(name: &str, place: Place) -> Result<(), Diagnostic> {
        if is_dns_name(name) || super::host_and_port(name).is_some() {
            return Ok(());
        }
        Err(Diagnostic::error(code::BAD_HOST_NAME, place, format!("{} is no host of a registry", quote(name)))
            .help("write the part of the image before its first slash, such as `registry.example:5000`"))
    }
}

/// The name nearest to `name` that fits: small letters, and `joint` for everything else.
fn fitting(name: &str, joint: char) -> Option<String> {
    let swapped: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { joint }).collect();
    let fitting = swapped.trim_matches(joint).to_owned();
    is_dns_label(&fitting).then_some(fitting)
}

/// Declares a text of which any name of its kind is taken; whether the thing exists is checked later.
macro_rules! name_texts {
    ($($(#[doc = $doc:literal])* $name:ident: $check:expr, $schema:expr;)*) => {$(
        $(#[doc = $doc])*
        pub(in crate::spec) struct $name;

        impl TextShape for $name {
            type Value = String;

            fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
                let check: fn(&str, Place) -> Result<(), Diagnostic> = $check;
                check(text, place).map(|()| text.to_owned())
            }

            fn schema() -> Json {
                $schema
            }
        }
    )*};
}

name_texts! {
    /// The name of something in this spec: whether it exists says more than whether it is well-formed.
    AnyName: |_, _| Ok(()), json!({ "type": "string" });
    /// The name of the platform.
    TenancyName: TenancyRule::check, json!({ "type": "string", "pattern": TenancyRule::PATTERN });
    /// A title for people.
    Title: not_empty, json!({ "type": "string", "minLength": 1 });
    /// The name of a context of a kubeconfig file.
    ContextName: not_empty, json!({ "type": "string", "minLength": 1 });
    /// The path of a file.
    FilePath: not_empty, json!({ "type": "string", "minLength": 1 });
    /// A name inside of Vault: of a field, of a role, or the path of an auth method.
    VaultText: not_empty, json!({ "type": "string", "minLength": 1 });
    /// A host name under which a gateway is reached.
    HostName: host_name, json!({ "type": "string", "pattern": DNS_NAME });
    /// A mail address.
    MailAddress: mail_address, json!({ "type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$" });
}

fn not_empty(text: &str, place: Place) -> Result<(), Diagnostic> {
    if text.trim().is_empty() {
        return Err(Diagnostic::error(code::NONE_GIVEN, place, "the text is empty").help("write a text, or remove the key"));
    }
    Ok(())
}

fn host_name(text: &str, place: Place) -> Result<(), Diagnostic> {
    if is_dns_name(text) {
        return Ok(());
    }
    let help = match text.to_ascii_lowercase() {
        lower if is_dns_name(&lower) => format!("write it in small letters: `{lower}`"),
        _ if text.contains("://") || text.contains('/') || text.contains(':') => {
            "write the host alone, such as `shop.example`: no scheme, port or path".to_owned()
        }
        _ => "a host name has labels of small letters, digits and inner dashes, joined by dots".to_owned(),
    };
    Err(Diagnostic::error(code::BAD_HOST_NAME, place, format!("{} is no host name", quote(text))).help(help))
}

/// Local part and domain of RFC 5321, without quoted local parts and address literals.
fn mail_address(text: &str, place: Place) -> Result<(), Diagnostic> {
    let is_local = |local: &str| {
        let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&byte);
        (1..=64).contains(&local.len()) && local.bytes().all(atom) && !local.starts_with('.') && !local.ends_with('.')
    };
    match text.rsplit_once('@') {
        Some((local, domain)) if is_local(local) && is_dns_name(&domain.to_ascii_lowercase()) => Ok(()),
        _ => Err(Diagnostic::error(code::BAD_MAIL_ADDRESS, place, format!("{} is no mail address", quote(text)))
            .help("write it as `name@host`")),
    }
}
