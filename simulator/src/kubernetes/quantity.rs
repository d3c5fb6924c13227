//! Quantities, and numbers that may be a share: `500m`, `256Mi`, `25%`.

use model::Value;

/// Thousandths of a CPU.
pub(super) fn milli_cpu(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(cores) => u64::try_from(*cores).ok()?.checked_mul(1000),
        Value::String(text) => match text.strip_suffix('m') {
            Some(milli) => milli.parse().ok(),
            None => decimal(text, 1000),
        },
        _ => None,
    }
}

/// Suffixes of amounts of memory, the longer ones first.
const UNITS: [(&str, u64); 10] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("", 1),
];

/// Bytes.
pub(super) fn bytes(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(bytes) => u64::try_from(*bytes).ok(),
        Value::String(text) => {
            let (number, unit) = UNITS.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))?;
            decimal(number, unit)
        }
        _ => None,
    }
}

/// `1.5` times `unit`, in whole numbers.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(whole + fraction.parse::<u64>().ok()?.checked_mul(unit)? / scale)
}

/// A number of pods of `total`, where a share is rounded up (`maxSurge`, `minAvailable`) or down (`maxUnavailable` of a
/// Deployment): `intstr.GetScaledValueFromIntOrPercent`.
pub(super) fn scaled(value: &Value, total: i64, round_up: bool) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let product = percent.checked_mul(total)?;
            Some(if round_up { (product + 99).div_euclid(100) } else { product.div_euclid(100) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_kubernetes_reads_them() {
        assert_eq!(
            (milli_cpu(&"250m".into()), milli_cpu(&2.into()), milli_cpu(&"0.5".into())),
            (Some(250), Some(2000), Some(500))
        );
        assert_eq!((bytes(&"256Mi".into()), bytes(&"1.5Gi".into())), (Some(268_435_456), Some(1_610_612_736)));
        assert_eq!((bytes(&"1M".into()), bytes(&"x".into())), (Some(1_000_000), None));
    }

    #[test]
    fn surge_rounds_up_and_unavailable_rounds_down() {
        for (total, surge, unavailable) in [(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 1), (5, 2, 1)] {
            assert_eq!(scaled(&"25%".into(), total, true), Some(surge));
            assert_eq!(scaled(&"25%".into(), total, false), Some(unavailable));
        }
    }
}
