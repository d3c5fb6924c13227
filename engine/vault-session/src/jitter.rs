//! Randomness as a pure function of what it is for, so that programs that failed together do not come back together.

/// A whole number below `limit` that belongs to the `n`-th draw of `name` (FNV-1a over both, finished as SplitMix64 finishes).
pub(crate) fn below(name: &str, n: u32, limit: u64) -> u64 {
    let bytes = name.bytes().chain(n.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mixed = mixed ^ (mixed >> 31);
    ((u128::from(mixed) * u128::from(limit)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn draws_stay_below_their_limit_and_differ_by_name_and_number() {
        let drawn: Vec<u64> = (0..200).map(|n| below("shop/agent-1", n, 10)).collect();
        assert!(drawn.iter().all(|number| *number < 10));
        assert!((0..10).all(|number| drawn.contains(&number)));
        assert_ne!(below("a", 1, 1 << 40), below("b", 1, 1 << 40));
        assert_eq!(below("a", 1, 0), 0);
    }
}
