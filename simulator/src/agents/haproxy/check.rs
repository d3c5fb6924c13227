//! What `haproxy -c` says of a text.

use super::words::words;
use std::collections::BTreeSet;

/// Words that begin a section.
const SECTIONS: &[&str] = &["global", "defaults", "frontend", "backend", "listen", "resolvers"];
/// First words of the lines that may stand in a section.
const DIRECTIVES: &[&str] = &[
    "accepted_payload_size",
    "acl",
    "balance",
    "bind",
    "cookie",
    "default_backend",
    "hash-type",
    "hold",
    "http-request",
    "http-response",
    "log",
    "log-format",
    "maxconn",
    "mode",
    "monitor-uri",
    "nameserver",
    "option",
    "parse-resolv-conf",
    "resolve_retries",
    "retries",
    "server",
    "stats",
    "tcp-request",
    "timeout",
    "use_backend",
];

/// What a text declares and what it refers to, so far.
#[derive(Default)]
struct Names {
    defaults: BTreeSet<String>,
    proxies: BTreeSet<(&'static str, String)>,
    resolvers: BTreeSet<String>,
    /// Backends that are used, resolvers that are asked, each with its line.
    used: Vec<(usize, &'static str, String)>,
    /// ACLs of the present section.
    acls: BTreeSet<String>,
}

/// Whether HAProxy accepts a text.
///
/// # Errors
/// What it complains of first.
pub fn check(text: &str) -> Result<(), String> {
    if !text.ends_with('\n') {
        return Err("missing LF on last line, file might have been truncated".to_owned());
    }
    let mut names = Names::default();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let complain = |what: String| format!("line {}: {what}", index + 1);
        let words = words(line).map_err(|what| complain(what.to_owned()))?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(first) = words.first() else { continue };
        if SECTIONS.contains(first) {
            inside = true;
            names.section(&words).map_err(complain)?;
        } else if !inside || !DIRECTIVES.contains(first) {
            return Err(complain(format!("unknown keyword '{first}'")));
        } else {
            names.directive(index + 1, &words).map_err(complain)?;
        }
    }
    names.resolve()
}

impl Names {
    fn section(&mut self, words: &[&str]) -> Result<(), String> {
        self.acls.clear();
        let (kind, name) = (words[0], words.get(1).copied());
        if let Some(["from", from]) = words.get(2..4)
            && !self.defaults.contains(*from)
        {
            return Err(format!("'from' refers to the unknown defaults section '{from}'"));
        }
        match (kind, name) {
            ("global", _) => {}
            ("defaults", name) => self.defaults.extend(name.map(str::to_owned)),
            (_, None) => return Err(format!("'{kind}' expects a name")),
            ("resolvers", Some(name)) => drop(self.resolvers.insert(name.to_owned())),
            ("frontend", Some(name)) => return self.proxy("frontend", name),
            (_, Some(name)) => return self.proxy("backend", name),
        }
        Ok(())
    }

    fn proxy(&mut self, kind: &'static str, name: &str) -> Result<(), String> {
        let fresh = self.proxies.insert((kind, name.to_owned()));
        if fresh { Ok(()) } else { Err(format!("{kind} '{name}' has the same name as another")) }
    }

    fn directive(&mut self, line: usize, words: &[&str]) -> Result<(), String> {
        match words {
            ["bind", address, ..] => bind(address)?,
            ["server", name, address, rest @ ..] => self.server(line, name, address, rest)?,
            ["bind" | "server" | "use_backend" | "default_backend" | "acl", ..] if words.len() < 2 => {
                return Err(format!("'{}' expects more words", words[0]));
            }
            ["server", ..] => return Err("'server' expects <name> and <addr>[:<port>] as arguments".to_owned()),
            ["acl", name, expression @ ..] => {
                if expression.is_empty() {
                    return Err(format!("acl '{name}' has no expression"));
                }
                self.acls.insert((*name).to_owned());
            }
            ["use_backend" | "default_backend", backend, ..] => self.used.push((line, "backend", (*backend).to_owned())),
            _ => {}
        }
        if words[0] == "acl" {
            return Ok(());
        }
        let conditional = words.iter().position(|word| matches!(*word, "if" | "unless"));
        conditional.map_or(Ok(()), |at| self.condition(&words[at + 1..]))
    }

    fn server(&mut self, line: usize, name: &str, address: &str, rest: &[&str]) -> Result<(), String> {
        let local = address.starts_with("abns@") || address.starts_with("unix@") || address.starts_with('/');
        if !local {
            let (host, port) = address.rsplit_once(':').ok_or_else(|| format!("server '{name}' has no port"))?;
            if host.is_empty() {
                return Err(format!("server '{name}' has no address"));
            }
            self::port(port)?;
        }
        if let Some(at) = rest.iter().position(|word| *word == "resolvers") {
            let resolvers = rest.get(at + 1).ok_or("'resolvers' expects a name")?;
            self.used.push((line, "resolvers", (*resolvers).to_owned()));
        }
        Ok(())
    }

    /// Names of ACLs with `!` and `or`; an anonymous one stands between braces.
    fn condition(&self, words: &[&str]) -> Result<(), String> {
        if words.is_empty() {
            return Err("a condition expects at least one term".to_owned());
        }
        let mut open = false;
        for word in words {
            match *word {
                "{" | "!{" if !open => open = true,
                "}" if open => open = false,
                "or" | "||" => {}
                _ if open => {}
                name => {
                    let name = name.trim_start_matches('!');
                    if !self.acls.contains(name) {
                        return Err(format!("no such ACL : '{name}'"));
                    }
                }
            }
        }
        if open { Err("missing closing '}' in condition".to_owned()) } else { Ok(()) }
    }

    fn resolve(self) -> Result<(), String> {
        for (line, kind, name) in self.used {
            let known = if kind == "backend" {
                self.proxies.contains(&("backend", name.clone()))
            } else {
                self.resolvers.contains(&name)
            };
            if !known {
                return Err(format!("line {line}: unable to find required {kind} '{name}'"));
            }
        }
        Ok(())
    }
}

fn bind(address: &str) -> Result<(), String> {
    if address.starts_with("abns@") || address.starts_with("unix@") || address.starts_with('/') {
        return Ok(());
    }
    let (_, number) = address.rsplit_once(':').ok_or_else(|| format!("'bind' : '{address}' has no port"))?;
    port(number)
}

fn port(text: &str) -> Result<(), String> {
    match text.parse::<u16>() {
        Ok(1..) => Ok(()),
        _ => Err(format!("invalid port '{text}'")),
    }
}
