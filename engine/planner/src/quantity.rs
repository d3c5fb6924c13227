//! Kubernetes quantities (`250m`, `16Gi`): what they amount to, so that two ways of writing one amount are equal.
//!
//! Source: Kubernetes API reference, `resource.Quantity`.

/// The amount in thousandths, or nothing if the text is no quantity.
pub(crate) fn thousandths(text: &str) -> Option<i128> {
    let number_end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 20 || fraction.len() > 9 {
        return None;
    }
    let factor: i128 = match suffix {
        "m" => 1,
        "" => 1000,
        "k" => 1000 * 1000,
        "M" => 1000 * 1000_i128.pow(2),
        "G" => 1000 * 1000_i128.pow(3),
        "T" => 1000 * 1000_i128.pow(4),
        "P" => 1000 * 1000_i128.pow(5),
        "Ki" => 1000 * 1024,
        "Mi" => 1000 * 1024_i128.pow(2),
        "Gi" => 1000 * 1024_i128.pow(3),
        "Ti" => 1000 * 1024_i128.pow(4),
        "Pi" => 1000 * 1024_i128.pow(5),
        _ => return None,
    };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    digits.checked_mul(factor)?.checked_div(scale)
}

/// Whether two texts are the same amount.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || matches!((thousandths(left), thousandths(right)), (Some(left), Some(right)) if left == right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_what_kubernetes_says() {
        assert_eq!(thousandths("250m"), Some(250));
        assert_eq!(thousandths("0.5"), Some(500));
        assert_eq!(thousandths("1Ki"), Some(1_024_000));
        assert!(same("1", "1000m") && same("1Gi", "1024Mi") && !same("1G", "1Gi"));
        assert_eq!([thousandths(""), thousandths("."), thousandths("1x"), thousandths("-1"), thousandths("1.2.3")], [None; 5]);
    }
}
