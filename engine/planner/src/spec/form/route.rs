//! What gateways are made of: targets, conditions, rewrites; and the names of what was renamed.

use super::host_and_port;
use crate::gateway::condition;
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use crate::spec::types::{MovedName, Rewrite, Target};
use model::Diagnostic;
use model::names::{is_dns_label, is_tenancy_name};
use model::source::Place;
use serde_json::{Value as Json, json};

/// `name:port` of a Kubernetes Service in the environment's namespace.
pub(in crate::spec) struct ServiceTarget;

impl TextShape for ServiceTarget {
    type Value = Target;
    const EXPECTED: &'static str = "a service and its port (text)";

    fn parse(text: &str, place: Place) -> Result<Target, Diagnostic> {
        match TargetForm::parse(text, place)? {
            service @ Target::Service { .. } => Ok(service),
            Target::External { .. } => Err(Diagnostic::error(code::BAD_TARGET, place, format!("{} is no service", quote(text)))
                .help(format!("an address outside goes into the list `targets: [\"{text}\"]`"))),
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?:[0-9]{1,5}$" })
    }
}

/// `name:port` of a Service, or `host:port` of an address outside: that has a dot, or brackets.
pub(in crate::spec) struct TargetForm;

impl TextShape for TargetForm {
    type Value = Target;
    const EXPECTED: &'static str = "a target (text)";

    fn parse(text: &str, place: Place) -> Result<Target, Diagnostic> {
        match host_and_port(text) {
            Some((host, port)) if is_dns_label(host) => Ok(Target::Service { name: host.to_owned(), port }),
            Some((host, port)) => Ok(Target::External { host: host.to_owned(), port }),
            None => {
                let help = match is_dns_label(text) {
                    true => format!("add the port: `{text}:8080`"),
                    false => "write `service:port`, such as `web:8080`, or `host.example:port`".to_owned(),
                };
                Err(Diagnostic::error(code::BAD_TARGET, place, format!("{} is no target", quote(text))).help(help))
            }
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^.+:[0-9]{1,5}$" })
    }
}

/// The place of the byte at `offset` of a text that begins at `place`: exact for text that is written plainly on one line.
fn inside(text: &str, offset: usize, place: Place) -> Place {
    let quotes = place.length.saturating_sub(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)) / 2;
    let before = text.get(..offset).map_or(0, |before| before.chars().count());
    let before = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(quotes);
    if before >= place.length {
        return place;
    }
    Place { line: place.line, column: place.column.saturating_add(before), length: 1 }
}

fn check_condition(text: &str, offset: usize, whole: &str, place: Place) -> Result<(), Diagnostic> {
    condition::parse(text).map(drop).map_err(|error| {
        let place = inside(whole, offset + error.offset, place);
        Diagnostic { help: error.help, ..Diagnostic::error(code::BAD_CONDITION, place, error.message) }
    })
}

/// Which requests a route claims.
pub(in crate::spec) struct Condition;

impl TextShape for Condition {
    type Value = String;
    const EXPECTED: &'static str = "a condition (text)";

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        check_condition(text, 0, text, place).map(|()| text.to_owned())
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// `NEW_PATH if CONDITION`.
pub(in crate::spec) struct RewriteForm;

impl TextShape for RewriteForm {
    type Value = Rewrite;
    const EXPECTED: &'static str = "a rewrite (text)";

    fn parse(text: &str, place: Place) -> Result<Rewrite, Diagnostic> {
        let (path, condition) = text.split_once(" if ").map_or((text, None), |(path, condition)| (path, Some(condition)));
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\#".contains(&byte);
        if !path.starts_with('/') || !path.bytes().all(plain) {
            return Err(Diagnostic::error(code::BAD_REWRITE, place, format!("{} is no new path", quote(path)))
                .help("write `/new/path if CONDITION`; the path begins with a slash and has no spaces or quotes"));
        }
        if let Some(condition) = condition {
            check_condition(condition, path.len() + " if ".len(), text, place)?;
        }
        Ok(Rewrite { path: path.to_owned(), condition: condition.map(str::to_owned) })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^/" })
    }
}

/// `shop` or `shop/production`.
pub(in crate::spec) struct MovedNameForm;

impl TextShape for MovedNameForm {
    type Value = MovedName;
    const EXPECTED: &'static str = "a tenant or an environment (text)";

    fn parse(text: &str, place: Place) -> Result<MovedName, Diagnostic> {
        match text.split_once('/') {
            None if is_tenancy_name(text) => Ok(MovedName::Tenant(text.to_owned())),
            Some((tenant, environment)) if is_tenancy_name(tenant) && is_tenancy_name(environment) => {
                Ok(MovedName::Environment { tenant: tenant.to_owned(), environment: environment.to_owned() })
            }
            _ => Err(Diagnostic::error(code::MOVED, place, format!("{} names no tenant and no environment", quote(text)))
                .help("write a tenant as `shop`, an environment as `shop/production`")),
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[a-z0-9]+(/[a-z0-9]+)?$" })
    }
}
