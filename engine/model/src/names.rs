//! The rules for names, each with the system that sets it (those of the original platform, restated for modern clusters).

/// Longest name of a Kubernetes namespace: a DNS label (RFC 1123).
pub const NAMESPACE_LENGTH: usize = 63;
/// Longest MySQL identifier (schema, table), in characters.
pub const MYSQL_IDENTIFIER_LENGTH: usize = 64;
/// Longest MySQL user name, in characters (MySQL 5.7.8 and later).
pub const MYSQL_USER_LENGTH: usize = 32;
/// Longest port range that TCP knows.
pub const HIGHEST_PORT: u16 = 65_535;

/// Whether `name` may name a tenant or an environment: `[a-z0-9]+`. The dash joins the parts of a namespace, so it is not free.
pub fn is_tenancy_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether `name` is a DNS label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, 63 characters at most (RFC 1123).
pub fn is_dns_label(name: &str) -> bool {
    let bytes = name.as_bytes();
    let inside = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=63).contains(&bytes.len()) && bytes.iter().all(inside) && bytes[0] != b'-' && bytes[bytes.len() - 1] != b'-'
}

/// Whether `name` is a DNS name of labels joined by dots, 253 characters at most (RFC 1123).
pub fn is_dns_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_dns_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_rules() {
        assert!(is_tenancy_name("shop2") && !is_tenancy_name("new-shop") && !is_tenancy_name("") && !is_tenancy_name("Shop"));
        assert!(is_dns_label("eu-1") && !is_dns_label("-eu") && !is_dns_label("eu-") && !is_dns_label("EU"));
        assert!(!is_dns_label(&"a".repeat(64)) && is_dns_name("shop.example") && !is_dns_name("shop..example"));
    }
}
