//! Randomness as a pure function of what it is for. There is no stream that is used up, so that taking one event away from a run
//! leaves every other draw as it was, and a failing run can be shrunk.

/// The number that belongs to the `n`-th draw for `purpose` at `entity` in the world of `seed`.
pub fn draw(seed: u64, entity: &str, purpose: &str, n: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&n.to_le_bytes());
    hasher.update(&(entity.len() as u64).to_le_bytes());
    hasher.update(entity.as_bytes());
    hasher.update(purpose.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// A whole number from `low` to `high`, both included. Integers only, so that every machine draws the same.
pub fn between(seed: u64, entity: &str, purpose: &str, n: u64, low: u64, high: u64) -> u64 {
    let width = u128::from(high.saturating_sub(low)) + 1;
    let scaled = (u128::from(draw(seed, entity, purpose, n)) * width) >> 64;
    low + scaled as u64
}

/// Whether something happens that happens `per_million` times in a million.
pub fn chance(seed: u64, entity: &str, purpose: &str, n: u64, per_million: u32) -> bool {
    between(seed, entity, purpose, n, 0, 999_999) < u64::from(per_million)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_each_of_its_arguments_and_on_nothing_else() {
        let first = draw(1, "pod/a", "start", 0);
        assert_eq!(first, draw(1, "pod/a", "start", 0));
        for other in [
            draw(2, "pod/a", "start", 0),
            draw(1, "pod/b", "start", 0),
            draw(1, "pod/a", "stop", 0),
            draw(1, "pod/a", "start", 1),
        ] {
            assert_ne!(first, other);
        }
        assert_ne!(draw(1, "ab", "c", 0), draw(1, "a", "bc", 0));
    }

    #[test]
    fn a_draw_never_changes_from_release_to_release() {
        assert_eq!(draw(7, "cluster.eu-1", "latency", 3), 7_432_207_083_546_500_282);
    }

    #[test]
    fn between_reaches_both_ends_and_stays_inside() {
        let drawn: Vec<u64> = (0..1000).map(|n| between(1, "x", "y", n, 5, 8)).collect();
        assert!(drawn.iter().all(|number| (5..=8).contains(number)));
        assert!((5..=8).all(|number| drawn.contains(&number)));
        assert_eq!(between(1, "x", "y", 0, 9, 9), 9);
        assert!((0..64).any(|n| between(1, "x", "y", n, 0, u64::MAX) > u64::MAX / 2));
    }

    #[test]
    fn chance_keeps_its_rate() {
        let happened = (0..10_000).filter(|n| chance(3, "x", "y", *n, 250_000)).count();
        assert!((2300..2700).contains(&happened), "{happened}");
        assert!(!chance(3, "x", "y", 0, 0) && chance(3, "x", "y", 0, 1_000_000));
    }
}
