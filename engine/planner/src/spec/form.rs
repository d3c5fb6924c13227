//! The forms of single values: what a port, a country or a retention looks like, and what it is read as.

mod address;
mod country;
mod day;
mod field;
mod image;
mod name;
mod number;
mod quantity;
mod release;
mod route;
mod rule;
mod secret;

pub(super) use address::{DatabaseAddress, WebAddress};
pub(super) use country::Country;
pub(super) use day::Day;
pub(super) use field::FieldForm;
pub(super) use image::{Image, registry};
pub(super) use name::{
    AnyName, ContextName, FilePath, HostName, MailAddress, ObjectName, RegistryHost, TenancyName, TenancyRule, Title, VaultText,
};
pub(super) use number::Number;
pub use number::{Flag, Version};
pub(super) use quantity::{Cpu, Memory, Retention};
pub(super) use release::ReleaseForm;
pub(crate) use release::release_of_image;
pub(super) use route::{Condition, MovedNameForm, RewriteForm, ServiceTarget, TargetForm};
pub(super) use rule::{Expression, RuleId, Sample};
pub(super) use secret::Secret;

/// `docker.example:5000` is a registry, `:5000` is not: splits `host:port`.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    is_host(host).then_some((host, port))
}

/// A DNS name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => inside.parse::<core::net::Ipv6Addr>().is_ok(),
        None => model::names::is_dns_name(host),
    }
}
