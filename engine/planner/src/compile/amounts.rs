//! Amounts as Kubernetes writes them back: in its canonical form, so that a document reads the same after a round trip.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// Thousandths of a CPU: `250m`, `2`.
pub(crate) fn cpu(milli: u64) -> Quantity {
    Quantity(if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") })
}

/// Bytes: with the largest suffix that leaves a whole number (Kubernetes API reference, `resource.Quantity`, canonical form), of powers
/// of 1024 or of 1000, whichever is shorter.
pub(crate) fn bytes(count: u64) -> Quantity {
    let binary = with_suffix(count, 1024, &["", "Ki", "Mi", "Gi", "Ti", "Pi"]);
    let decimal = with_suffix(count, 1000, &["", "k", "M", "G", "T", "P"]);
    Quantity(if decimal.len() < binary.len() { decimal } else { binary })
}

fn with_suffix(count: u64, step: u64, suffixes: &[&str]) -> String {
    let (mut number, mut suffix) = (count, 0);
    while number > 0 && number.is_multiple_of(step) && suffix + 1 < suffixes.len() {
        number /= step;
        suffix += 1;
    }
    format!("{number}{}", suffixes.get(suffix).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_canonical() {
        let cases = [
            (0, "0"),
            (1, "1"),
            (1024, "1Ki"),
            (1536 << 20, "1536Mi"),
            (16 << 30, "16Gi"),
            (256_000_000, "256M"),
            (1500, "1500"),
        ];
        for (count, text) in cases {
            assert_eq!(bytes(count).0, text);
        }
        assert_eq!([cpu(250).0, cpu(2000).0, cpu(0).0], ["250m", "2", "0"]);
    }
}
